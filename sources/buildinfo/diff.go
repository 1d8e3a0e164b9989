package buildinfo

import (
	"cmp"
	"slices"
	"time"
)

const (
	// missing is how long a version may be absent and count as the same
	// presence when it comes back and replaces nothing: a failed scrape, a
	// crash loop (Kubernetes waits up to 5 min between restarts).
	missing = 10 * time.Minute
	// recreate bounds the pause of a deploy that stops the old version before
	// it starts the new one. A longer pause is an outage of its own, and the
	// new version its end.
	recreate = 5 * time.Minute
)

// build is what an instance runs. Texts are raw, and some of them empty; name
// is what else makes it another one: the whole reference of an image, a
// ReplicaSet.
type build struct{ version, revision, name string }

// step is how many instances ran what at one moment. An empty count means
// that none was seen.
type step struct {
	at    time.Time
	count sight
}

func (s step) total() int {
	n := 0
	for _, c := range s.count {
		n += c
	}
	return n
}

func (s step) has(b build) bool { return s.count[b] > 0 }

func (s step) others(b build) int { return s.total() - s.count[b] }

// rollout is one version coming in place of another.
type rollout struct {
	to, from   build
	back       bool      // to had been there before from
	start, end time.Time // end is zero: old and new are both there, or not known
	aborted    bool      // left before the old ones did, at end
	superseded bool      // aborted because a third version came
	unseen     bool      // not seen at the moment, too short to say why
	pause      time.Duration
	most, of   int // the largest number of instances that ran it, of how many then
	now, all   int // at the end of the timeline
	sideBySide time.Duration
}

// stretch is a presence of one version: frames[from:to], with holes where it
// was missing for a while.
type stretch struct {
	b        build
	from, to int
	arrived  bool // it came while others were there; else it was there from the first frame
}

// frame is a step at which something was seen.
type frame struct {
	step
	emptySince time.Time // nothing was seen since then until this frame; zero: no pause
}

// diff finds the rollouts in a timeline, sorted by time, oldest first. What
// was there at the first step is no change; the whole set going and coming
// back equal is a gap of the scrape.
func diff(tl []step) []rollout {
	frames := framesOf(tl)
	if len(frames) < 2 {
		return nil
	}
	d := differ{frames: frames, first: map[build]int{}}
	d.trace()
	var out []rollout
	for i := range d.stretches {
		if d.stretches[i].arrived {
			out = d.judge(out, &d.stretches[i])
		}
	}
	slices.SortStableFunc(out, func(a, b rollout) int { return a.start.Compare(b.start) })
	return out
}

func framesOf(tl []step) []frame {
	var out []frame
	var empty time.Time
	for _, s := range tl {
		if s.total() == 0 {
			if empty.IsZero() && len(out) > 0 {
				empty = s.at
			}
			continue
		}
		out = append(out, frame{step: s, emptySince: empty})
		empty = time.Time{}
	}
	return out
}

type differ struct {
	frames    []frame
	stretches []stretch     // in order of their beginning
	first     map[build]int // frame of the first sight
}

// trace cuts the timeline into stretches.
func (d *differ) trace() {
	open := map[build]int{} // index into stretches of the last one
	for i, f := range d.frames {
		for _, b := range sorted(f.count) {
			k, seen := open[b]
			switch {
			case seen && d.stretches[k].to == i, seen && !d.returns(d.stretches[k], i):
				d.stretches[k].to = i + 1
				continue
			case !seen:
				d.first[b] = i
			}
			open[b] = len(d.stretches)
			d.stretches = append(d.stretches, stretch{b: b, from: i, to: i + 1, arrived: i > 0})
		}
	}
}

