package page

import (
	"strconv"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Located is where an alert's runbook is, without its text. Page may not
// import the resolver, so whoever asks it fills this in. The zero Located
// means not looked for.
type Located struct {
	Ref    runbook.Ref // where the alert says it is
	Via    runbook.Via // empty counts as none
	Path   string      // absolute; empty: no file
	Line   int         // from 1; 0: not known
	AsOf   time.Time   // of the text
	Reason runbook.Reason
	Trail  runbook.Trail
}

// Found reports whether there is a text.
func (l Located) Found() bool { return l.Via != "" && l.Via != runbook.ViaNone }

func located(rb Runbook) Located {
	l := Located{Ref: rb.Ref, Via: runbook.ViaNone, Reason: rb.Reason, Trail: rb.Trail}
	if w := rb.Doc.Where; !rb.Doc.Empty() {
		l.Via, l.Path, l.Line, l.AsOf = w.Via, w.Path, rb.Pos.Line, w.AsOf
	}
	return l
}

type alertJSON struct {
	ID             sources.AlertID `json:"id"`
	Fingerprint    string          `json:"fingerprint"`
	Name           safe.Value      `json:"name"`
	State          sources.State   `json:"state"`
	Severity       safe.Value      `json:"severity"`
	Service        safe.Value      `json:"service"`
	ServiceFoundBy string          `json:"service_found_by"`
	ServiceGuess   bool            `json:"service_guess"` // by what runs on the host; a list never guesses
	Owner          safe.Value      `json:"owner"`
	Cluster        string          `json:"cluster"`
	Summary        safe.Value      `json:"summary"`
	Labels         sources.Labels  `json:"labels"`
	Annotations    sources.Labels  `json:"annotations"`
	ActiveAt       *time.Time      `json:"active_at"`
	ResolvedAt     *time.Time      `json:"resolved_at"`
	Onset          onsetJSON       `json:"onset"`
	Value          *float64        `json:"value"`
	ValueText      string          `json:"value_text,omitempty"` // +Inf, -Inf, NaN: what JSON numbers cannot say
	Limit          *float64        `json:"limit"`
	Unit           string          `json:"unit"`
	Silenced       *bool           `json:"silenced"`  // null: not known
	Inhibited      *bool           `json:"inhibited"` // likewise
	Group          safe.Value      `json:"group"`
	Runbook        runbookJSON     `json:"runbook"`
}

type onsetJSON struct {
	At     *time.Time `json:"at"`
	Method string     `json:"method"`
}

type runbookJSON struct {
	Link  safe.Value  `json:"link"`
	Found bool        `json:"found"`
	Via   runbook.Via `json:"via"`
	Path  string      `json:"path"`
	Line  *int        `json:"line"`
	AsOf  *time.Time  `json:"as_of"`
	Tried []rungJSON  `json:"tried"`
}

type rungJSON struct {
	Name   string `json:"name"`
	Tried  string `json:"tried"`
	Result string `json:"result"`
	Found  bool   `json:"found"`
}

// AlertsJSON are alerts as the `alerts` list has them: onset by active_at, limit
// and unit from the rule, which is read once for all that share it, the runbook
// where local rungs found it. Locate may be nil.
func AlertsJSON(items []triage.Item, locate func(triage.Item) Located) []any {
	known := map[*sources.Rule]triage.Expr{}
	out := make([]any, 0, len(items))
	for _, it := range items {
		e, ok := known[it.Rule]
		if !ok {
			e = split(it.Rule)
			known[it.Rule] = e
		}
		var l Located
		if locate != nil {
			l = locate(it)
		}
		out = append(out, alertOf(it, triage.Began(it), e, l))
	}
	return out
}

func split(r *sources.Rule) triage.Expr {
	if r == nil {
		return triage.Expr{}
	}
	return triage.Split(r.Query.Raw())
}

func alertOf(it triage.Item, on triage.Onset, e triage.Expr, l Located) alertJSON {
	a := alertJSON{
		ID: it.ID, Fingerprint: it.Labels.Fingerprint(), Name: it.Name(), State: it.State,
		Severity: it.Severity.Value, Service: it.Service.Name, ServiceFoundBy: safe.Text(it.Service.By), ServiceGuess: it.Service.Guess(),
		Owner: it.Owner.Name, Cluster: safe.Text(it.Cluster), Summary: it.Annotations.Value("summary"),
		Labels: it.Labels, Annotations: it.Annotations, ActiveAt: stamp(it.ActiveAt), ResolvedAt: stamp(it.ResolvedAt),
		Onset: onsetJSON{At: stamp(on.At), Method: on.Method}, Value: number(it.Value), Unit: string(e.Unit),
		Group: safe.Outside(string(it.Group)), Runbook: l.json(),
	}
	if a.Summary.Empty() {
		a.Summary = safe.Outside(what(it))
	}
	if e.HasLimit {
		a.Limit = number(e.Limit)
	}
	if a.Value == nil {
		a.ValueText = strconv.FormatFloat(it.Value, 'f', -1, 64)
	}
	if it.AM != nil || it.Silenced {
		a.Silenced, a.Inhibited = &it.Silenced, &it.Inhibited
	}
	return a
}

func (l Located) json() runbookJSON {
	r := runbookJSON{Link: l.Ref.Link, Found: l.Found(), Via: l.Via, Path: safe.Text(l.Path), AsOf: stamp(l.AsOf),
		Tried: make([]rungJSON, 0, len(l.Trail))}
	if r.Via == "" {
		r.Via = runbook.ViaNone
	}
	if l.Line > 0 {
		r.Line = &l.Line
	}
	for _, t := range l.Trail {
		r.Tried = append(r.Tried, rungJSON{t.Name, safe.Text(t.Tried), safe.Text(t.Result), t.Found})
	}
	return r
}

type changeJSON struct {
	ID           string              `json:"id"`
	Source       string              `json:"source"`
	Kind         sources.ChangeType  `json:"kind"`
	Service      safe.Value          `json:"service"`
	Namespace    safe.Value          `json:"namespace"`
	Cluster      string              `json:"cluster"`
	Env          safe.Value          `json:"env"`
	Version      safe.Value          `json:"version"`
	FromVersion  safe.Value          `json:"from_version"`
	Revision     safe.Value          `json:"revision"`
	FromRevision safe.Value          `json:"from_revision"`
	StartedAt    *time.Time          `json:"started_at"`
	FinishedAt   *time.Time          `json:"finished_at"`
	State        sources.ChangeState `json:"state"`
	Author       safe.Value          `json:"author"`
	Title        safe.Value          `json:"title"`
	URL          safe.Value          `json:"url"`
	Evidence     []safe.Value        `json:"evidence"`
	Diff         *diffJSON           `json:"diff"` // null: not known
}

type suspectJSON struct {
	changeJSON
	Verdict            triage.Verdict `json:"verdict"`
	Reason             string         `json:"reason"`
	MinutesBeforeOnset float64        `json:"minutes_before_onset"`
}

// ChangeJSON is one change as the `changes` list has it.
func ChangeJSON(c sources.Change) any { return changeOf(c) }

func changeOf(c sources.Change) changeJSON {
	out := changeJSON{
		ID: safe.Text(c.ID), Source: safe.Text(c.Source.Name), Kind: c.Kind, Service: c.Service, Namespace: c.Namespace,
		Cluster: safe.Text(c.Cluster), Env: c.Env, Version: c.Version, FromVersion: c.FromVersion, Revision: c.Revision,
		FromRevision: c.FromRevision, StartedAt: stamp(c.StartedAt), FinishedAt: stamp(c.FinishedAt), State: c.State,
		Author: c.Author, Title: c.Title, URL: c.URL, Evidence: c.Evidence,
	}
	if c.Diff != nil {
		out.Diff = diffOf(*c.Diff)
	}
	if out.Source == "" {
		out.Source = c.Source.Kind
	}
	if out.Evidence == nil {
		out.Evidence = []safe.Value{}
	}
	return out
}

// suspectOf is a change with the judgement on it.
func suspectOf(s triage.Suspect) suspectJSON {
	// Tenths of a minute: finer than any source's clock.
	tenths := s.Before.Round(6*time.Second) / (6 * time.Second)
	return suspectJSON{changeOf(s.Change), s.Verdict, safe.Text(s.Reason), float64(tenths) / 10}
}
