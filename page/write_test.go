package page

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	gmtext "github.com/yuin/goldmark/text"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// whole is the page of the story with every part loaded.
func whole(t testing.TB) Page {
	t.Helper()
	q := &server{instant: names(`service="checkout"`, "http_requests_total", "up")}
	q.ranged = func(_ context.Context, expr string, r sources.Range) (sources.Matrix, error) {
		switch {
		case strings.Contains(expr, "up{"):
			return sources.Matrix{{Points: []sources.Point{{T: r.Start, V: 3}, {T: r.End, V: 3}}}}, nil
		case strings.Contains(expr, "5.."):
			return sources.Matrix{{Labels: sources.NewLabels(map[string]string{"service": "checkout"}), Points: ramp(r)}}, nil
		}
		return sources.Matrix{{Points: []sources.Point{{T: r.Start, V: 398}, {T: r.End, V: 412}}}}, nil
	}
	p := assembler(q).All(t.Context(), openBurn(t))
	p.History = Slot[triage.History]{State: OK, AsOf: now, Value: storyHistory()}
	p.board.Snapshot.Clusters[0].Silences = feed("alertmanager", now, storySilence())
	return p
}

// broken is a page on which nothing works and the feeds say so.
func broken(t testing.TB) Page {
	t.Helper()
	s := snapshot(burn())
	down := sources.Errorf(sources.Timeout, "no answer within 5 s")
	s.Clusters[0].Alerts.Err, s.Clusters[0].Alerts.Since = down, now.Add(-4*time.Minute)
	s.Clusters[0].Alerts.AsOf = now.Add(-4 * time.Minute)
	s.Changes = append(s.Changes, sources.Feed[sources.Change]{Source: sources.SourceID{Kind: "events", Name: "argo"}, Tried: now,
		Since: now.Add(-49 * time.Minute), Err: sources.Errorf(sources.Unauthorized, "401 Unauthorized")})
	s.Shifts, s.Services = nil, nil
	p, _ := Open(build(s, now), burn().ID, nil)
	q := &server{
		instant: func(context.Context, string, time.Time) (sources.Vector, error) { return nil, down },
		ranged:  func(context.Context, string, sources.Range) (sources.Matrix, error) { return nil, down },
	}
	a := assembler(q)
	a.Runbooks = library{err: &runbook.NotFoundError{Reason: runbook.NoFile}, trail: runbook.Trail{
		{Name: "checkout", Tried: "~/src/runbooks", Result: "no checkout.md"},
		{Name: "network", Result: "not asked: your setting is never"}}}
	return a.All(t.Context(), p)
}

func TestWriteText(t *testing.T) {
	for name, p := range map[string]Page{"whole": whole(t), "broken": broken(t)} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteText(&b, p, TextOptions{Loc: cet(t)}); err != nil {
				t.Fatal(err)
			}
			golden.RequireEqual(t, b.Bytes())
		})
	}
}

func TestWriteMarkdown(t *testing.T) {
	for name, p := range map[string]Page{"whole": whole(t), "broken": broken(t)} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteMarkdown(&b, p, TextOptions{Loc: cet(t)}); err != nil {
				t.Fatal(err)
			}
			golden.RequireEqual(t, b.Bytes())
		})
	}
}