// returns reports whether a version that is back at frame i, after the
// stretch s, was brought back (a rollback, or a deploy once more), and not
// only missed by some scrapes. It was if it then takes the place of others.
func (d *differ) returns(s stretch, i int) bool {
	contested := false
	for _, o := range d.stretches {
		if o.arrived && o.b != s.b && o.from > s.from && o.from <= s.to {
			contested = true
		}
	}
	before := d.frames[s.to-1].count[s.b]
	if !contested {
		for _, f := range d.frames[s.from:s.to] {
			before = max(before, f.count[s.b])
		}
	}
	others := d.frames[i-1].total()
	for _, f := range d.frames[i:] {
		if !f.has(s.b) {
			break
		}
		if f.count[s.b] > before || (contested && f.others(s.b) < others) {
			return true
		}
	}
	// A canary that was taken away and is tried again replaces nothing.
	newest := true
	for b := range d.frames[i-1].count {
		newest = newest && d.first[b] < d.first[s.b]
	}
	return newest && d.frames[i].at.Sub(d.frames[s.to].at) > missing
}

// judge appends the rollout that a stretch is, and the rollback if it was
// taken away half-way.
func (d *differ) judge(out []rollout, s *stretch) []rollout {
	prev, f := d.frames[s.from-1], d.frames[s.from]
	from := d.dominant(prev.step, s.b)
	last := d.frames[len(d.frames)-1]
	r := rollout{to: s.b, from: from, start: f.at, now: last.count[s.b], all: last.total()}
	// Of two that were there from the beginning, the one that left is taken to
	// be the older.
	r.back = d.first[s.b] < s.from && d.first[s.b] <= d.first[from]
	if !f.emptySince.IsZero() {
		if r.pause = f.at.Sub(f.emptySince); r.pause <= recreate {
			r.start = f.emptySince
		}
	}
	for _, g := range d.frames[s.from:s.to] {
		if g.count[s.b] > r.most {
			r.most, r.of = g.count[s.b], g.total()
		}
	}
	gone := d.goneAt(prev.step, s.from)
	switch {
	case gone < s.to && gone < len(d.frames):
		r.end = d.frames[gone].at
	case s.to == len(d.frames):
		r.sideBySide = last.at.Sub(r.start)
	default:
		return d.abort(out, r, s)
	}
	return append(out, r)
}

// abort is a version that left while one that it should replace stayed.
func (d *differ) abort(out []rollout, r rollout, s *stretch) []rollout {
	f := d.frames[s.to]
	for _, o := range d.stretches {
		if o.arrived && o.from > s.from && o.from <= s.to && f.has(o.b) {
			r.superseded = true
		}
	}
	low, peak := f.total(), s.from
	for i := s.from; i < s.to; i++ {
		low = min(low, d.frames[i].others(s.b))
		if d.frames[i].count[s.b] == r.most {
			peak = i
		}
	}
	last := d.frames[len(d.frames)-1]
	// The others took over again, or it is gone for too long to be missing.
	if low == f.total() && last.at.Sub(f.at) < missing && !r.superseded {
		r.unseen = true
		return append(out, r)
	}
	r.aborted, r.end = true, f.at
	out = append(out, r)
	if r.superseded {
		return out
	}
	to := d.dominant(f.step, s.b)
	return append(out, rollout{
		to: to, from: s.b, back: true, start: d.frames[peak+1].at, end: f.at,
		most: f.count[to], of: f.total(), now: last.count[to], all: last.total(),
	})
}

// goneAt is the first frame without the versions that were there at prev, as
// seen from frame i: the end of their stretches.
func (d *differ) goneAt(prev step, i int) int {
	gone := i
	for _, s := range d.stretches {
		if prev.has(s.b) && s.from < i && s.to > i {
			gone = max(gone, s.to)
		}
	}
	return gone
}

// dominant is the version that most instances of s run, but for b; of equals
// the one that was seen first latest.
func (d *differ) dominant(s step, b build) build {
	var best build
	for _, o := range sorted(s.count) {
		if o == b {
			continue
		}
		if n, m := s.count[o], s.count[best]; n > m || (n == m && d.first[o] > d.first[best]) {
			best = o
		}
	}
	return best
}

// sorted lists the versions that are there, in a fixed order.
func sorted(count sight) []build {
	out := make([]build, 0, len(count))
	for b, n := range count {
		if n > 0 {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b build) int {
		return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(a.revision, b.revision), cmp.Compare(a.name, b.name))
	})
	return out
}
