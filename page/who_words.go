package page

import (
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// When is a moment of the next days as rotas are spoken of: "09:00" today, "Mon
// 09:00" within six days, else "Mon 7 Dec 09:00".
func When(t, now time.Time, loc *time.Location) string {
	t, now = t.In(loc), now.In(loc)
	switch days := t.Sub(now); {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04")
	case days > -6*24*time.Hour && days < 6*24*time.Hour:
		return t.Format("Mon 15:04")
	case t.Year() == now.Year():
		return t.Format("Mon 2 Jan 15:04")
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}

// name is a person, "you" where that is the user.
func (w Who) name(s sources.Shift) string {
	if w.Mine(s) {
		return "you"
	}
	return s.Person.String()
}

// OnCallWords are who is on call and who comes next, in one sentence without a
// full stop: "Ada Okafor until Mon 09:00; then Bo Lind", or "nobody until Mon
// 09:00; next: Bo Lind"; or why that is not known. when says a moment.
func (w Who) OnCallWords(when func(time.Time) string) string {
	switch {
	case len(w.OnCall) > 0:
		var names []string
		for _, s := range w.OnCall {
			n := w.name(s) + " until " + when(s.To)
			if s.Override {
				n += " (in place of others)"
			}
			names = append(names, n)
		}
		out := strings.Join(names, ", ")
		if w.Next != nil {
			out += "; then " + w.nextWords(when)
		}
		return out
	case w.Schedules == 0:
		return "not known, no schedule is connected"
	case len(w.Asked) == 0 && w.Owner.Name.Empty():
		return "not known, because the owner is not"
	case len(w.Asked) == 0:
		return "not known, no schedule is of this owner"
	case w.unread():
		return w.unreadWords()
	case w.Next != nil:
		return "nobody until " + when(w.Next.From) + "; next: " + w.name(*w.Next)
	}
	return "nobody, and nobody is to come in what the schedule says"
}

// unread reports whether none of the schedules has ever answered.
func (w Who) unread() bool {
	asOf, _ := w.Read()
	return len(w.Asked) > 0 && asOf.IsZero()
}

func (w Who) unreadWords() string {
	if _, wrong := w.Read(); wrong != nil {
		return "not known, the schedule does not answer: " + wrong.Short()
	}
	return "not known yet, the schedule is being asked"
}

// nextWords name who comes next, and from when if that is not when the only one
// before ends.
func (w Who) nextWords(when func(time.Time) string) string {
	n := w.name(*w.Next)
	if len(w.OnCall) != 1 || !w.OnCall[0].To.Equal(w.Next.From) {
		n += " from " + when(w.Next.From)
	}
	return n
}

// TurnWords names the people of a turn: "Ada Okafor, Bo Lind", or "nobody".
func (w Who) TurnWords(t triage.Turn) string {
	var names []string
	for _, s := range t.People {
		n := w.name(s)
		if s.Override {
			n += " (in place of others)"
		}
		names = append(names, n)
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// Handovers are the turns after the present one, at most n; those that nobody
// has among them.
func (w Who) Handovers(n int) []triage.Turn {
	if len(w.Turns) == 0 {
		return nil
	}
	return w.Turns[1:min(len(w.Turns), n+1)]
}

// OwnerWords are the owner, the channel and the tier: "payments, #payments,
// tier 1"; empty: the owner is not known.
func (w Who) OwnerWords() string {
	if w.Owner.Name.Empty() {
		return ""
	}
	words := []string{w.Owner.Words()}
	for _, more := range []string{w.Channel.String(), tier(w.Service)} {
		if more != "" {
			words = append(words, more)
		}
	}
	return strings.Join(words, ", ")
}

// NeighbourWords are whom to ask about a service that is called: "cart, #cart, on call Cy
// Holm".
func (w Who) NeighbourWords(n Neighbour) string {
	var words []string
	if !n.Owner.Empty() {
		words = append(words, n.Owner.String())
	}
	if !n.Channel.Empty() {
		words = append(words, n.Channel.String())
	}
	var names []string
	for _, s := range n.OnCall {
		names = append(names, w.name(s))
	}
	if len(names) > 0 {
		words = append(words, "on call "+strings.Join(names, ", "))
	}
	if len(words) == 0 {
		return "nobody known"
	}
	return strings.Join(words, ", ")
}

// Read is how old what the schedules say is: the oldest of them; zero: none of
// them has ever answered. Wrong is the error of one that does not answer now.
func (w Who) Read() (asOf time.Time, wrong *sources.Error) {
	for _, st := range w.Asked {
		if asOf.IsZero() || !st.AsOf.IsZero() && st.AsOf.Before(asOf) {
			asOf = st.AsOf
		}
		if st.Err != nil {
			wrong = st.Err
		}
	}
	return asOf, wrong
}
