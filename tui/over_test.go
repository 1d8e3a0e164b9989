package tui

import (
	"context"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
)

// bygone is a server that recorded one firing, from 13:11 to 13:40.
type bygone struct{ sources.Querier }

var bygoneLabels = map[string]string{"__name__": "ALERTS", "alertstate": "firing", "alertname": "Bygone", "severity": "critical", "service": "checkout"}

func (bygone) Query(context.Context, string, time.Time) (sources.Vector, error) {
	var v sources.Vector // a series, of 30 samples
	for of, n := range map[string]float64{"series": 1, "samples": 30} {
		v = append(v, sources.Sample{Labels: sources.NewLabels(map[string]string{"of": of}), Point: sources.Point{T: at, V: n}})
	}
	return v, nil
}

func (bygone) QueryRange(context.Context, string, sources.Range) (sources.Matrix, error) {
	return nil, nil
}

func (bygone) Samples(context.Context, string, sources.Range) (sources.Matrix, error) {
	s := sources.Series{Labels: sources.NewLabels(bygoneLabels)}
	for i := range 30 {
		s.Points = append(s.Points, sources.Point{T: at.Add(time.Duration(i-58) * time.Minute), V: 1})
	}
	return sources.Matrix{s}, nil
}

func remembering(wanted string) func(*Options) {
	return func(o *Options) {
		now := o.Now
		o.Wanted = wanted
		o.Assembler = &page.Assembler{Runbooks: corpusBooks(), Now: now, Query: func(string) sources.Querier { return bygone{} }}
	}
}

func withRule(s sources.Snapshot) sources.Snapshot {
	g := &s.Clusters[0].Rules.Items[0]
	g.Rules = append(g.Rules, sources.Rule{Name: safe.Outside("Bygone"), For: time.Minute, Query: safe.Outside("x > 1"),
		Labels: sources.NewLabels(map[string]string{"severity": "critical"})})
	return s
}

func TestANamedAlertThatIsOver(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, remembering("bygone"))
	s := withRule(usual())
	rules := s.Clusters[0].Rules
	s.Clusters[0].Rules = sources.Feed[sources.RuleGroup]{}
	r.snapshot(s)
	r.lacks("RESOLVED Bygone", "CRIT KubePodCrashLooping ") // its rule may still tell of a runbook
	s.Clusters[0].Rules = rules
	r.snapshot(s)
	r.has(" RESOLVED Bygone", "resolved", "checkout")
	r.snapshot(s)
	r.has(" RESOLVED Bygone")

	r = newRig(t, 120, 40, func(o *Options) { o.Wanted = "Unheard" })
	r.snapshot(withRule(usual()))
	r.has("Unheard is not active now; this is the most urgent page", "CRIT KubePodCrashLooping")
}

func TestTheLastPageOfAQuietNight(t *testing.T) {
	t.Parallel()
	r := newRig(t, 80, 24, remembering(""))
	r.snapshot(withRule(snapshot()))
	r.has("Nothing is firing", "Last page  13:10 to 13:40  Bygone, checkout: over  (enter)")
	r.key("enter")
	r.has(" RESOLVED Bygone")
	r.snapshot(withRule(usual()))
	r.has(" RESOLVED Bygone") // what is read stays
}
