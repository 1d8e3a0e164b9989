package page

import (
	"fmt"
	"path"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Undo is the team's own command that takes a change back, as the runbook has
// it. It is there to be read and copied; nothing here runs it.
type Undo struct {
	Command runbook.Filled // zero with Why
	Where   string         // file, line and heading, clean
	Note    string         // what to know before it is used, a plain sentence; empty: nothing
	Why     string         // why there is none, in plain sentences; empty: there is one
}

// UndoOf finds in a runbook the command that takes a suspect back. There is
// none for what is no deploy, for a change of a service that no such command
// names, and where it would take back something else: commands of this sort put
// back what ran before whatever was deployed last.
func (p Page) UndoOf(s triage.Suspect, rb Runbook) Undo {
	service := s.Service.String()
	switch {
	case s.Kind == sources.Rollback:
		return Undo{Why: "This is a rollback itself: to take it back would bring " + orThe(s.FromVersion, "the version before it") + " again."}
	case s.Kind != sources.Deploy && s.Kind != sources.Config:
		return Undo{Why: fmt.Sprintf("A rollback takes back a deploy; this is a change of kind %s. Take it back where it was made.", s.Kind)}
	case rb.Doc.Empty():
		return Undo{Why: "There is no runbook text that could have one."}
	}
	if later, ok := p.laterRollout(s); ok {
		return Undo{Why: fmt.Sprintf("Not offered: the %s to %s came after this, and a rollback would take that one back.", later.Kind, orThe(later.Version, "another version"))}
	}
	undos := rb.Doc.Undos(rb.Pos)
	if len(undos) == 0 {
		return Undo{Why: "The runbook has no command that takes a deploy back."}
	}
	values := runbook.NewValues(p.Item.Labels, p.Item.Cluster, rb.Ref.Query)
	for _, u := range undos {
		if f := runbook.Fill(rb.Doc.Codes()[u.Code], values); says(f.Text, service) {
			return Undo{Command: f, Where: whereOf(rb.Doc, f, u)}
		}
	}
	if !s.Own() {
		return Undo{Why: "The runbook's rollback does not name " + service + "; this is another service than the page's. Look into its own runbook."}
	}
	f := runbook.Fill(rb.Doc.Codes()[undos[0].Code], values)
	return Undo{Command: f, Where: whereOf(rb.Doc, f, undos[0]), Note: "It does not name " + service + ": read what it takes back."}
}

// laterRollout is the newest deploy or rollback of a suspect's service that
// began after it.
func (p Page) laterRollout(s triage.Suspect) (sources.Change, bool) {
	var later sources.Change
	for _, o := range p.Ranking.Suspects {
		elsewhere := o.Cluster != "" && s.Cluster != "" && o.Cluster != s.Cluster
		if (o.Kind == sources.Deploy || o.Kind == sources.Rollback) && !elsewhere && strings.EqualFold(o.Service.Raw(), s.Service.Raw()) &&
			o.StartedAt.After(s.StartedAt) && o.StartedAt.After(later.StartedAt) {
			later = o.Change
		}
	}
	return later, !later.StartedAt.IsZero()
}

func orThe(v safe.Value, otherwise string) string {
	if v.Empty() {
		return otherwise
	}
	return v.String()
}

func whereOf(d runbook.Document, f runbook.Filled, u runbook.Undo) string {
	name := path.Base(strings.ReplaceAll(d.Where.Path, `\`, "/"))
	if d.Where.Path == "" {
		name = "the runbook"
	}
	where := fmt.Sprintf("%s:%d", name, f.Line)
	if u.Heading != "" {
		where += ` ("` + u.Heading + `")`
	}
	return safe.Text(where)
}
