package page

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// OverFor is how long ago an alert may have ended that Overs finds.
const OverFor = historyWindow

// Overs are the last firings of the alert of a name, one of each cluster that
// knows of one, in the order of the clusters. A cluster that cannot be asked has
// none: that the alert is not active is an answer, too.
func (a *Assembler) Overs(ctx context.Context, clusters []sources.Cluster, name string) []sources.Alert {
	name = strings.TrimSpace(name)
	if name == "" || strings.ContainsAny(name, " =/{") { // no name, but another way to call an alert
		return nil
	}
	var out []sources.Alert
	for _, c := range clusters {
		if al, err := a.over(ctx, c, name); err == nil && al != nil {
			out = append(out, *al)
		}
	}
	return out
}

// WithOvers is the board of a snapshot with alerts that are over beside those
// of their clusters.
func WithOvers(s sources.Snapshot, overs []sources.Alert, prefs triage.Prefs, at time.Time) *triage.Board {
	if len(overs) > 0 {
		prefs.ResolvedFor = max(prefs.ResolvedFor, OverFor)
		s.Clusters = slices.Clone(s.Clusters)
	}
	for i, c := range s.Clusters {
		for _, al := range overs {
			if al.Cluster == c.Name && !slices.ContainsFunc(c.Alerts.Items, func(x sources.Alert) bool { return x.ID == al.ID }) {
				s.Clusters[i].Alerts.Items = append(slices.Clone(s.Clusters[i].Alerts.Items), al)
			}
		}
	}
	return triage.Build(s, prefs, at)
}

// over finds the alert of a name that fired last in the 30 days before now, as
// one that is resolved; case is ignored. It is for an alert that the cluster's
// server does not list any more, so it has what the series ALERTS and the rule
// tell: labels, times, and those annotations that are no templates. Nil: none
// fired, or there is no server that gives its samples.
func (a *Assembler) over(ctx context.Context, c sources.Cluster, name string) (*sources.Alert, error) {
	if a.Query == nil || a.Query(c.Name) == nil {
		return nil, nil
	}
	h := lookback{q: a.Query(c.Name), now: a.Now().UTC()}
	h.begin = h.now.Add(-historyWindow)
	labels, err := h.lastOf(ctx, `ALERTS{alertstate="firing", alertname=~`+quote("(?i)"+regexp.QuoteMeta(name))+"}")
	if err != nil || labels == nil {
		return nil, err
	}
	when, err := h.firings(ctx, ownSelector(labels))
	if err != nil || len(when.firings) == 0 {
		return nil, err
	}
	out := &sources.Alert{ID: sources.NewAlertID(c.Name, labels), Cluster: c.Name, Labels: labels, State: sources.Resolved, Value: math.NaN(),
		ActiveAt: when.firings[0].Start, ResolvedAt: when.firings[0].End}
	if r := triage.RuleOf(c.Rules.Items, out); r != nil {
		out.ActiveAt = out.ActiveAt.Add(-r.For)
		out.Annotations = plain(r.Annotations)
	}
	return out, nil
}

// lastOf are the labels of the selected alert that fired last, looked for in
// ever longer spans: the last firing of many alerts is mostly a recent one.
func (h *lookback) lastOf(ctx context.Context, selector string) (sources.Labels, error) {
	q, ok := h.q.(sources.Sampler)
	if !ok {
		return nil, nil
	}
	for _, window := range []time.Duration{6 * time.Hour, 3 * 24 * time.Hour, historyWindow} {
		v, err := h.q.Query(ctx, "sum(count_over_time("+selector+"["+seconds(window)+"]))", h.now)
		switch {
		case err != nil:
			return nil, err
		case len(v) == 0:
			continue
		case v[0].V > historySamples:
			return nil, sources.Errorf(sources.TooLarge, "alerts of that name fired too often to find the last one")
		}
		m, err := q.Samples(ctx, selector, sources.Range{Start: h.now.Add(-window), End: h.now})
		m = slices.DeleteFunc(m, func(s sources.Series) bool { return len(s.Points) == 0 })
		if err != nil || len(m) == 0 {
			return nil, err
		}
		end := func(s sources.Series) time.Time { return s.Points[len(s.Points)-1].T }
		last := slices.MaxFunc(m, func(a, b sources.Series) int { return end(a).Compare(end(b)) })
		return last.Labels.Without("__name__", "alertstate"), nil
	}
	return nil, nil
}

// plain are the annotations that hold no template.
func plain(ls sources.Labels) sources.Labels {
	var out sources.Labels
	for _, l := range ls {
		if !strings.Contains(l.Value.Raw(), "{{") {
			out = append(out, l)
		}
	}
	return out
}
