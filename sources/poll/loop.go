package poll

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// grace is how long after its deadline a source may take to return its
	// own error, which says more than ours. Sources promise 100 ms.
	grace = 250 * time.Millisecond
	// firstRetry is the wait after the first error, or the interval if that
	// is shorter. It doubles with each further error.
	firstRetry = 5 * time.Second
	// maxRetry bounds that wait, unless the interval itself is longer.
	maxRetry = time.Minute
	// maxRateLimit bounds the wait that a server may ask for: a wrong header
	// must not blind us for a day.
	maxRateLimit = 15 * time.Minute
	// jitter spreads the intervals by a tenth either way, so that many
	// terminals do not ask in step.
	jitter = 0.1
	// shortest is the shortest interval on the machine's clock, however fast
	// the time of a drill goes.
	shortest = 250 * time.Millisecond
)

// mood is what the reader of the poller wants; shared by all loops.
type mood struct{ away, paused atomic.Bool }

func (m *mood) factor() time.Duration {
	if m.away.Load() {
		return slowFactor
	}
	return 1
}

// loop is the schedule of one feed. All fields belong to its goroutine but
// the channels and mood.
type loop struct {
	feed  feeder
	id    sources.SourceID
	mood  *mood
	speed float64       // of the feed's clock against the machine's
	kick  chan struct{} // one slot: ask now
	wake  chan struct{} // one slot: mood changed
	edits chan<- edit
	held  <-chan struct{} // nothing is asked before it is closed; nil: never held

	began, ended time.Time // of the last attempt, monotonic; zero: none yet
	spread       float64   // 0.9 to 1.1, for the wait that follows the attempt
	failures     int       // in a row
	after        time.Duration

	abandoned <-chan outcome // of a call that outlived its deadline; nil: none
	since     time.Time      // when that call began
}

func (l *loop) run(ctx context.Context) {
	if l.held != nil {
		select {
		case <-l.held:
		case <-ctx.Done():
			return
		}
	}
	for l.sleep(ctx) {
		l.attempt(ctx)
		// A refresh that came during the request was answered by it.
		select {
		case <-l.kick:
		default:
		}
	}
}

// sleep waits until the next request is due and reports false at the end.
func (l *loop) sleep(ctx context.Context) bool {
	for ctx.Err() == nil {
		if l.doze(ctx) {
			return ctx.Err() == nil
		}
	}
	return false
}

// doze waits for one event and reports whether it is time to ask.
func (l *loop) doze(ctx context.Context) bool {
	var due <-chan time.Time
	if !l.mood.paused.Load() {
		t := time.NewTimer(l.wait())
		defer t.Stop()
		due = t.C
	}
	select {
	case <-due:
		return true
	case <-l.kick:
		return true
	case <-l.wake:
		if !l.ended.IsZero() {
			l.send(ctx, l.feed.plan(l.next(), scale(l.every(), l.speed)))
		}
	case <-ctx.Done():
	}
	return false
}

// interval is the feed's interval on the machine's clock.
func (l *loop) interval() time.Duration {
	d := l.feed.interval()
	if l.speed > 1 {
		d = max(scale(d, 1/l.speed), min(d, shortest))
	}
	return d
}

// every is the interval in the present mood, on the machine's clock.
func (l *loop) every() time.Duration { return l.interval() * l.mood.factor() }

// wait is the time from now to the next request by the schedule.
func (l *loop) wait() time.Duration {
	if l.ended.IsZero() {
		return 0
	}
	every := l.every()
	if l.failures == 0 {
		// From beginning to beginning, but a source that takes nearly the
		// whole interval gets a rest of a quarter of it.
		from := l.began.Add(scale(every, l.spread))
		if rest := l.ended.Add(every / 4); rest.After(from) {
			from = rest
		}
		return time.Until(from)
	}
	d := backoff(l.failures, l.interval())
	if l.mood.away.Load() {
		d = max(d, every)
	}
	// Only ever earlier: the bounds of backoff are the longest waits.
	d = scale(d, min(1, l.spread))
	return time.Until(l.ended.Add(max(d, min(l.after, maxRateLimit))))
}

func scale(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * by) }

// next is the moment of the next request, zero while paused.
func (l *loop) next() time.Time {
	if l.mood.paused.Load() {
		return time.Time{}
	}
	return l.feed.moment().Add(scale(max(0, l.wait()), l.speed))
}

// backoff is the wait after n errors in a row, n at least 1.
func backoff(n int, every time.Duration) time.Duration {
	d := min(every, firstRetry)
	for range n - 1 {
		if d *= 2; d >= max(every, maxRetry) {
			return max(every, maxRetry)
		}
	}
	return d
}

// attempt asks once and sends what came of it.
func (l *loop) attempt(ctx context.Context) {
	at := attempt{began: l.feed.moment()}
	l.began = time.Now()
	out, ok := l.request(ctx, at.began)
	if ctx.Err() != nil {
		return // the end, not a fault of the source
	}
	if at.ended = out.at; !ok {
		at.ended = l.feed.moment()
	}
	l.ended = time.Now()
	l.spread = 1 + jitter*(2*rand.Float64()-1)
	at.every = scale(l.every(), l.speed)
	switch {
	case !ok:
		out.err = stillWaiting(l.id, l.since)
		if l.since.Equal(at.began) {
			out.err = noAnswer(l.id, l.feed.limit(), nil)
		}
		fallthrough
	case out.err != nil:
		l.failures++
		l.after = out.err.After
		at.next = l.next()
		l.send(ctx, out.failed(l.feed, at))
	default:
		l.failures, l.after = 0, 0
		at.next = l.next()
		l.send(ctx, out.take(at))
	}
}

// request calls the source and waits until its deadline and a little more.
// False means that the call goes on without us: its answer will be dropped,
// and no other call starts before it returned.
func (l *loop) request(ctx context.Context, began time.Time) (outcome, bool) {
	if l.abandoned != nil {
		select {
		case <-l.abandoned: // late: dropped
			l.abandoned = nil
		default:
			return outcome{}, false
		}
	}
	ctx, cancel := context.WithTimeout(ctx, l.feed.limit())
	defer cancel()
	done := start(ctx, l.feed)
	out, ok := await(ctx, done, grace)
	if !ok {
		l.abandoned, l.since = done, began
	}
	return out, ok
}

// start calls the feed's source in a goroutine of its own.
func start(ctx context.Context, f feeder) <-chan outcome {
	done := make(chan outcome, 1)
	go func() { done <- f.call(ctx) }()
	return done
}

// await waits for the outcome until the context ends and a grace longer.
func await(ctx context.Context, done <-chan outcome, grace time.Duration) (outcome, bool) {
	select {
	case out := <-done:
		return out, true
	case <-ctx.Done():
	}
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case out := <-done:
		return out, true
	case <-t.C:
		return outcome{}, false
	}
}

func (l *loop) send(ctx context.Context, e edit) {
	select {
	case l.edits <- e:
	case <-ctx.Done():
	}
}
