package page

import (
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
)

type healthJSON struct {
	partJSON
	Service   safe.Value   `json:"service"`
	Selector  safe.Value   `json:"selector"`
	Instances string       `json:"instances"`
	Note      string       `json:"note"`
	Verdict   string       `json:"verdict"`
	Signals   []signalJSON `json:"signals"`
	Calls     []calleeJSON `json:"calls"` // what the service calls, by the catalog
	// ByVersion is the errors split by version; empty where they cannot be.
	ByVersion []versionJSON `json:"errors_by_version"`
}

type versionJSON struct {
	Version  safe.Value  `json:"version"`
	Running  bool        `json:"running"`
	Requests float64     `json:"requests"`
	Failed   float64     `json:"failed"`
	Points   []pointJSON `json:"points"`
}

type calleeJSON struct {
	Service safe.Value   `json:"service"`
	Verdict string       `json:"verdict"`
	Error   *string      `json:"error"`
	Signals []signalJSON `json:"signals"`
}

type signalJSON struct {
	Name    string      `json:"name"`
	Title   string      `json:"title"`
	Now     *float64    `json:"now"`
	Before  *float64    `json:"before"`
	Day     *float64    `json:"day_before"`
	Unit    triage.Unit `json:"unit"`
	Verdict string      `json:"verdict"`
	Why     string      `json:"measures"`
	Query   safe.Value  `json:"query"`
	Error   *string     `json:"error"`
	Points  []pointJSON `json:"points"`
}

func healthOf(slot Slot[triage.Health], calls []triage.Callee, e triage.Evidence) healthJSON {
	h := slot.Value
	out := healthJSON{partJSON: part(slot), Service: h.Service, Selector: safe.Outside(h.Selector), Instances: h.Instances,
		Note: safe.Text(h.Note), Verdict: h.Verdict(), Signals: signalsJSON(h.Signals), Calls: callsJSON(calls)}
	out.ByVersion = []versionJSON{}
	for _, v := range e.Versions {
		out.ByVersion = append(out.ByVersion, versionJSON{v.Version, v.Current, v.Requests, v.Failed, points(v.Points)})
	}
	return out
}

func callsJSON(calls []triage.Callee) []calleeJSON {
	out := make([]calleeJSON, 0, len(calls))
	for _, c := range calls {
		out = append(out, calleeJSON{c.Name, c.Words(), message(c.Err), signalsJSON(c.Health.Signals)})
	}
	return out
}

func signalsJSON(signals []triage.Signal) []signalJSON {
	out := make([]signalJSON, 0, len(signals))
	for _, s := range signals {
		out = append(out, signalJSON{Name: s.Name, Title: s.Title, Unit: s.Unit, Verdict: s.Verdict, Why: safe.Text(s.Why), Query: safe.Outside(s.Query),
			Now: numberIf(s.Now, s.HasNow), Before: numberIf(s.Before, s.HasBefore), Day: numberIf(s.Day, s.HasDay), Error: message(s.Err), Points: points(s.Points)})
	}
	return out
}
