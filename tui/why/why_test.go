package why

import (
	"errors"
	"math"
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

const query = `sum by (service) (rate(http_requests_total{service="checkout",code=~"5.."}[5m])) / sum by (service) (rate(http_requests_total{service="checkout"}[5m])) > 0.05`

// story is the page of the incident, with what its rule measured.
func story(t testing.TB, f func(*sources.Snapshot)) page.Page {
	t.Helper()
	labels := sources.NewLabels(map[string]string{"alertname": "CheckoutErrorBudgetBurn", "severity": "critical", "service": "checkout", "version": "1.42.0"})
	al := sources.Alert{ID: sources.NewAlertID("prod-eu", labels), Cluster: "prod-eu", Labels: labels, State: sources.Firing, ActiveAt: now.Add(-7 * time.Minute), Value: 0.124,
		Annotations: sources.NewLabels(map[string]string{"summary": "checkout requests fail", "description": "Customers see \"payment could not be completed\"."})}
	rule := sources.Rule{Name: safe.Outside("CheckoutErrorBudgetBurn"), Query: safe.Outside(query), For: 3 * time.Minute, Health: safe.Outside("ok"),
		Labels: sources.NewLabels(map[string]string{"severity": "critical"})}
	fresh := sources.SourceID{Kind: "prometheus", Name: "prometheus", Cluster: "prod-eu"}
	s := sources.Snapshot{
		Clusters: []sources.Cluster{{Name: "prod-eu",
			Alerts: sources.Feed[sources.Alert]{Source: fresh, Items: []sources.Alert{al}, AsOf: now, Tried: now},
			Rules: sources.Feed[sources.RuleGroup]{Source: fresh, AsOf: now, Tried: now, Items: []sources.RuleGroup{
				{Name: safe.Outside("checkout"), File: safe.Outside("/etc/prometheus/checkout.yaml"), Interval: 30 * time.Second, LastEvaluation: now, Rules: []sources.Rule{rule}}}}}},
		Changes: []sources.Feed[sources.Change]{{Source: sources.SourceID{Kind: "git", Name: "git"}, AsOf: now, Tried: now, Items: []sources.Change{
			{ID: "1", Kind: sources.Deploy, Service: safe.Outside("checkout"), Version: safe.Outside("1.42.0"), FromVersion: safe.Outside("1.41.0"), StartedAt: now.Add(-8 * time.Minute)},
			{ID: "2", Kind: sources.Flag, Service: safe.Outside("checkout"), Title: safe.Outside("express_pay: 25% -> 50% of all customers of the region"), StartedAt: now.Add(-22 * time.Minute)},
		}}},
	}
	if f != nil {
		f(&s)
	}
	p, ok := page.Open(triage.Build(s, triage.Defaults(), now), s.Clusters[0].Alerts.Items[0].ID, nil)
	if !ok {
		t.Fatal("no such alert")
	}
	p.Why.Value.Points = points(time.Hour, 15*time.Second)
	p.Why.State, p.Why.AsOf, p.Onset.State = page.OK, now, page.OK
	return p
}

// points are what was measured until now: it rises seven minutes ago.
func points(back, step time.Duration) []sources.Point {
	var out []sources.Point
	for t := now.Add(-back); !t.After(now); t = t.Add(step) {
		v := 0.001
		if since := t.Sub(now.Add(-7 * time.Minute)); since > 0 {
			v = min(0.124, 0.001+since.Minutes()*0.04)
		}
		out = append(out, sources.Point{T: t, V: v})
	}
	return out
}

// draw is the pane at a size, without styles.
func draw(t testing.TB, m *Model, p page.Page, w, h int) string {
	t.Helper()
	m.SetSize(w, h)
	m.SetPage(p, now, time.UTC)
	rows := m.Rows()
	if len(rows) != h {
		t.Errorf("%d rows of %d", len(rows), h)
	}
	for i, r := range rows {
		if n := frame.Width(r); n > w {
			t.Errorf("row %d has %d cells of %d", i, n, w)
		}
		rows[i] = strings.TrimRight(ansi.Strip(r), " ")
	}
	return strings.Join(rows, "\n") + "\n"
}

func TestPane(t *testing.T) {
	t.Parallel()
	plain := func(*page.Page) {}
	for name, tc := range map[string]struct {
		w, h   int
		change func(*page.Page)
	}{
		"80x19": {80, 19, plain},
		"60x36": {60, 36, plain},
		"50x17": {50, 17, plain},
		"40x12": {40, 12, plain},
		"60x8":  {60, 8, plain},
		"gap": {80, 19, func(p *page.Page) {
			pts := p.Why.Value.Points
			p.Why.Value.Points = append(pts[:60:60], pts[140:]...)
		}},
		"no data": {80, 19, func(p *page.Page) { p.Why.Value.Points = nil }},
		"waiting": {80, 19, func(p *page.Page) { p.Why.Value.Points, p.Why.State, p.Onset.State = nil, page.Waiting, page.Waiting }},
		"failed": {80, 19, func(p *page.Page) {
			p.Why.Value.Points, p.Why.State, p.Why.Err = nil, page.Failed, errors.New("no whole answer in time")
		}},
		"only NaN":  {80, 19, func(p *page.Page) { p.Why.Value.Points = []sources.Point{{T: now, V: math.NaN()}} }},
		"one point": {80, 19, func(p *page.Page) { p.Why.Value.Points = []sources.Point{{T: now, V: 0.124}} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := story(t, nil)
			tc.change(&p)
			golden.RequireEqual(t, draw(t, New(theme.New(theme.Dark, true), false), p, tc.w, tc.h))
		})
	}
	t.Run("long", func(t *testing.T) {
		t.Parallel()
		p := story(t, func(s *sources.Snapshot) {
			long := strings.Repeat("a very long name without an end ", 12)
			al := &s.Clusters[0].Alerts.Items[0]
			al.Annotations = sources.NewLabels(map[string]string{"summary": strings.Repeat("unbreakable", 20), "description": long})
			s.Changes[0].Items[0].Version = safe.Outside(strings.Repeat("1.42.0-", 30))
		})
		golden.RequireEqual(t, draw(t, New(theme.New(theme.Dark, true), false), p, 56, 30))
	})
	t.Run("rule", func(t *testing.T) {
		t.Parallel()
		m := New(theme.New(theme.Dark, true), false)
		p := story(t, nil)
		draw(t, m, p, 80, 24)
		m.ShowRule(true)
		golden.RequireEqual(t, draw(t, m, p, 80, 24))
	})
}

func TestOtherTimes(t *testing.T) {
	t.Parallel()
	m := New(theme.Theme{}, false)
	p := story(t, nil)
	draw(t, m, p, 80, 19)
	if m.Stretch(-1) {
		t.Errorf("its own time, 67 min, is the shortest worth showing; got %v", m.Back())
	}
	if !m.Stretch(1) || m.Back() != 6*time.Hour {
		t.Fatalf("one wider is %v", m.Back())
	}
	if s := draw(t, m, p, 80, 24); !strings.Contains(s, "Asking for the last 6 h") || !strings.Contains(s, "now 12.4%") {
		t.Errorf("while it is asked the known part stays:\n%s", s)
	}
	m.SetPast(24*time.Hour, page.Past{Points: points(time.Hour, time.Minute)}, nil)
	if m.past != nil {
		t.Error("it took the answer to another question")
	}
	m.SetPast(6*time.Hour, page.Past{Points: points(6*time.Hour, 90*time.Second)}, nil)
	if s := draw(t, m, p, 80, 24); strings.Contains(s, "Asking") || !strings.Contains(s, "⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀") {
		t.Errorf("six hours are not drawn from end to end:\n%s", s)
	}
	m.SetPast(6*time.Hour, page.Past{}, errors.New("no answer"))
	if s := draw(t, m, p, 80, 24); !strings.Contains(s, "NOT KNOWN, the last 6 h: no answer") || !strings.Contains(s, "now 12.4%") {
		t.Errorf("after a failure the last answer stays:\n%s", s)
	}
	for m.Stretch(1) {
	}
	if m.Back() != 7*24*time.Hour {
		t.Errorf("the widest is %v", m.Back())
	}
	p.Item.ID = "another"
	m.SetPage(p, now, time.UTC)
	if m.Back() != 0 {
		t.Error("another alert is not shown with its own time")
	}
}

// BenchmarkPane lays the pane out, graph and all; the ratio is to drawing it
// from the rows that are kept, which is what a key costs.
func BenchmarkPane(b *testing.B) {
	m := New(theme.New(theme.Dark, true), false)
	p := story(b, nil)
	m.SetSize(62, 36)
	for b.Loop() {
		m.SetPage(p, now, time.UTC)
	}
	laid := b.Elapsed()
	begin := time.Now()
	for range b.N {
		m.Rows()
	}
	b.ReportMetric(float64(laid)/float64(time.Since(begin)), "x-kept")
}
