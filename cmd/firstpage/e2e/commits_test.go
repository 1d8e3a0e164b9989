package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

const checkoutBurns = `
groups:
- name: g
  rules:
  - alert: CheckoutBurns
    expr: vector(0.3) > 0.05
    labels: {severity: critical, service: checkout}
    annotations: {summary: "requests fail"}
`

// checkoutClone is a clone with two releases and a tag that nobody deployed.
func checkoutClone(t *testing.T) string {
	t.Helper()
	git, dir := gitIn(t), filepath.Join(t.TempDir(), "checkout")
	write := func(file, text, message string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		git(dir, "add", ".")
		git(dir, "commit", "-qm", message)
	}
	git(filepath.Dir(dir), "init", "-q", "-b", "main", dir)
	write("pay.go", "a\nb\nc\n", "Begin")
	git(dir, "tag", "v1.41.0")
	write("pay.go", "a\n", "Pay with less code")
	write("retry.go", "x\ny\n", "Ask again \x1b]0;owned\a")
	git(dir, "tag", "v1.42.0")
	write("later.go", "z\n", "Not out yet")
	git(dir, "tag", "v1.43.0")
	git(dir, "remote", "add", "origin", "https://ada:s3cret@github.com/acme/checkout.git")
	return dir
}

// What a deploy brought stands beside it wherever it is listed; a tag is no
// deploy.
func TestCommitsBehindADeploy(t *testing.T) {
	t.Parallel()
	dir := checkoutClone(t)
	prom := promtest.Start(t, promtest.Options{Rules: []string{checkoutBurns}})
	waitAlerts(t, prom, 1)
	h := newHome(t)
	event := fmt.Sprintf(`{"time":%d,"service":"checkout","version":"1.42.0","from_version":"1.41.0"}`, time.Now().Add(-5*time.Minute).Unix())
	events := writeFile(t, filepath.Join(t.TempDir(), "deploys.ndjson"), event+"\n")
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %q}}]\nchanges:\n- {kind: events, name: ci, file: %q}\n- {kind: git, path: %q, service: checkout}\n", prom.URL, events, dir))

	r := h.command(t, "changes", "checkout")
	rows := strings.Split(strings.TrimSpace(r.out), "\n")
	if r.code != 0 || len(rows) != 3 || !strings.Contains(r.out, "1.41.0 -> 1.42.0, 2 commits, +2 -2") || !strings.Contains(r.out, "v1.43.0, tagged, not deployed") {
		t.Errorf("changes: code %d\n%s%s", r.code, r.out, r.err)
	}
	if r := h.command(t, "deploys"); strings.Contains(r.out, "tagged") || !strings.Contains(r.out, "2 commits, +2 -2") {
		t.Errorf("deploys:\n%s%s", r.out, r.err)
	}
	r = h.command(t, "changes", "-o", "json")
	var body struct {
		Changes []struct {
			State, Revision string
			Evidence        []string
			Diff            *struct {
				Total, Files, Added, Removed int
				CompareURL                   string `json:"compare_url"`
				Commits                      []struct{ Title, Author string }
			}
		}
	}
	if err := json.Unmarshal([]byte(r.out), &body); err != nil {
		t.Fatalf("%v\n%s", err, r.out)
	}
	for _, c := range body.Changes {
		if c.State == "tagged" {
			continue
		}
		if d := c.Diff; d == nil || d.Total != 2 || d.Files != 2 || d.Added != 2 || d.Removed != 2 || len(d.Commits) != 2 || d.Commits[1].Title != "Pay with less code" ||
			d.Commits[0].Author != "Ada" || !strings.HasPrefix(d.CompareURL, "https://github.com/acme/checkout/compare/") {
			t.Errorf("%+v", d)
		}
		if len(c.Revision) != 40 || len(c.Evidence) < 2 || c.Evidence[1] != "tag v1.42.0" {
			t.Errorf("the tag says nothing of the deploy: %+v", c)
		}
	}
	for _, as := range []string{"text", "markdown", "json"} {
		r := h.command(t, "show", "CheckoutBurns", "-o", as)
		want := "checkout deploy 1.41.0 -> 1.42.0, 2 commits, +2 -2"
		if as == "json" {
			want = `"total": 2`
		}
		if r.code != 0 || !strings.Contains(r.out, want) || strings.Contains(r.out, "s3cret") || strings.Contains(r.out, "\x1b") {
			t.Errorf("show -o %s: code %d, no %q\n%s%s", as, r.code, want, r.out, r.err)
		}
	}
	if r := h.command(t, "doctor"); !strings.Contains(r.out, "ok  changes: git: 3 changes") {
		t.Errorf("doctor:\n%s", r.out)
	}
	x := h.screen(t, 160, 45)
	x.waitFor("2 commits, +2 -2.", "checkout deploy v1.43.0")
}
