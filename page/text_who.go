package page

import (
	"strings"

	"github.com/firstpage-oncall/firstpage/sources"
)

func (t *text) who() {
	t.heading("Who")
	for _, line := range t.whoLines() {
		t.line("%s", line)
	}
}

// whoLines are owner, on call and where to ask, each said to be unknown where
// it is.
func (t *text) whoLines() []string {
	w := t.p.Who
	var out []string
	owner := "Owner: not known. " + ownerRemedy(t.p)
	if !w.Owner.Name.Empty() {
		owner = "Owner: " + w.Owner.Name.String()
		for _, more := range []string{w.Channel.String(), tier(w.Service)} {
			if more != "" {
				owner += ", " + more
			}
		}
	}
	out = append(out, owner)
	switch {
	case len(w.OnCall) > 0:
		var names []string
		for _, s := range w.OnCall {
			names = append(names, s.Person.String()+" until "+t.clock(s.To))
		}
		out = append(out, "On call: "+strings.Join(names, ", "))
	case len(w.Asked) == 0:
		out = append(out, "On call: not known, no schedule is connected.")
	case !answered(w.Asked):
		out = append(out, "On call: not known, the schedule does not answer: "+t.sources(w.Asked)+".")
	default:
		out = append(out, "On call: nobody in the schedule of this owner.")
	}
	if n := w.Next; n != nil {
		out = append(out, "Next: "+n.Person.String()+" from "+t.clock(n.From))
	}
	if !w.Escalation.Empty() {
		out = append(out, "Stuck? "+w.Escalation.String())
	}
	return out
}

// ownerRemedy is what makes the owner known the next time.
func ownerRemedy(p Page) string {
	switch name := p.Item.Service.Name; {
	case p.Who.Service != nil:
		return "Add team: to " + p.Who.Service.Name.String() + " in the catalog."
	case !name.Empty():
		return "Describe " + name.String() + " and its team in a catalog (configuration: services: {catalog: [FILE]}), or give the rule a label team."
	}
	return "Give the rule a label team, or name the label that says which service it is about (configuration: services: {labels: [NAME]})."
}

func tier(s *sources.Service) string {
	if s == nil || s.Tier.Empty() {
		return ""
	}
	return "tier " + s.Tier.String()
}

// answered reports whether every schedule has been read at least once.
func answered(sts []sources.Status) bool {
	for _, st := range sts {
		if st.AsOf.IsZero() {
			return false
		}
	}
	return true
}
