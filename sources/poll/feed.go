package poll

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// reply is what a source said.
type reply[T any] struct {
	items []T
	notes []safe.Value
	asOf  time.Time // with an error: of the older items that came with it; zero: none did
}

type asker[T any] func(context.Context) (reply[T], error)

// edit puts one feed into a snapshot that is not published yet.
type edit func(*sources.Snapshot)

// attempt is how one request went, seen from the schedule.
type attempt struct {
	began, ended, next time.Time // next is zero when nothing is scheduled
	every              time.Duration
}

// outcome is one ended call. take and older put it into the feed; only the
// goroutine of the feed may call them.
type outcome struct {
	err   *sources.Error
	older func()    // with err: puts the older items that came with it into the feed; nil: none did
	at    time.Time // when it ended
	take  func(attempt) edit
}

// failed is the edit of a call that ended with an error.
func (o outcome) failed(f feeder, at attempt) edit {
	if o.older != nil {
		o.older()
	}
	return f.fail(at, o.err)
}

// feeder is one feed, whatever its items are.
type feeder interface {
	source() sources.SourceID
	interval() time.Duration
	limit() time.Duration
	moment() time.Time
	// leads reports whether the feed is asked first, before all others.
	leads() bool
	// call asks the source and does not return before it answers. It never
	// panics. It touches nothing that belongs to the feed's goroutine.
	call(ctx context.Context) outcome
	// fail records a failed attempt; the last good items stay.
	fail(at attempt, err *sources.Error) edit
	// plan records a schedule that changed between attempts.
	plan(next time.Time, every time.Duration) edit
}

// job is a feed with its source. feed belongs to one goroutine.
type job[T any] struct {
	id       sources.SourceID
	feed     sources.Feed[T]
	every    time.Duration
	deadline time.Duration
	first    bool // asked before all others
	now      func() time.Time
	ask      asker[T]
	keep     func(old sources.Feed[T], answer []T, at time.Time) []T // nil: the answer is all
	put      func(*sources.Snapshot, sources.Feed[T])
}

func (j *job[T]) source() sources.SourceID { return j.id }
func (j *job[T]) interval() time.Duration  { return j.every }
func (j *job[T]) limit() time.Duration     { return j.deadline }
func (j *job[T]) moment() time.Time        { return j.now() }
func (j *job[T]) leads() bool              { return j.first }

func (j *job[T]) call(ctx context.Context) (out outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = outcome{err: &sources.Error{
				Kind: sources.BadResponse, Source: j.id,
				Detail: safe.Outside(fmt.Sprintf("its adapter failed: %v", p)),
				Hint:   "this is a defect of firstpage; the other sources are not affected",
			}}
		}
		out.at = j.now()
	}()
	r, err := j.ask(ctx)
	if err != nil {
		out := outcome{err: classify(j.id, err, j.deadline)}
		if !r.asOf.IsZero() {
			out.older = func() { j.older(r) }
		}
		return out
	}
	return outcome{take: func(at attempt) edit { return j.succeed(at, r) }}
}

func (j *job[T]) succeed(at attempt, r reply[T]) edit {
	items := r.items
	if j.keep != nil {
		items = j.keep(j.feed, items, at.ended)
	}
	return j.set(sources.Feed[T]{
		Source: j.feed.Source, Items: items, AsOf: at.ended, Tried: at.ended,
		Next: at.next, Every: at.every, Notes: r.notes,
	})
}

// older takes what a source still has from earlier, if that is newer than what
// the feed has.
func (j *job[T]) older(r reply[T]) {
	if j.feed.AsOf.Before(r.asOf) {
		j.feed.Items, j.feed.AsOf, j.feed.Notes = r.items, r.asOf, r.notes
	}
}

func (j *job[T]) fail(at attempt, err *sources.Error) edit {
	f := j.feed
	if f.Since.IsZero() {
		f.Since = at.began
	}
	f.Tried, f.Next, f.Every, f.Err = at.ended, at.next, at.every, err
	return j.set(f)
}

func (j *job[T]) plan(next time.Time, every time.Duration) edit {
	f := j.feed
	f.Next = next
	// A shorter interval counts from the next answer on: until then the items
	// are as old as the long one allows, and that is not a fault.
	f.Every = max(f.Every, every)
	return j.set(f)
}

func (j *job[T]) set(f sources.Feed[T]) edit {
	j.feed = f
	return func(s *sources.Snapshot) { j.put(s, f) }
}

// classify gives errors that a source did not classify itself their kind.
func classify(id sources.SourceID, err error, deadline time.Duration) *sources.Error {
	var known *sources.Error
	switch {
	case errors.As(err, &known):
	case errors.Is(err, context.DeadlineExceeded):
		return noAnswer(id, deadline, err)
	case errors.Is(err, context.Canceled):
		return &sources.Error{Kind: sources.Canceled, Source: id, Detail: safe.Outside("given up"), Err: err}
	}
	return sources.AsError(id, err)
}

func noAnswer(id sources.SourceID, after time.Duration, err error) *sources.Error {
	return &sources.Error{
		Kind: sources.Timeout, Source: id, Err: err,
		Detail: safe.Outside(fmt.Sprintf("no answer within %v", after)),
	}
}

// stillWaiting is the error of a feed whose source ignores the end of its
// context: the old call has to return before a new one may start.
func stillWaiting(id sources.SourceID, since time.Time) *sources.Error {
	return &sources.Error{
		Kind: sources.Timeout, Source: id,
		Detail: safe.Outside("the request of " + since.UTC().Format("15:04:05 UTC") + " has still not ended"),
	}
}
