package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/readiness"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// corpora are the folders with other people's rules, runbooks and answer key.
func corpora(t *testing.T) []string {
	t.Helper()
	out := []string{filepath.Join(root(t), "testdata", "corpus")}
	if more := os.Getenv("FIRSTPAGE_CORPUS"); more != "" {
		out = append(out, more)
	}
	return out
}

// tsv reads a table of the answer key without its head.
func tsv(t *testing.T, path string, columns int) [][]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(string(b)) {
		row := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(row) < columns {
			t.Fatalf("%s: %q", path, line)
		}
		out = append(out, row)
	}
	return out[1:]
}

// corpusConfig is the configuration that the answer key assumes.
func corpusConfig(t *testing.T, corpus string) string {
	t.Helper()
	text := "runbooks:\n  fetch: never\n  checkouts:\n"
	for _, r := range tsv(t, filepath.Join(corpus, "roots.tsv"), 2) {
		text += "    - {path: '" + filepath.Join(corpus, r[1]) + "'"
		if strings.Contains(r[0], "://") {
			text += ", url: '" + r[0] + "'"
		}
		text += "}\n"
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type checked struct {
	Sources []struct {
		Name, Kind string
		OK         bool
		Error      *string
	}
	Links []struct {
		Alert, Link, Via, Path, Heading, Slug, Reason, File string
		Found, Broken                                       bool
		Line                                                int
		LinkReason                                          string `json:"link_reason"`
		RuleLine                                            int    `json:"rule_line"`
		Also                                                []string
	}
}

func checkJSON(t *testing.T, args ...string) (int, checked) {
	t.Helper()
	code, out, errs := told(t, append([]string{"runbook", "check", "-o", "json"}, args...)...)
	var c checked
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("code %d, %v, stderr %s", code, err, errs)
	}
	return code, c
}

// TestAnswerKey checks every row of links.tsv and names.tsv.
func TestAnswerKey(t *testing.T) {
	t.Parallel()
	for _, corpus := range corpora(t) {
		code, got := checkJSON(t, "--config", corpusConfig(t, corpus), "--rules", filepath.Join(corpus, "rules", "**"))
		if code != exitNo {
			t.Errorf("code %d: there are dead links", code)
		}
		type key struct{ alert, link string }
		at := map[key]int{}
		for i, l := range got.Links {
			at[key{l.Alert, l.Link}] = i
		}
		rel := func(p string) string {
			r, err := filepath.Rel(corpus, p)
			if err != nil {
				return p
			}
			return filepath.ToSlash(r)
		}
		prefixes := tsv(t, filepath.Join(corpus, "roots.tsv"), 2)
		counts := map[string]int{}
		for _, row := range tsv(t, filepath.Join(corpus, "links.tsv"), 4) {
			i, ok := at[key{row[0], row[1]}]
			if !ok {
				t.Errorf("%s %s: not listed", row[0], row[1])
				continue
			}
			l := got.Links[i]
			ref := runbook.ParseRef(row[1])
			switch {
			case row[2] == "-":
				want := whyDead(row[1], prefixes)
				counts[want]++
				if l.LinkReason != want || l.Reason != want && (l.Reason != "by_name" || !l.Found) || l.Via == "checkout" {
					t.Errorf("%s %s: %s (%s) by way of %s, want %s", row[0], row[1], l.Reason, l.LinkReason, l.Via, want)
				}
			case row[3] != "":
				counts["heading"]++
				if rel(l.Path) != row[2] || l.Slug != row[3] || l.Reason != "ok" {
					t.Errorf("%s %s: %s#%s %s, want %s#%s", row[0], row[1], rel(l.Path), l.Slug, l.Reason, row[2], row[3])
				}
			default:
				counts["file"]++
				want := "ok"
				if ref.Fragment != "" {
					want = "no_heading"
				}
				if rel(l.Path) != row[2] || l.Reason != want || !l.Found || l.Line < 1 {
					t.Errorf("%s %s: %s %s, want %s %s", row[0], row[1], rel(l.Path), l.Reason, row[2], want)
				}
			}
		}
		t.Logf("%s: %d links listed; of the key: %v", corpus, len(got.Links), counts)
		wantNames(t, corpus, got, rel)
	}
}

// wantNames checks that every alert of names.tsv is found by its name at one of
// its places.
func wantNames(t *testing.T, corpus string, got checked, rel func(string) string) {
	t.Helper()
	places := map[string][]string{}
	for _, row := range tsv(t, filepath.Join(corpus, "names.tsv"), 4) {
		p := row[1]
		if row[3] == "heading" {
			p += "#" + row[2]
		}
		places[row[0]] = append(places[row[0]], p)
	}
	for alert, want := range places {
		found := false
		for _, l := range got.Links {
			if l.Alert != alert || l.Via != "name" {
				continue
			}
			found = true
			if p := rel(l.Path); l.Reason != "by_name" || !slices.Contains(want, p) && !slices.Contains(want, p+"#"+l.Slug) {
				t.Errorf("%s: %s at %s#%s, want %v", alert, l.Reason, p, l.Slug, want)
			}
			if len(want) > 1 && len(l.Also) == 0 {
				t.Errorf("%s: of %v one is told", alert, want)
			}
		}
		if !found {
			t.Errorf("%s: not found by name, want %v", alert, want)
		}
	}
	t.Logf("%s: %d alerts found by name", corpus, len(places))
}

// whyDead is why a row of the key has no file, by the look of its link.
func whyDead(link string, prefixes [][]string) string {
	switch {
	case strings.Contains(link, "{{"):
		return "templated"
	case runbook.ParseRef(link).State == runbook.LinkNone:
		return "no_link"
	case !strings.Contains(link, "://"):
		return "no_file"
	}
	for _, p := range prefixes {
		if strings.HasPrefix(link, p[0]) && p[0] != "" {
			return "no_file"
		}
	}
	return "no_checkout"
}

// bench is a folder with a checkout, rules and a configuration.
func bench(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["config.yaml"] = "runbooks:\n  fetch: never\n  checkouts: [{url: https://git.example.com/acme/books/, path: books}]\n" + files["config.yaml"]
	files["books/a.md"] = "# A\n\n## Here\n"
	files["books/B.md"] = "# B\n"
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func ruleText(alert, link string) string {
	if link != "" {
		link = fmt.Sprintf(", annotations: {runbook_url: %q}", link)
	}
	return fmt.Sprintf("groups: [{name: g, rules: [{alert: %s, expr: up%s}]}]\n", alert, link)
}

func TestCheckExitCodes(t *testing.T) {
	t.Parallel()
	const books = "https://git.example.com/acme/books/-/blob/main/"
	dir := bench(t, map[string]string{
		"ok.yaml": ruleText("A", books+"a.md"), "anchor.yaml": ruleText("A", books+"a.md#here"), "none.yaml": ruleText("X", ""), "word.yaml": ruleText("X", "TODO"),
		"named.yaml": ruleText("B", ""), "template.yaml": ruleText("T", books+"{{ $labels.x }}.md"),
		"file.yaml": ruleText("X", books+"gone.md"), "heading.yaml": ruleText("A", books+"a.md#gone"), "elsewhere.yaml": ruleText("X", "https://wiki.example.com/x"),
		"namedfile.yaml": ruleText("B", books+"gone.md"),
		"record.yaml":    "groups: [{name: g, rules: [{record: r, expr: up}]}]\n", "helm.yaml": "groups:\n{{ if .Values.x }}\n- rules: [{alert: H}]\n",
	})
	for _, tc := range []struct {
		args   string
		code   int
		reason string // of the first link
	}{
		{"--rules ok.yaml", exitOK, "ok"},
		{"--rules anchor.yaml", exitOK, "ok"},
		{"--rules none.yaml", exitOK, "no_link"},
		{"--rules word.yaml", exitOK, "no_link"},
		{"--rules named.yaml", exitOK, "by_name"},
		{"--rules template.yaml", exitOK, "templated"},
		{"--rules none.yaml --require-link", exitNo, "no_link"},
		{"--rules named.yaml --require-link", exitNo, "by_name"},
		{"--rules ok.yaml --require-link", exitOK, "ok"},
		{"--rules file.yaml", exitNo, "no_file"},
		{"--rules namedfile.yaml", exitNo, "by_name"},
		{"--rules heading.yaml", exitNo, "no_heading"},
		{"--rules elsewhere.yaml", exitNo, "no_checkout"},
		{"--rules record.yaml", exitNo, ""},
		{"--rules helm.yaml", exitSource, ""},
		{"--rules ok.yaml --rules helm.yaml", exitSource, "ok"},
		{"--prometheus http://127.0.0.1:1", exitSource, ""},
	} {
		args := strings.Fields(tc.args)
		for i := range args {
			if strings.HasSuffix(args[i], ".yaml") {
				args[i] = filepath.Join(dir, args[i])
			}
		}
		code, got := checkJSON(t, append(args, "--config", filepath.Join(dir, "config.yaml"))...)
		reason := ""
		if len(got.Links) > 0 {
			reason = got.Links[0].Reason
		}
		if code != tc.code || reason != tc.reason || len(got.Sources) == 0 {
			t.Errorf("%s: code %d, %q, want %d, %q", tc.args, code, reason, tc.code, tc.reason)
		}
		code, out, errs := told(t, append([]string{"runbook", "check", "--config", filepath.Join(dir, "config.yaml")}, args...)...)
		if code != tc.code || code == exitSource && errs == "" || (out == "") != (reason == "") {
			t.Errorf("%s as a table: code %d, stdout %q, stderr %q", tc.args, code, out, errs)
		}
	}
}

func TestCheckUsage(t *testing.T) {
	t.Parallel()
	dir := bench(t, map[string]string{"ok.yaml": ruleText("A", "a.md")})
	for args, want := range map[string]string{
		"--rules none/*.yaml":            "no file matches",
		"--rules [":                      "no pattern",
		"--rules ok.yaml other.yaml":     "quotes",
		"Something":                      "takes no argument",
		"-o xml":                         "must be one of table, json",
		"--rules ok.yaml --cluster nope": "nope",
	} {
		code, out, errs := told(t, append([]string{"runbook", "check", "--config", filepath.Join(dir, "config.yaml")}, strings.Fields(args)...)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: code %d, stdout %q, stderr %q, want %q", args, code, out, errs, want)
		}
	}
}

// Rules come from Prometheus when no files are named.
func TestCheckLiveRules(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/rules" {
			t.Errorf("asked for %s", r.URL)
		}
		_, _ = w.Write([]byte(`{"status":"success","data":{"groups":[{"name":"g","file":"/etc/rules/x.yaml","rules":[
			{"type":"alerting","name":"A","query":"up","annotations":{"runbook_url":"a.md#here"}},{"type":"alerting","name":"Z","query":"up"}]}]}}`))
	}))
	defer srv.Close()
	dir := bench(t, map[string]string{})
	code, got := checkJSON(t, "--config", filepath.Join(dir, "config.yaml"), "--prometheus", srv.URL)
	if code != exitOK || len(got.Links) != 2 || got.Links[0].Reason != "ok" || got.Links[0].Line != 3 || got.Links[0].Heading != "Here" ||
		got.Links[0].File != "/etc/rules/x.yaml" || got.Links[1].Reason != "no_link" {
		t.Errorf("code %d, %+v", code, got)
	}
}

