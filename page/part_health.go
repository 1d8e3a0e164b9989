package page

import (
	"context"
	"fmt"
	"math"
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
		part: PartHealth, name: "health", every: 15 * time.Second, ready: Page.serviceSettled,
		slot: func(p *Page) slot { return &p.Health },
		basis: func(p Page) string {
			return p.Item.Cluster + "\x00" + p.Item.Service.By + "\x00" + p.Item.Service.Name.Raw()
		},
		load: loadHealth,
	}
}

func loadHealth(ctx context.Context, a *Assembler, p Page) []outcome {
	h := triage.Health{Service: p.Item.Service.Name}
	if h.Service.Empty() && p.Item.Labels.Value("instance").Empty() {
		h.Note = "It is not known which service this alert is about. " + RemedyWords(p)
		return []outcome{done(PartHealth, Absent, h)}
	}
	q := a.querier(p)
	if q == nil {
		h.Note = "No Prometheus is connected for " + clusterName(p.Item.Cluster) + "."
		return []outcome{done(PartHealth, Absent, h)}
	}
	last := p.Health.Value
	if last.Selector == "" && p.Item.Service.Guess() {
		last.Selector = "job=" + quote(p.Host.Value.Services[0].Job.Raw())
	}
	h, err := healthOfItem(ctx, q, p.Item, last, a.Now())
	switch {
	case err != nil:
		return []outcome{failed(PartHealth, err)}
	case len(h.Signals) == 0:
		return []outcome{done(PartHealth, Absent, h)}
	}
	return []outcome{done(PartHealth, OK, h)}
}

// HealthOf asks for the golden signals of an item's service at the moment now.
// Of the item only Service, Labels and Queries matter, so that a service without
// an alert can be asked for, too. An item without a service stands for its
// label instance.
// Known is the selector that had metrics last time, or empty. An answer without
// signals means that no metric that firstpage knows was found; Note says with
// which labels they were looked for. A signal's error stays with the signal; the
// error is that of the first question, or of every signal.
func HealthOf(ctx context.Context, q sources.Querier, it triage.Item, known string, now time.Time) (triage.Health, error) {
	return healthOfItem(ctx, q, it, triage.Health{Selector: known}, now)
}

// healthOfItem is HealthOf with what was learned last time.
func healthOfItem(ctx context.Context, q sources.Querier, it triage.Item, last triage.Health, now time.Time) (triage.Health, error) {
	h := triage.Health{Service: it.Service.Name}
	d, err := detect(ctx, q, it, last.Selector, now)
	if err != nil {
		return h, err
	}
	asked := d.asked(it.Queries)
	if len(asked) == 0 {
		h.Note = "No metric that firstpage knows was found where " + safe.Text(triedWords(d.tried, it.Service.Name.Raw())) + "."
		return h, nil
	}
	h.Selector, h.Errors = d.selector, d.errors()
	return h, signals(ctx, q, &h, asked, last, d.up, now)
}

// signals fills in the instances and one signal per question, in their order.
func signals(ctx context.Context, q sources.Querier, h *triage.Health, asked []question, last triage.Health, up bool, now time.Time) error {
	h.Signals = make([]triage.Signal, len(asked))
	var g errgroup.Group
	g.SetLimit(healthQueries)
	for i, one := range asked {
		g.Go(func() error {
			h.Signals[i] = signal(ctx, q, one, last, now)
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

// question is one signal to ask for, with the selector of its metrics.
type question struct {
	triage.Detector
	sel   string
	brief bool // without a day ago
	own   bool // from the catalog: any PromQL
}

// text is what is asked. A query of somebody else's may give any number of
// series: two are enough to see that it is more than one.
func (o question) text() string {
	if o.own && triage.IsVector(o.Query) {
		return "topk(2, " + o.Query + "\n)"
	}
	return o.shown()
}

func (o question) shown() string {
	if o.own {
		return o.Query
	}
	return o.Filled(o.sel)
}

func errSeveral() error {
	return sources.Errorf(sources.BadRequest, "the query gives several series, one is wanted: sum or max them")
}

// dayEvery is how old the value of a day ago may become: it moves as slowly as
// the clock.
const dayEvery = 5 * time.Minute

func signal(ctx context.Context, q sources.Querier, o question, last triage.Health, now time.Time) triage.Signal {
	s := triage.Signal{Name: o.Signal, Title: o.Title, Unit: o.Unit, Worse: o.Worse, Query: o.shown(), Why: o.Why}
	r := sources.Range{Start: now.Add(-healthSpan).UTC(), End: now.UTC(), Step: healthStep}
	m, err := q.QueryRange(ctx, o.text(), r)
	switch {
	case err != nil:
		s.Err = safe.Error(err)
		return s
	case len(m) > 1:
		s.Err = errSeveral()
		return s
	case len(m) == 1:
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
	if !o.brief && len(s.Points) > 0 {
		dayAgo(ctx, q, o, &s, last, now)
	}
	s.Verdict = triage.JudgeSignal(s, o.Worse)
	return s
}

// dayAgo fills in the value of this time yesterday. A failure leaves it out: the
// signal is there without it.
func dayAgo(ctx context.Context, q sources.Querier, o question, s *triage.Signal, last triage.Health, now time.Time) {
	for _, l := range last.Signals {
		if l.Query == s.Query && !l.DayAsked.IsZero() && now.Sub(l.DayAsked) < dayEvery && !now.Before(l.DayAsked) {
			s.Day, s.HasDay, s.DayAsked = l.Day, l.HasDay, l.DayAsked
			return
		}
	}
	v, err := q.Query(ctx, o.text(), now.Add(-24*time.Hour))
	if err != nil {
		return
	}
	s.DayAsked = now
	if len(v) == 1 && !math.IsNaN(v[0].V) {
		s.Day, s.HasDay = v[0].V, true
	}
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

// selectors are the conditions that may find the service's metrics, best
// first: what found them last time, the label that named the service, then
// the usual ones.
func selectors(it triage.Item, known string) []string {
	name := it.Service.Name.Raw()
	if name == "" {
		return []string{"instance=" + quote(it.Labels.Value("instance").Raw())}
	}
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
			add(triage.Selections()["pods"].Fill(name, it.Labels.Value("namespace").Raw()))
		case has: // as the series have it: the catalog's name may be another
			add(by + "=" + quote(value.Raw()))
		}
	}
	// service_name and exported_job are how metrics by way of a collector of
	// OpenTelemetry may say it.
	for _, label := range []string{"job", "service", "app", "service_name", "exported_job"} {
		add(label + "=" + quote(name))
	}
	return out
}

// triedWords are selectors in words: a name once with the labels that were
// tried for it, and no pattern of pods.
func triedWords(tried []string, name string) string {
	var labels, others []string
	for _, sel := range tried {
		label, value, _ := strings.Cut(sel, "=") // a pattern's value begins with the tilde
		switch {
		case name != "" && value == quote(name):
			labels = append(labels, label)
		case label == "pod":
			others = append(others, "the pod is of "+name)
		default:
			others = append(others, sel)
		}
	}
	if len(labels) > 0 {
		last := len(labels) - 1
		which := labels[last]
		if last > 0 {
			which = strings.Join(labels[:last], ", ") + " or " + which
		}
		others = append(others, which+" is "+quote(name))
	}
	return strings.Join(others, " or ")
}
