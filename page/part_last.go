package page

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// LastChange is the last change of the page's service before what the board
// lists.
type LastChange struct {
	Change *sources.Change // nil: none is known

	listed bool // the board had one, so that nobody was asked
}

// onto is the board with the change among its own: a copy where there is one.
func (l LastChange) onto(b *triage.Board) *triage.Board {
	if l.Change == nil {
		return b
	}
	c := *b
	i, _ := slices.BinarySearchFunc(b.Changes, l.Change.StartedAt, func(c sources.Change, at time.Time) int { return at.Compare(c.StartedAt) })
	c.Changes = slices.Insert(slices.Clone(b.Changes), i, *l.Change)
	return &c
}

// lastPart asks for the last change of the page's service where the board has
// none: some sources list those of a window only. It waits for the onset: what
// came after it is no answer.
func lastPart() spec {
	return spec{
		part: PartLast, name: "last_change",
		slot:  func(p *Page) slot { return &p.Last },
		ready: func(p Page) bool { return p.Onset.State != Waiting && p.serviceSettled() },
		basis: func(p Page) string { return p.Item.Cluster + "\x00" + p.Item.Service.Name.Raw() },
		load:  loadLast,
	}
}

func loadLast(ctx context.Context, a *Assembler, p Page) []outcome {
	if listed := p.Ranking.Last != nil && p.Last.Value.Change == nil; listed || p.Item.Service.Name.Empty() {
		return []outcome{done(PartLast, Absent, LastChange{listed: listed})}
	}
	names := []safe.Value{p.Item.Service.Name}
	if s, ok := p.board.Catalog(p.Item.Service.Name); ok {
		names = append(names, s.Aliases...)
	}
	before := p.Onset.Value.At
	if before.IsZero() {
		before = a.Now()
	}
	found := make([]*sources.Change, len(a.Past))
	g, gctx := errgroup.WithContext(ctx)
	for i, h := range a.Past {
		g.Go(func() (err error) {
			found[i], err = h.Last(gctx, p.Item.Cluster, names, before)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return []outcome{failed(PartLast, err)}
	}
	var out LastChange
	for _, c := range found {
		if c != nil && (out.Change == nil || c.StartedAt.After(out.Change.StartedAt)) {
			out.Change = c
		}
	}
	if out.Change == nil {
		return []outcome{done(PartLast, Absent, out)}
	}
	return []outcome{done(PartLast, OK, out)}
}

// LastWords say that and why the last change of the service is not known, though
// somebody could be asked. Empty: nobody failed.
func LastWords(p Page) string {
	if p.Last.Err == nil {
		return ""
	}
	return "Whether " + p.Item.Service.Name.String() + " changed before that is not known: " + safe.Err(p.Last.Err)
}
