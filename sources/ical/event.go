package ical

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

const (
	layoutTime = "20060102T150405"
	layoutDate = "20060102"
)

// event is one VEVENT.
type event struct {
	at       int // line of its BEGIN
	uid      string
	start    time.Time // in its own zone, so that a rule keeps its wall clock
	length   length
	rule     string
	more     []span // RDATE
	except   map[int64]bool
	exDays   map[string]bool // EXDATE without a time: the whole day
	moves    time.Time       // RECURRENCE-ID: which occurrence this one replaces; zero: none
	onwards  bool            // RANGE=THISANDFUTURE
	sequence int
	gone     bool // STATUS:CANCELLED
	people   []person
}

// person is who an event says is on call.
type person struct{ name, mail safe.Value }

// span is one stretch of time; to is exclusive.
type span struct{ from, to time.Time }

// length is how long an event takes: days on the calendar, then time on the
// clock. A week from Monday 09:00 ends on a Monday at 09:00 also where the clocks
// change in between.
type length struct {
	days  int
	clock time.Duration
}

func (l length) after(t time.Time) time.Time { return t.AddDate(0, 0, l.days).Add(l.clock) }

// between is the length that leads from one time to the other by the wall clock
// of the first.
func between(from, to time.Time) length {
	to = to.In(from.Location())
	days := int(wall(to).Sub(wall(from)) / (24 * time.Hour))
	return length{days, to.Sub(from.AddDate(0, 0, days))}
}

// wall is what a clock on the wall shows at t, as if it were UTC.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// event reads a component.
func (r *reader) event(c *component) (*event, error) {
	e := &event{at: c.at, uid: c.text("UID"), rule: c.text("RRULE"), gone: strings.EqualFold(c.text("STATUS"), "CANCELLED"), people: people(c)}
	e.sequence, _ = strconv.Atoi(c.text("SEQUENCE")) // none counts as 0
	l, ok := c.first("DTSTART")
	if !ok {
		return nil, errors.New("an event without DTSTART")
	}
	var day bool
	var err error
	if e.start, day, err = r.time(l, l.value); err != nil {
		return nil, err
	}
	if e.length, err = r.lengthOf(c, e.start, day); err != nil {
		return nil, err
	}
	if l, ok := c.first("RECURRENCE-ID"); ok {
		if e.moves, _, err = r.time(l, l.value); err != nil {
			return nil, err
		}
		e.onwards = l.param("RANGE") == "THISANDFUTURE"
	}
	for _, l := range c.all("RDATE") {
		if err := r.moreOf(e, l); err != nil {
			return nil, err
		}
	}
	for _, l := range c.all("EXDATE") {
		if err := r.exceptOf(e, l); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (r *reader) lengthOf(c *component, start time.Time, day bool) (length, error) {
	if l, ok := c.first("DTEND"); ok {
		end, _, err := r.time(l, l.value)
		if err != nil {
			return length{}, err
		}
		if end.Before(start) && wall(end).Before(wall(start)) {
			return length{}, errors.New("an event that ends before it begins")
		}
		// An hour that the change of clocks leaves out takes no time: no shift.
		return between(start, end), nil
	}
	if d := c.text("DURATION"); d != "" {
		l, err := duration(d)
		if err == nil && !start.Before(l.after(start)) {
			err = errors.New("an event that takes no time")
		}
		return l, err
	}
	if day {
		return length{days: 1}, nil
	}
	return length{}, errors.New("an event without DTEND and DURATION")
}

// moreOf adds the further occurrences of an RDATE: times, or periods with an end
// or a length of their own.
func (r *reader) moreOf(e *event, l line) error {
	for s := range strings.SplitSeq(l.value, ",") {
		from, rest, period := strings.Cut(s, "/")
		t, _, err := r.time(l, from)
		if err != nil {
			return err
		}
		to := e.length.after(t)
		switch {
		case period && strings.HasPrefix(rest, "P"):
			d, err := duration(rest)
			if err != nil {
				return err
			}
			to = d.after(t)
		case period:
			if to, _, err = r.time(l, rest); err != nil {
				return err
			}
		}
		e.more = append(e.more, span{t, to})
	}
	return nil
}

func (r *reader) exceptOf(e *event, l line) error {
	for s := range strings.SplitSeq(l.value, ",") {
		t, day, err := r.time(l, s)
		if err != nil {
			return err
		}
		if e.except == nil {
			e.except, e.exDays = map[int64]bool{}, map[string]bool{}
		}
		e.except[t.Unix()] = true
		if day {
			e.exDays[strings.TrimSpace(s)] = true
		}
	}
	return nil
}

// time reads a date or a time: in UTC (with Z), in the zone of TZID, or
// floating. day reports whether there was only a date.
func (r *reader) time(l line, s string) (t time.Time, day bool, err error) {
	s = strings.TrimSpace(s)
	loc := r.zones.find(l.param("TZID"))
	switch {
	case len(s) == len(layoutDate):
		t, err = time.ParseInLocation(layoutDate, s, loc)
		day = true
	case strings.HasSuffix(s, "Z"):
		t, err = time.Parse(layoutTime, strings.TrimSuffix(s, "Z"))
	default:
		t, err = time.ParseInLocation(layoutTime, s, loc)
	}
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return t, day, fmt.Errorf("%s is no time: %s", l.name, excerpt(s))
	}
	return t, day, nil
}

// maxDuration is the longest part of a duration that is believed, in its unit.
const maxDuration = 1 << 20

// duration reads P7D, PT12H, P1DT2H30M, P2W. Weeks and days are those of the
// calendar, hours those of the clock.
func duration(s string) (length, error) {
	bad := fmt.Errorf("not a duration: %s", excerpt(s))
	rest, ok := strings.CutPrefix(strings.TrimPrefix(strings.TrimSpace(s), "+"), "P")
	if !ok || rest == "" {
		return length{}, bad
	}
	var out length
	inTime := false
	for rest != "" {
		if rest[0] == 'T' {
			inTime, rest = true, rest[1:]
			continue
		}
		i := 0
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(rest[:i])
		if err != nil || i == len(rest) || n > maxDuration {
			return length{}, bad
		}
		switch unit := rest[i]; {
		case unit == 'W' && !inTime:
			out.days += 7 * n
		case unit == 'D' && !inTime:
			out.days += n
		case unit == 'H' && inTime:
			out.clock += time.Duration(n) * time.Hour
		case unit == 'M' && inTime:
			out.clock += time.Duration(n) * time.Minute
		case unit == 'S' && inTime:
			out.clock += time.Duration(n) * time.Second
		default:
			return length{}, bad
		}
		rest = rest[i+1:]
	}
	return out, nil
}
