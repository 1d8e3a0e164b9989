package triage

import (
	_ "embed" // detectors.yaml
	"fmt"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

//go:embed detectors.yaml
var detectorsYAML []byte

// Detector reads one signal of a service's health from well-known metrics.
type Detector struct {
	Signal string   `yaml:"signal"`
	Title  string   `yaml:"title"`
	Needs  []string `yaml:"needs"` // metrics that must be there
	Query  string   `yaml:"query"` // PromQL; $sel is the selector's inside
	Unit   Unit     `yaml:"unit"`
	Worse  string   `yaml:"worse"` // up, down or "": the direction that is bad
	Why    string   `yaml:"why"`   // what the number is, in words

	// Failed and Total are the counters behind a share of failures, as
	// selectors with $sel: with them it can be split by version.
	Failed []string `yaml:"failed"`
	Total  string   `yaml:"total"`
}

// Detectors are the built-in detectors in order of display, the better of two
// for one signal first. The result is new.
func Detectors() []Detector {
	ds, err := parseDetectors(detectorsYAML)
	if err != nil {
		panic("triage: detectors.yaml: " + err.Error()) // a defect of the build; a test loads it
	}
	return ds
}

func parseDetectors(doc []byte) ([]Detector, error) {
	var ds []Detector
	dec := yaml.NewDecoder(strings.NewReader(string(doc)))
	dec.KnownFields(true)
	if err := dec.Decode(&ds); err != nil {
		return nil, err
	}
	for i, d := range ds {
		if d.Signal == "" || d.Title == "" || d.Query == "" || len(d.Needs) == 0 {
			return nil, fmt.Errorf("detector %d: signal, title, needs and query are required", i+1)
		}
	}
	return ds, nil
}

// For is the detector's query for a selector's inside, such as job="checkout".
// An empty one selects every series.
func (d Detector) For(selector string) string { return fillSelector(d.Query, selector) }

func fillSelector(query, selector string) string {
	if selector == "" {
		query = strings.ReplaceAll(query, "$sel,", "")
	}
	return strings.ReplaceAll(query, "$sel", selector)
}

// Pick is the first detector of each signal whose metrics are all present, in
// order of display.
func Pick(ds []Detector, present func(metric string) bool) []Detector {
	var order []string
	best := make(map[string]Detector)
	for _, d := range ds {
		if !slices.Contains(order, d.Signal) {
			order = append(order, d.Signal)
		}
		if _, have := best[d.Signal]; have || slices.ContainsFunc(d.Needs, func(m string) bool { return !present(m) }) {
			continue
		}
		best[d.Signal] = d
	}
	var out []Detector
	for _, name := range order {
		if d, ok := best[name]; ok {
			out = append(out, d)
		}
	}
	return out
}

// Signal is one signal of a service, now and an hour ago.
type Signal struct {
	Name, Title       string
	Now, Before       float64
	HasNow, HasBefore bool
	Unit              Unit
	Points            []sources.Point // oldest first
	Verdict           string          // up, same, down, worse, better, gone; empty: not known
	Worse             string          // the direction that is bad: up, down or empty
	Query             string
	Err               error
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
		worst = max(worst, p.V)
	}
	n := len(s.Points)
	return s.Now <= easingFrom*worst && s.Points[n-1].V < s.Points[n-2].V
}

// Health is the signals of one service.
type Health struct {
	Service   safe.Value
	Selector  string // inside of the series selector
	Signals   []Signal
	Instances string   // "3 of 3"; empty: not known
	Note      string   // plain sentence when there is little to show
	Errors    Detector // behind the signal errors; zero: there is none
}

// Alarming reports whether a signal is bad news.
func (h Health) Alarming() bool { return slices.ContainsFunc(h.Signals, Signal.Alarming) }

// JudgeSignal compares now with an hour ago: up, same, down; gone when there
// was a value and now there is none; worse or better for a count of instances;
// empty when one of the two is not known. Small changes are the same: less
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
	diff := s.Now - s.Before
	if math.Abs(diff) <= slack(s) {
		return "same"
	}
	direction := "up"
	if diff < 0 {
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

// slack is how far a signal may move and still be the same.
func slack(s Signal) float64 {
	part := 0.25 * math.Abs(s.Before)
	switch s.Unit {
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
