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
	return []outcome{done(PartCallees, OK, callees(ctx, q, p.board.Calls(*p.Who.Service), p.Callees.Value, a.Now()))}
}

// callees asks how the first of the services do that are called; last is what
// was learned last time.
func callees(ctx context.Context, q sources.Querier, called []triage.Item, last []triage.Callee, now time.Time) []triage.Callee {
	out := make([]triage.Callee, min(len(called), maxCalled))
	var g errgroup.Group
	g.SetLimit(2) // the server's other half is for the service that calls
	for i := range out {
		g.Go(func() error {
			out[i] = calleeHealth(ctx, q, called[i], last, now)
			return nil
		})
	}
	_ = g.Wait()
	return out
}

// calleeHealth asks for the errors and the time of a service.
func calleeHealth(ctx context.Context, q sources.Querier, it triage.Item, last []triage.Callee, now time.Time) triage.Callee {
	name := it.Service.Name
	c := triage.Callee{Name: name, Health: triage.Health{Service: name}}
	known := ""
	if i := slices.IndexFunc(last, func(old triage.Callee) bool { return old.Name == name }); i >= 0 {
		known = last[i].Health.Selector
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
