package page

import (
	"context"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// lead is how far before activeAt the walk back and the graph begin.
const lead = time.Hour

// sharedAge is up to which age of an alert one range query serves both the
// walk back, which needs a fine step around the beginning, and the graph,
// which runs to this moment.
const sharedAge = 3 * time.Hour

// onsetPart finds when the trouble began, before the rule noticed. It is
// loaded once: the past does not change.
func onsetPart() spec {
	return spec{
		part: PartOnset, name: "onset", ready: always,
		slot: func(p *Page) slot { return &p.Onset },
		basis: func(p Page) string {
			return triage.Began(p.Item).At.Format(time.RFC3339Nano) + query(p.Item).Raw()
		},
		load: loadOnset,
	}
}

func loadOnset(ctx context.Context, a *Assembler, p Page) []outcome {
	on, why := triage.Began(p.Item), triage.Explain(p.Item)
	q := a.querier(p)
	on = byState(ctx, q, p.Item, on, a.Now())
	if reason := unmeasurable(p, on, why, q); reason != "" {
		on.Note += " It could not be measured: " + reason + "."
		return []outcome{done(PartOnset, OK, on), whyWithout(why)}
	}
	now := a.Now()
	begin, end := on.At.Add(-lead), now
	shared := now.Sub(on.At) <= sharedAge
	if !shared {
		end = on.At.Add(lead / 4)
	}
	points, err := measured(ctx, q, p.Item, why.Expr, span(begin, end))
	if err != nil {
		out := []outcome{failed(PartOnset, err)}
		if shared {
			out = append(out, failed(PartWhy, err))
		}
		return out
	}
	out := []outcome{done(PartOnset, OK, triage.WalkBack(on, points, why.Expr))}
	if shared {
		out = append(out, done(PartWhy, OK, explain(p.Item, points, now)))
	}
	return out
}

// byState is the onset by the series ALERTS_FOR_STATE, whose value is the alert's
// activeAt in seconds, for an alert of which the rule's server said nothing:
// Alertmanager's, or one behind a query front end. Without an answer on stands.
func byState(ctx context.Context, q sources.Querier, it triage.Item, on triage.Onset, now time.Time) triage.Onset {
	if q == nil || on.Method == triage.MethodActiveAt || it.State == sources.Resolved {
		return on
	}
	var conditions []string
	for _, l := range it.Labels {
		if sources.LegacyName(l.Name.Raw()) {
			conditions = append(conditions, l.Name.Raw()+"="+quote(l.Value.Raw()))
		}
	}
	// An absent series is no fault: the ladder goes on.
	v, err := q.Query(ctx, "max(ALERTS_FOR_STATE{"+strings.Join(conditions, ",")+"})", now)
	if err != nil || len(v) == 0 || !(v[0].V > 0) || v[0].V > float64(now.Unix()) {
		return on
	}
	return triage.Onset{At: time.Unix(int64(v[0].V), 0).UTC(), Method: triage.MethodState, Note: triage.ActiveNote}
}

// unmeasurable says in a clause why an alert's past cannot be asked for; empty
// means it can.
func unmeasurable(p Page, on triage.Onset, why triage.Why, q sources.Querier) string {
	switch {
	case q == nil:
		return "no Prometheus is connected for " + clusterName(p.Item.Cluster)
	case on.At.IsZero():
		return "the source does not say when the alert began"
	case !why.RuleKnown:
		return "the rule of this alert is not known"
	case why.Absent:
		return "the rule fires when there is no data, so there is nothing to measure"
	case !why.Parsed:
		return "the rule cannot be split into what it measures and a limit"
	}
	return ""
}

func clusterName(name string) string {
	if name == "" {
		return "this cluster"
	}
	return name
}

// span is a range with a step of at least 15 s (a usual scrape interval) and
// at most 240 steps: more than any graph has columns.
func span(start, end time.Time) sources.Range {
	if end.Before(start) {
		end = start
	}
	step := max(15*time.Second, (end.Sub(start)/240 + time.Second - 1).Truncate(time.Second))
	// Steps are counted back from the end, so that it has a point.
	start = end.Add(-(end.Sub(start) + step - 1) / step * step)
	return sources.Range{Start: start.UTC(), End: end.UTC(), Step: step}
}
