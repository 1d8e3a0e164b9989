package page

import (
	"context"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
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

// sweep asks for the health of many services of one cluster, in queries that
// are grouped by the label that finds their metrics.
type sweep struct {
	q         sources.Querier
	now       time.Time
	detectors []triage.Detector
	all       []*swept
}

// handle is a label with the value that finds the metrics of a service.
type handle struct{ label, value string }

// swept is one service of a sweep.
type swept struct {
	row     triage.ServiceRow
	tries   []handle
	at      int             // the handle that has metrics: tries[at]
	present map[string]bool // its metrics; nil: none was found
	picked  []triage.Detector
	health  triage.Health
}

func (s *swept) found() bool { return s.present != nil }

func (s *sweep) add(r triage.ServiceRow) {
	s.all = append(s.all, &swept{row: r, tries: handles(r), health: triage.Health{Service: r.Name}})
}

// handles are the labels that may find the service's metrics, best first: the
// ones that HealthOf tries, but for those that are no plain value.
func handles(r triage.ServiceRow) []handle {
	var out []handle
	for _, sel := range selectors(r.Item(), "") {
		label, quoted, _ := strings.Cut(sel, "=")
		if value, err := strconv.Unquote(quoted); err == nil {
			out = append(out, handle{label, value})
		}
	}
	return out
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

// detect finds which metrics each service has: in the first round by its best
// handle, in the next by the next best of those that had none.
func (s *sweep) detect(ctx context.Context) error {
	names := wanted(s.detectors)
	for round := 0; ; round++ {
		by := map[string][]*swept{}
		for _, one := range s.all {
			if !one.found() && round < len(one.tries) {
				l := one.tries[round].label
				by[l] = append(by[l], one)
			}
		}
		if len(by) == 0 {
			return nil
		}
		for _, label := range slices.Sorted(maps.Keys(by)) {
			for group := range slices.Chunk(by[label], sweepAtOnce) {
				if err := s.detectGroup(ctx, label, round, names, group); err != nil {
					return err
				}
			}
		}
	}
}

func (s *sweep) detectGroup(ctx context.Context, label string, round int, names []string, group []*swept) error {
	of := map[string][]*swept{}
	for _, one := range group {
		of[one.tries[round].value] = append(of[one.tries[round].value], one)
	}
	v, err := s.q.Query(ctx, fmt.Sprintf("count by (__name__, %s) ({__name__=~%s, %s})", label,
		quote(strings.Join(names, "|")), among(label, slices.Sorted(maps.Keys(of)))), s.now)
	if err != nil {
		return err
	}
	for _, x := range v {
		for _, one := range of[x.Labels.Value(label).Raw()] {
			if one.present == nil {
				one.present, one.at = map[string]bool{}, round
			}
			one.present[x.Labels.Value("__name__").Raw()] = true
		}
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
// detector how many instances answer.
type sweepJob struct {
	label string
	d     triage.Detector
	of    map[string][]*swept // by the label's value

	now, before sources.Vector
	err         error
}

// jobs are the questions that the services' metrics allow. Each picks the
// detectors that HealthOf would.
func (s *sweep) jobs() []*sweepJob {
	var out []*sweepJob
	at := map[string]*sweepJob{} // the one of its kind that has room
	put := func(one *swept, d triage.Detector) {
		h := one.tries[one.at]
		key := h.label + "\x00" + d.Query
		j := at[key]
		if j == nil || len(j.of) >= sweepAtOnce {
			j = &sweepJob{label: h.label, d: d, of: map[string][]*swept{}}
			at[key] = j
			out = append(out, j)
		}
		j.of[h.value] = append(j.of[h.value], one)
	}
	for _, one := range s.all {
		if !one.found() {
			continue
		}
		h := one.tries[one.at]
		one.health.Selector = h.label + "=" + quote(h.value)
		one.picked = triage.Pick(s.detectors, func(m string) bool { return one.present[m] })
		one.health.Signals = make([]triage.Signal, len(one.picked))
		for _, d := range one.picked {
			put(one, d)
		}
		if one.present["up"] {
			put(one, triage.Detector{})
		}
	}
	return out
}

func (j *sweepJob) ask(ctx context.Context, q sources.Querier, now time.Time) {
	sel := among(j.label, slices.Sorted(maps.Keys(j.of)))
	if j.d.Query == "" {
		j.now, j.err = q.Query(ctx, fmt.Sprintf(`count_values by (%s) ("up", up{%s})`, j.label, sel), now)
		return
	}
	query, err := triage.Grouped(j.d.For(sel), j.label)
	if err != nil {
		j.err = err
		return
	}
	if j.now, j.err = q.Query(ctx, query, now); j.err == nil {
		j.before, j.err = q.Query(ctx, query, now.Add(-healthSpan))
	}
}

// give hands the answer to the services.
func (j *sweepJob) give() {
	if j.d.Query == "" {
		j.giveInstances()
		return
	}
	now, before := byLabel(j.now, j.label), byLabel(j.before, j.label)
	for value, group := range j.of {
		for _, one := range group {
			s := triage.Signal{Name: j.d.Signal, Title: j.d.Title, Unit: j.d.Unit, Worse: j.d.Worse, Query: j.d.For(one.health.Selector)}
			s.Now, s.HasNow = valueOf(now, value)
			s.Before, s.HasBefore = valueOf(before, value)
			if j.err != nil {
				s.Err = safe.Error(j.err)
			}
			s.Verdict = triage.JudgeSignal(s, j.d.Worse)
			i := slices.IndexFunc(one.picked, func(d triage.Detector) bool { return d.Signal == j.d.Signal })
			one.health.Signals[i] = s
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

func byLabel(v sources.Vector, label string) map[string]float64 {
	out := make(map[string]float64, len(v))
	for _, s := range v {
		out[s.Labels.Value(label).Raw()] = s.V
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
