package page

import (
	"context"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Past is what the page's rule measured over some time until now.
type Past struct {
	Points   []sources.Point // oldest first; nil: there is no data
	From, To time.Time
	Step     time.Duration // between two points: a newer answer is worth asking for after that
}

// Measured asks for what the rule of the page measured in a time before now, in
// steps that suit a graph: at most 240. Kind NotFound: nothing can be measured,
// the error says why.
func (a *Assembler) Measured(ctx context.Context, p Page, back time.Duration) (Past, error) {
	why, q := triage.Explain(p.Item), a.querier(p)
	if reason := unmeasurable(p, p.Onset.Value, why, q); reason != "" {
		return Past{}, sources.Errorf(sources.NotFound, "%s", reason)
	}
	ctx, cancel := a.within(ctx)
	defer cancel()
	now := a.Now()
	r := span(now.Add(-back), now)
	points, err := measured(ctx, q, p.Item, why.Expr, r)
	return Past{Points: points, From: r.Start, To: r.End, Step: r.Step}, err
}

// GraphFrom is where the graph of the page's own points begins: an hour before
// the rule noticed.
func (p Page) GraphFrom() time.Time {
	at := triage.Began(p.Item).At
	if at.IsZero() {
		return at
	}
	return at.Add(-lead)
}

// RuleGroup is the group that the page's rule stands in; false: it is not known.
func (p Page) RuleGroup() (sources.RuleGroup, bool) {
	rule := p.Item.Rule
	if rule == nil || p.board == nil {
		return sources.RuleGroup{}, false
	}
	for _, c := range p.board.Snapshot.Clusters {
		if c.Name != p.Item.Cluster {
			continue
		}
		for _, g := range c.Rules.Items {
			for i := range g.Rules {
				if r := &g.Rules[i]; r == rule || r.Name == rule.Name && r.Query == rule.Query && r.For == rule.For {
					return g, true
				}
			}
		}
	}
	return sources.RuleGroup{}, false
}
