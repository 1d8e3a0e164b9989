package buildinfo

import (
	"context"
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
	tail   time.Duration // over what is new since the last read
	fine   time.Duration // around a transition; the error of a time
	// refined bounds the transitions of one key that are looked at closely in
	// one call, newest first. The others keep the coarse time until the next
	// read.
	refined int
}

// maxPoints keeps below the 11,000 points that Prometheus allows in a series.
const maxPoints = 10_000

func stepsFor(window time.Duration) steps {
	return steps{
		coarse: max(time.Minute, (window/maxPoints).Truncate(time.Minute)+time.Minute),
		tail:   15 * time.Second,
		fine:   time.Second,

		refined: maxRefined,
	}
}

const (
	// overlap is how far back the past is asked again, for samples that come
	// late (remote write, Thanos).
	overlap = 5 * time.Minute
	// longTail is how much may be new and still be read in the smaller steps.
	longTail = time.Hour
	// maxRefined is steps.refined of what is read again and again.
	maxRefined = 30
)

// track is what is known of one key between calls.
type track struct {
	key  key
	seen sight // by the gate, when it was read last
	// pending is what the gate saw and was not read yet; nil: all was read.
	pending sight
	coarse  []step
	to      time.Time // of the last step
	fine    map[between][]step
	facts   facts
	found   []rollout         // what gather found
	images  map[string]*track // of a workload's containers
}

// rollouts are the changes of a track up to now.
func (t *track) rollouts(held bool, now time.Time) []rollout {
	switch w := t.key.watch; {
	case w.gather != nil:
		return t.found
	case w.compare != nil:
		return w.compare(t.whole(held, now))
	}
	return diff(t.whole(held, now))
}

func newTrack(k key) *track { return &track{key: k, fine: map[between][]step{}} }

// between is the time between two neighbouring steps.
type between struct{ from, to time.Time }

// read brings a track up to date, transitions refined. want are the things
// that the gate saw since the time given.
func (s *Source) read(ctx context.Context, t *track, want sight, since, now time.Time) error {
	expr := t.key.watch.history(t.key)
	begin := now.Add(-s.opt.Window)
	from, every := t.to.Add(-overlap), s.steps.tail
	if t.to.Before(begin) || now.Before(t.to) {
		t.coarse, t.to, t.fine = nil, time.Time{}, map[between][]step{}
	}
	if t.to.IsZero() || now.Sub(from) > longTail {
		if t.to.IsZero() {
			from = begin
		}
		tl, err := s.fetch(ctx, t.key.watch, expr, from, now, s.steps.coarse)
		if err != nil {
			return err
		}
		t.splice(tl, begin)
		from = now.Truncate(s.steps.coarse)
	}
	tail, err := s.fetch(ctx, t.key.watch, expr, from, now, every)
	if err != nil {
		return err
	}
	t.splice(tail, begin)
	if since.Before(begin) {
		since = begin
	}
	units := []time.Duration{s.steps.tail, s.steps.fine}
	if !since.Before(from) {
		units = units[1:] // so it was read
	}
	if err := s.densify(ctx, t, want, expr, since, now, units); err != nil {
		return err
	}
	return s.refine(ctx, t, expr)
}

// densify looks for things that came and went between two steps, with smaller
// ones until all that the gate saw is found or Prometheus' limit of points is
// reached: a deploy that was taken back within seconds is a deploy.
func (s *Source) densify(ctx context.Context, t *track, want sight, expr string, since, now time.Time, units []time.Duration) error {
	for _, unit := range units {
		if t.hasAll(want, since) {
			return nil
		}
		step := (now.Sub(since) / maxPoints).Truncate(unit) + unit
		tl, err := s.fetch(ctx, t.key.watch, expr, since, now, step)
		if err != nil {
			return err
		}
		t.splice(tl, now.Add(-s.opt.Window))
	}
	return nil
}

// hasAll reports whether all things are in the timeline since that time: that one
// had been there before, as the version of a rollback has, is not to have seen it.
func (t *track) hasAll(want sight, since time.Time) bool {
	found := map[build]bool{}
	for i, s := range t.coarse {
		if i+1 < len(t.coarse) && !t.coarse[i+1].at.After(since) {
			continue // another step holds by then
		}
		for b := range s.count {
			found[b] = true
		}
	}
	for b := range want {
		if !found[b] {
			return false
		}
	}
	return true
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

// refine looks closely at the times between two steps with different things.
func (s *Source) refine(ctx context.Context, t *track, expr string) error {
	asked := 0
	for i := len(t.coarse) - 1; i > 0 && asked < s.steps.refined; i-- {
		a, b := t.coarse[i-1], t.coarse[i]
		if b.at.Sub(a.at) <= s.steps.fine || sameThings(a.count, b.count) {
			continue
		}
		w := between{a.at, b.at}
		if _, ok := t.fine[w]; ok {
			continue
		}
		asked++
		every := max(s.steps.fine, b.at.Sub(a.at)/60)
		tl, err := s.fetch(ctx, t.key.watch, expr, a.at, b.at, every)
		if err != nil {
			return err
		}
		t.fine[w] = slices.DeleteFunc(tl, func(s step) bool { return !s.at.After(a.at) || !s.at.Before(b.at) })
	}
	return nil
}

// whole is the timeline up to now with the refined steps in their places. What
// the gate still sees as it was at the last read is so until now.
func (t *track) whole(held bool, now time.Time) []step {
	out := make([]step, 0, len(t.coarse)+64*len(t.fine)+1)
	for i, b := range t.coarse {
		if i > 0 {
			out = append(out, t.fine[between{t.coarse[i-1].at, b.at}]...)
		}
		out = append(out, b)
	}
	if n := len(out); held && n > 0 && now.After(out[n-1].at) {
		out = append(out, step{at: now, count: out[n-1].count})
	}
	return out
}

// fetch reads who ran what from one time to another, both rounded down to the
// grid of the step. A moment at which nothing was seen is an empty step.
func (s *Source) fetch(ctx context.Context, w *watch, expr string, from, to time.Time, every time.Duration) ([]step, error) {
	from, to = from.Truncate(every), to.Truncate(every)
	m, err := s.q.QueryRange(ctx, expr, sources.Range{Start: from, End: to, Step: every})
	if err != nil {
		return nil, err
	}
	tl := make([]step, int(to.Sub(from)/every)+1)
	for i := range tl {
		tl[i] = step{at: from.Add(time.Duration(i) * every), count: sight{}}
	}
	for _, series := range m {
		b := w.thing(labels{series.Labels, w.rename})
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

func sameThings(a, b sight) bool {
	if len(a) != len(b) {
		return false
	}
	for v := range a {
		if b[v] <= 0 {
			return false
		}
	}
	return true
}

// quietSince is when something came or went last; zero: never in the timeline.
func (t *track) quietSince() time.Time {
	var newest time.Time
	for _, r := range t.found {
		if r.start.After(newest) {
			newest = r.start
		}
	}
	for i := len(t.coarse) - 1; i > 0; i-- {
		if !sameThings(t.coarse[i-1].count, t.coarse[i].count) {
			return t.coarse[i].at
		}
	}
	return newest
}

// noisy reports whether a value changes so often that a program does it.
func (t *track) noisy() bool { return len(transitions(t.coarse)) > maxEdits }
