package page

import (
	"context"
	"errors"
	"time"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// fetchEvery is how old a page of the network may become before it is asked
// whether it changed. The resolver thinks the same of its copies.
const fetchEvery = time.Hour

// Fetched is what the network had to say about the runbook; the text itself is
// in Page.Runbook.
type Fetched struct {
	Host string // that was asked; clean
}

// fetchPart asks the network for the runbook, behind the text of this machine
// that is on screen already, where the trail of that says that it is worth it.
func fetchPart() spec {
	return spec{
		part: PartFetch, name: "runbook_fetch", every: fetchEvery,
		slot: func(p *Page) slot { return &p.Fetched },
		ready: func(p Page) bool {
			state, _ := p.Runbook.Value.Trail.Fetch()
			return state != "" && state != runbook.FetchAsk
		},
		basis: runbookBasis,
		load:  loadFetch,
	}
}

func loadFetch(ctx context.Context, a *Assembler, p Page) []outcome {
	_, host := p.Runbook.Value.Trail.Fetch()
	f, ok := a.Runbooks.(runbook.Fetcher)
	if !ok {
		return []outcome{done(PartFetch, Absent, Fetched{})}
	}
	ref := p.Runbook.Value.Ref
	doc, trail, err := f.Fetch(ctx, ref)
	text := resolved(ref, doc, trail, err)
	if text.state == Failed {
		return []outcome{failed(PartFetch, err)}
	}
	if state, _ := trail.Fetch(); state == runbook.FetchRetry {
		return []outcome{text, failed(PartFetch, errors.New(NetworkWords(trail)))}
	}
	return []outcome{text, done(PartFetch, OK, Fetched{Host: host})}
}

// NetworkWords are what came of asking the network, a clean clause; empty when
// it was not asked, or answered well.
func NetworkWords(trail runbook.Trail) string {
	for _, r := range trail {
		if r.Name == "network" && !r.Found && (r.Tried != "" || r.Fetch == runbook.FetchAsk) {
			return r.Result
		}
	}
	return ""
}
