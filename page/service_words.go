package page

import (
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
)

// mostServices is how many services of a host are named.
const mostServices = 5

// ServiceWords say which service the alert is about and how that is known,
// without a full stop: "checkout (its label app, in the catalog)", "perhaps
// checkout: a guess, nothing else that is known runs on db-1", "unknown: no label
// names one".
func ServiceWords(p Page) string {
	f := p.Item.Service
	switch {
	case f.Guess():
		return f.Words() + ": a guess, nothing else that is known runs on " + p.Host.Value.Place.String()
	case f.Name.Empty():
		return unknownService(p)
	}
	by, catalog := strings.CutPrefix(f.By, "catalog:")
	by = safe.Text(by)
	if catalog {
		return f.Name.String() + " (its label " + by + ", in the catalog)"
	}
	return f.Name.String() + " (its label " + by + ")"
}

func unknownService(p Page) string {
	words, h := "unknown: no label names one", p.Host.Value
	if p.Host.State == Failed {
		return words + "; what runs on its host could not be asked: " + safe.Err(p.Host.Err)
	}
	if len(h.Services) == 0 {
		return words
	}
	var names []string
	for _, s := range h.Services[:min(len(h.Services), mostServices)] {
		names = append(names, s.Name.String())
	}
	list := names[0]
	if n := len(h.Services); n > mostServices {
		list = strings.Join(names, ", ") + " and " + Counted(n-mostServices, "other")
	} else if n > 1 {
		list = strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return words + "; perhaps one of those on " + h.Place.String() + ", a guess: " + list
}

// RemedyWords say what to add so that the service is known the next time, in
// sentences; empty: a label names it.
func RemedyWords(p Page) string {
	r := triage.RemedyOf(p.Item)
	if r.Rule == "" {
		return ""
	}
	words := "Add to the rule: " + r.Rule
	if r.Catalog != "" {
		words += ", or to a catalog, which then knows the label " + r.Label + ": " + r.Catalog
	}
	return words + ", or name another label that says it in the configuration: services: {labels: [LABEL]}"
}

type serviceOfJSON struct {
	Name       safe.Value        `json:"name"`       // empty: not known
	FoundBy    string            `json:"found_by"`   // host:job: a guess by what runs on the host
	Guess      bool              `json:"guess"`      // nothing of the alert says so
	Host       safe.Value        `json:"host"`       // that was asked for; empty: it was not
	Candidates []hostServiceJSON `json:"candidates"` // what runs on the host: guesses, too
	Words      string            `json:"words"`
	Add        *remedyJSON       `json:"add"` // what makes it known; null: it is
	Error      *string           `json:"error"`
}

type hostServiceJSON struct {
	Name  safe.Value `json:"name"`
	Job   safe.Value `json:"job"`
	Owner safe.Value `json:"owner"`
}

type remedyJSON struct {
	Rule    string `json:"rule"`    // below the alerting rule; NAME stands for the service
	Catalog string `json:"catalog"` // below services: of a catalog; empty: there is no label that it could know
}

func (p Page) serviceJSON() serviceOfJSON {
	f, h := p.Item.Service, p.Host.Value
	out := serviceOfJSON{Name: f.Name, FoundBy: safe.Text(f.By), Guess: f.Guess(), Host: h.Host, Candidates: []hostServiceJSON{},
		Words: ServiceWords(p)}
	for _, s := range h.Services {
		out.Candidates = append(out.Candidates, hostServiceJSON{s.Name, s.Job, s.Team})
	}
	if r := triage.RemedyOf(p.Item); r.Rule != "" {
		out.Add = &remedyJSON{r.Rule, r.Catalog}
		if p.Host.State == Failed || p.Host.State == Stale {
			out.Error = message(p.Host.Err)
		}
	}
	return out
}
