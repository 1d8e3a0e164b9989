package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

const copying = `groups:
- name: copying
  rules:
  - alert: PodsGone
    expr: vector(1) == 1
    labels: {severity: critical, namespace: shop}
    annotations: {runbook_url: https://books.example.com/pods/}
`

// Over SSH a copied command also lies in a file, and a copy says when kubectl
// is on another cluster than the alert.
func TestCopyOverSSH(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{copying}})
	waitAlerts(t, prom, 1)
	h := newHome(t)
	books := filepath.Join(h.dir, "books")
	for path, text := range map[string]string{
		filepath.Join(books, "pods.md"):         "# Pods\n\n1. Look:\n\n   ```bash\n   kubectl -n <namespace> get pods\n   ```\n",
		filepath.Join(h.dir, ".kube", "config"): "current-context: staging\ncontexts: [{name: staging, context: {cluster: s}}]\nusers: [{name: me, user: {token: s3cret}}]\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.config(t, "clusters: [{name: prod, prometheus: {url: \""+prom.URL+"\"}}]\nrunbooks: {checkouts: [{url: \"https://books.example.com/\", path: "+books+"}]}\n")
	x := h.screen(t, 240, 40)
	x.waitFor("CRIT PodsGone", "kubectl -n shop get pods")
	x.send("y")
	x.waitFor("MISMATCH: this page is of prod, kubectl's current context is staging.", "; also in ~/state/firstpage/copied.txt")
	b, err := os.ReadFile(filepath.Join(h.dir, "state", "firstpage", "copied.txt"))
	if err != nil || string(b) != "kubectl -n shop get pods\n" {
		t.Errorf("the file has %q, %v", b, err)
	}
	x.send("q")
}
