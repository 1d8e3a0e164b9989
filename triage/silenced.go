package triage

import (
	"time"

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

// silence is what a silence asks of an alert: its matchers, read once. Nil: it
// silences nothing.
type silence []*labels.Matcher

// active are the silences that hold now, whatever they were when they were read.
func active(silences []sources.Silence, now time.Time) []silence {
	var out []silence
	for _, s := range silences {
		if !now.Before(s.StartsAt) && now.Before(s.EndsAt) {
			out = append(out, silenceOf(s))
		}
	}
	return out
}

// silenceOf reads the matchers of a silence: none where one of them is no
// regular expression.
func silenceOf(s sources.Silence) silence {
	var out silence
	for _, m := range s.Matchers {
		kind := map[[2]bool]labels.MatchType{
			{false, true}: labels.MatchEqual, {false, false}: labels.MatchNotEqual,
			{true, true}: labels.MatchRegexp, {true, false}: labels.MatchNotRegexp,
		}[[2]bool{m.IsRegex, m.IsEqual}]
		am, err := labels.NewMatcher(kind, m.Name.Raw(), m.Value.Raw())
		if err != nil {
			return nil
		}
		out = append(out, am)
	}
	return out
}

// holds reports whether all matchers hold, as Alertmanager judges them.
func (s silence) holds(ls sources.Labels) bool {
	for _, m := range s {
		if !m.Matches(ls.Value(m.Name).Raw()) {
			return false
		}
	}
	return len(s) > 0
}

// Silences reports whether all matchers of a silence hold, as Alertmanager
// judges them: a label that is absent is an empty one. A silence without
// matchers, or with one that is no regular expression, silences nothing.
func Silences(s sources.Silence, ls sources.Labels) bool {
	for _, m := range s.Matchers { // most name the alert: no expression needs to be read to see that they do not hold
		if !m.IsRegex && (ls.Value(m.Name.Raw()) == m.Value) != m.IsEqual {
			return false
		}
	}
	return silenceOf(s).holds(ls)
}
