package triage

import (
	"math"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Trend says where a value is heading.
type Trend string

// The trends. NoTrend: too few points to tell.
const (
	NoTrend Trend = ""
	Rising  Trend = "rising"
	Falling Trend = "falling"
	Steady  Trend = "steady"
)

// minTrend is how many points a trend takes: three on each side of it.
const minTrend = 6

// TrendOf compares the median of the last third of the points with that of the
// first part. A trend is a difference of more than a tenth of the larger one
// and of more than twice the usual scatter. Gaps do not count. What went up and
// has stood there for the whole last third is steady: "rising" tells a reader
// that it gets worse, and it no longer does.
func TrendOf(pts []sources.Point) Trend {
	vs := finite(pts)
	if len(vs) < minTrend {
		return NoTrend
	}
	cut := len(vs) - max(len(vs)/3, minTrend/2)
	early, late := vs[:cut/2], vs[cut:]
	if len(early) < 3 {
		early = vs[:3]
	}
	a, b := median(early), median(late)
	diff := b - a
	if math.Abs(diff) <= 0.1*max(math.Abs(a), math.Abs(b)) || math.Abs(diff) <= 2*min(scatter(early, a), scatter(late, b)) {
		return Steady
	}
	if settled(late) {
		return Steady
	}
	if diff > 0 {
		return Rising
	}
	return Falling
}

// settledPoints is how many points in a row at one height say that a value has
// stopped moving; fewer may be the first points after a jump.
const settledPoints = 6

// settled says whether the values stand still: all within a fiftieth of their
// median. It asks for stillness, not for a small slope, so that noise does not
// turn the word on and off from one refresh to the next.
func settled(vs []float64) bool {
	if len(vs) < settledPoints {
		return false
	}
	m := median(vs)
	for _, v := range vs {
		if math.Abs(v-m) > math.Abs(m)/50 {
			return false
		}
	}
	return true
}

func finite(pts []sources.Point) []float64 {
	vs := make([]float64, 0, len(pts))
	for _, p := range pts {
		if !math.IsNaN(p.V) && !math.IsInf(p.V, 0) {
			vs = append(vs, p.V)
		}
	}
	return vs
}

// median of a non-empty list; NaN of an empty one.
func median(vs []float64) float64 {
	if len(vs) == 0 {
		return math.NaN()
	}
	s := slices.Clone(vs)
	slices.Sort(s)
	if n := len(s); n%2 == 0 {
		return s[n/2-1]/2 + s[n/2]/2
	}
	return s[len(s)/2]
}

// scatter is the median distance from the middle.
func scatter(vs []float64, middle float64) float64 {
	d := make([]float64, len(vs))
	for i, v := range vs {
		d[i] = math.Abs(v - middle)
	}
	return median(d)
}

func deviation(vs []float64) float64 {
	mean, sq := 0.0, 0.0
	for _, v := range vs {
		mean += v / float64(len(vs))
	}
	for _, v := range vs {
		sq += (v - mean) * (v - mean) / float64(len(vs))
	}
	return math.Sqrt(sq)
}

// Onset is when the trouble began, as far as is known.
type Onset struct {
	At     time.Time // zero: not known
	Method string    // how; empty when not known
	Note   string    // the same in a plain sentence
}

// The methods. They are a contract of the JSON output.
const (
	MethodActiveAt = "active_at"        // when the rule's condition began to hold
	MethodState    = "alerts_for_state" // the same, from the series ALERTS_FOR_STATE
	MethodStartsAt = "starts_at"        // from Alertmanager, less the rule's for
	MethodWalked   = "walked_back"      // when the measured value left its usual range
)

// ActiveNote says what a rule's activeAt means for the onset.
const ActiveNote = "The rule's condition holds since then; the trouble may have begun earlier."

// Began is the onset from what the alert itself says; nothing is asked.
func Began(it Item) Onset {
	switch {
	case !it.ActiveAt.IsZero():
		return Onset{At: it.ActiveAt, Method: MethodActiveAt, Note: ActiveNote}
	case it.AM != nil && !it.AM.StartsAt.IsZero():
		on := Onset{At: it.AM.StartsAt, Method: MethodStartsAt, Note: "Alertmanager has it since then; the trouble began earlier."}
		if it.Rule != nil && it.Rule.For > 0 {
			on.At = on.At.Add(-it.Rule.For)
			on.Note = "Alertmanager's start less the " + sources.Span(it.Rule.For) + " that the rule waits; the trouble may have begun earlier."
		}
		return on
	}
	return Onset{Note: "It is not known when this began."}
}

const (
	baselineSpan = 30 * time.Minute
	minBaseline  = 5 // points
	inARow       = 3
)

// WalkBack looks for the moment when the measured value left its usual range,
// which comes before the limit was crossed. pts are the values of e.Measured,
// oldest first, from about an hour before on.At; the usual range is that of
// their first half hour. It returns on unchanged when this is not conclusive:
// no constant limit, too few points, or no three points in a row far from the
// usual. An excursion that ended before on.At, by three usual points in a row,
// is not this trouble.
func WalkBack(on Onset, pts []sources.Point, e Expr) Onset {
	far, usual, ok := unusual(on, pts, e)
	if !ok {
		return on
	}
	var first, start time.Time
	out, back, found := 0, 0, false
	for _, p := range pts {
		if math.IsNaN(p.V) || math.IsInf(p.V, 0) {
			continue
		}
		if found && !on.At.IsZero() && p.T.After(on.At) {
			break
		}
		if !far(p.V) {
			out = 0
			if back++; back >= inARow {
				found = false
			}
			continue
		}
		back = 0
		if out++; out == 1 {
			first = p.T
		}
		if out == inARow && !found {
			found, start = true, first
		}
	}
	if !found || !on.At.IsZero() && start.After(on.At) {
		return on
	}
	word := "above"
	if e.Op[0] == '<' {
		word = "below"
	}
	return Onset{At: start, Method: MethodWalked,
		Note: "Measured: three points in a row far " + word + " the usual " + e.Unit.Format(usual) + "."}
}

// unusual makes the test for a value far from the baseline of the points.
func unusual(on Onset, pts []sources.Point, e Expr) (far func(float64) bool, usual float64, ok bool) {
	up := e.Op == ">" || e.Op == ">="
	if !e.HasLimit || e.Absent || !up && e.Op != "<" && e.Op != "<=" || len(pts) == 0 {
		return nil, 0, false
	}
	end := pts[0].T.Add(baselineSpan)
	if !on.At.IsZero() && end.After(on.At) {
		return nil, 0, false // the trouble may lie in the baseline
	}
	n := 0
	for n < len(pts) && pts[n].T.Before(end) {
		n++
	}
	base := finite(pts[:n])
	if len(base) < minBaseline {
		return nil, 0, false
	}
	m, sd := median(base), deviation(base)
	if up {
		bar := max(m+6*sd, 2*m)
		return func(v float64) bool { return v > bar }, m, true
	}
	bar := min(m-6*sd, m/2)
	return func(v float64) bool { return v < bar }, m, true
}
