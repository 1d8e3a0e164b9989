package kubernetes

import (
	"cmp"
	"slices"
	"time"
)

const (
	// blink is how far apart two moments of one event may be written: the API
	// keeps whole seconds, and what follows an event comes a little later.
	blink = 3 * time.Second
	// closeBy is how far apart two polls may be for the earlier one to stand for
	// the moment between them. It is several intervals.
	closeBy = 3 * time.Minute
)

// moment is when something began and how that is known.
type moment struct {
	at  time.Time
	how string // a sentence; empty: the API says it outright
}

// span is what two polls have seen: it was not yet so at from, it was at to.
// The zero span means that this program has not seen it happen.
type span struct{ from, to time.Time }

func (s span) String() string { return "between " + clock(s.from) + " and " + clock(s.to) + " UTC" }

// near reports whether the two polls are close enough for the earlier one to
// stand for the moment.
func (s span) near() bool { return !s.from.IsZero() && s.to.Sub(s.from) <= closeBy }

func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// began is when the newest revision r began to roll out, where its object is
// older than that: a rollback takes an old one. before is the revision that ran
// until then. False: nothing says when.
func (w *workload) began(r *revision, before *turn, seen span) (moment, bool) {
	if r.exact && r.touched.After(r.created) {
		return moment{r.touched, "It began " + clock(r.touched) + " UTC, when the " + r.kind + " got its number (its managed fields)."}, true
	}
	high, by := w.notLater(r, seen)
	if !seen.to.IsZero() && (high.IsZero() || seen.to.Before(high)) {
		high, by = seen.to, "firstpage first saw it"
	}
	if at := w.written; at.After(r.created) && (before == nil || at.After(before.created.Add(blink))) &&
		!at.Before(seen.from.Add(-blink)) && !high.IsZero() && !at.After(high.Add(blink)) {
		return moment{at, "It began " + clock(at) + " UTC, when " + cmp.Or(w.writer, "somebody") + " wrote the pod template (managed fields)."}, true
	}
	switch {
	case seen.near():
		return moment{seen.from, "Seen " + seen.String() + "."}, true
	case high.IsZero():
		return moment{}, false
	case !seen.from.IsZero():
		return moment{high, "It began not later than " + clock(high) + " UTC, when " + by + "; firstpage looked at " + clock(seen.from) + " before that."}, true
	}
	return moment{high, "It began not later than " + clock(high) + " UTC, when " + by + "; the API keeps no earlier time of a revision that is used again."}, true
}

// notLater is the earliest moment that is known to be after the beginning of
// the newest revision, and what happened then. Zero: none is.
func (w *workload) notLater(r *revision, seen span) (time.Time, string) {
	var at time.Time
	by := ""
	consider := func(t time.Time, what string) {
		if t.After(r.created) && !t.Before(seen.from) && (at.IsZero() || t.Before(at)) {
			at, by = t, what
		}
	}
	consider(r.touched, "the controller wrote the "+r.kind+" (its managed fields)")
	// In the first moments of a rollout the condition still speaks of the one before.
	if p := w.progress; p.Reason != complete || w.share.New == w.share.All {
		consider(p.LastUpdateTime.Time, "the "+w.kind+"'s Progressing condition was written")
	}
	return at, by
}

// turn is one time that a revision was rolled out.
type turn struct {
	*revision
	number int64
	first  bool // the object was made for it
}

// turns are the rollouts of a workload that its revisions tell of, in order.
func (w *workload) turns() []turn {
	var out []turn
	for _, r := range w.revisions {
		numbers := append(slices.Clone(r.past), r.number)
		again := len(r.past) > 0 || w.outOfOrder(r)
		for i, n := range numbers {
			out = append(out, turn{r, n, i == 0 && (len(r.past) > 0 || !again)})
		}
	}
	slices.SortStableFunc(out, func(a, b turn) int { return cmp.Compare(a.number, b.number) })
	return out
}

// outOfOrder reports whether a revision with a lower number is younger: then r
// was taken up again.
func (w *workload) outOfOrder(r *revision) bool {
	return slices.ContainsFunc(w.revisions, func(o *revision) bool { return o.number < r.number && o.created.After(r.created) })
}
