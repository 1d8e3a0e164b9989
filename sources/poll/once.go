package poll

import (
	"context"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Once asks everything one time, all sources at once, and returns when all
// have answered or after Pace.Deadline (or the deadline of ctx if that is
// earlier), also when a source hangs and ignores its context. Sources that
// did not answer have an Err; with Pace.Last they keep their last items.
// Nothing is saved. Next is zero in every feed.
func Once(ctx context.Context, set Set, pace Pace) sources.Snapshot {
	pace = pace.filled()
	feeds, snap := jobs(set, pace)
	snap.Seq = 1

	limit := pace.Deadline
	if d, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(d))
	}
	// The sources get a little less, so that their own errors, which say more
	// than ours, are here in time.
	rest := min(limit/10, 100*time.Millisecond)
	ctx, cancel := context.WithTimeout(ctx, limit-rest)
	defer cancel()

	began := pace.moment()
	calls := make([]<-chan outcome, len(feeds))
	for i, f := range feeds {
		calls[i] = start(ctx, f)
	}
	over, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(rest, giveUp) })()
	for i, f := range feeds {
		out, ok := take(calls[i], over.Done())
		if !ok {
			out = outcome{err: noAnswer(f.source(), limit.Round(time.Millisecond), ctx.Err()), at: pace.moment()}
		}
		at := attempt{began: began, ended: out.at, every: f.interval()}
		if out.err != nil {
			out.failed(f, at)(&snap)
			continue
		}
		out.take(at)(&snap)
	}
	return snap
}

// take waits for an outcome, and after the end takes it only if it is there.
func take(call <-chan outcome, over <-chan struct{}) (outcome, bool) {
	select {
	case out := <-call:
		return out, true
	case <-over:
	}
	select {
	case out := <-call:
		return out, true
	default:
		return outcome{}, false
	}
}
