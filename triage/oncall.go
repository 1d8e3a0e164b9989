package triage

import (
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Turn is a stretch of a rota in which the same people are on call.
type Turn struct {
	From, To time.Time // To is exclusive
	// People are their shifts, as they are written. Overrides alone where there
	// are any. Empty: nobody is on call.
	People []sources.Shift
}

// Rota is who is on call for a team from a moment on.
type Rota struct {
	Team safe.Value
	At   time.Time
	// Asked are the team's schedules; none: it has none.
	Asked []sources.Status
	// Turns follow one another without a hole, stretches with nobody among them;
	// the first one holds At. Empty: the schedules say nothing of now or later.
	Turns []Turn
}

// Now is who is on call, each until the end of the last turn in a row that has
// them. Empty: nobody is, or nothing is known.
func (r Rota) Now() []sources.Shift {
	if len(r.Turns) == 0 {
		return nil
	}
	return r.stretches(0)
}

// stretches are the people of a turn, each with the whole time that they are on
// call for.
func (r Rota) stretches(turn int) []sources.Shift {
	out := slices.Clone(r.Turns[turn].People)
	for i := range out {
		for _, t := range r.Turns[turn:] {
			if !t.has(out[i].Person) {
				break
			}
			out[i].To = t.To
		}
		out[i].From = min2(out[i].From, r.Turns[turn].From)
	}
	return out
}

func min2(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (t Turn) has(person safe.Value) bool {
	return slices.ContainsFunc(t.People, func(s sources.Shift) bool { return s.Person == person })
}

// Next is the first shift to come of somebody who is not on call now; false: no
// schedule says.
func (r Rota) Next() (sources.Shift, bool) {
	for i := 1; i < len(r.Turns); i++ {
		for _, s := range r.stretches(i) {
			if !r.Turns[0].has(s.Person) {
				s.From = r.Turns[i].From
				return s, true
			}
		}
	}
	return sources.Shift{}, false
}

// Gaps are the turns before a moment that nobody has, each from At on.
func (r Rota) Gaps(before time.Time) []Turn {
	var out []Turn
	for _, t := range r.Turns {
		if len(t.People) == 0 && t.From.Before(before) {
			out = append(out, t)
		}
	}
	return out
}

// People are those who have a turn, each once, in the order of their turns.
func (r Rota) People() []safe.Value {
	var out []safe.Value
	for _, t := range r.Turns {
		for _, s := range t.People {
			if !slices.Contains(out, s.Person) {
				out = append(out, s.Person)
			}
		}
	}
	return out
}

// ScheduleName names a schedule of a team: the team, and in brackets which of
// several it is. which may be empty.
func ScheduleName(team, which string) string {
	if which == "" {
		return team
	}
	return team + " (" + which + ")"
}

// rotas makes the rota of each team that has a schedule.
func rotas(feeds []sources.Feed[sources.Shift], at time.Time) []Rota {
	var out []Rota
	index := map[string]int{}
	of := func(team safe.Value) *Rota {
		key := strings.ToLower(Team(team).Raw())
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key], out = i, append(out, Rota{Team: Team(team), At: at})
		}
		return &out[i]
	}
	shifts := map[string][]sources.Shift{}
	for _, f := range feeds {
		asked := map[string]bool{}
		team := func(name safe.Value) string {
			r := of(name)
			key := strings.ToLower(r.Team.Raw())
			if !asked[key] {
				asked[key], r.Asked = true, append(r.Asked, f.Status(at))
			}
			return key
		}
		for _, s := range f.Items {
			if key := team(s.Team); at.Before(s.To) {
				shifts[key] = append(shifts[key], s)
			}
		}
		if len(f.Items) == 0 {
			name, _, _ := strings.Cut(f.Source.Name, " (")
			team(safe.Outside(name))
		}
	}
	for i := range out {
		out[i].Turns = turns(shifts[strings.ToLower(out[i].Team.Raw())], at)
	}
	return out
}

// turns lays shifts out one after another from a moment on.
func turns(list []sources.Shift, at time.Time) []Turn {
	slices.SortStableFunc(list, func(a, b sources.Shift) int { return a.From.Compare(b.From) })
	cuts := []time.Time{at}
	for _, s := range list {
		for _, t := range []time.Time{s.From, s.To} {
			if t.After(at) {
				cuts = append(cuts, t)
			}
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(cuts, time.Time.Equal)
	var out []Turn
	var open []sources.Shift // begun and not over, by their beginning
	next := 0
	for i := 0; i+1 < len(cuts); i++ {
		t := Turn{From: cuts[i], To: cuts[i+1]}
		open = slices.DeleteFunc(open, func(s sources.Shift) bool { return !t.From.Before(s.To) })
		for ; next < len(list) && !list[next].From.After(t.From); next++ {
			open = append(open, list[next])
		}
		t.People = onDuty(open)
		if n := len(out); n > 0 && sameTurn(out[n-1].People, t.People) {
			out[n-1].To = t.To
			continue
		}
		out = append(out, t)
	}
	return out
}

// onDuty are those of some shifts at one moment who are on call: each person
// once, and if any is an override those alone.
func onDuty(open []sources.Shift) []sources.Shift {
	override := slices.ContainsFunc(open, func(s sources.Shift) bool { return s.Override })
	var out []sources.Shift
	for _, s := range open {
		twice := slices.ContainsFunc(out, func(o sources.Shift) bool { return o.Person == s.Person })
		if s.Override == override && !twice {
			out = append(out, s)
		}
	}
	return out
}

func sameTurn(a, b []sources.Shift) bool {
	return slices.EqualFunc(a, b, func(a, b sources.Shift) bool { return a.Person == b.Person && a.Override == b.Override })
}

// Rotas are those of every team that has a schedule, in their order.
func (b *Board) Rotas() []Rota { return b.rotas }

// Rota is that of a team, in any of the spellings of its name or by an alias that
// a catalog knows; false: the team has no schedule.
func (b *Board) Rota(team safe.Value) (Rota, bool) {
	if team.Empty() {
		return Rota{}, false
	}
	names := []safe.Value{team}
	if t, ok := b.Team(team); ok {
		names = append(append(names, t.Name), t.Aliases...)
	}
	for _, r := range b.rotas {
		if slices.ContainsFunc(names, func(n safe.Value) bool { return strings.EqualFold(Team(n).Raw(), r.Team.Raw()) }) {
			return r, true
		}
	}
	return Rota{}, false
}

// Mine reports whether a shift is the user's.
func (p Prefs) Mine(s sources.Shift) bool {
	return slices.ContainsFunc(p.Me, func(me string) bool {
		return strings.EqualFold(me, s.Person.Raw()) || !s.Mail.Empty() && strings.EqualFold(me, s.Mail.Raw())
	})
}

// Duty is the user's shift that holds now, the one that ends last, else their
// next one; of any team. False: they have none, or have not said who they are.
func (b *Board) Duty() (sources.Shift, bool) {
	var now, next sources.Shift
	for _, r := range b.rotas {
		for i, t := range r.Turns {
			if !slices.ContainsFunc(t.People, b.Prefs.Mine) {
				continue
			}
			for _, s := range r.stretches(i) {
				switch {
				case !b.Prefs.Mine(s):
				case i == 0 && s.To.After(now.To):
					now = s
				case i > 0 && (next.To.IsZero() || t.From.Before(next.From)):
					next, next.From = s, t.From
				}
			}
			if i > 0 {
				break
			}
		}
	}
	if !now.To.IsZero() {
		return now, true
	}
	return next, !next.To.IsZero()
}
