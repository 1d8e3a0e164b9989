package triage

import (
	"cmp"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// FiringGap is the longest pause within one firing: a restart of Prometheus or
// some missed evaluations are no end. It is Alertmanager's default
// group_interval, within which a firing that comes back pages nobody anew.
const FiringGap = 5 * time.Minute

// Sighting is a stretch of time in which an alert was seen firing: the moments of
// its first and last sample there.
type Sighting struct{ First, Last time.Time }

// Firing is one time when an alert fired, from its first sample to its last.
type Firing struct {
	Start, End time.Time
	// Cut is true when it began before what is known, so that Start is only
	// the first moment that is.
	Cut bool
}

// For is how long it fired, to the interval of the rule's evaluation.
func (f Firing) For() time.Duration { return f.End.Sub(f.Start) }

// Firings joins what was seen, in any order, to firings, newest first. Pauses
// of up to gap are none. Known is the first moment that anything is known of: a
// firing that was on by then is cut; the zero time: everything is.
func Firings(seen []Sighting, gap time.Duration, known time.Time) []Firing {
	seen = slices.Clone(seen)
	slices.SortFunc(seen, func(a, b Sighting) int { return a.First.Compare(b.First) })
	var out []Firing
	for _, s := range seen {
		if n := len(out); n > 0 && s.First.Sub(out[n-1].End) <= gap {
			if s.Last.After(out[n-1].End) {
				out[n-1].End = s.Last
			}
			continue
		}
		out = append(out, Firing{Start: s.First, End: s.Last, Cut: !known.IsZero() && s.First.Sub(known) <= gap})
	}
	slices.Reverse(out)
	return out
}

// Past are the firings of an alert before the present one, newest first.
type Past []Firing

// Before are the firings that were over at a moment: those of before the present
// one, when the moment is its activeAt.
func Before(firings []Firing, at time.Time) Past {
	var out Past
	for _, f := range firings {
		if f.End.Before(at) {
			out = append(out, f)
		}
	}
	return out
}

// Usual is the median of how long it fired, and of how many firings: those that
// are cut do not count. Of an even number it is the shorter middle one, so that
// it is a length that was.
func (p Past) Usual() (time.Duration, int) {
	var lengths []time.Duration
	for _, f := range p {
		if !f.Cut {
			lengths = append(lengths, f.For())
		}
	}
	if len(lengths) == 0 {
		return 0, 0
	}
	slices.Sort(lengths)
	return lengths[(len(lengths)-1)/2], len(lengths)
}

// A night is from 22:00 to 06:00 where the responder is.
const (
	nightFrom = 22
	nightTo   = 6
)

// Nights counts the firings that began at night, by the clocks of loc.
func (p Past) Nights(loc *time.Location) int {
	return p.count(func(f Firing) bool { return AtNight(f.Start, loc) })
}

// AtNight reports whether people sleep: from 22:00 to 06:00 by the clocks of loc.
func AtNight(t time.Time, loc *time.Location) bool {
	h := t.In(loc).Hour()
	return h >= nightFrom || h < nightTo
}

// Weekends counts the firings that began on a Saturday or Sunday in loc.
func (p Past) Weekends(loc *time.Location) int {
	return p.count(func(f Firing) bool {
		d := f.Start.In(loc).Weekday()
		return d == time.Saturday || d == time.Sunday
	})
}

func (p Past) count(is func(Firing) bool) int {
	n := 0
	for _, f := range p {
		if !f.Cut && is(f) {
			n++
		}
	}
	return n
}

// Burst is many short firings, one soon after another.
type Burst struct {
	Times      int
	Start, End time.Time // of the first and of the last
}

// What counts as flapping: four firings of at most half an hour, each at most
// half an hour after the one before. Three can be one incident with two relapses.
const (
	flapTimes = 4
	flapPause = 30 * time.Minute
	flapFor   = 30 * time.Minute
)

// Flapping is the burst with the most firings, the newest of equals; false:
// it did not flap.
func (p Past) Flapping() (Burst, bool) {
	var best, cur Burst
	for _, f := range p { // newest first
		switch {
		case f.For() > flapFor:
			cur = Burst{}
			continue
		case cur.Times > 0 && cur.Start.Sub(f.End) <= flapPause:
			cur.Times++
			cur.Start = f.Start
		default:
			cur = Burst{Times: 1, Start: f.Start, End: f.End}
		}
		if cur.Times > best.Times {
			best = cur
		}
	}
	return best, best.Times >= flapTimes
}

// Companion is another alert that fired when this one did: Times of the last Of
// firings.
type Companion struct {
	Name  safe.Value
	Times int
	Of    int
}

// CompanionFirings is of how many firings at least it is said what fired with
// them.
const CompanionFirings = 3

// When another alert is said to come with this one: in half of its firings, and
// twice as often as at any time.
const (
	companionShare = 0.5
	companionLift  = 2
)

// Candidates are the names that fired in at least half of the firings, most
// often first. Fired has the names of each firing. Nil when there are fewer
// than three: then nothing can be said.
func Candidates(fired []map[safe.Value]bool) []Companion {
	n := len(fired)
	if n < CompanionFirings {
		return nil
	}
	times := map[safe.Value]int{}
	for _, names := range fired {
		for name := range names {
			times[name]++
		}
	}
	var out []Companion
	for name, k := range times {
		if float64(k) >= companionShare*float64(n) {
			out = append(out, Companion{name, k, n})
		}
	}
	slices.SortFunc(out, func(a, b Companion) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), a.Name.Compare(b.Name))
	})
	return out
}

// Companions are the candidates that are rarer at any other time. Share is which
// part of the time an alert fires, from 0 to 1; one that fires more than half
// of the time is nobody's companion.
func Companions(candidates []Companion, share func(name safe.Value) float64) []Companion {
	var out []Companion
	for _, c := range candidates {
		if float64(c.Times)/float64(c.Of) >= companionLift*share(c.Name) {
			out = append(out, c)
		}
	}
	return out
}

// History is what is known of an alert's past.
type History struct {
	Window time.Duration // how far back was asked
	// Kept is how much of that the server has data of; Window when it has all.
	Kept time.Duration
	Own  Past // of this very alert: all its labels
	// Alike is of the alerts of the same name and service: when any of them
	// fired. AlikeKnown is false when they could not be asked for.
	Alike      Past
	AlikeKnown bool
	Together   []Companion
	// Note says in sentences what is not known, or why nothing is. Empty: all is.
	Note string
	Zone *time.Location // where nights are nights; nil: UTC
}

// Whole reports whether the server has data as far back as was asked.
func (h History) Whole() bool { return h.Kept >= h.Window }

// Burst is when it flapped: this very alert, else alike ones; false: it did not.
func (h History) Burst() (Burst, bool) {
	if b, ok := h.Own.Flapping(); ok {
		return b, true
	}
	return h.Alike.Flapping()
}
