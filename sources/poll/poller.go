package poll

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// quiet is how long a snapshot waits for further answers, so that ten
	// feeds that answer together are drawn once.
	quiet = 20 * time.Millisecond
	// headStart is how long everything else waits at most for the first
	// alerts: the rules of a large server take as long to read as its alerts,
	// and would halve the speed of what the user started the program for.
	headStart = 300 * time.Millisecond
	// drawing is how long the reader of the box takes for each of the first
	// alerts, about; part of the head start.
	drawing = 5 * time.Microsecond
	// saveEvery is the shortest time between two calls of Pace.Save.
	saveEvery = 30 * time.Second
)

// Poller asks all sources of a [Set] until its context ends.
type Poller struct {
	box   chan sources.Snapshot
	edits chan edit
	saves chan sources.Snapshot
	loops []*loop
	held  chan struct{} // closed when the alerts have had their head start
	mood  mood
	done  sync.WaitGroup
}

// Start begins to poll. Before it returns, the box holds a first snapshot:
// every configured feed, with the items of Pace.Last where there are any and
// with Tried zero. It ends when ctx ends; see [Poller.Wait].
func Start(ctx context.Context, set Set, pace Pace) *Poller {
	pace = pace.filled()
	feeds, first := jobs(set, pace)
	p := &Poller{
		box:   make(chan sources.Snapshot, 1),
		edits: make(chan edit),
		saves: make(chan sources.Snapshot, 1),
		held:  make(chan struct{}),
	}
	first.Seq = 1
	p.box <- first
	for _, f := range feeds {
		l := &loop{feed: f, id: f.source(), mood: &p.mood, speed: pace.Speed, edits: p.edits,
			kick: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
		if !f.leads() {
			l.held = p.held
		}
		p.loops = append(p.loops, l)
		p.done.Go(func() { l.run(ctx) })
	}
	p.done.Go(func() { p.publish(ctx, first) })
	p.done.Go(func() { p.save(pace.Save) })
	return p
}

// Box gives the newest snapshot: it holds at most one, and a newer one takes
// its place. It is closed after the context has ended.
func (p *Poller) Box() <-chan sources.Snapshot { return p.box }

// Refresh asks every source now. It never blocks. A source that is being
// asked already is not asked twice.
func (p *Poller) Refresh() {
	for _, l := range p.loops {
		signal(l.kick)
	}
}

// Focus says whether somebody looks. While nobody does, sources are asked a
// quarter as often; on return those that are due are asked at once.
func (p *Poller) Focus(on bool) { p.change(p.mood.away.Swap(!on) != !on) }

// Pause stops the schedule until Pause(false). A request that is under way
// ends as usual, and Refresh works.
func (p *Poller) Pause(on bool) { p.change(p.mood.paused.Swap(on) != on) }

func (p *Poller) change(changed bool) {
	if !changed {
		return
	}
	for _, l := range p.loops {
		signal(l.wake)
	}
}

// Wait returns when everything has ended after the context was cancelled: the
// schedules, the publishing and the last Save. A source that ignores its
// context is waited for a quarter of a second and then left behind.
func (p *Poller) Wait() { p.done.Wait() }

// publish owns the newest snapshot: it applies the edits of the loops and
// puts the result into the box. What the user waits for at the start, the
// alerts of the first cluster to answer and those of the last, is put there at
// once.
func (p *Poller) publish(ctx context.Context, cur sources.Snapshot) {
	defer close(p.box)
	defer close(p.saves)
	var timer <-chan time.Time // runs while something is not published
	put := func() {
		cur.Seq++
		newest(p.box, cur)
		newest(p.saves, cur)
		timer = nil
	}
	head, waiting, first := time.After(headStart), silent(cur), true
	release := sync.OnceFunc(func() { close(p.held) })
	if waiting == 0 {
		release()
	}
	for {
		select {
		case e := <-p.edits:
			cur = clone(cur)
			e(&cur)
			n := silent(cur)
			switch {
			case n < waiting && (first || n == 0):
				first = false
				put()
			case timer == nil:
				timer = time.After(quiet)
			}
			if n == 0 && waiting > 0 {
				head = time.After(min(headStart, time.Duration(alerts(cur))*drawing))
			}
			waiting = n
		case <-timer:
			put()
		case <-head:
			release()
		case <-ctx.Done():
			if timer != nil {
				put()
			}
			return
		}
	}
}

// silent counts the clusters that have not said yet what is firing, and what of
// that is silenced: an alert that is should not be the first thing on screen.
func silent(s sources.Snapshot) int {
	n := 0
	for _, c := range s.Clusters {
		if waits(c.Alerts) || waits(c.AM) {
			n++
		}
	}
	return n
}

// waits reports whether a feed that there is has not been asked yet.
func waits[T any](f sources.Feed[T]) bool { return f.Source.Kind != "" && !f.Asked() }

// alerts counts what is listed.
func alerts(s sources.Snapshot) int {
	n := 0
	for _, c := range s.Clusters {
		n += len(c.Alerts.Items)
	}
	return n
}

// save hands snapshots to f, at most every saveEvery and the last one at the
// end. The first waits too: the start has better things to do.
func (p *Poller) save(f func(sources.Snapshot)) {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	var latest *sources.Snapshot
	flush := func() {
		if latest != nil && f != nil {
			f(*latest)
		}
		latest = nil
	}
	for {
		select {
		case s, ok := <-p.saves:
			if !ok {
				flush()
				return
			}
			latest = &s
		case <-tick.C:
			flush()
		}
	}
}

// newest puts s into a channel of one slot that has one sender, in place of
// what nobody has taken.
func newest(c chan sources.Snapshot, s sources.Snapshot) {
	select {
	case <-c:
	default:
	}
	c <- s
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// clone copies what edits write to; items are shared.
func clone(s sources.Snapshot) sources.Snapshot {
	s.Clusters = slices.Clone(s.Clusters)
	s.Changes = slices.Clone(s.Changes)
	s.Services, s.Teams = slices.Clone(s.Services), slices.Clone(s.Teams)
	return s
}
