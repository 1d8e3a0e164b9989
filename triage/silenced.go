package triage

import (
	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/firstpage-oncall/firstpage/sources"
)

// LastSilence is the silence that began last of those that hold or held for an
// alert with these labels, as Alertmanager has them: one that is still to come
// is none. Nil: none is known. It does not tell apart what an alert was called
// then.
func LastSilence(silences []sources.Silence, ls sources.Labels) *sources.Silence {
	var last *sources.Silence
	for i := range silences {
		s := &silences[i]
		if s.State != sources.SilencePending && (last == nil || s.StartsAt.After(last.StartsAt)) && Silences(*s, ls) {
			last = s
		}
	}
	return last
}

// Silences reports whether all matchers of a silence hold, as Alertmanager
// judges them: a label that is absent is an empty one. A silence without
// matchers, or with one that is no regular expression, silences nothing.
func Silences(s sources.Silence, ls sources.Labels) bool {
	for _, m := range s.Matchers {
		kind := map[[2]bool]labels.MatchType{
			{false, true}: labels.MatchEqual, {false, false}: labels.MatchNotEqual,
			{true, true}: labels.MatchRegexp, {true, false}: labels.MatchNotRegexp,
		}[[2]bool{m.IsRegex, m.IsEqual}]
		am, err := labels.NewMatcher(kind, m.Name.Raw(), m.Value.Raw())
		if err != nil || !am.Matches(ls.Value(m.Name.Raw()).Raw()) {
			return false
		}
	}
	return len(s.Matchers) > 0
}
