package resolve

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// failedFor is how long a failure stands before the same page is asked for
// again: whoever runs through the alerts must not wait for a dead host at each.
const failedFor = 30 * time.Second

// maxRecent bounds how many failures are remembered.
const maxRecent = 1000

// failures are what has just failed, by the page's key.
type failures struct {
	mu sync.Mutex
	by map[string]failure
	of map[string]string // host of each
}

func (f *failures) get(key string, now time.Time) (failure, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was, ok := f.by[key]
	return was, ok && now.Sub(was.at) < failedFor && now.Sub(was.at) >= 0
}

func (f *failures) add(t target, was failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.by == nil || len(f.by) >= maxRecent {
		f.by, f.of = map[string]failure{}, map[string]string{}
	}
	f.by[t.key()], f.of[t.key()] = was, t.host
}

// forget drops what has failed at a host.
func (f *failures) forget(host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, h := range f.of {
		if h == host {
			delete(f.by, key)
			delete(f.of, key)
		}
	}
}

// network is the rung of the page itself. Without climb.ask it only says how
// things stand.
func (r *Resolver) network(ctx context.Context, c *climb) *found {
	t, ok := targetOf(c.ref)
	if !ok {
		if a, web := parseAddress(c.ref.Base); c.ref.State == runbook.LinkOK && web && a.host != "" {
			c.note("network", "", "the link cannot be read as an address", false)
		}
		return nil
	}
	c.target = &t
	note := func(tried, result string, found bool, state runbook.Fetch) {
		c.note("network", tried, result, found)
		last := &c.trail[len(c.trail)-1]
		last.Fetch = state
		if state != "" {
			last.Host = safe.Text(t.host)
		}
	}
	if ok, why := r.mayAsk(t); !ok {
		state := runbook.FetchAsk
		if r.fetch == Never {
			state = ""
		}
		note("", why, false, state)
		return nil
	}
	if was, ok := r.recent.get(t.key(), r.now()); ok {
		c.failed()
		note(t.page, was.text, false, retry(was.err))
		return nil
	}
	c.copy = r.copies.get(t.key())
	if c.copy != nil && c.copy.Format == format && r.age(c.copy) < freshFor {
		note("", "not asked again: the copy is "+ago(r.age(c.copy))+" old", false, runbook.FetchFresh)
		return nil
	}
	if !c.ask {
		note("", "not asked yet", false, runbook.FetchDue)
		return nil
	}
	got, how, err := r.fetchPage(ctx, t, c.copy)
	if err != nil {
		if ctx.Err() != nil {
			return nil // Resolve reports it
		}
		was := failure{r.now(), failed(err, r.siteOf(t)), err}
		r.recent.add(t, was)
		c.failed()
		note(t.page, was.text, false, retry(err))
		return nil
	}
	c.reason = runbook.OK
	result := "fetched"
	if how == unchanged {
		result = "unchanged since it was fetched before"
	}
	note(t.page, result, true, runbook.FetchFresh)
	return &found{via: runbook.ViaNetwork, page: got, url: t.page}
}

// failed notes that the link's page was asked for in vain.
func (c *climb) failed() {
	if c.reason == runbook.NoCheckout {
		c.reason = runbook.FetchFailed
	}
}

func retry(err error) runbook.Fetch {
	if passes(err) {
		return runbook.FetchRetry
	}
	return ""
}

// cache is the rung of the last good copy.
func (r *Resolver) cache(_ context.Context, c *climb) *found {
	t, ok := c.target, c.target != nil
	if !ok || r.copies.dir.Path() == "" {
		return nil
	}
	p := c.copy
	if p == nil {
		p = r.copies.get(t.key())
	}
	if p == nil {
		c.note("cache", "", "never fetched before", false)
		return nil
	}
	c.reason = runbook.OK
	c.note("cache", t.page, "a copy, "+ago(r.age(p))+" old", true)
	return &found{via: runbook.ViaCache, page: p, url: t.page}
}

func (r *Resolver) age(p *copied) time.Duration { return max(0, r.now().Sub(p.FetchedAt)) }

// ago is an age in one unit.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// catalog is the rung of the service's or team's default runbook: its link is
// climbed by itself, over the rungs that know links.
func (r *Resolver) catalog(ctx context.Context, c *climb) *found {
	if r.defaults == nil {
		return nil
	}
	link := r.defaults(c.ref.Service, c.ref.Team)
	ref := runbook.ParseRef(link)
	if ref.State != runbook.LinkOK {
		who := c.ref.Service
		if who.Empty() {
			who = c.ref.Team
		}
		result := "the catalog names none"
		if who.Empty() {
			result = "neither service nor team is known"
		}
		c.note("default", who.String(), result, false)
		return nil
	}
	ref.Alert, ref.Service, ref.Team = c.ref.Alert, c.ref.Service, c.ref.Team
	inner := &climb{ref: ref, ask: c.ask, reason: runbook.NoCheckout}
	for _, step := range []rung{(*Resolver).checkout, (*Resolver).network, (*Resolver).cache} {
		f := step(r, ctx, inner)
		if f == nil {
			continue
		}
		last := inner.trail[len(inner.trail)-1]
		c.note("default", last.Tried, "from the catalog", true)
		f.via = runbook.ViaCatalog
		return f
	}
	result := "the catalog's link leads nowhere"
	if n := len(inner.trail); n > 0 {
		result = inner.trail[n-1].Result
	}
	c.note("default", link, result, false)
	// Of two pages that may be asked for, the link's own comes first.
	own, _ := c.trail.Fetch()
	if state, host := inner.trail.Fetch(); own == "" && state != "" {
		last := &c.trail[len(c.trail)-1]
		last.Fetch, last.Host = state, host
	}
	return nil
}
