package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// runbooksCheckout is a git clone of prometheus-operator's runbooks: a real
// repository made of the corpus files.
func runbooksCheckout(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "runbooks")
	if out, err := exec.Command("cp", "-r", corpus(t, "prometheus-operator-runbooks"), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"}, {"remote", "add", "origin", "https://github.com/prometheus-operator/runbooks.git"},
		{"add", "-A"}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "runbooks"},
	} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	return dir
}

func (h *home) withRunbooks(t testing.TB, prom, checkout string) {
	t.Helper()
	h.config(t, fmt.Sprintf(`clusters:
  - name: prod
    prometheus: {url: %s}
runbooks:
  checkouts:
    - {url: "https://runbooks.prometheus-operator.dev/", path: %s}
`, prom, checkout))
}

// urgent are two alerts at once, each with a runbook of its own in the corpus.
const urgent = `groups:
- name: urgent
  rules:
  - alert: KubePodCrashLooping
    expr: vector(12.5) > 5
    labels: {severity: critical, namespace: shop, service: checkout, team: payments}
    annotations:
      summary: Pod is crash looping.
      runbook_url: https://runbooks.prometheus-operator.dev/runbooks/kubernetes/kubepodcrashlooping
  - alert: NodeClockNotSynchronising
    expr: vector(1) == 1
    labels: {severity: warning, instance: "n1:9100"}
    annotations:
      summary: Clock not synchronising.
      runbook_url: https://runbooks.prometheus-operator.dev/runbooks/node/nodeclocknotsynchronising
`

func TestFirstScreenNeedsNoKey(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	checkout := runbooksCheckout(t)
	for _, size := range [][2]int{{120, 40}, {80, 24}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.withRunbooks(t, prom.URL, checkout)
			x := h.screen(t, size[0], size[1])
			// The sentence: severity, name, service, value, limit, owner; then
			// the runbook's own words.
			x.waitFor("CRIT KubePodCrashLooping", "checkout", "12.5", "payments", "Pod is in CrashLoop")
			x.send("J")
			x.waitFor("WARN NodeClockNotSynchronising", "Clock not synchronising")
			x.waitGone("Pod is in CrashLoop")
			x.send("K")
			x.waitFor("CRIT KubePodCrashLooping", "Pod is in CrashLoop")
			x.send("q")
			if code := x.exit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			x.restored()
		})
	}
}

func TestResizeKeepsThePage(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	h := newHome(t)
	h.withRunbooks(t, prom.URL, runbooksCheckout(t))
	x := h.screen(t, 120, 40)
	x.waitFor("Pod is in CrashLoop")
	for _, size := range [][2]int{{60, 15}, {300, 100}, {40, 10}, {20, 5}, {152, 30}, {80, 24}} {
		x.resize(size[0], size[1])
		want := "KubePodCrashLooping"
		if size[0] < 40 {
			want = "CRIT"
		}
		x.waitFor(want)
	}
	x.waitFor("CRIT KubePodCrashLooping", "Pod is in CrashLoop")
}

func TestTheFilterNarrowsTheList(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	x := newHome(t).screen(t, 120, 40, "--prometheus", prom.URL)
	x.waitFor("KubePodCrashLooping", "NodeClockNotSynchronising")
	x.send("1/severity=\"warn")
	x.waitFor("NodeClockNotSynchronising", "KubePodCrashLooping") // half a matcher changes nothing
	x.send("ing\"\r")
	// The page that does not match gives way to the first one that does.
	x.until("the critical row to go", func(s string) bool {
		return strings.Contains(s, "Alerts matching") && strings.Contains(s, "Runbook: NodeClockNotSynchronising") && !strings.Contains(s, "KubePodCrashLooping")
	})
	x.send("\x1b")
	x.waitGone("Alerts matching")
}

func TestHelpIsThePalette(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	x := newHome(t).screen(t, 80, 24, "--prometheus", prom.URL)
	x.waitFor("KubePodCrashLooping")
	x.send("?")
	x.waitFor("ANYWHERE", "what changed?")
	x.send("why is")
	x.waitFor("search: why is")
	x.send("\r")
	x.waitFor("[5 Why]")
}
