package page

import (
	"maps"
	"slices"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
)

type serviceJSON struct {
	Name      safe.Value          `json:"name"`
	Team      safe.Value          `json:"team"`
	Cluster   safe.Value          `json:"cluster"`
	Verdict   triage.Condition    `json:"verdict"`
	Alarming  bool                `json:"alarming"`
	Firing    int                 `json:"firing"`
	Pending   int                 `json:"pending"`
	Signals   []serviceSignalJSON `json:"signals"`
	Instances string              `json:"instances"`
	Calls     []calleeJSON        `json:"calls"` // asked for with one service only
	Note      string              `json:"note"`
	Error     *string             `json:"error"`
}

type serviceSignalJSON struct {
	Name    string      `json:"name"`
	Title   string      `json:"title"`
	Now     *float64    `json:"now"`
	HourAgo *float64    `json:"hour_ago"`
	DayAgo  *float64    `json:"day_ago"`
	Unit    triage.Unit `json:"unit"`
	Verdict string      `json:"verdict"`
	Query   safe.Value  `json:"query"`
	Error   *string     `json:"error"`
}

// ServicesJSON is the rows, in their order, as `firstpage health -o json` lists
// them.
func ServicesJSON(rows []triage.ServiceRow, of map[string]ServiceHealth) any {
	out := make([]serviceJSON, 0, len(rows))
	for _, r := range rows {
		h := of[r.Key()]
		c, _ := h.Condition()
		j := serviceJSON{Name: r.Name, Team: r.Team, Cluster: safe.Outside(r.Cluster), Verdict: c, Alarming: h.Health.Alarming(),
			Firing: r.Firing, Pending: r.Pending, Signals: []serviceSignalJSON{}, Instances: h.Health.Instances, Calls: callsJSON(h.Calls),
			Note: safe.Text(h.Health.Note), Error: message(h.Err)}
		for _, s := range h.Health.Signals {
			j.Signals = append(j.Signals, serviceSignalJSON{Name: s.Name, Title: s.Title, Unit: s.Unit, Verdict: s.Verdict, Query: safe.Outside(s.Query),
				Now: numberIf(s.Now, s.HasNow), HourAgo: numberIf(s.Before, s.HasBefore), DayAgo: numberIf(s.Day, s.HasDay), Error: message(s.Err)})
		}
		out = append(out, j)
	}
	return out
}

// ServiceErrors are the errors of the discovery and of the rows, each once, and
// of whom if it hits one only: with one of them the answer is incomplete. Nil
// when all is known.
func ServiceErrors(l Services, rows []triage.ServiceRow, of map[string]ServiceHealth) []string {
	var texts []string
	whose := map[string][]string{} // by text
	add := func(of string, err error) {
		if err == nil {
			return
		}
		text := safe.Err(err)
		if whose[text] == nil {
			texts = append(texts, text)
		}
		whose[text] = append(whose[text], of)
	}
	for _, c := range slices.Sorted(maps.Keys(l.Errs)) {
		add("", l.Errs[c])
	}
	for _, r := range rows {
		add(r.Name.String(), of[r.Key()].Err)
		for _, s := range of[r.Key()].Health.Signals {
			add(r.Name.String()+", "+safe.Text(s.Title), s.Err)
		}
	}
	for i, text := range texts {
		if of := whose[text]; len(of) == 1 && of[0] != "" { // what hits several is the server's trouble
			texts[i] = of[0] + ": " + text
		}
	}
	return texts
}
