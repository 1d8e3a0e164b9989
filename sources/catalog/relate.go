package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// owners gives each service its team, and what it lacks of that team's.
func (j *joiner) owners() {
	missing := map[string]note{}
	count := map[string]int{}
	for _, s := range j.services {
		if blank(s.Team.Raw()) {
			j.notes = append(j.notes, note{s.at, fmt.Sprintf("owner %q of %q is still to be filled in", s.Team.Raw(), s.Name.Raw())})
			s.Team = safe.Value{}
		}
		s.Team = safe.Outside(j.owner(s))
		if s.Team.Empty() {
			continue
		}
		key := teamKey(s.Team.Raw())
		t := j.teams[key]
		if t == nil {
			if count[key]++; count[key] == 1 && !strings.HasPrefix(key, person) {
				missing[key] = note{s.at, s.Team.Raw()}
			}
			continue
		}
		lend(&s.Channel, t.Channel)
		lend(&s.Escalation, t.Escalation)
		lend(&s.Runbook, t.Runbook)
	}
	if len(j.teams) == 0 { // nobody describes teams here
		return
	}
	for key, n := range missing {
		more := ""
		if count[key] > 1 {
			more = fmt.Sprintf(", and %d more", count[key]-1)
		}
		n.text = fmt.Sprintf("team %q is not described (owner of this%s)", n.text, more)
		j.notes = append(j.notes, n)
	}
}

// blanks are owners that scaffolds of new entries have until somebody writes a
// name, and words for none.
var blanks = []string{"team-name", "team_name", "your-team", "my-team", "changeme", "change-me", "fixme", "todo", "tbd", "n/a", "none", "-", "unknown"}

// blank reports whether an owner is still to be filled in.
func blank(owner string) bool {
	return owner != "" && (slices.Contains(blanks, fold(owner)) || slices.Contains(blanks, teamKey(owner)))
}

// owner is a service's team, else that of its system, else of the domain.
func (j *joiner) owner(s *entry) string {
	if !s.Team.Empty() {
		return s.Team.Raw()
	}
	within := s.within
	for _, kind := range []string{system, domain} {
		c := j.systems[kind+":"+fold(within)]
		if c == nil {
			continue
		}
		if !c.Team.Empty() && !blank(c.Team.Raw()) {
			return c.Team.Raw()
		}
		within = c.within
	}
	return ""
}

// depend completes the dependencies and notes those on nothing known. They
// stay: a change of that name is one all the same.
func (j *joiner) depend() {
	known := map[string]bool{}
	for _, s := range j.services {
		known[fold(s.Name.Raw())] = true
		for _, a := range s.Aliases {
			known[fold(a.Raw())] = true
		}
		for _, a := range s.guessed {
			known[fold(a)] = true
		}
		for _, c := range s.callers {
			if caller := j.byName[fold(c)]; caller != nil {
				caller.DependsOn = union(caller.DependsOn, []safe.Value{s.Name})
			} else {
				j.notes = append(j.notes, note{s.at, fmt.Sprintf("dependency of %q, which is not described", c)})
			}
		}
	}
	for _, s := range j.services {
		for _, d := range s.DependsOn {
			if !known[fold(d.Raw())] {
				j.notes = append(j.notes, note{s.at, fmt.Sprintf("%q depends on %q, which is not described", s.Name.Raw(), d.Raw())})
			}
		}
	}
}

// aliases drops those that would find the wrong service: another's name, and
// what several claim. One that is declared goes before one that is guessed.
func (j *joiner) aliases() {
	declared := claims(j.services, func(s *entry) []safe.Value { return s.Aliases }, nil)
	guessed := claims(j.services, func(s *entry) []safe.Value { return outside(s.guessed) }, declared)
	for _, s := range j.services {
		seen := map[string]bool{"": true, fold(s.Name.Raw()): true}
		var kept []safe.Value
		keep := func(a safe.Value, of claim) bool {
			key := fold(a.Raw())
			if seen[key] {
				return true
			}
			seen[key] = true
			if of[key] != s || j.byName[key] != nil {
				return false
			}
			kept = append(kept, a)
			return true
		}
		for _, a := range s.Aliases {
			if !keep(a, declared) {
				j.notes = append(j.notes, note{s.at, fmt.Sprintf("alias %q of %q is left out: another service has that name or alias, too", a.Raw(), s.Name.Raw())})
			}
		}
		for _, a := range s.guessed {
			keep(safe.Outside(a), guessed)
		}
		s.Aliases = kept
	}
}

// claim is whose a folded alias is; nil: of several.
type claim map[string]*entry

// claims are the aliases of all services but those that were claimed before.
func claims(services []*entry, names func(*entry) []safe.Value, before claim) claim {
	out := claim{}
	for _, s := range services {
		for _, a := range names(s) {
			key := fold(a.Raw())
			if _, taken := before[key]; taken {
				continue
			}
			if other, taken := out[key]; taken && other != s {
				out[key] = nil
			} else {
				out[key] = s
			}
		}
	}
	return out
}
