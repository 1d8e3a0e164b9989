package health

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

var now = time.Date(2026, 3, 9, 14, 9, 0, 0, time.UTC)

// signal is one of an hour: before, until seven minutes ago, then as now.
func signal(name, title string, u triage.Unit, worse string, before, after float64) triage.Signal {
	s := triage.Signal{Name: name, Title: title, Unit: u, Worse: worse, Now: after, Before: before, HasNow: true, HasBefore: true,
		Query: "sum(\n  " + name + "{job=\"checkout\"}\n)", Why: "what " + title + " is"}
	for t := now.Add(-time.Hour); !t.After(now); t = t.Add(time.Minute) {
		v := before
		if t.After(now.Add(-7 * time.Minute)) {
			v = after
		}
		s.Points = append(s.Points, sources.Point{T: t, V: v})
	}
	s.Verdict = triage.JudgeSignal(s, worse)
	return s
}

// story is a page whose service fails since its deploy; who it calls does, too.
func story(t *testing.T) page.Page {
	t.Helper()
	labels := sources.NewLabels(map[string]string{"alertname": "CheckoutErrors", "service": "checkout"})
	al := sources.Alert{ID: sources.NewAlertID("eu", labels), Cluster: "eu", Labels: labels, State: sources.Firing, ActiveAt: now.Add(-7 * time.Minute)}
	s := sources.Snapshot{
		Clusters: []sources.Cluster{{Name: "eu", Alerts: sources.Feed[sources.Alert]{Items: []sources.Alert{al}, AsOf: now, Tried: now}}},
		Changes: []sources.Feed[sources.Change]{{Source: sources.SourceID{Kind: "git", Name: "git"}, AsOf: now, Tried: now, Items: []sources.Change{
			{ID: "1", Kind: sources.Deploy, Service: safe.Outside("checkout"), StartedAt: now.Add(-8 * time.Minute)},
			{ID: "2", Kind: sources.Flag, Service: safe.Outside("checkout"), StartedAt: now.Add(-30 * time.Minute)},
			{ID: "3", Kind: sources.Deploy, Service: safe.Outside("checkout"), StartedAt: now.Add(-3 * time.Hour)}, // before the hour
		}}},
	}
	p, ok := page.Open(triage.Build(s, triage.Defaults(), now), al.ID, nil)
	if !ok {
		t.Fatal("no such alert")
	}
	failed := triage.Signal{Name: "files", Title: "open files", Err: errors.New("the server said no")}
	night := signal("cpu", "cpu", triage.Ratio, "up", 0.1, 0.6)
	night.Day, night.HasDay = 0.6, true
	night.Verdict = triage.JudgeSignal(night, "up")
	p.Health = page.Slot[triage.Health]{State: page.OK, AsOf: now, Value: triage.Health{Service: safe.Outside("checkout"), Selector: `job="checkout"`, Instances: "2 of 3",
		Signals: []triage.Signal{signal("errors", "errors", triage.Ratio, "up", 0.001, 0.124), signal("latency", "p99 time", triage.Seconds, "up", 0.21, 0.22),
			signal("traffic", "traffic", triage.PerSecond, "", 398, 412), night, failed, signal("goroutines", "goroutines", "", "up", 40, 4000),
			signal("instances", "instances", triage.Count, "down", 3, 2)}}}
	p.Callees = page.Slot[[]triage.Callee]{State: page.OK, Value: []triage.Callee{
		{Name: safe.Outside("payments"), Health: triage.Health{Signals: []triage.Signal{signal("latency", "p99 time", triage.Seconds, "up", 0.2, 2)}}},
		{Name: safe.Outside("ledger"), Err: errors.New("no")}}}
	return p
}

func draw(p page.Page, w, h int, act func(*Model)) string {
	m := New(theme.New(theme.Dark, true))
	m.SetSize(w, h)
	m.SetPage(p, time.UTC)
	if act != nil {
		act(m)
		m.SetPage(p, time.UTC)
	}
	return ansi.Strip(strings.Join(m.Rows(), "\n"))
}

func TestPane(t *testing.T) {
	t.Parallel()
	p := story(t)
	for name, draw := range map[string]string{
		"narrow": draw(p, 54, 20, nil),
		"wide":   draw(p, 100, 20, nil),
		"opened": draw(p, 76, 20, func(m *Model) { m.Focus(true); m.Move(1); m.Move(1); m.Move(-1); m.Toggle() }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.RequireEqual(t, draw+"\n")
			for row := range strings.Lines(draw) {
				if w := map[string]int{"narrow": 54, "wide": 100, "opened": 76}[name]; frame.Width(strings.TrimSuffix(row, "\n")) > w {
					t.Errorf("%q is wider than %d", row, w)
				}
			}
		})
	}
}

func TestCursor(t *testing.T) {
	t.Parallel()
	p := story(t)
	m := New(theme.New(theme.Dark, true))
	m.SetSize(60, 5)
	if _, ok := m.Selected(); ok {
		t.Error("something is selected in an empty pane")
	}
	m.Toggle()
	m.SetPage(p, time.UTC)
	for range 20 {
		m.Move(1)
		m.SetPage(p, time.UTC)
	}
	if s, _ := m.Selected(); s.Name != "goroutines" { // the last with a row of its own
		t.Errorf("%s is selected at the end", s.Name)
	}
	if rows := ansi.Strip(strings.Join(m.Rows(), "\n")); !strings.Contains(rows, "calls: payments") {
		t.Errorf("what is below the last signal cannot be reached:\n%s", rows)
	}
	for range 20 {
		m.Move(-1)
		m.SetPage(p, time.UTC)
	}
	if s, _ := m.Selected(); s.Name != "errors" || !strings.Contains(m.Rows()[0], "1 h ago") {
		t.Errorf("%s is selected at the top, with %q above", s.Name, m.Rows()[0])
	}
	p.Health.Value.Signals = p.Health.Value.Signals[:1]
	m.Move(3)
	m.SetPage(p, time.UTC)
	if s, ok := m.Selected(); !ok || s.Name != "errors" {
		t.Error("the signal under the cursor went, and so did the cursor")
	}
}

func TestPaneSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := story(t)
	for want, change := range map[string]func(*page.Page){
		"Asking Prometheus":   func(p *page.Page) { p.Health = page.Slot[triage.Health]{State: page.Waiting} },
		"Not known: 502":      func(p *page.Page) { p.Health = page.Slot[triage.Health]{State: page.Failed, Err: errors.New("502")} },
		"No metric was found": func(p *page.Page) { p.Health.State, p.Health.Value.Note = page.Absent, "No metric was found" },
		"Not refreshed: 502":  func(p *page.Page) { p.Health.State, p.Health.Err = page.Stale, errors.New("502") },
		"? 400 Bad Request": func(p *page.Page) { // not who said it and where: the row is cut
			p.Health.Value.Signals = []triage.Signal{{Name: "orders", Title: "orders", Err: &sources.Error{
				Kind: sources.BadRequest, Source: sources.SourceID{Kind: "prometheus", Name: "prod"}, URL: "http://prometheus.example.com/api/v1/query", Detail: safe.Outside("400 Bad Request")}}}
		},
	} {
		p := p
		change(&p)
		if got := draw(p, 60, 20, nil); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
