package page

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Live is a query that stands in a runbook, and what the page's Prometheus says
// to it now.
type Live struct {
	Series []LiveSeries // the largest values first, at most liveSeries
	More   int          // series beyond those
	AsOf   time.Time
	Err    error // the server's, clean; nil: it answered
}

// LiveSeries is one series of the answer.
type LiveSeries struct {
	Name   string // the labels in which the series differ, clean; empty: there is one series without labels
	Value  string // now, with its unit; empty: it has no value now
	Points []sources.Point
}

const (
	liveSeries = 5
	liveSpan   = time.Hour
	liveStep   = time.Minute
)

// Ask puts a query of a runbook to the Prometheus of the page's cluster: one
// range query of the last hour, whose last point is the value now. One that
// selects more than maxAnswer series is not asked so: its text is somebody else's.
func (a *Assembler) Ask(ctx context.Context, p Page, expr string) Live {
	now := a.Now()
	l := Live{AsOf: now}
	q := a.querier(p)
	if q == nil {
		l.Err = sources.Errorf(sources.NotFound, "no Prometheus is connected for %s", clusterName(p.Item.Cluster))
		return l
	}
	if triage.IsVector(expr) {
		v, err := q.Query(ctx, "count("+expr+"\n)", now)
		if err == nil && len(v) > 0 && v[0].V > maxAnswer {
			err = sources.Errorf(sources.TooLarge, "it selects %.0f series, more than %d: sum them, or add matchers", v[0].V, maxAnswer)
		}
		if err != nil {
			l.Err = safe.Error(err)
			return l
		}
	}
	m, err := q.QueryRange(ctx, expr, sources.Range{Start: now.Add(-liveSpan).UTC(), End: now.UTC(), Step: liveStep})
	if err != nil {
		l.Err = safe.Error(err)
		return l
	}
	unit := triage.Split(expr).Unit
	names := differing(m)
	type valued struct {
		LiveSeries
		v float64
	}
	var all []valued
	for _, s := range m {
		one := valued{LiveSeries: LiveSeries{Name: nameOf(s.Labels, names), Points: s.Points}, v: math.Inf(-1)}
		if n := len(s.Points); n > 0 && now.Sub(s.Points[n-1].T) <= freshPoint && !math.IsNaN(s.Points[n-1].V) {
			one.v = s.Points[n-1].V
			one.Value = unit.Format(one.v)
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b valued) int { return cmp.Or(cmp.Compare(b.v, a.v), strings.Compare(a.Name, b.Name)) })
	l.More = max(0, len(all)-liveSeries)
	for _, s := range all[:min(len(all), liveSeries)] {
		l.Series = append(l.Series, s.LiveSeries)
	}
	return l
}

// differing are the names of labels whose values are not the same in all series;
// of one series all its labels.
func differing(m sources.Matrix) []string {
	var names []string
	for _, s := range m {
		for _, l := range s.Labels {
			name := l.Name.Raw()
			if slices.Contains(names, name) || name == "__name__" {
				continue
			}
			if len(m) == 1 || slices.ContainsFunc(m, func(o sources.Series) bool { return o.Labels.Value(name) != l.Value }) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// nameOf is the values of some labels: the value alone of a single one.
func nameOf(ls sources.Labels, names []string) string {
	var parts []string
	for _, n := range names {
		if v, ok := ls.Get(n); ok {
			if len(names) == 1 {
				return v.String()
			}
			parts = append(parts, safe.Text(n)+"="+v.String())
		}
	}
	return strings.Join(parts, " ")
}
