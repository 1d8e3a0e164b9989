package page

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Part names one slot of a page.
type Part int

// The parts, in order of worth to a responder.
const (
	PartRunbook Part = iota
	PartFetch        // of the runbook, from the network
	PartOnset
	PartWhy
	PartHealth
	PartEvidence
	PartLast
	PartCallees
	PartDiffs
	PartPointsAt
	PartHistory
	PartHost
)

// String is the part's name as JSON and logs write it.
func (n Part) String() string {
	for _, s := range specs() {
		if s.part == n {
			return s.name
		}
	}
	return fmt.Sprintf("part %d", int(n))
}

// spec is what the assembler knows of a part.
type spec struct {
	part  Part
	name  string
	every time.Duration       // how old a good value may become; 0: it does not age
	slot  func(p *Page) slot  // where it goes
	ready func(p Page) bool   // whether what it depends on is there
	basis func(p Page) string // what a result depends on; a result of another basis is dropped
	load  func(context.Context, *Assembler, Page) []outcome
}

// specs are the parts in order of worth.
func specs() []spec {
	return []spec{
		runbookPart(), fetchPart(), onsetPart(), whyPart(), healthPart(), evidencePart(), lastPart(),
		calleesPart(), diffsPart(), pointsAtPart(), historyPart(), hostPart(),
	}
}

func always(Page) bool { return true }

// Assembler loads the parts of pages. Its fields are set before first use and
// not changed after. Runbooks, Commits and Query may be nil: then there are none.
type Assembler struct {
	Runbooks runbook.Resolver    // a runbook.Fetcher is asked for what the network has, too
	Commits  []sources.Commits   // asked in this order what lies between two revisions
	Past     []sources.Historian // asked for the last change of a service that the board has none of
	// Query gives the Prometheus of a cluster; nil: there is none.
	Query       func(cluster string) sources.Querier
	Now         func() time.Time
	Zone        *time.Location // where nights are nights, in JSON; nil: UTC
	RunbookKeys []string       // for Open; nil: the board's
	Deadline    time.Duration  // of one load; 0: 15 s

	loads atomic.Uint64
}

// defaultDeadline leaves room for three queries of 5 s, one after another.
const defaultDeadline = 15 * time.Second

// Result is what one Load brought. It belongs to one alert; With drops it on
// the page of another.
type Result struct {
	Alert sources.AlertID
	Part  Part
	Load  uint64 // grows with every Load of one assembler, in order of their start

	at    time.Time
	basis map[Part]string // of the page that was loaded for
	out   []outcome       // empty: the load was given up
}

// Err is the error of the part, or nil.
func (r Result) Err() error {
	for _, o := range r.out {
		if o.part == r.Part {
			return o.err
		}
	}
	return nil
}

// Due lists the parts to load now: missing, aged or failed a while ago, what
// they depend on being there. Most worth first; they may be loaded side by
// side. Parts that were begun (see Begin) and have not come back are left out.
func (a *Assembler) Due(p Page) []Part {
	var due []Part
	now := a.Now()
	for _, s := range specs() {
		if t, ok := s.slot(&p).dueAt(s.every); ok && !t.After(now) && s.ready(p) {
			due = append(due, s.part)
		}
	}
	return due
}

