package page

import (
	"errors"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// State says how much a slot's value is worth.
type State string

// The states of a slot. They are a contract of the JSON output.
const (
	Waiting State = "waiting" // not loaded yet; Value is what the board knows
	OK      State = "ok"
	Stale   State = "stale"  // the last load failed; Value is that of AsOf
	Failed  State = "failed" // no load has succeeded; Value is what the board knows
	Absent  State = "absent" // asked and answered: there is none; Value says why
)

// Slot is one part of a page: the value, how far to trust it, how old it is.
type Slot[T any] struct {
	Value T
	State State
	AsOf  time.Time // when Value was learned; zero: never
	Err   error     // of the last load; nil: it succeeded

	run run
}

// run is what the assembler remembers of a slot's loads.
type run struct {
	load    uint64    // number of the newest load whose result was taken
	tried   time.Time // when that one ended
	fails   int       // in a row
	loading bool
	again   bool // due whatever its age
}

// Loading reports whether Begin was called and no result has come since.
func (s Slot[T]) Loading() bool { return s.run.loading }

// Tried is when the last load ended; zero: none has.
func (s Slot[T]) Tried() time.Time { return s.run.tried }

// outcome is what a load has for one slot.
type outcome struct {
	part  Part
	value any   // of the slot's type; nil with Failed
	state State // OK, Absent or Failed
	err   error
}

// slot is a Slot of any type.
type slot interface {
	runs() *run
	put(o outcome, load uint64, at time.Time)
	dueAt(every time.Duration) (time.Time, bool)
}

func (s *Slot[T]) runs() *run { return &s.run }

// put takes an outcome unless a newer load was taken before. A failure keeps
// the value.
func (s *Slot[T]) put(o outcome, load uint64, at time.Time) {
	if load < s.run.load {
		return
	}
	v, ok := o.value.(T)
	if !ok {
		o.state = Failed
	}
	// An Again that came after Begin asks for more than this load.
	again := s.run.again && s.run.loading
	s.run = run{load: load, tried: at, fails: s.run.fails, again: again}
	if o.state == Failed {
		s.run.fails++
		s.Err = o.err
		if s.State == OK || s.State == Stale {
			s.State = Stale
		} else {
			s.State = Failed
		}
		return
	}
	s.run.fails = 0
	s.Value, s.State, s.AsOf, s.Err = v, o.state, at, nil
}

// Retries of a failed part start at retryFirst and double up to retryMost.
const (
	retryFirst = 10 * time.Second
	retryMost  = 5 * time.Minute
	// absentEvery is how often a part that found nothing looks again.
	absentEvery = 5 * time.Minute
)

// dueAt is when the slot is to be loaded next; false: not by itself. Every is
// how old a good value may become; 0 means it does not age.
func (s *Slot[T]) dueAt(every time.Duration) (time.Time, bool) {
	switch {
	case s.run.loading:
		return time.Time{}, false
	case s.run.again, s.State == Waiting, s.State == "":
		return time.Time{}, true
	case s.State == Failed, s.State == Stale:
		return s.run.tried.Add(backoff(s.run.fails, s.Err)), true
	case every == 0:
		return time.Time{}, false
	case s.State == Absent:
		return s.AsOf.Add(max(every, absentEvery)), true
	}
	return s.AsOf.Add(every), true
}

func backoff(fails int, err error) time.Duration {
	d := retryFirst
	for i := 1; i < fails && d < retryMost; i++ {
		d *= 2
	}
	d = min(d, retryMost)
	var e *sources.Error
	if errors.As(err, &e) && e.After > d {
		return e.After
	}
	return d
}
