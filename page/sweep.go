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

// sweepAtOnce is how many values of a label one query asks for: the regular
// expression stays short, and so does the answer.
const sweepAtOnce = 100

// maxCatalog is how many queries of the catalog one sweep asks: they can only be
// asked one at a time.
const maxCatalog = 200

// sweep asks for the health of many services of one cluster, in queries that
// are grouped by the label that finds their metrics. What others count of a
// service is asked where a label names it; where only a pattern does (pods,
// Traefik's routes), HealthOf has it.
type sweep struct {
	q          sources.Querier
	now        time.Time
	detectors  []triage.Detector
	selections map[string]triage.Selection
	all        []*swept
}

// handle is a label with the value that finds the metrics of a service; inside
// is the selector for that service alone.
type handle struct{ label, value, inside string }

// swept is one service of a sweep.
type swept struct {
	item    triage.Item
	key     string
	tries   []handle            // what may find its own metrics, best first
	at      map[string]handle   // by selection: what has metrics
	present map[string][]string // by selection: its metrics
	asked   []triage.Detector   // one for each signal
	health  triage.Health
}

// found reports whether its own metrics were found.
func (s *swept) found() bool { return len(s.present[triage.App]) > 0 }

func (s *sweep) add(r triage.ServiceRow) {
	it := r.Item()
	s.all = append(s.all, &swept{item: it, key: r.Key(), tries: handles(it), at: map[string]handle{},
		present: map[string][]string{}, health: triage.Health{Service: r.Name}})
}

// run fills in the health of every service. The error is that of looking for
// metrics; one of a signal stays with the signal.
func (s *sweep) run(ctx context.Context) error {
	if err := s.detect(ctx); err != nil {
		return err
	}
	jobs := s.jobs()
	var g errgroup.Group
	g.SetLimit(healthQueries)
	for _, j := range jobs {
		g.Go(func() error {
			j.ask(ctx, s.q, s.now)
			return nil
		})
	}
	_ = g.Wait() // every job keeps its own error
	for _, j := range jobs {
		j.give()
	}
	return nil
}

