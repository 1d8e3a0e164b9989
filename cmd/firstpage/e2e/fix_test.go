package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

const booked = `
groups:
- name: g
  rules:
  - alert: CartQueueGrowing
    expr: vector(700) > 500
    labels: {severity: critical, service: cart}
    annotations: {summary: "jobs wait", runbook_url: "https://git.example.com/acme/books/blob/main/docs/cart.md#cartqueuegrowing"}
`

// runbookClone is a clone of a bare repository with one runbook.
func runbookClone(t *testing.T, text string) (work, bare string) {
	t.Helper()
	dir := t.TempDir()
	bare, work = filepath.Join(dir, "bare.git"), filepath.Join(dir, "books")
	git := gitIn(t)
	git(dir, "init", "-q", "-b", "main", work)
	if err := os.MkdirAll(filepath.Join(work, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(work, "docs", "cart.md"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	git(work, "add", ".")
	git(work, "commit", "-qm", "Begin")
	git(dir, "clone", "-q", "--bare", work, bare)
	git(work, "remote", "add", "origin", bare)
	git(work, "fetch", "-q", "origin")
	git(work, "config", "user.name", "Ada")
	git(work, "config", "user.email", "ada@example.com")
	return work, bare
}

func gitIn(t *testing.T) func(dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	return func(dir string, args ...string) string {
		t.Helper()
		out, err := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.com"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
}

// Who mends the runbook while it is needed can hand it on: a branch with one
// commit, then a push, each shown and confirmed; doctor remembers what waits.
func TestAnEditedRunbookBecomesABranch(t *testing.T) {
	t.Parallel()
	git := gitIn(t)
	work, bare := runbookClone(t, "# Cart\n\n## CartQueueGrowing\n\nWait ten minutes.\n")
	prom := promtest.Start(t, promtest.Options{Rules: []string{booked}})
	waitAlerts(t, prom, 1)
	editor := filepath.Join(t.TempDir(), "editor")
	script := "#!/bin/sh\nfor f; do :; done\necho 'Then add workers.' >> \"$f\"\n"
	if err := os.WriteFile(editor, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	h := newHome(t, "EDITOR="+editor)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %q}}]\nrunbooks: {checkouts: [{url: 'https://git.example.com/acme/books/blob/main/', path: %q}]}\n", prom.URL, work))
	x := h.screen(t, 110, 34)
	x.waitFor("CRIT CartQueueGrowing", "Wait ten minutes.")
	x.send("P")
	x.waitFor("this runbook is as it is committed")
	x.send("e")
	x.waitFor("Then add workers.", "P makes a branch of it")
	x.send("P")
	x.waitFor("Make a branch of your change?", "docs/cart.md: 1 lines added, 0 removed", "+Then add workers.", "Nothing is pushed")
	x.send("y")
	x.waitFor("branch firstpage/cart-", "P again pushes it")
	if b := git(work, "branch", "--list", "firstpage/*"); !strings.Contains(b, "firstpage/cart-") {
		t.Fatalf("branches: %q", b)
	}
	if b := git(bare, "branch", "--list", "firstpage/*"); b != "" {
		t.Fatalf("it was pushed unasked: %s", b)
	}
	if r := h.command(t, "doctor"); !strings.Contains(r.out, "runbook fixes") || !strings.Contains(r.out, "not pushed yet: git -C "+work+" push origin firstpage/cart-") {
		t.Errorf("doctor says\n%s", r.out)
	}
	x.send("\x1b")
	x.waitGone("P again pushes it")
	x.send("P")
	x.waitFor("Push your change?", "git -C "+work+" push --set-upstream origin firstpage/c")
	x.send("y")
	x.waitFor("pushed firstpage/cart-")
	if b := git(bare, "branch", "--list", "firstpage/*"); !strings.Contains(b, "firstpage/cart-") {
		t.Errorf("the remote has %q", b)
	}
	if s := git(work, "status", "--porcelain"); s != "M docs/cart.md" {
		t.Errorf("the working tree is %q", s)
	}
	if r := h.command(t, "doctor"); strings.Contains(r.out, "runbook fixes") {
		t.Errorf("doctor still says\n%s", r.out)
	}
}

// A file that somebody else changes is announced, not put under the eye.
func TestAFileThatChangesIsAnnounced(t *testing.T) {
	t.Parallel()
	work, _ := runbookClone(t, "# Cart\n\n## CartQueueGrowing\n\nWait ten minutes.\n")
	prom := promtest.Start(t, promtest.Options{Rules: []string{booked}})
	waitAlerts(t, prom, 1)
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %q}}]\nrunbooks: {checkouts: [{url: 'https://git.example.com/acme/books/blob/main/', path: %q}]}\n", prom.URL, work))
	x := h.screen(t, 110, 34)
	x.waitFor("CRIT CartQueueGrowing", "Wait ten minutes.")
	if err := os.WriteFile(filepath.Join(work, "docs", "cart.md"), []byte("# Cart\n\n## CartQueueGrowing\n\nDo not wait.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	x.waitFor("This file has changed since it was read: r reads it", "Wait ten minutes.")
	x.send("r")
	x.waitFor("Do not wait.")
	x.waitGone("has changed since it was read")
}

// Where the link's file is not there yet, it can be begun: shown first, then
// made, read and handed on.
func TestAMissingRunbookIsBegun(t *testing.T) {
	t.Parallel()
	git := gitIn(t)
	work, _ := runbookClone(t, "# Something else\n")
	git(work, "mv", "docs/cart.md", "docs/other.md")
	git(work, "commit", "-qm", "Move")
	prom := promtest.Start(t, promtest.Options{Rules: []string{booked}})
	waitAlerts(t, prom, 1)
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %q}}]\nrunbooks: {checkouts: [{url: 'https://git.example.com/acme/books/blob/main/', path: %q}]}\n", prom.URL, work))
	x := h.screen(t, 110, 40)
	x.waitFor("limit 500", "no such file.", "e  begin it, in your checkout: docs/cart.md")
	x.send("e")
	x.waitFor("Begin this runbook? Nothing has been done yet", "+# CartQueueGrowing", "+vector(700) > 500")
	file := filepath.Join(work, "docs", "cart.md")
	if _, err := os.Stat(file); err == nil {
		t.Fatal("it was made unasked")
	}
	x.send("\r\x1b")
	x.waitGone("Begin this runbook?")
	x.send("e")
	x.waitFor("Begin this runbook?")
	x.send("y")
	x.waitFor("begun:", "e edits it")
	x.send("\x1b")
	x.waitFor("What do customers notice?", "step 1 of ", "promql")
	x.send("P")
	x.waitFor("Make a branch of your change?", "commit: Begin docs/cart.md")
	if got, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(got), "# CartQueueGrowing\n") {
		t.Errorf("%q (%v)", got, err)
	}
}
