package page

import (
	"math"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// WhyWords say why the page's alert fires (is about to, did) in one or two
// sentences: what is measured, the limit, for how long, and the value beside
// the limit. The text is clean. Empty when nothing can be said.
func WhyWords(p Page) string { return p.whyWords(p.At, time.UTC) }

func (p Page) whyWords(now time.Time, loc *time.Location) string {
	w := p.Why.Value
	at := ""
	if !p.Over && p.AlertsFeed.Source.Kind != "" && !p.live(now) && !p.AlertsFeed.AsOf.IsZero() {
		at = "at " + Clock(p.AlertsFeed.AsOf, now, loc)
	}
	if p.Over && !p.measuredSinceEnd() {
		w.Value = math.NaN() // it is one of the time when it fired
	}
	return safe.Text(w.Words(p.tense(), at))
}

func (p Page) tense() triage.Tense {
	switch {
	case p.Over:
		return triage.TenseOver
	case p.Item.State == sources.Pending:
		return triage.TensePending
	}
	return triage.TenseFiring
}

// measuredSinceEnd reports whether the value is of a moment after the alert
// was resolved.
func (p Page) measuredSinceEnd() bool {
	pts := p.Why.Value.Points
	return len(pts) > 0 && !p.Item.ResolvedAt.IsZero() && pts[len(pts)-1].T.After(p.Item.ResolvedAt)
}

// RecordedWords say which recording rule is behind what is measured: "Recorded
// as NAME: EXPR". The text is clean and one line. Empty: none is known.
func RecordedWords(w triage.Why) string {
	if !w.Recorded.Known() {
		return ""
	}
	return "Recorded as " + w.Recorded.Name.String() + ": " + safe.Text(strings.Join(strings.Fields(w.Recorded.Query.Raw()), " "))
}

// pointsAt are the labels that name the culprit: name="value", the telling
// ones first.
func pointsAt(w triage.Why) []string {
	out := make([]string, 0, len(w.Culprits))
	for _, l := range w.Culprits {
		out = append(out, l.Name.String()+"="+quote(l.Value.String()))
	}
	return out
}
