package runbook

import "context"

// Fetcher is a Resolver that can also ask the network. Resolve itself stays on
// this machine and returns at once; where the trail says that the network may
// have something better (Trail.Fetch), Fetch climbs the whole ladder, the
// network included, and waits for it. Safe for concurrent use.
type Fetcher interface {
	Resolver
	Fetch(ctx context.Context, ref Ref) (Document, Trail, error)
}

// Fetch says how the network stands to a reference.
type Fetch string

// The ways it stands. Empty: it has no part in this, or it has answered for
// good.
const (
	FetchAsk   Fetch = "ask"   // the user has to allow the host first
	FetchDue   Fetch = "due"   // it may be asked, and has not been, or a while ago
	FetchFresh Fetch = "fresh" // the text is from it, and young enough
	FetchRetry Fetch = "retry" // it failed in a way that may pass
)

// Fetch is how the network stands to what was looked for, and the host of the
// page; both empty when the network has no part in it.
func (t Trail) Fetch() (Fetch, string) {
	for _, r := range t {
		if r.Fetch != "" {
			return r.Fetch, r.Host
		}
	}
	return "", ""
}
