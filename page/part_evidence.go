package page

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// The time that errors are split by version for: a little before the trouble
// began, so that the version before it is seen, until now.
const (
	evidenceLead  = 15 * time.Minute
	evidenceMost  = 3 * time.Hour
	evidenceStep  = 30 * time.Second
	evidenceSteps = 120 // points at most
)

// evidencePart asks how the requests of the page's service end by version.
func evidencePart() spec {
	return spec{
		part: PartEvidence, name: "evidence", every: 15 * time.Second,
		slot:  func(p *Page) slot { return &p.Evidence },
		ready: func(p Page) bool { return p.Onset.State != Waiting && p.Health.State != Waiting },
		basis: func(p Page) string {
			return p.Item.Cluster + "\x00" + p.Health.Value.Selector + "\x00" + p.Health.Value.Errors.Total
		},
		load: loadEvidence,
	}
}

// maxCallees is of how many called services errors are asked by version, too:
// three queries and more for each.
const maxCallees = 2

func loadEvidence(ctx context.Context, a *Assembler, p Page) []outcome {
	h, q, now := p.Health.Value, a.querier(p), a.Now()
	if q == nil {
		return []outcome{done(PartEvidence, Absent, triage.Evidence{Note: "No Prometheus is connected for " + clusterName(p.Item.Cluster) + "."})}
	}
	e := triage.Evidence{Note: "No counter of failed requests was found."}
	onset := p.Onset.Value.At
	if h.Selector != "" && h.Errors.Total != "" {
		var err error
		e, err = EvidenceOf(ctx, q, h, onset, evidenceFrom(p, "", now), now)
		if err != nil {
			return []outcome{failed(PartEvidence, err)}
		}
	}
	for _, name := range p.Ranking.Callees(maxCallees) {
		other, err := callee(ctx, q, p, name, now)
		if err != nil { // it only makes the page poorer
			continue
		}
		if e.Callees == nil {
			e.Callees = map[string]triage.Evidence{}
		}
		e.Callees[strings.ToLower(name.Raw())] = other
	}
	if len(e.Versions) == 0 && len(e.Callees) == 0 {
		return []outcome{done(PartEvidence, Absent, e)}
	}
	return []outcome{done(PartEvidence, OK, e)}
}

// callee is the evidence about a service that the page's service calls.
func callee(ctx context.Context, q sources.Querier, p Page, name safe.Value, now time.Time) (triage.Evidence, error) {
	d, err := detect(ctx, q, triage.Item{Service: triage.Found{Name: name}}, "", now)
	if err != nil || d.selector == "" || d.errors().Total == "" {
		return triage.Evidence{}, err
	}
	h := triage.Health{Service: name, Selector: d.selector, Errors: d.errors()}
	return EvidenceOf(ctx, q, h, p.Onset.Value.At, evidenceFrom(p, name.Raw(), now), now)
}

// evidenceFrom is the moment from which requests are counted: a while before
// the trouble and before the last rollouts of the service, whose replaced
// versions must be seen, too. An empty name stands for the page's service.
func evidenceFrom(p Page, service string, now time.Time) time.Time {
	from := now.Add(-evidenceLead)
	if onset := p.Onset.Value.At; !onset.IsZero() && onset.Before(now) {
		from = onset.Add(-evidenceLead)
	}
	for _, s := range p.Ranking.Suspects {
		of := service == "" && s.Own() || service != "" && strings.EqualFold(s.Service.Raw(), service)
		if before := s.StartedAt.Add(-evidenceLead / 2); of && before.Before(from) && now.Sub(before) < evidenceMost {
			from = before
		}
	}
	if first := now.Add(-evidenceMost); from.Before(first) {
		from = first
	}
	return from
}

