package resolve

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// Checkout is a directory with runbooks.
type Checkout struct {
	// URL is the prefix of the links that it answers to; empty: only what is
	// guessed. The addresses of its git remotes and of its site are always
	// added.
	URL string
	// Path is the directory. A relative one is taken from the working
	// directory of the process.
	Path string
	// Content is the folder of the pages of a site; empty: guessed.
	Content string
}

// Policy says whether pages may be fetched from the network.
type Policy string

// The policies.
const (
	Never  Policy = "never"
	Ask    Policy = "ask"
	Always Policy = "always"
)

// Options configure a Resolver.
type Options struct {
	Checkouts []Checkout    // in order of preference
	Fetch     Policy        // empty: Ask
	Hosts     []Host        // that may be asked without a question, with credentials of their own
	Timeout   time.Duration // of one request; 0: that of internal/web
	// State keeps which hosts the user has allowed, Cache the copies of pages.
	// The zero Dir: not longer than the process, and none.
	State, Cache state.Dir
	// Default is the link of the runbook that stands in for a missing one, of a
	// service or else its team; empty: there is none. Nil: nobody knows.
	Default func(service, team safe.Value) string
	Now     func() time.Time

	loopback bool // for tests: unknown hosts may be on this machine
}

// Resolver climbs the ladder. It satisfies runbook.Fetcher.
type Resolver struct {
	roots    []*root
	fetch    Policy
	now      func() time.Time
	sites    []*webHost
	others   *webHost
	consent  *consent
	copies   *copies
	recent   failures
	defaults func(service, team safe.Value) string

	mu    sync.Mutex
	found map[locateKey]Located
	of    located // what the answers in found were made from
}

var _ runbook.Fetcher = (*Resolver)(nil)

// New makes a Resolver. It does no I/O.
func New(o Options) *Resolver {
	r := &Resolver{fetch: o.Fetch, now: o.Now, consent: &consent{dir: o.State}, copies: &copies{dir: o.Cache, max: maxCache},
		others: strangers(o), defaults: o.Default}
	if r.fetch == "" {
		r.fetch = Ask
	}
	if r.now == nil {
		r.now = time.Now
	}
	for _, c := range o.Checkouts {
		if c.Path != "" {
			r.roots = append(r.roots, newRoot(c))
		}
	}
	for _, h := range o.Hosts {
		r.sites = append(r.sites, newWebHost(h, o))
	}
	return r
}

// Warm reads every checkout now instead of at first use.
func (r *Resolver) Warm(ctx context.Context) {
	for _, ro := range r.roots {
		if ctx.Err() != nil {
			return
		}
		ro.get(r.now())
	}
}

// climb is one walk up the ladder.
type climb struct {
	ref    runbook.Ref
	trail  runbook.Trail
	reason runbook.Reason // how the link fared
	stub   runbook.Stub   // where the link's file would be
	near   *root          // the checkout that the link belongs to, though the file is gone
	ask    bool           // the network may be asked now
	target *target        // the link's page; nil: it is none of the web
	copy   *copied        // of that page; nil: none, or not looked for
}

// rung is one step of the ladder. It returns a file or page, or notes in the
// trail why there is none.
type rung func(*Resolver, context.Context, *climb) *found

// found is a file, or the page of another host, and how it was found.
type found struct {
	hit
	page *copied // nil: hit is a file
	url  string  // of page
	via  runbook.Via
	line int // of the name, with ViaName; else 0
	also []string
}

// ladder is the rungs in order.
func ladder() []rung {
	return []rung{(*Resolver).checkout, (*Resolver).network, (*Resolver).cache, (*Resolver).byName, (*Resolver).catalog}
}

func (c *climb) note(name, tried, result string, ok bool) {
	c.trail = append(c.trail, runbook.Rung{Name: name, Tried: safe.Text(tried), Result: safe.Text(result), Found: ok})
}

// Resolve finds the document behind a reference on this machine, and says in
// the trail whether the network may have a better one (Trail.Fetch). Errors are
// of type *runbook.NotFoundError, or the context's. A dead fragment is no error:
// Document.Place says so.
func (r *Resolver) Resolve(ctx context.Context, ref runbook.Ref) (runbook.Document, runbook.Trail, error) {
	return r.climb(ctx, &climb{ref: ref})
}

// Fetch is Resolve with the network in its place on the ladder, as far as the
// policy and the user allow it: a copy that is an hour old or more is asked
// about. It waits for the answer, at most Options.Timeout for each address that
// a page may have (three at most, tried while there is no such page). That the
// network fails is no error while a lower rung has a text; the trail says it.
func (r *Resolver) Fetch(ctx context.Context, ref runbook.Ref) (runbook.Document, runbook.Trail, error) {
	return r.climb(ctx, &climb{ref: ref, ask: true})
}

