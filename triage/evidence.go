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

// Evidence is how the requests of a service end, by the version that answered
// them: the strongest sign for or against a rollout.
type Evidence struct {
	Versions []VersionErrors // those that answer now first; empty: nothing could be split by version
	Note     string          // plain sentence why there are none; empty otherwise
	// Callees is the same of services that the page's service calls, by their
	// names in lower case; nil: none was asked for.
	Callees map[string]Evidence
}

// of is the evidence about a service that stands so to the page's own.
func (e Evidence) of(service safe.Value, kin kin) Evidence {
	switch kin {
	case same:
		return e
	case dependency:
		return e.Callees[strings.ToLower(service.Raw())]
	}
	return Evidence{}
}

// Tally is how many requests ended how, about.
type Tally struct {
	Requests float64 // answered
	Failed   float64 // of those
}

// Ratio is the share of the requests that failed; 0 without requests.
func (t Tally) Ratio() float64 {
	if t.Requests <= 0 {
		return 0
	}
	return t.Failed / t.Requests
}

// Add counts the requests of o, too.
func (t *Tally) Add(o Tally) {
	t.Requests += o.Requests
	t.Failed += o.Failed
}

// VersionErrors is what one version did in the time that was looked at.
type VersionErrors struct {
	Version safe.Value
	Tally                   // since the trouble began; of a version that was gone by then, before
	Before  Tally           // of a version that is not Gone: before the trouble began
	Gone    bool            // it had left when the trouble began
	Points  []sources.Point // the share that failed over time, oldest first
	Current bool            // it answers requests now
}

// Now is the share that fails at its newest point.
func (v VersionErrors) Now() float64 {
	if len(v.Points) == 0 {
		return math.NaN()
	}
	return v.Points[len(v.Points)-1].V
}

// The thresholds of design section 6.
const (
	weightGuilty   = 3.0
	weightInnocent = 0.3
	guiltyTimes    = 3.0 // the new version fails this many times as often
	innocentTimes  = 1.2
	enoughRequests = 30
	// noticeable is the share of failures below which a new version is not
	// worth blaming: three times next to nothing is next to nothing.
	noticeable = 0.002
)

// finding is what the evidence makes of a rollout.
type finding struct {
	factor float64 // of its score
	words  string  // a sentence; empty: too little is known
	well   bool    // it ran well until the trouble began
}

// weigh compares the version of a rollout with the one that it replaced.
func (e Evidence) weigh(c *sources.Change) finding {
	fresh, ok := e.find(c.Version)
	old, had := e.find(c.FromVersion)
	if !rollout(c.Kind) || !ok || !had || fresh.Requests < enoughRequests || old.Requests < enoughRequests {
		return finding{factor: 1}
	}
	if fresh.Gone { // what it brought may live on in the next version
		return finding{factor: 1, words: "Another version had replaced it when the trouble began."}
	}
	now, before := fresh.Ratio(), old.Ratio()
	did := func(v VersionErrors) string {
		if v.Current {
			return " fails "
		}
		return " failed "
	}
	words := fmt.Sprintf("%s%s%s of %s requests", fresh.Version, did(fresh), Ratio.Format(now), fresh.About())
	worse := func(ratio float64) bool { return ratio >= guiltyTimes*before && ratio >= noticeable }
	switch {
	case worse(now) && old.Gone && fresh.Before.Requests >= enoughRequests && !worse(fresh.Before.Ratio()):
		// Only what both did, or what came with the new one, tells them apart.
		return finding{1, fmt.Sprintf("%s, but not of the %s before the trouble began (%s): it ran well at first.",
			words, fresh.Before.About(), Ratio.Format(fresh.Before.Ratio())), true}
	case !worse(now) && (now <= innocentTimes*before || now < noticeable):
		return finding{factor: weightInnocent,
			words: fmt.Sprintf("It fails no more than %s did: %s, before %s.", old.Version, Ratio.Format(now), Ratio.Format(before))}
	}
	words += fmt.Sprintf(", %s%s%s.", old.Version, did(old), Ratio.Format(before))
	if worse(now) {
		return finding{factor: weightGuilty, words: words}
	}
	return finding{factor: 1, words: words}
}

func (e Evidence) find(version safe.Value) (VersionErrors, bool) {
	i := slices.IndexFunc(e.Versions, func(v VersionErrors) bool { return sameVersion(v.Version, version) })
	if i < 0 || version.Empty() {
		return VersionErrors{}, false
	}
	return e.Versions[i], true
}

// Of is what the two versions of a suspect did, as far as it is known: the new
// one first.
func (e Evidence) Of(s Suspect) []VersionErrors {
	var out []VersionErrors
	of := e.of(s.Service, s.kin)
	for _, version := range []safe.Value{s.Version, s.FromVersion} {
		if v, ok := of.find(version); ok {
			out = append(out, v)
		}
	}
	return out
}

// About is a count of requests as people say it: two figures.
func (t Tally) About() string { return Count.Format(rounded(t.Requests)) }

// rounded keeps two figures of a count that is only about right.
func rounded(n float64) float64 {
	scale := math.Pow(10, math.Max(0, math.Floor(math.Log10(math.Max(n, 1)))-1))
	return math.Round(n/scale) * scale
}

// SplitWindow is the window of rates that are split by version: short, because
// a version may have run for minutes only, and long enough for two samples a
// minute apart. A rate speaks of as long before its moment.
const SplitWindow = 2 * time.Minute

// Split gives the rates of failed and of all requests behind the detector, one
// series each of theirs, for a selector's inside; empty texts: it does not say.
func (d Detector) Split(selector string) (failed, total string) {
	if d.Total == "" || len(d.Failed) == 0 {
		return "", ""
	}
	window := fmt.Sprintf("%dm", int(SplitWindow.Minutes()))
	return fillSelector(d.rates(d.Failed, window), selector), fillSelector(d.rates([]string{d.Total}, window), selector)
}

// Counter is the selector of all requests behind the detector.
func (d Detector) Counter(selector string) string { return fillSelector(d.Total, selector) }
