package page

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// healthQueries is how many queries of one load run at once.
const healthQueries = 4

// Each signal is one range query of an hour in minute steps. Its first point
// is the value of an hour ago and its last the value now: a range query
// evaluates exactly at its two ends.
const (
	healthSpan = time.Hour
	healthStep = time.Minute
)

// healthPart asks how the alert's service does.
func healthPart() spec {
	return spec{
		part: PartHealth, name: "health", every: 15 * time.Second, ready: always,
		slot: func(p *Page) slot { return &p.Health },
		basis: func(p Page) string {
			return p.Item.Cluster + "\x00" + p.Item.Service.By + "\x00" + p.Item.Service.Name.Raw()
		},
		load: loadHealth,
	}
}

func loadHealth(ctx context.Context, a *Assembler, p Page) []outcome {
	h := triage.Health{Service: p.Item.Service.Name}
	if h.Service.Empty() {
		h.Note = "It is not known which service this alert is about. Name the label that says so " +
			"in the configuration: services: {labels: [NAME]}."
		return []outcome{done(PartHealth, Absent, h)}
	}
	q := a.querier(p)
	if q == nil {
		h.Note = "No Prometheus is connected for " + clusterName(p.Item.Cluster) + "."
		return []outcome{done(PartHealth, Absent, h)}
	}
	h, err := HealthOf(ctx, q, p.Item, p.Health.Value.Selector, a.Now())
	switch {
	case err != nil:
		return []outcome{failed(PartHealth, err)}
	case h.Selector == "":
		return []outcome{done(PartHealth, Absent, h)}
	}
	return []outcome{done(PartHealth, OK, h)}
}

// HealthOf asks for the golden signals of an item's service at the moment now.
// Of the item only Service and Labels matter, so that a service without an
// alert can be asked for, too.
// Known is the selector that had metrics last time, or empty. An empty
// Selector in the answer means no metric that firstpage knows was found; Note
// says with which labels they were looked for. A signal's error stays with the signal; the
// error is that of the first question, or of every signal.
func HealthOf(ctx context.Context, q sources.Querier, it triage.Item, known string, now time.Time) (triage.Health, error) {
	h := triage.Health{Service: it.Service.Name}
	d, err := detect(ctx, q, it, known, now)
	if err != nil {
		return h, err
	}
	if d.selector == "" || len(d.picked) == 0 && !d.up {
		h.Note = "No metric that firstpage knows was found with " + safe.Text(strings.Join(d.tried, " or ")) + "."
		return h, nil
	}
	h.Selector, h.Errors = d.selector, d.errors()
	return h, signals(ctx, q, &h, d.picked, d.up, now)
}

// detected is which metrics of a service there are.
type detected struct {
	selector string // inside; empty: none is known
	tried    []string
	picked   []triage.Detector
	up       bool
}

// detect looks for the metrics of an item's service that detectors know.
func detect(ctx context.Context, q sources.Querier, it triage.Item, known string, now time.Time) (detected, error) {
	detectors := triage.Detectors()
	names := wanted(detectors)
	d := detected{tried: selectors(it, known)}
	present := map[string]bool{}
	for _, sel := range d.tried {
		v, err := q.Query(ctx, "count by (__name__) ({__name__=~"+quote(strings.Join(names, "|"))+", "+sel+"})", now)
		if err != nil {
			return d, err
		}
		for _, s := range v {
			present[s.Labels.Value("__name__").Raw()] = true
		}
		if len(present) > 0 {
			d.selector = sel
			break
		}
	}
	d.picked, d.up = triage.Pick(detectors, func(m string) bool { return present[m] }), present["up"]
	return d, nil
}

// errors is the detector behind the signal errors; zero: there is none.
func (d detected) errors() triage.Detector {
	i := slices.IndexFunc(d.picked, func(d triage.Detector) bool { return d.Signal == "errors" })
	if i < 0 {
		return triage.Detector{}
	}
	return d.picked[i]
}

// signals fills in the instances and one signal per detector, in their order.
func signals(ctx context.Context, q sources.Querier, h *triage.Health, picked []triage.Detector, up bool, now time.Time) error {
	h.Signals = make([]triage.Signal, len(picked))
	var g errgroup.Group
	g.SetLimit(healthQueries)
	for i, d := range picked {
		g.Go(func() error {
			h.Signals[i] = signal(ctx, q, d, h.Selector, now)
			return nil
		})
	}
	if up {
		g.Go(func() error {
			h.Instances = instances(ctx, q, h.Selector, now)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, s := range h.Signals {
		if s.Err == nil {
			return nil
		}
	}
	if len(h.Signals) > 0 {
		return h.Signals[0].Err
	}
	return nil
}

func signal(ctx context.Context, q sources.Querier, d triage.Detector, sel string, now time.Time) triage.Signal {
	s := triage.Signal{Name: d.Signal, Title: d.Title, Unit: d.Unit, Worse: d.Worse, Query: d.For(sel)}
	r := sources.Range{Start: now.Add(-healthSpan).UTC(), End: now.UTC(), Step: healthStep}
	m, err := q.QueryRange(ctx, s.Query, r)
	if err != nil {
		s.Err = safe.Error(err)
		return s
	}
	if len(m) > 0 {
		s.Points = m[0].Points
	}
	// Servers round to milliseconds.
	near := func(a, b time.Time) bool { return a.Sub(b).Abs() < healthStep/2 }
	if n := len(s.Points); n > 0 {
		if first := s.Points[0]; near(first.T, r.Start) && !math.IsNaN(first.V) {
			s.Before, s.HasBefore = first.V, true
		}
		if last := s.Points[n-1]; near(last.T, r.End) && !math.IsNaN(last.V) {
			s.Now, s.HasNow = last.V, true
		}
	}
	s.Verdict = triage.JudgeSignal(s, d.Worse)
	return s
}

// instances is "2 of 3": how many of the service's targets answer. Empty when
// that cannot be told.
func instances(ctx context.Context, q sources.Querier, sel string, now time.Time) string {
	v, err := q.Query(ctx, `count_values("up", up{`+sel+`})`, now)
	if err != nil || len(v) == 0 {
		return ""
	}
	var up, all float64
	for _, s := range v {
		all += s.V
		if s.Labels.Value("up").Raw() == "1" {
			up += s.V
		}
	}
	return fmt.Sprintf("%.0f of %.0f", up, all)
}

// wanted are the names of the metrics that detectors need, alphabetical, and
// up.
func wanted(ds []triage.Detector) []string {
	names := []string{"up"}
	for _, d := range ds {
		names = append(names, d.Needs...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// selectors are the conditions that may find the service's metrics, best
// first: what found them last time, the label that named the service, then
// the usual ones.
func selectors(it triage.Item, known string) []string {
	name := it.Service.Name.Raw()
	var out []string
	add := func(sel string) {
		if sel != "" && !slices.Contains(out, sel) {
			out = append(out, sel)
		}
	}
	add(known)
	if by := strings.TrimPrefix(it.Service.By, "catalog:"); sources.LegacyName(by) {
		value, has := it.Labels.Get(by)
		switch {
		case by == "pod": // the name is that of the workload: its pods are alike
			add("pod=~" + quote(regexp.QuoteMeta(name)+"-.+"))
		case has: // as the series have it: the catalog's name may be another
			add(by + "=" + quote(value.Raw()))
		}
	}
	for _, label := range []string{"job", "service", "app"} {
		add(label + "=" + quote(name))
	}
	return out
}
