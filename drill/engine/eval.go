package engine

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// EvalAt evaluates every group once at the moment ts, whatever its interval.
// Moments must not go backwards: the store refuses older samples, and the
// rules then say so in their last error. The error is the context's; a rule
// that fails says so in the API only, as in Prometheus.
func (e *Engine) EvalAt(ctx context.Context, ts time.Time) error {
	e.evaluating.Lock()
	defer e.evaluating.Unlock()
	for _, g := range e.groups {
		if err := e.evalGroup(ctx, g, ts); err != nil {
			return err
		}
	}
	return nil
}

// Replay evaluates every group at each multiple of its interval since the
// epoch that lies in from..to, both included, and is younger than the group's
// last evaluation: calling it again and again with the same from and a growing
// to is how time goes on. Groups with the same moment follow in the order of
// file and name. The error is the context's.
//
// Prometheus shifts each group within its interval by a hash of its name and
// skips moments that it missed; here nothing is shifted or skipped, so that
// the same series always give the same alerts.
func (e *Engine) Replay(ctx context.Context, from, to time.Time) error {
	e.evaluating.Lock()
	defer e.evaluating.Unlock()
	type due struct {
		g  *group
		at time.Time
	}
	next := make([]due, 0, len(e.groups))
	for _, g := range e.groups {
		at := slot(from, g.interval)
		if last := g.lastSlot(); !last.IsZero() && !at.After(last) {
			at = slot(last.Add(1), g.interval)
		}
		next = append(next, due{g, at})
	}
	for len(next) > 0 {
		first := slices.MinFunc(next, func(a, b due) int { return a.at.Compare(b.at) }).at
		if first.After(to) {
			return nil
		}
		for i := range next {
			if !next[i].at.Equal(first) {
				continue
			}
			if err := e.evalGroup(ctx, next[i].g, first); err != nil {
				return err
			}
			next[i].at = first.Add(next[i].g.interval)
		}
	}
	return nil
}

// slot is the first multiple of the interval since the epoch not before t.
func slot(t time.Time, interval time.Duration) time.Time {
	ns, step := t.UnixNano(), interval.Nanoseconds()
	rest := ns % step
	if rest < 0 {
		rest += step
	}
	if rest > 0 {
		ns += step - rest
	}
	return time.Unix(0, ns).UTC()
}

func (g *group) lastSlot() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.last
}

// evalGroup evaluates the group's rules in order; each sees what those before
// it recorded. The error is the context's.
func (e *Engine) evalGroup(ctx context.Context, g *group, ts time.Time) error {
	start := time.Now()
	for _, r := range g.rules {
		if err := ctx.Err(); err != nil {
			return err
		}
		began := time.Now()
		e.evalRule(ctx, g, r, ts)
		r.evaluated(ts, time.Since(began))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.took = time.Since(start)
	if ts.After(g.last) {
		g.last = ts
	}
	return nil
}

func (e *Engine) evalRule(ctx context.Context, g *group, r *rule, ts time.Time) {
	at := ts.Add(-g.offset)
	vector, err := e.query(ctx, r.query, at)
	if err == nil {
		if r.alert != nil {
			vector, err = e.evalAlerts(ctx, g, r, vector, ts)
		} else {
			vector, err = r.record(vector, g.limit)
		}
	}
	if err != nil {
		r.failed(err)
		return
	}
	r.succeeded()
	e.keep(r, vector, at.UnixMilli())
}

func (e *Engine) evalAlerts(ctx context.Context, g *group, r *rule, v promql.Vector, ts time.Time) (promql.Vector, error) {
	fresh, err := expander{ctx: ctx, e: e, rule: r, at: ts}.fresh(v)
	if err != nil {
		return nil, err
	}
	return r.advance(fresh, ts, ts.Add(-g.offset), g.limit)
}

// keep stores the rule's samples and ends the series that it no longer gives.
// A refused sample is the rule's error, a refused end is none: another rule
// may go on with the series.
func (e *Engine) keep(r *rule, vector promql.Vector, t int64) {
	returned := make(map[string]labels.Labels, len(vector))
	for _, s := range vector {
		if err := e.store.appendOne(s.Metric, Point{Time: s.T, Value: s.F}); err != nil {
			r.failed(err)
			continue
		}
		returned[string(s.Metric.Bytes(nil))] = s.Metric
	}
	for key, l := range r.previous {
		if _, ok := returned[key]; !ok {
			_ = e.store.appendOne(l, Point{Time: t, Value: Stale()})
		}
	}
	r.previous = returned
}

// Alert is one pending or firing alert.
type Alert struct {
	Labels, Annotations map[string]string // never nil
	State               State
	Value               float64
	ActiveAt            time.Time
	KeepFiringSince     time.Time // zero: its expression still holds
	labels, annotations labels.Labels
}

// Alerts lists the pending and firing alerts, in the order of file, group,
// rule and labels.
func (e *Engine) Alerts() []Alert {
	var out []Alert
	for _, g := range e.groups {
		for _, r := range g.rules {
			out = append(out, r.current()...)
		}
	}
	return out
}

// current lists the rule's pending and firing alerts by labels.
func (r *rule) current() []Alert {
	if r.alert == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Alert, 0, len(r.alert.active))
	for _, a := range r.alert.active {
		if a.resolved.IsZero() {
			out = append(out, Alert{Labels: a.labels.Map(), Annotations: a.annotations.Map(), State: a.state, Value: a.value,
				ActiveAt: a.activeAt, KeepFiringSince: a.keepSince, labels: a.labels, annotations: a.annotations})
		}
	}
	slices.SortFunc(out, func(a, b Alert) int { return labels.Compare(a.labels, b.labels) })
	return out
}

// state is the highest state among the rule's alerts.
func (r *rule) state() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last.IsZero() {
		return StateUnknown
	}
	top := StateInactive
	for _, a := range r.alert.active {
		top = max(top, a.state)
	}
	return top
}
