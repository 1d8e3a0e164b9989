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
// the limit. Loc is where times are told. The text is clean. Empty when nothing
// can be said.
func WhyWords(p Page, now time.Time, loc *time.Location) string {
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

// PointsAtWords say what the alert points at: the values that make up most of
// what is measured, then the labels of the alert itself, the telling ones
// first. The text is clean and one line. Empty: nothing is known.
func PointsAtWords(p Page) string {
	words := []string{p.PointsAt.Value.Words()}
	if labels := p.Why.Value.Culprits.Words("  "); labels != "" {
		words = append(words, labels)
	}
	return safe.Text(strings.TrimSpace(strings.Join(words, " ")))
}

// pointsAtJSON is a label that the alert points at. Measured is that of the
// value alone, where the alert adds up several.
type pointsAtJSON struct {
	Name     safe.Value `json:"name"`
	Value    safe.Value `json:"value"`
	Measured *float64   `json:"measured"`
}

func (p Page) pointsAtJSON() []pointsAtJSON {
	out := make([]pointsAtJSON, 0, len(p.Why.Value.Culprits))
	for _, x := range p.PointsAt.Value.Pointers {
		out = append(out, pointsAtJSON{x.Name, x.Value, number(x.Measured)})
	}
	for _, l := range p.Why.Value.Culprits {
		out = append(out, pointsAtJSON{Name: l.Name, Value: l.Value})
	}
	return out
}
