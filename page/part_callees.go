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

// maxCalled is how many of the services that one calls are asked for.
const maxCalled = 8

// calleesPart asks how the services do that the page's service calls. It waits
// for the service's own health, so that it never delays that.
func calleesPart() spec {
	return spec{
		part: PartCallees, name: "callees", every: time.Minute,
		slot:  func(p *Page) slot { return &p.Callees },
		ready: func(p Page) bool { return p.Health.State != Waiting },
		basis: func(p Page) string { return p.Item.Cluster + "\x00" + p.Item.Service.Name.Raw() },
		load:  loadCallees,
	}
}

func loadCallees(ctx context.Context, a *Assembler, p Page) []outcome {
	q := a.querier(p)
	if q == nil || p.Who.Service == nil || len(p.Who.Service.DependsOn) == 0 {
		return []outcome{done(PartCallees, Absent, []triage.Callee(nil))}
	}
	names := p.Who.Service.DependsOn
	out := make([]triage.Callee, min(len(names), maxCalled))
	var g errgroup.Group
	g.SetLimit(2) // the server's other half is for the page's own service
	for i := range out {
		g.Go(func() error {
			out[i] = calleeHealth(ctx, q, p, names[i], a.Now())
			return nil
		})
	}
	_ = g.Wait()
	return []outcome{done(PartCallees, OK, out)}
}

// calleeHealth asks for the errors and the time of a service.
func calleeHealth(ctx context.Context, q sources.Querier, p Page, name safe.Value, now time.Time) triage.Callee {
	c := triage.Callee{Name: name, Health: triage.Health{Service: name}}
	it := triage.Item{Service: triage.Found{Name: name}}
	if s, ok := p.board.Catalog(name); ok {
		it.Queries = s.Health
	}
	known := ""
	for _, old := range p.Callees.Value {
		if old.Name == name {
			known = old.Health.Selector
		}
	}
	d, err := detect(ctx, q, it, known, now)
	if err != nil {
		c.Err = safe.Error(err)
		return c
	}
	c.Health.Selector = d.selector
	asked := slices.DeleteFunc(d.asked(it.Queries), func(o question) bool { return o.Signal != "errors" && o.Signal != "latency" })
	for i := range asked {
		asked[i].brief = true
	}
	c.Err = signals(ctx, q, &c.Health, asked, triage.Health{}, false, now)
	return c
}
