package page

import (
	"context"
	"slices"
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

func loadEvidence(ctx context.Context, a *Assembler, p Page) []outcome {
	h, q := p.Health.Value, a.querier(p)
	if q == nil || h.Selector == "" || h.Errors.Total == "" {
		return []outcome{done(PartEvidence, Absent, triage.Evidence{Note: "No counter of failed requests was found."})}
	}
	now := a.Now()
	onset := p.Onset.Value.At
	from := now.Add(-evidenceLead)
	if !onset.IsZero() && onset.Before(now) {
		from = onset.Add(-evidenceLead)
	}
	// The version before the last rollouts must be seen, too.
	for _, s := range p.Ranking.Suspects {
		if before := s.StartedAt.Add(-evidenceLead / 2); s.Relation == "same service" && before.Before(from) && now.Sub(before) < evidenceMost {
			from = before
		}
	}
	if first := now.Add(-evidenceMost); from.Before(first) {
		from = first
	}
	e, err := EvidenceOf(ctx, q, h, onset, from, now)
	switch {
	case err != nil:
		return []outcome{failed(PartEvidence, err)}
	case len(e.Versions) == 0:
		return []outcome{done(PartEvidence, Absent, e)}
	}
	return []outcome{done(PartEvidence, OK, e)}
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
