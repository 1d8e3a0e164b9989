package triage

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Signal is one signal of a service: now, an hour ago and a day ago.
type Signal struct {
	Name, Title       string
	Now, Before       float64
	HasNow, HasBefore bool
	Day               float64 // a day before, at this time of the day
	HasDay            bool
	DayAsked          time.Time // when Day was asked for; zero: it was not
	Unit              Unit
	Points            []sources.Point // oldest first
	Verdict           string          // up, same, down, worse, better, gone, usual; empty: not known
	Worse             string          // the direction that is bad: up, down or empty
	Query             string          // as it is for people to read
	Why               string          // what it measures, in words; empty: nobody said
	Err               error
}

// Resource reports whether the signal is of what a service uses up and not of
// what others get from it.
func (s Signal) Resource() bool {
	switch s.Name {
	case "cpu", "memory", "heap", "gc", "goroutines", "load", "files", "disk", "connections", "throttled":
		return true
	}
	return false
}

// Alarming reports whether the verdict is bad news.
func (s Signal) Alarming() bool {
	return s.Verdict == "worse" || s.Verdict == "gone" || s.Verdict != "" && s.Verdict == s.Worse
}

// easingFrom is how far below its worst of the last minutes a signal must be to
// be on its way back, and how many points those minutes have.
const (
	easingFrom   = 0.9
	easingPoints = 10
)

// Easing reports whether a signal is bad news still, but clearly past its
// worst: its rates are of five minutes and follow slowly.
func (s Signal) Easing() bool {
	if !s.Alarming() || s.Worse != "up" || !s.HasNow || len(s.Points) < 3 {
		return false
	}
	worst := 0.0
	for _, p := range s.Points[max(0, len(s.Points)-easingPoints):] {
		if !math.IsNaN(p.V) { // max would give it back
			worst = max(worst, p.V)
		}
	}
	n := len(s.Points)
	return s.Now <= easingFrom*worst && s.Points[n-1].V < s.Points[n-2].V
}

// Health is the signals of one service.
type Health struct {
	Service   safe.Value
	Selector  string // inside of the selector of its own metrics; empty: none were found
	Signals   []Signal
	Instances string   // "3 of 3"; empty: not known
	Note      string   // plain sentence when there is little to show
	Errors    Detector // behind the signal errors; zero: there is none
}

// Alarming reports whether a signal is bad news.
func (h Health) Alarming() bool { return slices.ContainsFunc(h.Signals, Signal.Alarming) }

// JudgeSignal compares now with an hour ago: up, same, down; gone when there
// was a value and now there is none; worse or better for a count of instances;
// empty when one of the two is not known; usual when it is not as an hour ago
// but as a day ago at this time. Small changes are the same: less
// than a quarter, or less than half a percentage point of a share, 5 ms of a
// time, 1 a second of traffic.
func JudgeSignal(s Signal, worse string) string {
	now, before := s.HasNow && !math.IsNaN(s.Now), s.HasBefore && !math.IsNaN(s.Before)
	switch {
	case !now && before:
		return "gone"
	case !now || !before:
		return ""
	}
	if unmoved(s.Unit, s.Now, s.Before) {
		return "same"
	}
	if s.HasDay && unmoved(s.Unit, s.Now, s.Day) {
		return Usual
	}
	direction := "up"
	if s.Now < s.Before {
		direction = "down"
	}
	switch {
	case s.Unit != Count || worse == "":
		return direction
	case direction == worse:
		return "worse"
	}
	return "better"
}

// Usual is the verdict of what is unlike an hour ago, but like a day ago.
const Usual = "usual"

// unmoved reports whether a signal has moved too little from a value to count. An
// infinite one, as of a share of nothing, is like nothing but itself.
func unmoved(u Unit, now, from float64) bool {
	if math.IsInf(now, 0) || math.IsInf(from, 0) {
		return now == from
	}
	return math.Abs(now-from) <= slack(u, from)
}

// slack is how far a signal may move from a value and still be the same.
func slack(u Unit, from float64) float64 {
	part := 0.25 * math.Abs(from)
	switch u {
	case Count:
		return 0
	case Ratio:
		return max(part, 0.005)
	case Percent:
		return max(part, 0.5)
	case Seconds:
		return max(part, 0.005)
	case PerSecond:
		return max(part, 1)
	}
	return part
}

// maxBad is how many signals a verdict names.
const maxBad = 3

// Verdict is how the service does, in a few words: "errors 12.4% (0.1% an hour
// ago), p99 time up"; "usual" when nothing is bad news, "not known" when
// nothing could be compared.
func (h Health) Verdict() string {
	var bad []string
	for _, s := range h.Signals {
		if s.Alarming() {
			bad = append(bad, s.trouble())
		}
	}
	c, words := ConditionOf(h)
	switch {
	case c == ServiceDown:
		return words
	case len(bad) == 0:
		return string(c)
	case len(bad) > maxBad:
		bad = append(bad[:maxBad], fmt.Sprintf("%d more", len(bad)-maxBad))
	}
	return strings.Join(bad, ", ")
}

func (s Signal) trouble() string {
	if s.Name != "errors" || !s.HasNow || !s.HasBefore {
		return s.Title + " " + s.Verdict
	}
	words := s.Title + " " + s.Unit.Format(s.Now) + " (" + s.Unit.Format(s.Before) + " an hour ago)"
	if s.Easing() {
		words += ", easing"
	}
	return words
}

// Callee is how a service does that another one calls.
type Callee struct {
	Name   safe.Value
	Health Health // errors and time only
	Err    error  // nil: it was asked
}

// Words are "ok", the signals that are bad news, or "not known".
func (c Callee) Words() string {
	condition, words := ConditionOf(c.Health)
	switch {
	case c.Err == nil && words != "":
		return words
	case c.Err == nil && (condition == ServiceUsual || slices.ContainsFunc(c.Health.Signals, func(s Signal) bool { return s.HasNow })):
		return "ok" // bad news is what one knows to be worse
	}
	return string(ServiceUnknown)
}

// FromCatalog is the detector for a query of the catalog, taken as it is.
func FromCatalog(q sources.HealthQuery) Detector {
	d := Detector{Signal: q.Signal.Raw(), Title: q.Title.String(), Where: []string{App}, For: []string{""}, Query: q.Query.Raw(),
		Unit: Unit(q.Unit.Raw()), Worse: q.Worse.Raw(), Why: "as the catalog of services says"}
	if !q.Why.Empty() {
		d.Why = q.Why.String()
	}
	return d
}

// Instead puts the catalog's queries first and takes out the detectors of the
// same signals.
func Instead(queries []sources.HealthQuery, picked []Detector) []Detector {
	var out []Detector
	for _, q := range queries {
		out = append(out, FromCatalog(q))
	}
	for _, d := range picked {
		if !slices.ContainsFunc(queries, func(q sources.HealthQuery) bool { return q.Signal.Raw() == d.Signal }) {
			out = append(out, d)
		}
	}
	return out
}
