package page

import (
	"io"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

func (t *text) who() {
	t.heading("Who")
	for _, line := range t.whoLines(t.when) {
		t.line("%s", line)
	}
}

// whoLines are owner, on call and where to ask, each said to be unknown where
// it is. when says a moment.
func (t *text) whoLines(when func(time.Time) string) []string {
	w := t.p.Who
	if t.others {
		w = inThirdPerson(w)
	}
	owner := w.OwnerWords()
	if owner == "" {
		owner = "not known. " + ownerRemedy(t.p)
	}
	var out []string
	if t.p.Item.ID != "" { // the page of an alert
		out = append(out, "Service: "+ServiceWords(t.p))
		if add := RemedyWords(t.p); add != "" {
			out = append(out, add)
		}
	}
	calls := len(out) + 1
	out = append(out, "Owner: "+owner, "On call: "+w.OnCallWords(when))
	if asOf, wrong := w.Read(); wrong != nil && !asOf.IsZero() {
		out[calls] += ". So the schedule said " + Ago(t.o.Now.Sub(asOf)) + " ago; it does not answer now: " + wrong.Short()
	}
	if !w.Escalation.Empty() {
		out = append(out, "Stuck? "+w.Escalation.String())
	}
	for _, d := range w.Depends {
		out = append(out, "It calls "+d.Service.String()+": "+w.NeighbourWords(d))
	}
	return out
}

// when is a moment of a rota.
func (t *text) when(at time.Time) string { return When(at, t.o.Now, t.o.Loc) }

// teamRemedy makes an owner known where nothing names a service.
const teamRemedy = "Give the rule a label team, or name the label that says which service it is about (configuration: services: {labels: [NAME]})."

// ownerRemedy is what makes the owner known the next time.
func ownerRemedy(p Page) string {
	switch name := p.Item.Service.Name; {
	case p.Item.Service.Guess():
		return teamRemedy
	case p.Who.Service != nil:
		return "Add team: to " + p.Who.Service.Name.String() + " in the catalog."
	case !name.Empty():
		return "Describe " + name.String() + " and its team in a catalog (configuration: services: {catalog: [FILE]}), or give the rule a label team."
	}
	return teamRemedy
}

func tier(s *sources.Service) string {
	if s == nil || s.Tier.Empty() {
		return ""
	}
	return "tier " + s.Tier.String()
}

// handovers is how many turns to come are written out.
const handovers = 5

// WriteWho writes who can help with each of some services or teams: what the page
// says and the hand-overs to come. It is the first write error.
func WriteWho(w io.Writer, list []Who, o TextOptions) error {
	if o.Loc == nil {
		o.Loc = time.UTC
	}
	for i, who := range list {
		t := &text{w: w, p: Page{Who: who}, o: o}
		if i > 0 {
			t.line("")
		}
		title := who.Owner.Name.String()
		if who.Service != nil {
			title = who.Service.Name.String()
		}
		t.line("%s", title)
		for _, line := range t.whoLines(t.when) {
			t.line("  %s", line)
		}
		for k, turn := range who.Handovers(handovers) {
			head := "           "
			if k == 0 {
				head = "Hand-overs:"
			}
			t.line("  %s %s %s", head, t.when(turn.From), who.TurnWords(turn))
		}
		if t.err != nil {
			return t.err
		}
	}
	return nil
}
