package services

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

func details() Details {
	errs := triage.Signal{Name: "errors", Title: "errors", Unit: triage.Ratio, Worse: "up", Now: 0.124, HasNow: true, Before: 0.001, HasBefore: true,
		Day: 0.002, HasDay: true, Verdict: "up", Query: "sum(\n  failed\n)", Why: "share of what failed"}
	for t := now.Add(-time.Hour); !t.After(now); t = t.Add(time.Minute) {
		errs.Points = append(errs.Points, sources.Point{T: t, V: map[bool]float64{true: 0.124, false: 0.001}[t.After(now.Add(-7*time.Minute))]})
	}
	return Details{
		Row: triage.ServiceRow{Name: safe.Outside("checkout"), Team: safe.Outside("payments")}, Now: now, Loc: time.UTC,
		Health: page.ServiceHealth{AsOf: now, Health: triage.Health{Instances: "2 of 3", Signals: []triage.Signal{errs,
			{Name: "memory", Title: "memory", Err: errors.New("the server said no"), Query: "max(memory)"},
			{Name: "instances", Title: "instances", Unit: triage.Count, Worse: "down", Now: 2, HasNow: true, Before: 3, HasBefore: true, Verdict: "worse"}}},
			Calls: []triage.Callee{{Name: safe.Outside("payments")}}},
		Changes: []sources.Change{{Kind: sources.Deploy, Service: safe.Outside("checkout"), Version: safe.Outside("1.42.0"), StartedAt: now.Add(-8 * time.Minute)},
			{Kind: sources.Deploy, Service: safe.Outside("checkout"), Version: safe.Outside("1.41.0"), StartedAt: now.Add(-8 * time.Hour)}},
	}
}

func TestOne(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]int{"60": 60, "80": 80, "120": 120, "queries": 80} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := NewOne(theme.New(theme.Dark, true))
			o.SetSize(w, 30)
			if name == "queries" {
				o.Toggle()
			}
			o.Set(details())
			drawn := ansi.Strip(strings.Join(o.Rows(), "\n"))
			golden.RequireEqual(t, drawn+"\n")
			for row := range strings.Lines(drawn) {
				if n := frame.Width(strings.TrimSuffix(row, "\n")); n > w {
					t.Errorf("%q has %d cells", row, n)
				}
			}
			o.Toggle()
			o.Set(details())
			if shown := strings.Contains(ansi.Strip(strings.Join(o.Rows(), "\n")), "sum( failed )"); shown == (name == "queries") {
				t.Errorf("queries shown: %v", shown)
			}
		})
	}
}