func (r *Resolver) climb(ctx context.Context, c *climb) (runbook.Document, runbook.Trail, error) {
	c.link()
	for _, step := range ladder() {
		if err := ctx.Err(); err != nil {
			return runbook.Document{}, c.trail, err
		}
		f := step(r, ctx, c)
		if f == nil {
			continue
		}
		d, err := r.open(ctx, c.ref, f)
		if err == nil {
			return d, c.trail, nil
		}
		if err := ctx.Err(); err != nil {
			return runbook.Document{}, c.trail, err
		}
		c.refused(err)
	}
	if err := ctx.Err(); err != nil {
		return runbook.Document{}, c.trail, err
	}
	return runbook.Document{}, c.trail, &runbook.NotFoundError{Reason: c.reason, Stub: r.stub(c)}
}

// refused turns the last rung, which had found a file, into a failure.
func (c *climb) refused(err error) {
	last := &c.trail[len(c.trail)-1]
	last.Found, last.Result = false, safe.Text(why(err))
	if c.reason == runbook.OK {
		c.reason = runbook.NoFile
	}
}

// why is an error of the file system without the path, which the trail has.
func why(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return safe.Err(err)
}

// link notes what kind of link there is.
func (c *climb) link() {
	ref := c.ref
	switch ref.State {
	case runbook.LinkOK:
		c.reason = runbook.NoCheckout
		c.note("link", ref.Link.String(), "from "+where(ref), true)
	case runbook.LinkTemplated:
		c.reason = runbook.Templated
		c.note("link", ref.Link.String(), "a template that was not expanded", false)
	default:
		c.reason = runbook.NoLink
		c.note("link", "", "the alert has no link", false)
	}
}

func where(ref runbook.Ref) string {
	switch {
	case ref.Key == "":
		return "what was asked for"
	case ref.Label:
		return "the label " + safe.Text(ref.Key)
	}
	return "the annotation " + safe.Text(ref.Key)
}

// checkout is the rung of the configured directories.
func (r *Resolver) checkout(_ context.Context, c *climb) *found {
	if c.ref.State != runbook.LinkOK {
		return nil
	}
	if len(r.roots) == 0 {
		c.note("checkout", "", "none is configured", false)
		return nil
	}
	base := c.ref.Base
	a, ok := linkAddress(c.ref)
	if !ok || len(a.segs) == 0 && a.host == "" {
		c.note("checkout", "", "the link is not a page's address", false)
		return nil
	}
	if a.host == "" {
		if guess, ok := parseAddress("https://" + base); ok && len(a.segs) > 1 && strings.Contains(a.segs[0], ".") && base[0] != '/' {
			if h, _, matched := r.byAddress(guess); matched > 0 && h != nil {
				return r.hit(c, h)
			}
		}
		return r.relative(c, a)
	}
	h, misses, matched := r.byAddress(a)
	switch {
	case h != nil:
		return r.hit(c, h)
	case matched == 0:
		c.note("checkout", "", "none answers to "+a.host, false)
		return nil
	}
	c.missed(misses)
	c.near = misses[0].root
	return nil
}

func (r *Resolver) relative(c *climb, a address) *found {
	var misses []miss
	for _, ro := range r.roots {
		h, m := ro.relative(ro.get(r.now()), a, c.ref.Base)
		if h != nil {
			return r.hit(c, h)
		}
		m.root = ro
		misses = append(misses, m)
	}
	c.missed(misses)
	return nil
}

func (r *Resolver) hit(c *climb, h *hit) *found {
	c.reason = runbook.OK
	c.note("checkout", h.path(), "found", true)
	return &found{hit: *h, via: runbook.ViaCheckout}
}

func (h hit) path() string { return filepath.Join(h.root.dir, filepath.FromSlash(h.rel)) }

// missed notes the checkouts that answer to a link and have no file for it.
func (c *climb) missed(misses []miss) {
	c.reason = runbook.NoFile
	gone := 0
	for _, m := range misses {
		result := "no " + m.looked
		if m.looked == "" {
			result = "no page at its top"
		}
		if m.err != nil {
			result = why(m.err)
			if m.looked != "" {
				result = m.looked + ": " + result
			}
			if os.IsNotExist(m.err) {
				gone++
				result = "there is no such directory"
			}
		}
		c.note("checkout", m.root.dir, result, false)
		if m.err == nil && c.stub.Rel == "" && m.stub != "" {
			c.stub = runbook.Stub{Root: m.root.dir, Rel: m.stub}
		}
	}
	if gone == len(misses) && gone > 0 {
		c.reason = runbook.NoCheckout
	}
}
