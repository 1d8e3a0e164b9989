package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// maxNotes is how many notes are kept: they are read by a person.
const maxNotes = 100

// joined is the catalog that all files make together.
type joined struct {
	services               []sources.Service
	teams                  []sources.Team
	runbooks, teamRunbooks map[string]string // by folded name and alias; by team key
	notes                  []safe.Value
	counts                 Counts
}

// joiner puts together what the files say.
type joiner struct {
	services []*entry // each name once; systems and domains after the others
	byName   map[string]*entry
	systems  map[string]*entry // systems and domains, by kind and name: they may be called as a component is
	teams    map[string]*crew  // by team key of name and alias
	crews    []*crew           // each once
	notes    []note
	layers   map[string]int // of the file that an entry is first in
}

// fold is a name for comparison.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func teamKey(name string) string { return fold(sources.TeamName(name)) }

// join makes the catalog of what the files hold, which stays as it is.
func join(parts []contents, notes []note) joined {
	j := &joiner{byName: map[string]*entry{}, systems: map[string]*entry{}, teams: map[string]*crew{}, layers: map[string]int{}, notes: slices.Clone(notes)}
	files := 0
	for _, p := range parts {
		j.notes = append(j.notes, p.notes...)
		if len(p.services)+len(p.teams) > 0 {
			files++
		}
		for i := range p.teams {
			j.team(p.teams[i], p.layer)
		}
		for i := range p.services {
			if e := &p.services[i]; e.kind != system && e.kind != domain {
				j.add(e, p.layer)
			}
		}
	}
	j.containers(parts)
	j.owners()
	j.depend()
	j.aliases()
	out := j.result()
	out.counts.Files = files
	return out
}

// team takes one description of a team.
func (j *joiner) team(t crew, layer int) {
	old := j.teams[teamKey(t.Name.Raw())]
	if old == nil {
		old = &t
		j.crews = append(j.crews, old)
		j.layers[t.at.String()] = layer
	} else {
		j.twice("team", t.Name.Raw(), old.at, t.at, layer)
		lend(&old.Channel, t.Channel)
		lend(&old.Escalation, t.Escalation)
		lend(&old.Runbook, t.Runbook)
		old.Aliases = union(old.Aliases, t.Aliases)
		old.Dashboards = union(old.Dashboards, t.Dashboards)
		old.Links = union(old.Links, t.Links)
	}
	for _, n := range append([]safe.Value{t.Name}, t.Aliases...) {
		if k := teamKey(n.Raw()); j.teams[k] == nil {
			j.teams[k] = old
		}
	}
}

// add takes one description of a service. The first of a name counts, field by
// field.
func (j *joiner) add(e *entry, layer int) {
	key := fold(e.Name.Raw())
	old := j.byName[key]
	if old == nil {
		c := *e
		j.byName[key] = &c
		j.services = append(j.services, &c)
		j.layers[e.at.String()] = layer
		return
	}
	if old.kind == e.kind {
		j.twice("service", e.Name.Raw(), old.at, e.at, layer)
	}
	fill(old, e)
}

// twice notes a second description by the same path of the configuration. That
// of another path is meant to add to the first.
func (j *joiner) twice(what, name string, before, now place, layer int) {
	if l, ok := j.layers[before.String()]; ok && l == layer {
		j.notes = append(j.notes, note{now, fmt.Sprintf("%s %q is described at %s already; this adds what is missing there", what, name, before)})
	}
}

// fill takes what an entry lacks from another of its name; lists are joined.
func fill(to, from *entry) {
	for _, f := range []struct {
		to   *safe.Value
		from safe.Value
	}{
		{&to.Team, from.Team}, {&to.Tier, from.Tier}, {&to.Channel, from.Channel}, {&to.Repository, from.Repository},
		{&to.Runbook, from.Runbook}, {&to.Escalation, from.Escalation}, {&to.Description, from.Description},
	} {
		lend(f.to, f.from)
	}
	to.within = first(to.within, from.within)
	to.Aliases = union(to.Aliases, from.Aliases)
	to.DependsOn = union(to.DependsOn, from.DependsOn)
	to.Dashboards = union(to.Dashboards, from.Dashboards)
	to.Logs = union(to.Logs, from.Logs)
	to.Health = union(to.Health, from.Health)
	to.Traces = union(to.Traces, from.Traces)
	to.Links = union(to.Links, from.Links)
	to.callers = union(to.callers, from.callers)
	to.guessed = union(to.guessed, from.guessed)
}

// lend fills a field that is empty.
func lend(to *safe.Value, from safe.Value) {
	if to.Empty() {
		*to = from
	}
}

// union is a new list of what is in either, in order.
func union[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// containers takes the systems and domains. A system is a service, too, where
// no service has its name: alerts about all of it may name it.
func (j *joiner) containers(parts []contents) {
	for _, p := range parts {
		for i := range p.services {
			e := &p.services[i]
			key := e.kind + ":" + fold(e.Name.Raw())
			switch {
			case e.kind != system && e.kind != domain:
				continue
			case j.systems[key] == nil:
				c := *e
				j.systems[key] = &c
				j.layers[e.at.String()] = p.layer
			default:
				j.twice(e.kind, e.Name.Raw(), j.systems[key].at, e.at, p.layer)
				fill(j.systems[key], e)
			}
		}
	}
	for _, p := range parts {
		for i := range p.services {
			e := &p.services[i]
			if key := fold(e.Name.Raw()); e.kind == system && j.byName[key] == nil {
				s := j.systems[system+":"+key]
				j.byName[key] = s
				j.services = append(j.services, s)
			}
		}
	}
}

// result is the finished catalog.
func (j *joiner) result() joined {
	out := joined{services: make([]sources.Service, 0, len(j.services)), runbooks: map[string]string{}, teamRunbooks: map[string]string{}}
	for _, s := range j.services {
		out.services = append(out.services, s.Service)
		link := s.Runbook.Raw()
		out.runbooks[fold(s.Name.Raw())] = link
		for _, a := range s.Aliases {
			out.runbooks[fold(a.Raw())] = link
		}
		out.counts.count(s)
	}
	for _, t := range j.crews {
		out.teams = append(out.teams, t.Team)
	}
	for key, t := range j.teams {
		out.teamRunbooks[key] = t.Runbook.Raw()
	}
	out.counts.Services, out.counts.Teams = len(j.services), len(j.crews)
	slices.SortStableFunc(j.notes, func(a, b note) int {
		return cmp.Or(cmp.Compare(a.at.file, b.at.file), cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.text, b.text))
	})
	for i, n := range j.notes {
		if i == maxNotes {
			out.notes = append(out.notes, safe.Outside(fmt.Sprintf("and %d more like these", len(j.notes)-maxNotes)))
			break
		}
		out.notes = append(out.notes, safe.Outside(n.at.String()+": "+n.text))
	}
	return out
}

func (c *Counts) count(s *entry) {
	if !s.Team.Empty() {
		c.WithTeam++
	}
	if !s.Runbook.Empty() {
		c.WithRunbook++
	}
	c.Dependencies += len(s.DependsOn)
}