// EvidenceOf splits a service's failed requests by version: by a label version
// on the counters themselves, else by the build_info of the instance that
// counted. Of a version that ran when the trouble began, what it did since then
// counts. An empty answer has a Note.
func EvidenceOf(ctx context.Context, q sources.Querier, h triage.Health, onset, from, to time.Time) (triage.Evidence, error) {
	step := max(evidenceStep, (to.Sub(from) / evidenceSteps).Truncate(time.Second))
	r := sources.Range{Start: from.UTC(), End: to.UTC(), Step: step}
	for _, by := range waysToSplit(h) {
		total, err := q.QueryRange(ctx, by.total, r)
		if err != nil {
			return triage.Evidence{}, err
		}
		if len(total) == 0 {
			continue
		}
		bad, err := q.QueryRange(ctx, by.failed, r)
		if err != nil {
			return triage.Evidence{}, err
		}
		running, err := q.Query(ctx, by.running, to)
		if err != nil {
			return triage.Evidence{}, err
		}
		return triage.Evidence{Versions: versions(total, bad, running, onset, step)}, nil
	}
	return triage.Evidence{Note: "No version is known of the instances that count requests."}, nil
}

// byVersion is one way of asking for requests by version.
type byVersion struct{ total, failed, running string }

func waysToSplit(h triage.Health) []byVersion {
	labelled := h.Selector + `,version!=""`
	failed, total := h.Errors.Split(labelled)
	direct := byVersion{
		total: "sum by (version) (" + total + ")", failed: "sum by (version) (" + failed + ")",
		running: "count by (version) (" + h.Errors.Counter(labelled) + ")",
	}
	// The newest build_info of each instance says which version counted. Go's
	// own is about the toolchain.
	info := `max by (job, instance, version) (timestamp({__name__=~"(.+_)?build_info", __name__!="go_build_info", ` + labelled + "}))"
	newest := "((" + info + ") == on (job, instance) group_left () max by (job, instance) (" + info + ")) * 0 + 1"
	failed, total = h.Errors.Split(h.Selector)
	join := func(rate string) string {
		return "sum by (version) ((" + rate + ") * on (job, instance) group_left (version) (" + newest + "))"
	}
	return []byVersion{direct, {total: join(total), failed: join(failed), running: "count by (version) (" + newest + ")"}}
}

// versions joins the answers. A version without a series of failures failed
// none.
func versions(total, bad sources.Matrix, running sources.Vector, onset time.Time, step time.Duration) []triage.VersionErrors {
	var out []triage.VersionErrors
	for _, s := range total {
		v := triage.VersionErrors{Version: s.Labels.Value("version")}
		failures := map[int64]float64{}
		for _, b := range bad {
			if b.Labels.Value("version") == v.Version {
				for _, p := range b.Points {
					failures[p.T.UnixMilli()] = p.V
				}
			}
		}
		if n := len(s.Points); n > 0 && !onset.IsZero() {
			v.Gone = s.Points[n-1].T.Sub(onset) < evidenceStep
		}
		for _, p := range s.Points {
			if !(p.V > 0) {
				continue
			}
			n := failures[p.T.UnixMilli()]
			t := triage.Tally{Requests: p.V * step.Seconds(), Failed: n * step.Seconds()}
			switch {
			case v.Gone || !p.T.Before(onset):
				v.Add(t)
			case onset.Sub(p.T) >= triage.SplitWindow: // what is nearer blurs the two
				v.Before.Add(t)
			}
			v.Points = append(v.Points, sources.Point{T: p.T, V: n / p.V})
		}
		v.Current = slices.ContainsFunc(running, func(x sources.Sample) bool { return x.Labels.Value("version") == v.Version })
		if len(v.Points) > 0 && v.Version != (safe.Value{}) {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b triage.VersionErrors) int {
		if a.Current != b.Current {
			if a.Current {
				return -1
			}
			return 1
		}
		return last(b).Compare(last(a))
	})
	return out
}

func last(v triage.VersionErrors) time.Time { return v.Points[len(v.Points)-1].T }
