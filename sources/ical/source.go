package ical

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName names this kind of source on screen and in output.
const KindName = "ical"

// maxBytes is how large a calendar may be. The export of a team's whole history
// of shifts has some hundred kilobytes.
const maxBytes = 16 << 20

// patience is how long the rules of a calendar may take to expand; thousands take
// some milliseconds. A calendar of rules that never come true takes long.
const patience = 10 * time.Second

var errSlow = &sources.Error{Kind: sources.BadResponse, Detail: safe.Outside("its rules take too long to follow")}

// Options says which schedule this is and where it is.
type Options struct {
	Name     string // of the source on screen; empty: Team
	Team     string
	At       string // http(s) or webcal address, or the path of a file
	Override bool   // its shifts hold in place of others of the team
	Timeout  time.Duration
	Cache    state.Dir        // where copies of answers are kept; zero: nowhere
	Now      func() time.Time // nil: time.Now
	Local    *time.Location   // of times without a zone, unless the calendar has one; nil: time.Local
}

// Source is one schedule. Make it with [Open].
type Source struct {
	o    Options
	id   sources.SourceID
	from origin

	mu    sync.Mutex
	last  *parsed // of the last text that was read; nil: none yet
	mark  any     // which state of the origin last is
	asOf  time.Time
	notes []safe.Value
}

// origin is a place that a calendar comes from.
type origin interface {
	// read gives the text and its mark, or same when that is the mark of old.
	// Errors are *sources.Error.
	read(ctx context.Context, old any) (answer, error)
	// kept is the last good answer of an earlier run; false: there is none.
	kept() (answer, bool)
	// shown names the place without what is secret in it.
	shown() string
}

// answer is what an origin says.
type answer struct {
	text string
	mark any // comparable; nil: not known
	same bool
	asOf time.Time // of what is kept
}

// Open checks the options; it reads nothing yet. Errors are *sources.Error of
// kind BadRequest.
func Open(o Options) (*Source, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Local == nil {
		o.Local = time.Local
	}
	if o.Name == "" {
		o.Name = o.Team
	}
	s := &Source{o: o, id: sources.SourceID{Kind: KindName, Name: o.Name}}
	if !strings.Contains(o.At, "://") {
		s.from = file(o.At)
		return s, nil
	}
	f, err := openFeed(o, s.id)
	if err != nil {
		return nil, err
	}
	s.from = f
	return s, nil
}

// ID names the source.
func (s *Source) ID() sources.SourceID { return s.id }

// Shown names the file, or the host of the address: never its secret part.
func (s *Source) Shown() string { return s.from.shown() }

// Shifts lists the shifts from a day before now to 60 days after. Errors are
// *sources.Error: NotFound without the file or feed, BadResponse when it is no
// calendar; those of package web for an address. With an error come the shifts
// of the last good answer, where there is one, of this run or an earlier.
func (s *Source) Shifts(ctx context.Context) (sources.Shifts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, failed := s.from.read(ctx, s.mark)
	if failed == nil && !a.same {
		failed = s.take(a)
	}
	if failed == nil {
		s.asOf = s.o.Now()
	} else if s.last == nil {
		if a, ok := s.from.kept(); ok {
			_ = s.take(a) // it was a calendar when it was kept; if not, there is none
		}
	}
	if s.last == nil {
		return sources.Shifts{}, s.fail(failed)
	}
	out := sources.Shifts{AsOf: s.asOf}
	var err error
	// The caller may be out of time because the server did not answer: what is
	// kept is quickly read.
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), patience, errSlow)
	defer cancel()
	if out.Items, err = s.shifts(ctx); err != nil {
		return sources.Shifts{}, s.fail(err)
	}
	if failed != nil {
		return out, s.fail(failed)
	}
	return out, nil
}

// take reads a text. Errors: it is no calendar; what was read before stays.
func (s *Source) take(a answer) error {
	p := parse(strings.TrimPrefix(a.text, "\ufeff"))
	if p.calendars == 0 && !p.open {
		return s.notCalendar(p)
	}
	s.last, s.mark, s.asOf = p, a.mark, a.asOf
	return nil
}

func (s *Source) fail(err error) error {
	e := sources.AsError(s.id, err)
	if e.URL == "" {
		e.URL = s.from.shown()
	}
	return e
}

func (s *Source) notCalendar(p *parsed) error {
	e := sources.Errorf(sources.BadResponse, "not a calendar: nothing in it begins one")
	if len(p.bad.why) > 0 {
		e.Detail = safe.Outside(e.Detail.Raw() + " (" + p.bad.why[0] + ")")
	}
	e.Hint = "give the address of the iCal feed, which often ends in .ics, not that of the schedule's page (docs/oncall.md)"
	return e
}

// shifts expands what was read around now.
func (s *Source) shifts(ctx context.Context) ([]sources.Shift, error) {
	now := s.o.Now()
	r := &reader{team: safe.Outside(s.o.Team), override: s.o.Override, window: span{now.Add(-past), now.Add(ahead)}}
	r.zones = &zones{own: s.last.zones, floating: s.o.Local, until: r.window.to.AddDate(1, 0, 0), known: map[string]*time.Location{}}
	if loc := named(s.last.zone); loc != nil {
		r.zones.floating = loc
	}
	if err := r.expand(ctx, s.last.events); err != nil {
		return nil, err
	}
	s.notes = r.notes(s.last)
	return r.shifts, nil
}

// notes say what of a calendar counts for nothing.
func (r *reader) notes(p *parsed) []safe.Value {
	var out []safe.Value
	add := func(format string, args ...any) { out = append(out, safe.Outside(fmt.Sprintf(format, args...))) }
	if n := p.bad.n + r.bad.n; n > 0 {
		why := slices.Concat(p.bad.why, r.bad.why)
		more := ""
		if len(why) > maxNoted {
			why = why[:maxNoted]
		}
		if n > len(why) {
			more = "; ..."
		}
		add("%d of %d lines or events unreadable: %s%s", n, p.lines, strings.Join(why, "; "), more)
	}
	if p.open {
		add("it ends in the middle, after line %d", p.lines)
	}
	if r.cut {
		add("it has more than %d shifts: the rest is left out", maxShifts)
	}
	if r.nameless > 0 {
		add("%d of %d events name nobody", r.nameless, len(p.events))
	}
	for i, id := range r.zones.unknown {
		if i == maxNoted {
			break
		}
		add("the time zone %s is not known: its times are taken as those of %s", excerpt(id), r.zones.floating)
	}
	return out
}

// Notes says what of the last answer could not be read.
func (s *Source) Notes() []safe.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}
