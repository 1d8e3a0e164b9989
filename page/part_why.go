package page

import (
	"context"
	"math"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// whyPart follows what the rule measures. It waits for the onset, whose range
// query serves both for an alert of the last hours.
func whyPart() spec {
	return spec{
		part: PartWhy, name: "why", every: 15 * time.Second,
		slot:  func(p *Page) slot { return &p.Why },
		ready: func(p Page) bool { return p.Onset.State != Waiting },
		basis: func(p Page) string { return query(p.Item).Raw() },
		load:  loadWhy,
	}
}

func loadWhy(ctx context.Context, a *Assembler, p Page) []outcome {
	why := triage.Explain(p.Item)
	q := a.querier(p)
	if unmeasurable(p, p.Onset.Value, why, q) != "" {
		return []outcome{whyWithout(why)}
	}
	now := a.Now()
	points, err := measured(ctx, q, p.Item, why.Expr, span(triage.Began(p.Item).At.Add(-lead), now))
	if err != nil {
		return []outcome{failed(PartWhy, err)}
	}
	return []outcome{done(PartWhy, OK, explain(p.Item, points, now))}
}

// whyWithout is the part when there is nothing to measure: known, without a
// graph; absent when not even the rule is known.
func whyWithout(why triage.Why) outcome {
	if !why.RuleKnown {
		return done(PartWhy, Absent, why)
	}
	return done(PartWhy, OK, why)
}

// freshPoint is how old the newest point may be and still be the value now.
const freshPoint = 2 * time.Minute

// explain joins the rule with the points of what it measures. The newest point
// is the value now: the alert's own is that of the whole expression, which may
// be another ("a and b > 5" has the value of a), and stands still while
// keep_firing_for holds the alert.
func explain(it triage.Item, points []sources.Point, now time.Time) triage.Why {
	why := triage.Explain(it)
	if len(points) == 0 {
		return why
	}
	why.Points = points
	why.Trend = triage.TrendOf(recent(points))
	if last := points[len(points)-1]; now.Sub(last.T) <= freshPoint && (!math.IsNaN(last.V) || it.State == sources.Resolved) {
		why.Value = last.V
	}
	return why
}

// A trend is that of the last half hour: what rose two hours ago and stays is
// not rising. With a coarse step it takes as many points as a trend needs.
const (
	trendSpan   = 30 * time.Minute
	trendPoints = 12
)

func recent(points []sources.Point) []sources.Point {
	from := points[len(points)-1].T.Add(-trendSpan)
	i := len(points) - 1
	for i > 0 && (!points[i-1].T.Before(from) || len(points)-i < trendPoints) {
		i--
	}
	return points[i:]
}
