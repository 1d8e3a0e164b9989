package page

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// partJSON is what every part of a page says of itself.
type partJSON struct {
	State State      `json:"state"`
	AsOf  *time.Time `json:"as_of"`
	Error *string    `json:"error"`
}

func part[T any](s Slot[T]) partJSON { return partJSON{s.State, stamp(s.AsOf), message(s.Err)} }

type runbookPage struct {
	partJSON
	Link     safe.Value     `json:"link"`
	Found    bool           `json:"found"`
	Via      runbook.Via    `json:"via"`
	Path     string         `json:"path"`
	Line     *int           `json:"line"`
	TextAsOf *time.Time     `json:"text_as_of"`
	Heading  string         `json:"heading"`
	Reason   runbook.Reason `json:"reason"`
	Title    safe.Value     `json:"title"`
	URL      string         `json:"url"`
	Revision string         `json:"revision"`
	Edited   *time.Time     `json:"edited"`
	Also     []string       `json:"also"`
	Text     *safe.Value    `json:"text"`
	Tried    []rungJSON     `json:"tried"`
}

// RunbookJSON is a runbook by itself, as `firstpage runbook -o json` has it,
// with or without its text.
func RunbookJSON(ref runbook.Ref, doc runbook.Document, pos runbook.Pos, trail runbook.Trail, text bool) any {
	s := Slot[Runbook]{State: OK, AsOf: doc.Where.AsOf, Value: Runbook{Doc: doc, Pos: pos, Ref: ref, Trail: trail}}
	if doc.Empty() {
		s.State = Absent
		s.Value.Reason = missing(ref, trail)
	} else {
		s.Value.Reason = reason(doc, pos)
	}
	return runbookOf(s, text)
}

func runbookOf(s Slot[Runbook], text bool) runbookPage {
	rb := s.Value
	l, w := located(rb).json(), rb.Doc.Where
	out := runbookPage{partJSON: part(s), Link: l.Link, Found: l.Found, Via: l.Via, Path: l.Path, Line: l.Line,
		TextAsOf: l.AsOf, Heading: safe.Text(rb.Pos.Heading), Reason: rb.Reason, Title: rb.Doc.Title, URL: safe.Text(w.URL),
		Revision: safe.Text(w.Revision), Edited: stamp(w.Edited), Also: make([]string, 0, len(w.Also)), Tried: l.Tried}
	for _, path := range w.Also {
		out.Also = append(out.Also, safe.Text(path))
	}
	if l.Found && text {
		v := safe.Outside(string(rb.Doc.Source))
		out.Text = &v
	}
	return out
}

type onsetPage struct {
	partJSON
	onsetJSON
	Note string `json:"note"`
}

func (p Page) onsetJSON() onsetPage {
	on := p.Onset.Value
	return onsetPage{part(p.Onset), onsetJSON{stamp(on.At), on.Method}, safe.Text(on.Note)}
}

type whyJSON struct {
	partJSON
	RuleKnown      bool           `json:"rule_known"`
	Query          safe.Value     `json:"query"`
	Measured       safe.Value     `json:"measured"`
	Op             string         `json:"op"`
	Limit          *float64       `json:"limit"`
	LimitText      safe.Value     `json:"limit_text"`
	Unit           triage.Unit    `json:"unit"`
	Absent         bool           `json:"absent"`
	Value          *float64       `json:"value"`
	Trend          triage.Trend   `json:"trend"`
	ForSeconds     float64        `json:"for_seconds"`
	RuleHealth     safe.Value     `json:"rule_health"`
	RuleError      safe.Value     `json:"rule_error"`
	Points         []pointJSON    `json:"points"`
	KeepForSeconds float64        `json:"keep_firing_for_seconds"`
	Sentence       string         `json:"sentence"`  // empty: nothing can be said
	Rest           safe.Value     `json:"rest"`      // further conditions, PromQL
	Recorded       *recordedJSON  `json:"recorded"`  // the recording rule behind measured; null: none is known
	PointsAt       []pointsAtJSON `json:"points_at"` // the telling labels first
}

type recordedJSON struct {
	Name  safe.Value `json:"name"`
	Query safe.Value `json:"query"`
}

type pointJSON struct {
	T *time.Time `json:"t"`
	V *float64   `json:"v"`
}

func points(ps []sources.Point) []pointJSON {
	out := make([]pointJSON, 0, len(ps))
	for _, pt := range ps {
		out = append(out, pointJSON{stamp(pt.T), number(pt.V)})
	}
	return out
}

