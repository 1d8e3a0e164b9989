package ical

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Bounds of one look. A rota changes hands a few times a day at most.
const (
	past         = 24 * time.Hour      // how long a shift is listed after its end
	ahead        = 60 * 24 * time.Hour // how far it is looked ahead
	maxShifts    = 20000               // of one calendar
	maxOccurs    = 20000               // of one rule, from its beginning to the end of the window
	maxInterval  = 1000
	daysPerWeek  = 7
	maxShiftDays = 400 // a shift that lasts longer is cut off the beginning of a rule's window
)

// reader turns components into shifts.
type reader struct {
	team     safe.Value
	override bool
	zones    *zones
	window   span
	bad      troubles
	nameless int  // events that name nobody
	cut      bool // there were more than maxShifts
	shifts   []sources.Shift
}

// series is what one UID says: an event that recurs, and what replaces single
// occurrences of it.
type series struct {
	master *event
	moved  []*event
}

// expand reads the events of a calendar into shifts within the window, sorted by
// their beginning. Errors: ctx ended.
func (r *reader) expand(ctx context.Context, events []*component) error {
	var order []string
	all := map[string]*series{}
	for _, c := range events {
		e, err := r.event(c)
		if err != nil {
			r.bad.add(c.at, err)
			continue
		}
		key := e.uid
		if key == "" { // against the standard: then it stands for itself
			key = fmt.Sprintf("line %d", e.at)
		}
		if len(e.people) == 0 {
			r.nameless++
		}
		s := all[key]
		if s == nil {
			s = &series{}
			all[key], order = s, append(order, key)
		}
		s.take(e)
	}
	for _, key := range order {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.list(all[key])
		if r.cut = len(r.shifts) > maxShifts; r.cut {
			r.shifts = r.shifts[:maxShifts]
			break
		}
	}
	slices.SortStableFunc(r.shifts, func(a, b sources.Shift) int {
		return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), a.Person.Compare(b.Person))
	})
	return nil
}

// take puts an event into its series; of two that say the same the later
// revision counts.
func (s *series) take(e *event) {
	if e.moves.IsZero() {
		if s.master == nil || e.sequence >= s.master.sequence {
			s.master = e
		}
		return
	}
	for i, m := range s.moved {
		if m.moves.Equal(e.moves) {
			if e.sequence >= m.sequence {
				s.moved[i] = e
			}
			return
		}
	}
	s.moved = append(s.moved, e)
}

// list adds the shifts of a series.
func (r *reader) list(s *series) {
	if s.master != nil && s.master.gone {
		return
	}
	replaced := map[int64]bool{}
	var onwards []*event
	for _, m := range s.moved {
		replaced[m.moves.Unix()] = true
		if m.onwards {
			onwards = append(onwards, m)
		}
		if !m.gone {
			r.add(m, span{m.start, m.length.after(m.start)})
		}
	}
	if s.master == nil {
		return
	}
	slices.SortFunc(onwards, func(a, b *event) int { return a.moves.Compare(b.moves) })
	for _, o := range r.occurrences(s.master) {
		if replaced[o.from.Unix()] {
			continue
		}
		by := s.master
		for _, m := range onwards {
			if m.moves.Before(o.from) {
				by = m
			}
		}
		if by == s.master {
			r.add(by, o)
		} else if !by.gone {
			from := between(by.moves, by.start).after(o.from)
			r.add(by, span{from, by.length.after(from)})
		}
	}
}

// occurrences are the stretches of an event that its own rule gives, those of
// the window and some before it.
func (r *reader) occurrences(e *event) []span {
	var out []span
	add := func(s span) {
		if !e.except[s.from.Unix()] && !e.exDays[s.from.Format(layoutDate)] {
			out = append(out, s)
		}
	}
	if e.rule == "" {
		add(span{e.start, e.length.after(e.start)})
	} else if err := r.recur(e, func(t time.Time) { add(span{t, e.length.after(t)}) }); err != nil {
		r.bad.add(e.at, err)
		return nil
	}
	for _, m := range e.more {
		add(m)
	}
	return out
}

// recur calls each with the beginnings that a rule gives.
func (r *reader) recur(e *event, each func(time.Time)) error {
	opt, err := rrule.StrToROptionInLocation(untilDay(e.rule), e.start.Location())
	if err != nil {
		return fmt.Errorf("its RRULE cannot be read: %s", excerpt(e.rule))
	}
	if opt.Freq > rrule.HOURLY || opt.Interval > maxInterval {
		return fmt.Errorf("its RRULE is not one of a rota: %s", excerpt(e.rule))
	}
	if opt.Dtstart = e.start; opt.Until.IsZero() || opt.Until.After(r.window.to) {
		opt.Until = r.window.to
	}
	from := r.window.from.AddDate(0, 0, -min(e.length.days+1, maxShiftDays)).Add(-e.length.clock)
	opt.Dtstart = forward(opt, from)
	rule, err := rrule.NewRRule(*opt)
	if err != nil {
		return fmt.Errorf("its RRULE cannot be read: %s", excerpt(e.rule))
	}
	next := rule.Iterator()
	for n := 0; ; n++ {
		t, ok := next()
		if !ok {
			return nil
		}
		if n == maxOccurs {
			return errors.New("its RRULE gives too many occurrences")
		}
		if !t.Before(from) {
			each(t)
		}
	}
}

// untilDate finds an UNTIL without a time.
var untilDate = regexp.MustCompile(`(?i)(UNTIL=\d{8})(;|$)`)

// forward is a later beginning from which a rule gives the same from a moment
// on: years of a daily rota need not be counted one by one.
func forward(o *rrule.ROption, to time.Time) time.Time {
	unit := 1
	switch {
	case o.Count > 0:
		return o.Dtstart
	case o.Freq == rrule.WEEKLY:
		unit = daysPerWeek
	case o.Freq != rrule.DAILY:
		return o.Dtstart
	}
	unit *= max(1, o.Interval)
	for n := int(to.Sub(o.Dtstart).Hours()/24)/unit - 1; n > 0; n-- {
		t := o.Dtstart.AddDate(0, 0, n*unit)
		if clockOf(t) == clockOf(o.Dtstart) { // else the change of clocks leaves that hour out on that day
			return t
		}
	}
	return o.Dtstart
}

// clockOf is what the clock shows, as time since midnight.
func clockOf(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}

// untilDay lets a rule whose UNTIL is a date hold to the end of that day, as
// those who write it so mean it.
func untilDay(rule string) string {
	return untilDate.ReplaceAllString(rule, "${1}T235959${2}")
}

// add lists an event's people for a stretch, if that touches the window.
func (r *reader) add(e *event, s span) {
	if !s.from.Before(s.to) || !r.window.from.Before(s.to) || !s.from.Before(r.window.to) {
		return
	}
	for _, p := range e.people {
		r.shifts = append(r.shifts, sources.Shift{Team: r.team, Person: p.name, Mail: p.mail,
			From: s.from.UTC(), To: s.to.UTC(), Override: r.override})
	}
}
