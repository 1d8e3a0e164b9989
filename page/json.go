package page

import (
	"math"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// This file and its neighbours are the JSON contract: field names are
// snake_case and stable, times are RFC 3339 in UTC or null, numbers that are
// no number are null, text from outside is lossless.

// stamp is a time for JSON: nil for the zero time, and for a year that RFC
// 3339 cannot write, with which the whole document would fail.
func stamp(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Millisecond)
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return nil
	}
	return &t
}

// number is a float for JSON: nil for NaN and infinities, which JSON lacks.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// numberIf is a number for JSON; nil where there is none.
func numberIf(v float64, has bool) *float64 {
	if !has {
		return nil
	}
	return number(v)
}

// message is an error for JSON: nil for none.
func message(err error) *string {
	if err == nil {
		return nil
	}
	s := safe.Err(err)
	return &s
}

type sourceJSON struct {
	Name    string     `json:"name"`
	Kind    string     `json:"kind"`
	Feed    string     `json:"feed"` // what it was asked for
	Cluster string     `json:"cluster"`
	OK      bool       `json:"ok"`
	Error   *string    `json:"error"`
	AsOf    *time.Time `json:"as_of"`
}

// SourcesJSON is the envelope's `sources`: one object per configured feed, in
// their order. It is never nil.
func SourcesJSON(statuses []sources.Status) any {
	out := make([]sourceJSON, 0, len(statuses))
	for _, st := range statuses {
		s := sourceJSON{Name: safe.Text(st.Source.Name), Kind: st.Source.Kind, Feed: st.What, Cluster: safe.Text(st.Source.Cluster),
			OK: st.Err == nil && !st.AsOf.IsZero(), AsOf: stamp(st.AsOf)}
		if st.Err != nil { // a nil *Error must not become a non-nil error
			s.Error = message(st.Err)
		}
		out = append(out, s)
	}
	return out
}

type pageJSON struct {
	Alert    alertJSON     `json:"alert"`
	Sentence string        `json:"sentence"`
	Service  serviceOfJSON `json:"service"`
	Runbook  runbookPage   `json:"runbook"`
	Suspects []suspectJSON `json:"suspects"`
	Others   int           `json:"others"`
	Changes  changesJSON   `json:"changes"`
	Onset    onsetPage     `json:"onset"`
	Why      whyJSON       `json:"why"`
	Health   []healthJSON  `json:"health"` // the alert's service
	History  historyJSON   `json:"history"`
	Who      whoJSON       `json:"who"`
	Links    []linkJSON    `json:"links"`
}

// TopSuspects is how many suspects are shown before the rest is counted.
const TopSuspects = 3

// JSON is the `page` of `show -o json`. Times in the sentence are UTC.
func JSON(p Page) any {
	top := p.top()
	out := pageJSON{
		Alert:    alertOf(p.Item, p.Onset.Value, p.Why.Value.Expr, located(p.Runbook.Value)),
		Sentence: p.Sentence(p.At, time.UTC).Full(),
		Service:  p.serviceJSON(),
		Runbook:  runbookOf(p.Runbook, true),
		Suspects: make([]suspectJSON, 0, len(top)),
		Others:   len(p.Ranking.Suspects) - len(top),
		Changes:  p.changesJSON(),
		Onset:    p.onsetJSON(),
		Why:      p.whyJSON(),
		Health:   []healthJSON{healthOf(p.Health, p.Callees.Value, p.Evidence.Value)},
		History:  p.historyJSON(),
		Who:      p.whoJSON(),
		Links:    p.linksJSON(),
	}
	for _, s := range top {
		out.Suspects = append(out.Suspects, suspectOf(s))
	}
	return out
}