func (p Page) whyJSON() whyJSON {
	w := p.Why.Value
	out := whyJSON{partJSON: part(p.Why), RuleKnown: w.RuleKnown, Query: w.Query, Measured: safe.Outside(w.Measured), Op: w.Op,
		LimitText: safe.Outside(w.LimitText), Unit: w.Unit, Absent: w.Absent, Value: number(w.Value), Trend: w.Trend,
		ForSeconds: w.For.Seconds(), KeepForSeconds: w.KeepFiringFor.Seconds(), RuleHealth: w.RuleHealth,
		RuleError: w.RuleError, Points: points(w.Points)}
	out.Sentence, out.Rest, out.PointsAt = WhyWords(p, p.At, time.UTC), safe.Outside(w.Rest), p.pointsAtJSON()
	if w.Recorded.Known() {
		out.Recorded = &recordedJSON{w.Recorded.Name, w.Recorded.Query}
	}
	if w.HasLimit {
		out.Limit = number(w.Limit)
	}
	return out
}

// changesJSON is what was asked for changes and what the ranking rests on.
type changesJSON struct {
	NoneFound bool   `json:"none_found"`
	BaseRate  string `json:"base_rate"`
	Asked     any    `json:"asked"`
	NotAsked  any    `json:"not_asked"`
	// NotConnected are the kinds of change that no source tells.
	NotConnected []sources.ChangeType `json:"not_connected"`
	Last         *changeJSON          `json:"last"`
	Diffs        diffsJSON            `json:"diffs"` // how far the suspects' diff is known
}

func (p Page) changesJSON() changesJSON {
	r := p.Ranking
	out := changesJSON{NoneFound: r.NoneFound, BaseRate: safe.Text(r.BaseRate), Asked: SourcesJSON(r.Asked), NotAsked: SourcesJSON(r.Failed), NotConnected: append([]sources.ChangeType{}, r.Unseen...),
		Diffs: diffsJSON{part(p.Diffs), safe.Text(p.Diffs.Value.Note)}}
	if r.Last != nil {
		last := changeOf(*r.Last)
		out.Last = &last
	}
	return out
}

type whoJSON struct {
	Owner        safe.Value   `json:"owner"`
	OwnerFoundBy string       `json:"owner_found_by"`
	Tier         safe.Value   `json:"tier"`
	Channel      safe.Value   `json:"channel"`
	Escalation   safe.Value   `json:"escalation"`
	OnCall       []shiftJSON  `json:"on_call"`
	Next         *shiftJSON   `json:"next"`
	DependsOn    []dependJSON `json:"depends_on"`
	AsOf         *time.Time   `json:"as_of"`
	Error        *string      `json:"error"`
}

// dependJSON is a service that is called, and whom to ask about it.
type dependJSON struct {
	Service safe.Value  `json:"service"`
	Owner   safe.Value  `json:"owner"`
	Channel safe.Value  `json:"channel"`
	OnCall  []shiftJSON `json:"on_call"`
}

type shiftJSON struct {
	Person   safe.Value `json:"person"`
	Team     safe.Value `json:"team"`
	From     *time.Time `json:"from"`
	To       *time.Time `json:"to"`
	Override bool       `json:"override"`
}

func shiftOf(s sources.Shift) shiftJSON {
	return shiftJSON{s.Person, s.Team, stamp(s.From), stamp(s.To), s.Override}
}

func shiftsOf(list []sources.Shift) []shiftJSON {
	out := make([]shiftJSON, 0, len(list))
	for _, s := range list {
		out = append(out, shiftOf(s))
	}
	return out
}

// WhoJSON is who can help with a service or a team, for firstpage who.
func WhoJSON(w Who) any {
	out := whoOfJSON{whoJSON: w.json()}
	if w.Service != nil {
		out.Service = w.Service.Name
	}
	return out
}

type whoOfJSON struct {
	Service safe.Value `json:"service"`
	whoJSON
}

func (p Page) whoJSON() whoJSON { return p.Who.json() }

func (w Who) json() whoJSON {
	out := whoJSON{Owner: w.Owner.Name, OwnerFoundBy: safe.Text(w.Owner.By), Channel: w.Channel, Escalation: w.Escalation, OnCall: shiftsOf(w.OnCall), DependsOn: make([]dependJSON, 0, len(w.Depends))}
	if w.Service != nil {
		out.Tier = w.Service.Tier
	}
	for _, d := range w.Depends {
		out.DependsOn = append(out.DependsOn, dependJSON{d.Service, d.Owner, d.Channel, shiftsOf(d.OnCall)})
	}
	if w.Next != nil {
		next := shiftOf(*w.Next)
		out.Next = &next
	}
	for _, st := range w.Asked {
		if out.AsOf == nil || stamp(st.AsOf) != nil && st.AsOf.Before(*out.AsOf) {
			out.AsOf = stamp(st.AsOf)
		}
		if st.Err != nil {
			out.Error = message(st.Err)
		}
	}
	return out
}
