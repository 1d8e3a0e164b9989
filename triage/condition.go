package triage

import (
	"cmp"
	"slices"
	"strings"
)

// Condition is how a service does, in a word or two.
type Condition string

// The conditions, worst first.
const (
	ServiceDown    Condition = "down"      // no instance answers
	ServiceWorse   Condition = "worse"     // a signal is bad news
	ServiceEasing  Condition = "easing"    // bad news, past the worst
	ServiceUnknown Condition = "not known" // nothing that tells is there, or the question failed
	ServiceUsual   Condition = "usual"
)

// ConditionOf judges a service's signals together. Words say which are bad news;
// empty when none is.
func ConditionOf(h Health) (c Condition, words string) {
	var bad []string
	known, easing, down := false, true, false
	for _, s := range h.Signals {
		known = known || s.Verdict != ""
		if s.Name == "instances" && s.HasNow && s.Now == 0 {
			down = true
		}
		if s.Alarming() {
			easing = easing && s.Easing()
			bad = append(bad, strings.TrimSpace(s.Title+" "+s.Verdict))
		}
	}
	words = strings.Join(bad, ", ")
	switch {
	case down:
		return ServiceDown, "no instance answers"
	case len(bad) > 0 && easing:
		return ServiceEasing, words
	case len(bad) > 0:
		return ServiceWorse, words
	case !known:
		return ServiceUnknown, ""
	}
	return ServiceUsual, ""
}

// rank orders conditions, worst first.
func (c Condition) rank() int {
	i := slices.Index([]Condition{ServiceDown, ServiceWorse, ServiceEasing, ServiceUnknown, ServiceUsual}, c)
	if i < 0 {
		return 3 // as not known: it was not asked yet
	}
	return i
}

// CompareServices orders two services, worst first: urgent alerts, then
// conditions, then any alert, then names. Not known comes before usual: it is no good news.
func CompareServices(x ServiceRow, cx Condition, y ServiceRow, cy Condition) int {
	urgent := func(r ServiceRow) int {
		if r.Firing > 0 && r.Worst.Rank <= RankCritical {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(urgent(x), urgent(y)), cmp.Compare(cx.rank(), cy.rank()), -cmp.Compare(x.Firing, y.Firing),
		-cmp.Compare(x.Pending, y.Pending), strings.Compare(strings.ToLower(x.Name.Raw()), strings.ToLower(y.Name.Raw())), strings.Compare(x.Cluster, y.Cluster))
}