// Next is the first moment at which a part of the page is due by its age. The
// zero time: none will be before something else happens.
func (a *Assembler) Next(p Page) time.Time {
	var next time.Time
	for _, s := range specs() {
		t, ok := s.slot(&p).dueAt(s.every)
		if !ok || !s.ready(p) {
			continue
		}
		if t.IsZero() {
			return a.Now()
		}
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	return next
}

// Begin marks a part as being loaded, so that Due leaves it out until With
// took a result of it.
func (p Page) Begin(part Part) Page {
	for _, s := range specs() {
		if s.part == part {
			r := s.slot(&p).runs()
			r.loading, r.again = true, false
		}
	}
	return p
}

// Again marks a part as due whatever its age: the reader asked, or what it
// depends on outside has changed.
func (p Page) Again(part Part) Page {
	for _, s := range specs() {
		if s.part == part {
			s.slot(&p).runs().again = true
		}
	}
	return p
}

// Load loads one part of the page. It never panics; an error stays in the
// part's slot. When ctx is cancelled from outside the result changes nothing.
func (a *Assembler) Load(ctx context.Context, p Page, part Part) (r Result) {
	r = Result{Alert: p.Item.ID, Part: part, Load: a.loads.Add(1), basis: map[Part]string{}}
	for _, s := range specs() {
		r.basis[s.part] = s.basis(p)
	}
	defer func() {
		if x := recover(); x != nil {
			r.out = []outcome{failed(part, fmt.Errorf("internal error in %s: %v", part, x))}
		}
		r.at = a.Now()
	}()
	for _, s := range specs() {
		if s.part != part {
			continue
		}
		inner, cancel := a.within(ctx)
		defer cancel()
		out := s.load(inner, a, p)
		if !errors.Is(ctx.Err(), context.Canceled) {
			r.out = out
		}
		return r
	}
	r.out = []outcome{failed(part, fmt.Errorf("%s does not exist", part))}
	return r
}

// within is a context for one load.
func (a *Assembler) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, cmp.Or(a.Deadline, defaultDeadline))
}

// With is the page with the result in it. Results of another alert, of an
// older load, and of facts that have changed since (it fired anew, its rule or
// its link is another) are dropped.
func (p Page) With(r Result) Page {
	if r.Alert != p.Item.ID {
		return p
	}
	ranked := false
	for _, s := range specs() {
		slot := s.slot(&p)
		if s.part == r.Part && r.Load >= slot.runs().load && (len(r.out) == 0 || r.basis[s.part] != s.basis(p)) {
			slot.runs().loading = false
		}
		for _, o := range r.out {
			if o.part == s.part && r.basis[s.part] == s.basis(p) {
				slot.put(o, r.Load, r.at)
				ranked = ranked || slices.Contains([]Part{PartOnset, PartEvidence, PartLast, PartDiffs, PartHost}, s.part)
			}
		}
	}
	if r.Part == PartHost {
		p = p.guess()
	}
	if ranked {
		return p.rank()
	}
	return p
}

// All loads every part that is due, side by side where they do not depend on
// each other, each at most once. When ctx ends first, the parts that were not
// reached have its error.
func (a *Assembler) All(ctx context.Context, p Page) Page {
	done := map[Part]bool{}
	for {
		var due []Part
		for _, part := range a.Due(p) {
			if !done[part] {
				due = append(due, part)
				done[part] = true
			}
		}
		if len(due) == 0 {
			return a.giveUp(ctx, p)
		}
		results := make([]Result, len(due))
		var wg sync.WaitGroup
		for i, part := range due {
			wg.Go(func() { results[i] = a.Load(ctx, p, part) })
		}
		wg.Wait()
		for _, r := range results {
			p = p.With(r)
			for _, o := range r.out {
				done[o.part] = true
			}
		}
	}
}

// giveUp puts the context's error into the slots that are still waiting.
func (a *Assembler) giveUp(ctx context.Context, p Page) Page {
	if ctx.Err() == nil {
		return p
	}
	err := stopped(ctx)
	for _, s := range specs() {
		if t, ok := s.slot(&p).dueAt(0); ok && t.IsZero() {
			s.slot(&p).put(failed(s.part, err), a.loads.Add(1), a.Now())
		}
	}
	return p
}

// stopped is the error of a load that the context ended.
func stopped(ctx context.Context) error {
	kind, what := sources.Canceled, "given up"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		kind, what = sources.Timeout, "no whole answer in time"
	}
	return &sources.Error{Kind: kind, Detail: safe.Outside(what), Err: ctx.Err()}
}

func failed(part Part, err error) outcome {
	return outcome{part: part, state: Failed, err: safe.Error(err)}
}

func done(part Part, state State, value any) outcome {
	return outcome{part: part, state: state, value: value}
}

// querier is the Prometheus of the page's cluster, or nil.
func (a *Assembler) querier(p Page) sources.Querier { return a.queryOf(p.Item.Cluster) }

// queryOf is the Prometheus of a cluster, or nil.
func (a *Assembler) queryOf(cluster string) sources.Querier {
	if a.Query == nil {
		return nil
	}
	return a.Query(cluster)
}