func TestTextOptions(t *testing.T) {
	t.Parallel()
	p := whole(t)
	write := func(o TextOptions) string {
		var b bytes.Buffer
		if err := WriteText(&b, p, o); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got := write(TextOptions{}); strings.Contains(got, "Not about this") || !strings.Contains(got, "kubectl -n shop rollout undo") {
		t.Error("the section of the alert, and nothing else, is wanted")
	}
	if got := write(TextOptions{Whole: true}); !strings.Contains(got, "Not about this") {
		t.Error("the whole runbook is wanted")
	}
	drawn := write(TextOptions{Render: func(d runbook.Document) string { return "drawn " + d.Blocks[0].Text }})
	if !strings.Contains(drawn, "drawn CheckoutErrorBudgetBurn") || strings.Contains(drawn, "kubectl") {
		t.Error("the renderer was not used")
	}
	for _, line := range strings.Split(write(TextOptions{Width: 50}), "\n") {
		if len(line) > 50 && strings.Contains(line, " ") && !strings.Contains(line, "kubectl") {
			t.Errorf("%d cells: %q", len(line), line)
		}
	}
	if err := WriteText(full{}, p, TextOptions{}); err == nil {
		t.Error("a write error was lost")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

const hostile = "[click](http://evil.example) ![x](http://evil.example/p.png) @channel @here #42 <b>x</b> `; rm -rf` " +
	"http://evil.example www.evil.example *b* \x1b[2J\x1b]0;t\a \u202e | a | **x** <!channel> mail@example.com &amp; \n# head\n- item"

// hostilePage has hostile text wherever an outsider can put it.
func hostilePage(t testing.TB) Page {
	t.Helper()
	h := safe.Outside(hostile)
	labels := map[string]string{"alertname": hostile, "service": hostile, "severity": "critical", "team": hostile, "instance": hostile}
	al := firing("prod-eu", labels, map[string]string{"summary": hostile, "description": hostile, "runbook_url": "javascript:alert(1) " + hostile})
	s := snapshot(al)
	c := deploy()
	c.Service, c.Version, c.Title, c.URL, c.Author = h, h, h, safe.Outside("javascript:"+hostile), h
	s.Changes[0].Items = []sources.Change{c}
	s.Shifts[0].Items = []sources.Shift{{Team: h, Person: h, From: now.Add(-time.Hour), To: now.Add(time.Hour)}}
	p, ok := Open(build(s, now), al.ID, nil)
	if !ok {
		t.Fatal("not on the board")
	}
	a := assembler(&server{instant: func(context.Context, string, time.Time) (sources.Vector, error) { return nil, errors.New(hostile) }})
	a.Runbooks = library{doc: runbook.Parse([]byte(hostile), runbook.Where{Via: runbook.ViaCheckout, Path: hostile, Rel: hostile})}
	p = a.All(t.Context(), p)
	past := storyHistory()
	past.Together, past.Note = []triage.Companion{{Name: h, Times: 3, Of: 3}}, hostile
	p.History = Slot[triage.History]{State: Stale, AsOf: now, Err: safe.Error(errors.New(hostile)), Value: past}
	silence := storySilence()
	silence.Comment, silence.CreatedBy, silence.ID = h, h, h
	silence.Matchers = []sources.Matcher{{Name: safe.Outside("service"), Value: h, IsEqual: true}}
	p.board.Snapshot.Clusters[0].Silences = feed("alertmanager", now, silence)
	if text := strings.Join(HistoryWords(p, now, time.UTC), " "); strings.Count(text, "click") < 4 {
		t.Fatalf("the past is not hostile: %s", text)
	}
	return p
}

func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	p := hostilePage(t)
	var plain, md bytes.Buffer
	if err := errors.Join(WriteText(&plain, p, TextOptions{}), WriteMarkdown(&md, p, TextOptions{})); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"text": plain.String(), "markdown": md.String()} {
		if i := strings.IndexAny(out, "\x1b\a\u202e\u009b"); i >= 0 {
			t.Errorf("%s: a control character at %d: %q", name, i, out[max(0, i-20):min(len(out), i+20)])
		}
	}
	src := md.Bytes()
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(gmtext.NewReader(src))
	headings := 0
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink, *ast.RawHTML, *ast.HTMLBlock:
			t.Errorf("outside text made a %s", n.Kind())
		case *ast.Heading:
			headings++
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if s := string(n.Segment.Value(src)); strings.ContainsAny(s, "@#") {
				t.Errorf("%q is not code", s)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if headings != 6 {
		t.Errorf("%d headings", headings)
	}
}

func TestMarkdownAddresses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://git.example.com/a/b?x=1#c":   "<https://git.example.com/a/b?x=1#c>",
		"https://user:secret@git.example.com": "`https://user:secret@git.example.com`",
		"javascript:alert(1)":                 "`javascript:alert(1)`",
		"https://x.example/a b":               "`https://x.example/a b`",
		"https://x.example/>evil":             "`https://x.example/>evil`",
		"https://xn.example/\u202egro":        "`https://xn.example/\ufffdgro`",
		"docs/a.md":                           "`docs/a.md`",
	} {
		if got := address(safe.Outside(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"a": "`a`", "": "(none)", "a`b": "``a`b``", "`": "`` ` ``", "``` x": "```` ``` x ````"} {
		if got := code(in); got != want {
			t.Errorf("code(%q) is %s, want %s", in, got, want)
		}
	}
}

// fields decodes a JSON value made by this package.
func fields(t testing.TB, v any) map[string]any {
	t.Helper()
	doc, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(doc, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func keys(t testing.TB, m map[string]any, want string) {
	t.Helper()
	for _, k := range strings.Fields(want) {
		if _, ok := m[k]; !ok {
			t.Errorf("no field %s", k)
		}
		delete(m, k)
	}
	for k := range m {
		t.Errorf("unknown field %s", k)
	}
}

func TestAlertJSONFields(t *testing.T) {
	t.Parallel()
	p := openBurn(t)
	p.Item.Value = math.NaN()
	m := fields(t, alertOf(p.Item, triage.Began(p.Item), split(p.Item.Rule), Located{Ref: p.Runbook.Value.Ref, Via: runbook.ViaCheckout, Path: "/r/checkout.md", Line: 5,
		Trail: runbook.Trail{{Name: "checkout", Result: "found", Found: true}}}))
	rb := m["runbook"].(map[string]any)
	if m["value"] != nil || m["resolved_at"] != nil || m["active_at"] != "2026-11-22T13:02:00Z" || m["limit"] != 0.05 || m["unit"] != "ratio" ||
		m["owner"] != "payments" || m["severity"] != "critical" || m["summary"] != "Requests fail" || rb["line"] != 5.0 || rb["found"] != true {
		t.Errorf("%v", m)
	}
	keys(t, m["onset"].(map[string]any), "at method")
	keys(t, rb, "link found via path line as_of tried")
	keys(t, m, "id fingerprint name state severity service service_found_by service_guess owner cluster summary labels annotations active_at "+
		"resolved_at onset value value_text limit unit silenced inhibited group runbook")

	many := AlertsJSON([]triage.Item{p.Item, p.Item}, nil)
	if one := fields(t, many[1]); len(many) != 2 || one["limit"] != 0.05 || one["runbook"].(map[string]any)["via"] != "none" {
		t.Errorf("%v", one)
	}
}

func TestChangeJSONFields(t *testing.T) {
	t.Parallel()
	const names = "id source kind service namespace cluster env version from_version revision from_revision started_at finished_at state author title url evidence diff"
	m := fields(t, ChangeJSON(deploy()))
	if m["finished_at"] != nil || m["evidence"] == nil || m["source"] != "git" {
		t.Errorf("%v", m)
	}
	keys(t, m, names)
	m = fields(t, suspectOf(triage.Suspect{Change: deploy(), Verdict: triage.Likely, Reason: "r", Before: 90 * time.Second}))
	if m["minutes_before_onset"] != 1.5 || m["verdict"] != "LIKELY" {
		t.Errorf("%v", m)
	}
	keys(t, m, names+" verdict reason minutes_before_onset")
}

func TestJSON(t *testing.T) {
	t.Parallel()
	m := fields(t, JSON(whole(t)))
	if s := m["sentence"].(string); !strings.Contains(s, "checkout: Requests fail, now 12.4%") {
		t.Errorf("sentence %q", s)
	}
	for _, part := range []string{"runbook", "onset", "why"} {
		p := m[part].(map[string]any)
		if p["state"] != "ok" || p["as_of"] == nil || p["error"] != nil {
			t.Errorf("%s: %v %v %v", part, p["state"], p["as_of"], p["error"])
		}
	}
	if text := m["runbook"].(map[string]any)["text"]; text != checkoutText {
		t.Errorf("text %q", text)
	}
	health := m["health"].([]any)[0].(map[string]any)
	if n := len(health["signals"].([]any)); n != 3 || health["instances"] != "2 of 3" {
		t.Errorf("%d signals, %v", n, health["instances"])
	}
	if len(m["suspects"].([]any)) != 1 || m["others"] != 0.0 {
		t.Errorf("suspects %v, others %v", m["suspects"], m["others"])
	}
	onset := m["alert"].(map[string]any)["onset"].(map[string]any)
	if onset["method"] != triage.MethodWalked {
		t.Errorf("onset %v", onset)
	}
	bad := fields(t, JSON(broken(t)))
	for _, part := range []string{"onset", "why"} {
		if p := bad[part].(map[string]any); p["state"] != "failed" || p["error"] == nil {
			t.Errorf("%s: %v", part, p)
		}
	}
	if rb := bad["runbook"].(map[string]any); rb["text"] != nil || rb["reason"] != "no_file" || len(rb["tried"].([]any)) != 2 {
		t.Errorf("runbook %v", rb)
	}
	keys(t, m, "alert sentence service runbook suspects others changes onset why health history who links")
}

func TestJSONIsLosslessAndInert(t *testing.T) {
	t.Parallel()
	doc, err := json.Marshal(JSON(hostilePage(t)))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsAny(doc, "\x1b\a\u202e") {
		t.Error("the document is not inert")
	}
	var m struct {
		Alert struct {
			Name   string
			Labels map[string]string
		}
	}
	if err := json.Unmarshal(doc, &m); err != nil {
		t.Fatal(err)
	}
	if m.Alert.Name != hostile || m.Alert.Labels["service"] != hostile {
		t.Errorf("%q", m.Alert.Name)
	}
}

func TestSourcesJSON(t *testing.T) {
	t.Parallel()
	doc, err := json.Marshal(SourcesJSON([]sources.Status{
		{Source: sources.SourceID{Kind: "prometheus", Name: "p", Cluster: "c"}, What: "alerts", AsOf: now},
		{Source: sources.SourceID{Kind: "git", Name: "g"}, Err: sources.Errorf(sources.NotFound, "no such directory")},
		{Source: sources.SourceID{Kind: "git", Name: "never"}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"name":"p","kind":"prometheus","feed":"alerts","cluster":"c","ok":true,"error":null,"as_of":"2026-11-22T13:09:00Z"},` +
		`{"name":"g","kind":"git","feed":"","cluster":"","ok":false,"error":"no such directory","as_of":null},` +
		`{"name":"never","kind":"git","feed":"","cluster":"","ok":false,"error":null,"as_of":null}]`
	if string(doc) != want {
		t.Errorf("%s", doc)
	}
	if doc, _ := json.Marshal(SourcesJSON(nil)); string(doc) != "[]" {
		t.Errorf("%s", doc)
	}
}

func TestChangeTitle(t *testing.T) {
	t.Parallel()
	v := safe.Outside
	for want, c := range map[string]sources.Change{
		"checkout deploy 1.41.0 -> 1.42.0, on 3 of 3": deploy(),
		"cart deploy 8d41f2c, running": {Service: v("cart"), Kind: sources.Deploy, State: sources.Running,
			Revision: v("8d41f2c0aaaabbbbccccddddeeeeffff00001111")},
		"checkout flag express_pay 25% -> 50%":          {Service: v("checkout"), Kind: sources.Flag, Title: v("express_pay 25% -> 50%")},
		"checkout deploy v1.43.0, tagged, not deployed": {Service: v("checkout"), Kind: sources.Deploy, State: sources.Tagged, Version: v("v1.43.0")},
		"checkout config env LOG_LEVEL of web": {Service: v("checkout"), Kind: sources.Config, Version: v("1.42.0"), FromVersion: v("1.42.0"),
			Title: v("env LOG_LEVEL of web")},
		"checkout restart 1.42.0": {Service: v("checkout"), Kind: sources.Restart, Version: v("1.42.0"), FromVersion: v("1.42.0")},
		"infra node pool grew":    {Kind: sources.Infra, Title: v("node pool grew")},
	} {
		if got := ChangeTitle(c); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
