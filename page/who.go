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
	// OnCall are the owner's shifts that hold now, overrides only where there
	// are any. Empty: nobody, or no schedule says.
	OnCall []sources.Shift
	Next   *sources.Shift   // the owner's next shift of somebody else; nil: not known
	Asked  []sources.Status // the schedules; none: no schedule is configured
}

func who(b *triage.Board, it triage.Item) Who {
	w := Who{Owner: it.Owner}
	if s, ok := b.Catalog(it.Service.Name); ok {
		w.Service, w.Channel, w.Escalation = &s, s.Channel, s.Escalation
	}
	if t, ok := b.Team(it.Owner.Name); ok {
		if w.Channel.Empty() {
			w.Channel = t.Channel
		}
		if w.Escalation.Empty() {
			w.Escalation = t.Escalation
		}
	}
	team := triage.Team(it.Owner.Name)
	override := false
	var shifts []sources.Shift
	for _, f := range b.Snapshot.Shifts {
		w.Asked = append(w.Asked, f.Status(b.At))
		if team.Empty() {
			continue
		}
		for _, s := range f.Items {
			if triage.Team(s.Team) == team && b.At.Before(s.To) {
				shifts = append(shifts, s)
				override = override || s.Override && !b.At.Before(s.From)
			}
		}
	}
	for _, s := range shifts {
		if !b.At.Before(s.From) && s.Override == override {
			w.OnCall = append(w.OnCall, s)
		}
	}
	for i, s := range shifts {
		later := b.At.Before(s.From) && (w.Next == nil || s.From.Before(w.Next.From))
		if later && !(len(w.OnCall) > 0 && w.OnCall[0].Person == s.Person) {
			w.Next = &shifts[i]
		}
	}
	return w
}