// among selects the series whose label is one of the values.
func among(label string, values []string) string {
	if len(values) == 1 {
		return label + "=" + quote(values[0])
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	return label + "=~" + quote(strings.Join(quoted, "|"))
}

// sweepJob is one question for several services: one signal, or with the zero
// detector how many instances answer. A query of the catalog is for one
// service, and has no label.
type sweepJob struct {
	label string
	d     triage.Detector
	of    map[string][]asker // by the label's value

	now, before, day sources.Vector
	hasDay           bool
	err              error
}

// asker is whom a job asks for, and the place of the answer in its signals.
type asker struct {
	*swept
	i int
}

// jobs are the questions that the services' metrics allow. Each picks the
// detectors that HealthOf would.
func (s *sweep) jobs() []*sweepJob {
	var out []*sweepJob
	open := map[string]*sweepJob{} // the one of its kind that has room
	put := func(one asker, h handle, d triage.Detector) {
		key := h.label + "\x00" + d.Query
		j := open[key]
		if j == nil || len(j.of) >= sweepAtOnce {
			j = &sweepJob{label: h.label, d: d, of: map[string][]asker{}}
			open[key] = j
			out = append(out, j)
		}
		j.of[h.value] = append(j.of[h.value], one)
	}
	catalog := 0
	for _, one := range s.all {
		one.health.Selector = one.at[triage.App].inside
		queries := one.item.Queries
		one.asked = triage.Instead(queries, triage.Pick(s.detectors, one.present))
		one.health.Signals = make([]triage.Signal, len(one.asked))
		for i, d := range one.asked {
			if i >= len(queries) {
				put(asker{one, i}, one.at[d.Where[0]], d)
				continue
			}
			j := &sweepJob{d: d, of: map[string][]asker{"": {{one, i}}}}
			if catalog++; catalog > maxCatalog {
				j.err = sources.Errorf(sources.TooLarge, "the catalog has more than %d queries of health: this one is asked when the service is opened", maxCatalog)
			}
			out = append(out, j)
		}
		if slices.Contains(one.present[triage.App], "up") {
			put(asker{one, -1}, one.at[triage.App], triage.Detector{})
		}
	}
	return out
}

func (j *sweepJob) ask(ctx context.Context, q sources.Querier, now time.Time) {
	if j.err != nil {
		return
	}
	query, err := j.query()
	if err != nil {
		j.err = err
		return
	}
	if j.now, j.err = q.Query(ctx, query, now); j.err != nil || j.d.Query == "" {
		return
	}
	if j.before, j.err = q.Query(ctx, query, now.Add(-healthSpan)); j.err != nil || !j.alarming() {
		return
	}
	// What looks like trouble may be usual for this hour. Without an answer it
	// stays trouble.
	if v, err := q.Query(ctx, query, now.Add(-24*time.Hour)); err == nil {
		j.day, j.hasDay = v, true
	}
}

func (j *sweepJob) query() (string, error) {
	if j.label == "" {
		return question{Detector: j.d, own: true}.text(), nil
	}
	values := make([]string, 0, len(j.of))
	for v := range j.of {
		values = append(values, v)
	}
	slices.Sort(values)
	sel := among(j.label, values)
	if j.d.Query == "" {
		return fmt.Sprintf(`count_values by (%s) ("up", up{%s})`, j.label, sel), nil
	}
	return triage.Grouped(j.d.Filled(sel), j.label)
}

// alarming reports whether an answer is bad news for a service.
func (j *sweepJob) alarming() bool {
	now, before := byLabel(j.now, j.label), byLabel(j.before, j.label)
	for value := range j.of {
		if j.signal(value, now, before, nil).Alarming() {
			return true
		}
	}
	return false
}

// signal is the answer for a value of the label.
func (j *sweepJob) signal(value string, now, before, day map[string]float64) triage.Signal {
	s := triage.Signal{Name: j.d.Signal, Title: j.d.Title, Unit: j.d.Unit, Worse: j.d.Worse, Why: j.d.Why}
	s.Now, s.HasNow = valueOf(now, value)
	s.Before, s.HasBefore = valueOf(before, value)
	s.Day, s.HasDay = valueOf(day, value)
	s.Verdict = triage.JudgeSignal(s, j.d.Worse)
	return s
}

// give hands the answer to the services.
func (j *sweepJob) give() {
	if j.d.Query == "" {
		j.giveInstances()
		return
	}
	err := j.err
	if err == nil && j.label == "" && len(j.now) > 1 {
		err = errSeveral()
	}
	now, before, day := byLabel(j.now, j.label), byLabel(j.before, j.label), byLabel(j.day, j.label)
	for value, group := range j.of {
		for _, one := range group {
			s := j.signal(value, now, before, day)
			s.Query = j.d.Query // the catalog's is as it stands there
			if j.label != "" {
				s.Query = j.d.Filled(one.at[j.d.Where[0]].inside)
			}
			if err != nil {
				s = triage.Signal{Name: s.Name, Title: s.Title, Unit: s.Unit, Worse: s.Worse, Why: s.Why, Query: s.Query, Err: safe.Error(err)}
			}
			one.health.Signals[one.i] = s
		}
	}
}

func (j *sweepJob) giveInstances() {
	up, all := map[string]float64{}, map[string]float64{}
	for _, s := range j.now {
		v := s.Labels.Value(j.label).Raw()
		all[v] += s.V
		if s.Labels.Value("up").Raw() == "1" {
			up[v] += s.V
		}
	}
	for value, group := range j.of {
		for _, one := range group {
			if all[value] > 0 {
				one.health.Instances = fmt.Sprintf("%.0f of %.0f", up[value], all[value])
			}
		}
	}
}

// byLabel are the values of a vector by a label's; without a label its one.
func byLabel(v sources.Vector, label string) map[string]float64 {
	out := make(map[string]float64, len(v))
	for _, s := range v {
		key := ""
		if label != "" {
			key = s.Labels.Value(label).Raw()
		}
		out[key] = s.V
	}
	return out
}

func valueOf(m map[string]float64, key string) (float64, bool) {
	v, ok := m[key]
	if math.IsNaN(v) {
		return 0, false
	}
	return v, ok
}
