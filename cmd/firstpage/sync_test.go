package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/readiness"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// linked makes links of pairs of alert and link.
func linked(pairs ...string) []readiness.Link {
	var g sources.RuleGroup
	for i := 0; i < len(pairs); i += 2 {
		g.Rules = append(g.Rules, sources.Rule{Name: safe.Outside(pairs[i]), Annotations: sources.NewLabels(map[string]string{"runbook_url": pairs[i+1]})})
	}
	return readiness.Links([]readiness.Rules{{Groups: []sources.RuleGroup{g}}}, nil)
}

func TestSyncSummary(t *testing.T) {
	t.Parallel()
	links := linked("A", "https://w/a#x", "B", "https://w/a#y", "C", "https://w/c", "D", "https://w/d", "E", "https://w/e", "F", "https://w/f", "G", "g.md", "H", "", "I", "{{ $labels.x }}", "J", "https://w/\x1b[2J")
	s := newSyncing(links, resolve.Ask)
	if d := cmp.Diff([]string{"https://w/a", "https://w/c", "https://w/d", "https://w/e", "https://w/f", "g.md", "https://w/\x1b[2J"}, s.links); d != "" {
		t.Fatal(d)
	}
	for _, r := range []resolve.Prefetched{
		{Link: "https://w/d", State: "failed", Bytes: 9, Err: errors.New("404: \x1b]0;gone")}, {Link: "https://w/a", State: "failed", Err: errors.New("no answer")},
		{Link: "https://w/c", State: "fresh", Bytes: 3000}, {Link: "https://w/e", State: "unchanged", Bytes: 1 << 20}, {Link: "https://w/f", State: "updated", Bytes: 2 << 20},
		{Link: "g.md", State: "local"}, {Link: "https://w/\x1b[2J", State: "not_allowed"},
	} {
		s.add(r)
	}
	want := `5 of 7 linked runbooks are on this machine; 1 of 7 open from checkouts.
From the network: 1 new or changed, 1 unchanged, 1 fetched a moment ago (3.0 MB).
2 could not be fetched:
  https://w/a  A +1
    no answer
  https://w/d  D  (an older copy is here)
    404: ␛]0;gone
1 may not be fetched: runbooks.fetch is ask, and nobody allowed their hosts yet (firstpage runbook --fetch URL allows a host, runbooks.fetch: always every one):
  https://w/␛[2J  J
2 alerts without a link to a page: firstpage runbook check names them.
`
	if d := cmp.Diff(want, s.text()); d != "" {
		t.Error(d)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := &progress{w: &b, total: 3}
	p.step(resolve.Prefetched{Link: "a.md", State: "local"})
	p.step(resolve.Prefetched{Link: "https://w/a\x1b[2J", State: "fresh"})
	p.step(resolve.Prefetched{Link: "https://w/b", State: "failed"})
	p.end()
	if d := cmp.Diff("2/3 fresh https://w/a␛[2J\n3/3 failed https://w/b\n", b.String()); d != "" {
		t.Error(d)
	}
	for _, w := range []int{40, 60, 80, 200} {
		p := &progress{width: w, total: 400, done: 399}
		if n := frame.Width(p.bar("https://wiki.example.com/" + strings.Repeat("very/", 40) + "long")); n >= w {
			t.Errorf("%d cells of %d", n, w)
		}
	}
}

func TestSyncExitCodes(t *testing.T) {
	t.Parallel()
	dir := bench(t, map[string]string{"ok.yaml": ruleText("A", "a.md"), "gone.yaml": ruleText("X", "https://git.example.com/acme/books/-/blob/main/gone.md"),
		"none.yaml": ruleText("X", ""), "empty.yaml": "groups: []\n", "helm.yaml": "groups:\n{{ if .Values.x }}\n- rules: [{alert: H}]\n"})
	for _, tc := range []struct {
		file string
		code int
		out  string
	}{
		{"ok.yaml", exitOK, "1 of 1 open from checkouts"},
		{"gone.yaml", exitNo, "setting runbooks.fetch is never"},
		{"none.yaml", exitOK, "1 alert without a link"},
		{"empty.yaml", exitNo, ""},
		{"helm.yaml", exitSource, ""},
	} {
		code, out, errs := told(t, "sync", "--config", filepath.Join(dir, "config.yaml"), "--rules", filepath.Join(dir, tc.file))
		if code != tc.code || !strings.Contains(out, tc.out) || (tc.out == "") != (out == "") {
			t.Errorf("%s: code %d, stdout %q, stderr %q", tc.file, code, out, errs)
		}
	}
	if code, _, errs := told(t, "sync", "--config", filepath.Join(dir, "config.yaml"), "--prometheus", "http://127.0.0.1:1"); code != exitSource || !strings.Contains(errs, "--rules GLOB") {
		t.Errorf("no Prometheus: code %d, %q", code, errs)
	}
}

// A clone that was not updated for a week is named; nothing is pulled.
func TestSyncNamesOldClones(t *testing.T) {
	t.Parallel()
	dir := bench(t, map[string]string{"ok.yaml": ruleText("A", "a.md"),
		"books/.git/config": "[remote \"origin\"]\n\turl = https://git.example.com/acme/books.git\n", "books/.git/HEAD": "ref: refs/heads/main\n", "books/.git/FETCH_HEAD": ""})
	for age, named := range map[time.Duration]bool{6 * 24 * time.Hour: false, 9 * 24 * time.Hour: true} {
		at := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(dir, "books/.git/FETCH_HEAD"), at, at); err != nil {
			t.Fatal(err)
		}
		code, out, errs := told(t, "sync", "--config", filepath.Join(dir, "config.yaml"), "--rules", filepath.Join(dir, "ok.yaml"))
		if code != exitOK || strings.Contains(out, "git -C "+filepath.Join(dir, "books")+" pull") != named {
			t.Errorf("%s: code %d, %q %q", age, code, out, errs)
		}
	}
}
