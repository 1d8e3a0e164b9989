package page

import (
	"context"
	"regexp"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// hostEvery is how often it is looked what runs on a host: seldom does that
// change.
const hostEvery = 5 * time.Minute

// hostPart asks which jobs have targets on the alert's host, where no label of
// the alert names a service. It costs one query.
func hostPart() spec {
	return spec{
		part: PartHost, name: "host", every: hostEvery,
		slot: func(p *Page) slot { return &p.Host }, ready: Page.asksHost,
		basis: func(p Page) string {
			instance, _ := triage.InstanceOf(p.Item)
			return p.Item.Cluster + "\x00" + instance.Raw() + "\x00" + triage.Unguessed(p.Item).Service.Name.Raw()
		},
		load: loadHost,
	}
}

// asksHost reports whether what runs on the alert's host may tell the service.
func (p Page) asksHost() bool {
	_, host := triage.InstanceOf(p.Item)
	return !host.Empty() && triage.Unguessed(p.Item).Service.Name.Empty()
}

// serviceSettled reports whether the page's service is known, or is not going to
// be.
func (p Page) serviceSettled() bool { return p.Host.State != Waiting || !p.asksHost() }

func loadHost(ctx context.Context, a *Assembler, p Page) []outcome {
	instance, host := triage.InstanceOf(p.Item)
	q := a.querier(p)
	if q == nil || host.Empty() {
		return []outcome{done(PartHost, Absent, triage.OnHost{Host: host})}
	}
	v, err := q.Query(ctx, "group by (job, instance) (up{instance=~"+quote(regexp.QuoteMeta(host.Raw())+"(:[0-9]+)?")+"})", a.Now())
	if err != nil {
		return []outcome{failed(PartHost, err)}
	}
	seen := make([]sources.Labels, len(v))
	for i, s := range v {
		seen[i] = s.Labels
	}
	found := p.board.OnHost(instance, host, seen)
	if len(found.Services) == 0 {
		return []outcome{done(PartHost, Absent, found)}
	}
	return []outcome{done(PartHost, OK, found)}
}

// guess takes what is known of the alert's host into its facts.
func (p Page) guess() Page {
	return p.take(triage.Unguessed(p.Item)).stand(p.board)
}
