package buildinfo

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// steps are the resolutions of the range queries. Each is a multiple of the
// next, so that their grids agree.
type steps struct {
	coarse time.Duration // over the whole window
	tail   time.Duration // over what is new since the last call
	fine   time.Duration // around a transition; the error of a time
}

// maxPoints keeps below the 11,000 points that Prometheus allows in a series.
const maxPoints = 10_000

func stepsFor(window time.Duration) steps {
	return steps{
		coarse: max(time.Minute, (window/maxPoints).Truncate(time.Minute)+time.Minute),
		tail:   15 * time.Second,
		fine:   time.Second,
	}
}

const (
	// overlap is how far back the past is asked again, for samples that come
	// late (remote write, Thanos).
	overlap = 5 * time.Minute
	// fresh is how long a timeline is extended before it is read anew.
	fresh = time.Hour
	// maxRefined bounds the transitions of one service that are looked at
	// closely in one call, newest first. The others keep the coarse time
	// until the next call.
	maxRefined = 30
)

// track is what is known of one key between calls.
type track struct {
	coarse []step
	to     time.Time     // of the last step
	full   time.Time     // when the whole window was read
	dense  time.Duration // the smaller step with which all of it was read; 0: none
	fine   map[between][]step
}

// between is the time between two neighbouring steps.
type between struct{ from, to time.Time }

// timeline brings a track up to date and returns it, transitions refined.
func (s *Source) timeline(ctx context.Context, t *track, r row, now time.Time) ([]step, error) {
	expr := fmt.Sprintf("count by (%s) (%s)", s.opt.byVersion(), r.key.selector())
	begin := now.Add(-s.opt.Window)
	from := t.to.Add(-overlap)
	if t.to.IsZero() || now.Sub(t.full) >= fresh || now.Before(t.to) {
		tl, err := s.fetch(ctx, expr, begin, now, s.steps.coarse)
		if err != nil {
			return nil, err
		}
		t.coarse, t.to, t.full, t.dense = tl, now.Truncate(s.steps.coarse), now, 0
		from = t.to
	}
	every := s.steps.tail
	if t.dense > 0 { // what is asked again must not lose what small steps found
		every = min(every, t.dense)
	}
	tail, err := s.fetch(ctx, expr, from, now, every)
	if err != nil {
		return nil, err
	}
	t.splice(tail, begin)
	if err := s.densify(ctx, t, r, expr, begin, now); err != nil {
		return nil, err
	}
	if err := s.refine(ctx, t, expr); err != nil {
		return nil, err
	}
	return t.whole(), nil
}

// densify looks for versions that came and went between two steps, with
// smaller ones until the gate's number is found or Prometheus' limit of points
// is reached: a deploy that was taken back within seconds is a deploy.
func (s *Source) densify(ctx context.Context, t *track, r row, expr string, begin, now time.Time) error {
	for _, unit := range []time.Duration{s.steps.tail, s.steps.fine} {
		step := (s.opt.Window / maxPoints).Truncate(unit) + unit
		if len(versions(t.coarse)) >= r.versions || t.dense > 0 && t.dense <= step {
			continue
		}
		tl, err := s.fetch(ctx, expr, begin, now, step)
		if err != nil {
			return err
		}
		t.splice(tl, begin)
		t.dense = step
	}
	return nil
}

// splice puts newer steps in place of those they cover and drops what is
// before begin.
func (t *track) splice(tl []step, begin time.Time) {
	if len(tl) == 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(t.coarse, tl[0].at, func(s step, at time.Time) int { return s.at.Compare(at) })
	t.coarse = slices.Concat(t.coarse[:i], tl)
	i, _ = slices.BinarySearchFunc(t.coarse, begin, func(s step, at time.Time) int { return s.at.Compare(at) })
	t.coarse = t.coarse[i:]
	t.to = tl[len(tl)-1].at
	maps.DeleteFunc(t.fine, func(w between, _ []step) bool { return w.to.Before(begin) })
}

// refine looks closely at the times between two steps with different versions.
func (s *Source) refine(ctx context.Context, t *track, expr string) error {
	asked := 0
	for i := len(t.coarse) - 1; i > 0 && asked < maxRefined; i-- {
		a, b := t.coarse[i-1], t.coarse[i]
		if b.at.Sub(a.at) <= s.steps.fine || sameVersions(a, b) {
			continue
		}
		w := between{a.at, b.at}
		if _, ok := t.fine[w]; ok {
			continue
		}
		asked++
		every := max(s.steps.fine, b.at.Sub(a.at)/60)
		tl, err := s.fetch(ctx, expr, a.at, b.at, every)
		if err != nil {
			return err
		}
		t.fine[w] = slices.DeleteFunc(tl, func(s step) bool { return !s.at.After(a.at) || !s.at.Before(b.at) })
	}
	return nil
}

// whole is the timeline with the refined steps in their places.
func (t *track) whole() []step {
	out := make([]step, 0, len(t.coarse)+64*len(t.fine))
	for i, b := range t.coarse {
		if i > 0 {
			out = append(out, t.fine[between{t.coarse[i-1].at, b.at}]...)
		}
		out = append(out, b)
	}
	return out
}

// fetch reads the versions from one time to another, both rounded down to the
// grid of the step. A moment at which nothing was seen is an empty step.
func (s *Source) fetch(ctx context.Context, expr string, from, to time.Time, every time.Duration) ([]step, error) {
	from, to = from.Truncate(every), to.Truncate(every)
	m, err := s.q.QueryRange(ctx, expr, sources.Range{Start: from, End: to, Step: every})
	if err != nil {
		return nil, err
	}
	tl := make([]step, int(to.Sub(from)/every)+1)
	for i := range tl {
		tl[i] = step{at: from.Add(time.Duration(i) * every), count: map[build]int{}}
	}
	for _, series := range m {
		b := build{first(series.Labels, s.opt.VersionLabels), first(series.Labels, s.opt.RevisionLabels)}
		if b == (build{}) {
			continue
		}
		for _, p := range series.Points {
			i := int(math.Round(float64(p.T.Sub(from)) / float64(every)))
			if i >= 0 && i < len(tl) && p.V > 0 {
				tl[i].count[b] += int(math.Round(p.V))
			}
		}
	}
	return tl, nil
}

// first is the value of the first label that is not empty.
func first(ls sources.Labels, labels []string) string {
	for _, n := range labels {
		if v, ok := ls.Get(n); ok {
			return v.Raw()
		}
	}
	return ""
}

func sameVersions(a, b step) bool {
	if len(a.count) != len(b.count) {
		return false
	}
	for v := range a.count {
		if !b.has(v) {
			return false
		}
	}
	return true
}

func versions(tl []step) map[build]bool {
	out := map[build]bool{}
	for _, s := range tl {
		for b := range s.count {
			out[b] = true
		}
	}
	return out
}
