package resolve

import (
	"context"
	"sync"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// Prefetched is how one link of Prefetch fared.
type Prefetched struct {
	Link  string
	State string // see the constants
	Err   error  // why, with PrefetchFailed and PrefetchNotAllowed; else nil
	Bytes int64  // of the copy that is on this machine now; 0: none
}

// The states of a prefetched link.
const (
	PrefetchLocal      = "local"       // a checkout has it: nothing to fetch
	PrefetchFresh      = "fresh"       // the copy is of this very minute: not asked again
	PrefetchUpdated    = "updated"     // the copy is new, or says something else than before
	PrefetchUnchanged  = "unchanged"   // the host says that the copy is still right, or it reads the same
	PrefetchFailed     = "failed"      // Err says why; an older copy stays
	PrefetchNotAllowed = "not_allowed" // Err says why: the setting, or a host that was never allowed
)

// prefetchers is how many pages are fetched side by side.
const prefetchers = 4

// Prefetch makes or renews the copies of the pages behind links, whatever
// their age, with conditional requests. report is called once for each link, by
// one goroutine at a time, in the order in which they are done. It returns when
// all were reported, or soon after ctx has ended; those that were not reached
// are then not reported.
func (r *Resolver) Prefetch(ctx context.Context, links []string, report func(Prefetched)) {
	var (
		mu   sync.Mutex // guards report and next
		next int
		wg   sync.WaitGroup
		busy pageLocks
	)
	for range min(prefetchers, len(links)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(links) {
					return
				}
				p := r.prefetch(ctx, links[i], &busy)
				if ctx.Err() != nil {
					return
				}
				mu.Lock()
				report(p)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// pageLocks let one page be fetched by one goroutine at a time: links to
// several places of it are common.
type pageLocks struct{ by sync.Map }

func (l *pageLocks) lock(key string) (unlock func()) {
	m, _ := l.by.LoadOrStore(key, &sync.Mutex{})
	mu := m.(*sync.Mutex)
	mu.Lock()
	return mu.Unlock
}

// notAllowedError says why a page was not asked for.
type notAllowedError struct{ why string }

func (e *notAllowedError) Error() string { return e.why }

func (r *Resolver) prefetch(ctx context.Context, link string, busy *pageLocks) Prefetched {
	ref := runbook.ParseRef(link)
	c := &climb{ref: ref}
	c.link()
	if r.checkout(ctx, c) != nil {
		return Prefetched{Link: link, State: PrefetchLocal}
	}
	t, ok := targetOf(ref)
	if !ok {
		return Prefetched{Link: link, State: PrefetchFailed, Err: &runbook.NotFoundError{Reason: c.reason}}
	}
	defer busy.lock(t.key())()
	had := r.copies.get(t.key())
	p := Prefetched{Link: link}
	if had != nil {
		p.Bytes = int64(len(had.text))
	}
	if ok, why := r.mayAsk(t); !ok {
		p.State, p.Err = PrefetchNotAllowed, &notAllowedError{why + " (" + t.host + ")"}
		return p
	}
	if had != nil && had.Format == format && r.age(had) < failedFor {
		p.State = PrefetchFresh
		return p
	}
	got, how, err := r.fetchPage(ctx, t, had)
	if err != nil {
		p.State, p.Err = PrefetchFailed, &fetchError{failed(err, r.siteOf(t)), err}
		return p
	}
	p.Bytes, p.State = int64(len(got.text)), PrefetchUpdated
	if how == unchanged {
		p.State = PrefetchUnchanged
	}
	return p
}

// fetchError is a failed fetch in the words of a trail.
type fetchError struct {
	text string
	err  error
}

func (e *fetchError) Error() string { return e.text }
func (e *fetchError) Unwrap() error { return e.err }
