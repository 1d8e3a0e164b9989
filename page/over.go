package page

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
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
	return a.ofEach(ctx, clusters, func(ctx context.Context, c sources.Cluster) (*sources.Alert, error) {
		return a.over(ctx, c, name)
	})
}

// ofEach asks the clusters at the same time and keeps the alerts that they know
// of, in their order. It takes no longer than one load of a page.
func (a *Assembler) ofEach(ctx context.Context, clusters []sources.Cluster, ask func(context.Context, sources.Cluster) (*sources.Alert, error)) []sources.Alert {
	ctx, cancel := a.within(ctx)
	defer cancel()
	found := make([]*sources.Alert, len(clusters))
	var wg sync.WaitGroup
	for i, c := range clusters {
		wg.Go(func() {
			if al, err := ask(ctx, c); err == nil {
				found[i] = al
			}
		})
	}
	wg.Wait()
	var out []sources.Alert
	for _, al := range found {
		if al != nil {
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
	return a.lastFiring(ctx, c, `alertname=~`+quote("(?i)"+regexp.QuoteMeta(name)), 6*time.Hour, 3*24*time.Hour, historyWindow)
}

// lastPageWindow is how far back LastPage looks: the shift before this one.
const lastPageWindow = 24 * time.Hour

// LastPage is the alert that paged last and is over, within 24 hours, of all
// the clusters. Nil: none did, or nobody knows.
func (a *Assembler) LastPage(ctx context.Context, clusters []sources.Cluster, prefs triage.Prefs) *sources.Alert {
	var severities []string
	for _, v := range prefs.Paging() {
		severities = append(severities, regexp.QuoteMeta(v))
	}
	matcher := prefs.SeverityLabel + `=~` + quote("(?i)("+strings.Join(severities, "|")+")")
	all := a.ofEach(ctx, clusters, func(ctx context.Context, c sources.Cluster) (*sources.Alert, error) {
		return a.lastFiring(ctx, c, matcher, 6*time.Hour, lastPageWindow)
	})
	var last *sources.Alert
	for i := range all {
		if last == nil || all[i].ResolvedAt.After(last.ResolvedAt) {
			last = &all[i]
		}
	}
	return last
}

// lastFiring is the alert that fired last of those that a matcher selects and
// that the cluster does not list, looked for in ever longer windows.
func (a *Assembler) lastFiring(ctx context.Context, c sources.Cluster, matcher string, windows ...time.Duration) (*sources.Alert, error) {
	q := a.queryOf(c.Name)
	if q == nil {
		return nil, nil
	}
	h := lookback{q: q, now: a.Now().UTC()}
	h.begin = h.now.Add(-windows[len(windows)-1])
	listed := map[sources.AlertID]bool{}
	for i := range c.Alerts.Items {
		listed[c.Alerts.Items[i].ID] = true
	}
	labels, err := h.lastOf(ctx, `ALERTS{alertstate="firing", `+matcher+"}", windows, func(ls sources.Labels) bool {
		return listed[sources.NewAlertID(c.Name, ls)]
	})
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

// lastOf are the labels of the selected alert that fired last, without those
// to skip. Ever longer windows: the last firing of many alerts is mostly a
// recent one.
func (h *lookback) lastOf(ctx context.Context, selector string, windows []time.Duration, skip func(sources.Labels) bool) (sources.Labels, error) {
	q, ok := h.q.(sources.Sampler)
	if !ok {
		return nil, nil
	}
	for _, window := range windows {
		v, err := h.q.Query(ctx, "sum(count_over_time("+selector+"["+seconds(window)+"]))", h.now)
		switch {
		case err != nil:
			return nil, err
		case len(v) == 0:
			continue
		case v[0].V > historySamples:
			return nil, sources.Errorf(sources.TooLarge, "such alerts fired too often to find the last one")
		}
		m, err := q.Samples(ctx, selector, sources.Range{Start: h.now.Add(-window), End: h.now})
		if err != nil {
			return nil, err
		}
		var last sources.Labels
		var end time.Time
		for _, s := range m {
			ls := s.Labels.Without("__name__", "alertstate")
			if n := len(s.Points); n > 0 && s.Points[n-1].T.After(end) && !skip(ls) {
				last, end = ls, s.Points[n-1].T
			}
		}
		if last != nil {
			return last, nil
		}
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
