package page

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Diffs is what the changes at the top of the ranking brought.
type Diffs struct {
	Note string // plain sentence why one is not known, with what to do; empty: nothing can be done

	of map[string]*sources.Diff // by diffKey; nil: asked, and nobody knows
}

// diffKey tells changes apart by their ID, and one whose revisions have become
// known from what it was before.
func diffKey(c *sources.Change) string {
	return strings.Join([]string{c.Source.Kind, c.Source.Name, c.Source.Cluster, c.ID,
		c.FromRevision.Raw(), c.Revision.Raw(), c.FromVersion.Raw(), c.Version.Raw()}, "\x00")
}

// onto is the board with the diffs in its changes: a copy where there are any.
func (d Diffs) onto(b *triage.Board) *triage.Board {
	if len(d.of) == 0 {
		return b
	}
	c := *b
	c.Changes = slices.Clone(b.Changes)
	for i := range c.Changes {
		if diff := d.of[diffKey(&c.Changes[i])]; diff != nil {
			c.Changes[i].Diff = diff
		}
	}
	return &c
}

// lacks reports whether one of the top suspects has not been asked about.
func (d Diffs) lacks(top []triage.Suspect) bool {
	return slices.ContainsFunc(top, func(s triage.Suspect) bool {
		_, asked := d.of[diffKey(&s.Change)]
		return !asked && s.Diff == nil
	})
}

// top are the suspects that are shown before the rest is counted.
func (p Page) top() []triage.Suspect {
	return p.Ranking.Suspects[:min(TopSuspects, len(p.Ranking.Suspects))]
}

// diffsNote says why what a suspect brought is not known, where that can be
// mended; empty otherwise.
func (p Page) diffsNote() string {
	if p.Diffs.Err != nil {
		return safe.Err(p.Diffs.Err)
	}
	return p.Diffs.Value.Note
}

// diffsEvery is how soon a repository that did not know a revision is asked
// again: somebody may have fetched.
const diffsEvery = 5 * time.Minute

// diffsPart asks what the page's top suspects brought. It waits for the
// evidence, which has a say in who they are.
func diffsPart() spec {
	return spec{
		part: PartDiffs, name: "diffs", every: diffsEvery,
		slot:  func(p *Page) slot { return &p.Diffs },
		ready: func(p Page) bool { return p.Evidence.State != Waiting },
		basis: func(Page) string { return "" }, // each diff belongs to its change, whatever the page
		load:  loadDiffs,
	}
}

// loadDiffs keeps what is known: revisions do not change. An error of one
// source is the part's only if nothing is known.
func loadDiffs(ctx context.Context, a *Assembler, p Page) []outcome {
	out := Diffs{of: map[string]*sources.Diff{}}
	for _, s := range p.Ranking.Suspects { // one that has left the top may come back
		if key := diffKey(&s.Change); p.Diffs.Value.of[key] != nil {
			out.of[key] = p.Diffs.Value.of[key]
		}
	}
	known := len(out.of) > 0
	top := p.top()
	found, errs := make([]sources.Diff, len(top)), make([]error, len(top))
	var wg sync.WaitGroup
	for i, s := range top {
		if s.Diff == nil {
			wg.Go(func() { found[i], errs[i] = a.Describe(ctx, s.Change) })
		}
	}
	wg.Wait()
	var bad error
	for i, s := range top {
		key, err := diffKey(&s.Change), errs[i]
		switch {
		case s.Diff != nil:
			known = true
			continue
		case err == nil:
			out.of[key], known = &found[i], true
			continue
		case !sources.IsKind(err, sources.NotFound):
			bad = err
		case out.Note == "" && sources.HintOf(err) != "":
			out.Note = safe.Err(err)
		}
		out.of[key] = nil
	}
	switch {
	case known:
		return []outcome{done(PartDiffs, OK, out)}
	case bad != nil:
		return []outcome{failed(PartDiffs, bad)}
	}
	return []outcome{done(PartDiffs, Absent, out)}
}
