package page

import (
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Who is who can help: everything from the board, known at once.
type Who struct {
	Owner   triage.Found
	Service *sources.Service // the catalog's entry; nil: not in a catalog
	// Channel and Escalation are the service's, else those of the owner, who
	// may be known by a label alone.
	Channel, Escalation safe.Value
	// OnCall are those who are on call for the owner now, each with the whole
	// time; overrides only where there are any. Empty: nobody, or no schedule says.
	OnCall []sources.Shift
	Next   *sources.Shift   // the next shift of somebody who is not on call now; nil: not known
	Turns  []triage.Turn    // the owner's rota from now on; see triage.Rota
	Asked  []sources.Status // the owner's schedules; none: the owner has none
	// Schedules is how many there are, of any team. 0: none is configured.
	Schedules int
	// Depends are the services that this one declares to call, in the order of the
	// catalog, with whom to ask about them.
	Depends []Neighbour

	mine func(sources.Shift) bool // whether a shift is the user's; nil: nobody's is
}

// Neighbour is a service that another one calls, and who answers for it. Without
// an owner nobody is known to.
type Neighbour struct {
	Service        safe.Value
	Owner, Channel safe.Value
	OnCall         []sources.Shift
}

func who(b *triage.Board, it triage.Item) Who { return WhoOf(b, it.Service.Name, it.Owner) }

// WhoOf is who can help with a service of a catalog, or with what an owner
// answers for; either may be empty.
func WhoOf(b *triage.Board, service safe.Value, owner triage.Found) Who {
	w := Who{Owner: owner, Schedules: len(b.Snapshot.Shifts), mine: b.Prefs.Mine}
	if s, ok := b.Catalog(service); ok {
		w.Service, w.Channel, w.Escalation = &s, s.Channel, s.Escalation
		for _, d := range s.DependsOn {
			w.Depends = append(w.Depends, neighbour(b, d))
		}
	}
	if t, ok := b.Team(owner.Name); ok {
		if w.Channel.Empty() {
			w.Channel = t.Channel
		}
		if w.Escalation.Empty() {
			w.Escalation = t.Escalation
		}
	}
	if r, ok := b.Rota(owner.Name); ok {
		w.Asked, w.OnCall, w.Turns = r.Asked, r.Now(), r.Turns
		if n, ok := r.Next(); ok {
			w.Next = &n
		}
	}
	return w
}

func neighbour(b *triage.Board, name safe.Value) Neighbour {
	n := Neighbour{Service: name}
	s, ok := b.Catalog(name)
	if !ok {
		return n
	}
	n.Service, n.Owner, n.Channel = s.Name, triage.Team(s.Team), s.Channel
	if t, ok := b.Team(s.Team); ok && n.Channel.Empty() {
		n.Channel = t.Channel
	}
	if r, ok := b.Rota(s.Team); ok {
		n.OnCall = r.Now()
	}
	return n
}

// Mine reports whether a shift is the user's.
func (w Who) Mine(s sources.Shift) bool { return w.mine != nil && w.mine(s) }