// The table fits the terminal, says the broken first, and counts what it lists.
func TestCheckTable(t *testing.T) {
	t.Parallel()
	corpus := corpora(t)[0]
	h, err := (&cli{flags: flags{config: []string{corpusConfig(t, corpus)}}, getenv: func(string) string { return "" }, now: time.Now}).open()
	if err != nil {
		t.Fatal(err)
	}
	sets, _, err := h.ruleSets(t.Context(), []string{filepath.Join(corpus, "rules")})
	if err != nil {
		t.Fatal(err)
	}
	fates, err := h.fates(t.Context(), readiness.Links(sets, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []int{0, 40, 80, 120, 200} {
		text := tableText(fates, w)
		if again := tableText(fates, w); again != text {
			t.Errorf("%d cells: another order", w)
		}
		for line := range strings.Lines(text) {
			if n := frame.Width(strings.TrimSuffix(line, "\n")); w > 0 && n > w {
				t.Fatalf("%d cells of %d: %q", n, w, line)
			}
		}
		dead, open := strings.Index(text, "dead"), strings.Index(text, "links open")
		if dead < 0 || open < dead {
			t.Errorf("%d cells: dead at %d, open at %d", w, dead, open)
		}
		if w == 0 && !strings.HasSuffix(text, "\n1960 alerts in 2049 rules: 273 open, 256 dead, 12 by name behind a broken link, 113 elsewhere, 1 templated, 1225 no link, 80 by name\n") {
			t.Errorf("it ends in %q", text[strings.LastIndex(strings.TrimSpace(text), "\n"):])
		}
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in   string
		w    int
		want string
	}{
		{"rules/a.yaml:3", 0, "rules/a.yaml:3"},
		{"rules/a.yaml:3", 14, "rules/a.yaml:3"},
		{"rules/deep/er/a.yaml:3", 18, "rules…/er/a.yaml:3"},
		{"https://runbooks.example.com/kubernetes/pods/crash", 30, "https://runbo…/pods/crash"},
		{"averyveryverylongnamewithoutanyslash", 12, "aver…nyslash"},
	} {
		got := shorten(tc.in, tc.w)
		if tc.w > 0 && frame.Width(got) > tc.w {
			t.Errorf("%s in %d: %q is %d cells", tc.in, tc.w, got, frame.Width(got))
		}
		if !strings.HasSuffix(got, tc.want[strings.LastIndex(tc.want, "…")+1:]) {
			t.Errorf("%s in %d: %q, want the end of %q", tc.in, tc.w, got, tc.want)
		}
	}
}

// fetch: always asks for what no checkout has; nothing else does.
func TestOnlyAlwaysAsks(t *testing.T) {
	t.Parallel()
	if fetchFailed(runbook.Trail{{Name: "network", Result: "not asked: your setting is never"}}) {
		t.Error("a page that was not asked for did not fail")
	}
	if !fetchFailed(runbook.Trail{{Name: "checkout", Result: "none"}, {Name: "network", Result: "404"}}) {
		t.Error("404 is a failure")
	}
	if d := cmp.Diff("404", tried(runbook.Trail{{Name: "checkout", Result: "none"}, {Name: "network", Result: "404"}, {Name: "name", Result: "nothing"}})); d != "" {
		t.Error(d)
	}
}

// What a rule file says reaches no terminal as it is.
func TestCheckIsInert(t *testing.T) {
	t.Parallel()
	dir := bench(t, map[string]string{"x.yaml": "groups: [{rules: [{alert: \"A\\e]52;c;AA\\aB\", annotations: {runbook_url: \"https://x/\\u202e\\e[2J\"}}]}]"})
	for _, as := range []string{"table", "json"} {
		_, out, errs := told(t, "runbook", "check", "--config", filepath.Join(dir, "config.yaml"), "--rules", filepath.Join(dir, "x.yaml"), "-o", as)
		if strings.ContainsAny(out+errs, "\x1b\a\u202e") || !bytes.Contains([]byte(out), []byte("52;c;AA")) {
			t.Errorf("%s: %q %q", as, out, errs)
		}
	}
}
