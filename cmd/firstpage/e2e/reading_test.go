package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

const evilNamespace = "a b; rm -rf /"

const readRule = `
groups:
- name: g
  rules:
  - alert: CartSlow
    expr: vector(700) > 500
    labels: {severity: critical, service: cart, namespace: "` + evilNamespace + `"}
    annotations: {summary: "jobs wait", runbook_url: "https://git.example.com/cart.md"}
`

const readBook = "# CartSlow\n\n1. Look:\n\n   ```bash\n   NAME=kept\n   kubectl --context prod -n <namespace> get pods $NAME\n   ```\n\n" +
	"```promql\nvector(77123) unless ALERTX{namespace=\"<namespace>\"}\n```\n\n```promql\nsum by (\n```\n\n" +
	"See [the graph](https://prom.example.com/graph?g0.expr=vector(1234)).\n"

// The alert's labels are in the runbook's commands as bash reads them, and its
// queries are answered in place by the alert's Prometheus, or say what is
// wrong with them.
func TestARunbookSpeaksOfTheAlert(t *testing.T) {
	t.Parallel()
	books := t.TempDir()
	writeFile(t, filepath.Join(books, "cart.md"), readBook)
	prom := promtest.Start(t, promtest.Options{Rules: []string{readRule}})
	waitAlerts(t, prom, 1)
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %q}}]\nrunbooks: {checkouts: [{url: 'https://git.example.com/', path: %q}]}\n", prom.URL, books))
	x := h.screen(t, 130, 44)
	x.waitFor("kubectl --context prod -n 'a b; rm -rf /' get pods $NAME", "filled in: a b; rm -rf / (namespace)",
		`ALERTX{namespace="a b; rm -rf /"}`, "promql, live", "77,123", "parse error: unclosed left", "query of link [1], live", "1,234")
	if !regexp.MustCompile(`77,123 +▇`).MatchString(x.text()) {
		t.Errorf("no trend beside the value:\n%s", x.text())
	}
	x.send("y")
	x.waitFor("copied: NAME=kept")
	text := x.copied(1)
	out, err := exec.Command("bash", "-c", "kubectl() { printf '<%s>' \"$@\"; }\n"+text).CombinedOutput()
	if want := "<--context><prod><-n><" + evilNamespace + "><get><pods><kept>"; err != nil || string(out) != want {
		t.Errorf("bash read %q as %s (%v)", text, out, err)
	}
	x.send("Y")
	x.waitFor("as written: NAME=kept")
	if text := x.copied(2); !strings.Contains(text, "-n <namespace> get pods $NAME\n") {
		t.Errorf("as written: %q", text)
	}
}
