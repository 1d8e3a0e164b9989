package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// checkedLinks is what `runbook check -o json` prints.
type checkedLinks struct {
	AsOf    string `json:"as_of"`
	Sources []struct {
		Name, Kind, Feed string
		OK               bool
	}
	Links []struct {
		Alert, Link, Via, Path, Heading, Slug, Reason, File string
		Found                                               bool
		Line                                                int
		RuleLine                                            int    `json:"rule_line"`
		LinkReason                                          string `json:"link_reason"`
	}
}

func (h *home) check(t *testing.T, code int, args ...string) checkedLinks {
	t.Helper()
	r := h.command(t, append([]string{"runbook", "check", "-o", "json"}, args...)...)
	var c checkedLinks
	if err := json.Unmarshal([]byte(r.out), &c); err != nil || r.code != code {
		t.Fatalf("code %d, want %d, %v, stderr %s", r.code, code, err, r.err)
	}
	return c
}

// rowsOf reads a table of the corpus without its head.
func rowsOf(t *testing.T, name string) [][]string {
	t.Helper()
	b, err := os.ReadFile(corpus(t, name))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n")[1:] {
		out = append(out, append(strings.Split(strings.TrimRight(line, "\r"), "\t"), "", "", ""))
	}
	return out
}

// corpusHome is a user with every checkout of the corpus configured.
func corpusHome(t *testing.T) *home {
	t.Helper()
	h := newHome(t)
	text := "runbooks:\n  fetch: never\n  checkouts:\n"
	for _, row := range rowsOf(t, "roots.tsv") {
		text += "    - {url: '" + row[0] + "', path: '" + corpus(t, row[1]) + "'}\n"
	}
	h.config(t, text)
	return h
}

// Each link of the answer key opens the file and heading that the key says.
func TestRunbookCheckOfTheCorpus(t *testing.T) {
	t.Parallel()
	got := corpusHome(t).check(t, 1, "--rules", filepath.Join(corpus(t, "rules"), "**", "*.yaml"))
	if got.AsOf == "" || len(got.Sources) != 1 || !got.Sources[0].OK || got.Sources[0].Kind != "rulefile" {
		t.Errorf("the envelope: %q %+v", got.AsOf, got.Sources)
	}
	found := map[string]string{}
	for _, l := range got.Links {
		if l.RuleLine < 1 || l.File == "" {
			t.Errorf("%s: its rule is at %s:%d", l.Alert, l.File, l.RuleLine)
		}
		p := "-"
		if l.Via == "checkout" {
			rel, err := filepath.Rel(corpus(t), l.Path)
			if err != nil {
				t.Fatal(err)
			}
			p = filepath.ToSlash(rel)
			if strings.Contains(l.Link, "#") && l.Reason == "ok" {
				p += "#" + l.Slug
			}
		}
		found[l.Alert+" "+l.Link] = p
	}
	want := map[string]string{}
	for _, row := range rowsOf(t, "links.tsv") {
		p := row[2]
		if row[3] != "" {
			p += "#" + row[3]
		}
		want[row[0]+" "+row[1]] = p
	}
	for k, w := range want {
		if g := found[k]; g != w {
			t.Errorf("%s: %q, want %q", k, g, w)
		}
	}
	if len(want) < 500 {
		t.Errorf("only %d rows", len(want))
	}
}

// The rules of a real server and the files that it has read say the same.
func TestRunbookCheckOfARealServer(t *testing.T) {
	t.Parallel()
	prom := kubePrometheus(t)
	h := corpusHome(t)
	flat := func(c checkedLinks) []string {
		var out []string
		for _, l := range c.Links {
			out = append(out, strings.Join([]string{l.Alert, l.Link, l.Reason, l.LinkReason, l.Path, l.Heading, filepath.Base(l.File)}, " "))
		}
		sort.Strings(out)
		return out
	}
	files := flat(h.check(t, 1, "--rules", corpus(t, "rules", "kube-prometheus")))
	live := flat(h.check(t, 1, "--prometheus", prom.URL))
	if d := cmp.Diff(files, live); d != "" || len(files) < 100 {
		t.Errorf("%d links: %s", len(files), d)
	}
}

// On a terminal the table is no wider than it, and says the broken first.
func TestRunbookCheckOnATerminal(t *testing.T) {
	t.Parallel()
	h := corpusHome(t)
	x := h.screen(t, 80, 24, "runbook", "check", "--rules", corpus(t, "rules", "kube-prometheus"))
	if code := x.exit(); code != 1 {
		t.Errorf("code %d", code)
	}
	text := strings.ReplaceAll(string(x.bytes()), "\r\n", "\n")
	for line := range strings.Lines(text) {
		if n := frame.Width(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d cells: %q", n, line)
		}
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if !strings.Contains(lines[0], "dead") || !strings.Contains(strings.Join(lines[len(lines)-2:], " "), " open, ") {
		t.Errorf("it begins %q and ends %q", lines[0], lines[len(lines)-1])
	}
}

// sync says what opens from checkouts, and which clone is old; it pulls nothing.
func TestSyncWithCheckouts(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	books := runbooksCheckout(t)
	h.config(t, "runbooks: {fetch: never, checkouts: [{url: 'https://runbooks.prometheus-operator.dev/', path: '"+books+"'}]}\n")
	git := filepath.Join(books, ".git")
	args := []string{"sync", "--rules", corpus(t, "rules", "kube-prometheus")}
	r := h.command(t, args...)
	if r.code != 1 || !strings.Contains(r.out, "99 of 125 open from checkouts") || strings.Contains(r.out, " pull\n") || strings.Contains(r.err, "\x1b") {
		t.Errorf("code %d, stderr %q:\n%s", r.code, r.err, r.out)
	}
	old := time.Now().Add(-30 * 24 * time.Hour)
	for _, name := range []string{"FETCH_HEAD", "description"} {
		p := filepath.Join(git, name)
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if r := h.command(t, args...); !strings.Contains(r.out, "git -C "+books+" pull\n") || !strings.Contains(r.out, "30 d ago") {
		t.Errorf("code %d, stderr %q:\n%s", r.code, r.err, r.out)
	}
	// On a terminal there is a bar, and it is gone afterwards.
	x := h.screen(t, 80, 24, args...)
	if code := x.exit(); code != 1 || !strings.Contains(string(x.bytes()), "] 125/125 ") || strings.Contains(x.text(), "125/125") {
		t.Errorf("code %d: %s", code, x.text())
	}
}
