package page

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// fired is when any of some alerts fired.
type fired struct {
	firings []triage.Firing // newest first
	known   bool            // false: they are too many to be looked at
	coarse  bool            // their ends are those of steps
}

// firings is when any of the selected alerts fired: by their samples where
// those are few enough to be read one by one, else by steps.
func (h *lookback) firings(ctx context.Context, selector string) (fired, error) {
	window := h.now.Sub(h.begin) + historyStep
	all := "last_over_time(" + selector + "[" + seconds(window) + "])"
	samples := "count_over_time(" + selector + "[" + seconds(window) + "])"
	v, err := h.q.Query(ctx, `label_replace(count(`+all+`), "of", "series", "", "") or label_replace(sum(`+samples+`), "of", "samples", "", "")`, h.now)
	if err != nil {
		return fired{}, err
	}
	n := map[string]float64{}
	for _, s := range v {
		n[s.Labels.Value("of").Raw()] = s.V
	}
	switch {
	case n["series"] == 0:
		return fired{known: true}, nil
	case n["series"] > historySeries:
		return fired{}, nil
	}
	seen, err := h.samples(ctx, selector, window, n["samples"])
	if seen != nil || err != nil {
		return fired{firings: triage.Firings(seen, triage.FiringGap, h.begin), known: true}, err
	}
	// A whole step without a sample is the end of a firing: the pause is longer
	// than it, and none of twice its length is missed.
	seen, err = h.steps(ctx, selector)
	return fired{firings: triage.Firings(seen, 0, h.begin), known: true, coarse: true}, err
}

// samples reads the selected samples themselves. Nil without an error: that is
// too much, or not what the server does.
func (h *lookback) samples(ctx context.Context, selector string, window time.Duration, n float64) ([]triage.Sighting, error) {
	q, ok := h.q.(sources.Sampler)
	if !ok || n > historySamples {
		return nil, nil
	}
	m, err := q.Samples(ctx, selector, sources.Range{Start: h.now.Add(-window), End: h.now})
	if sources.IsKind(err, sources.BadRequest) || sources.IsKind(err, sources.TooLarge) {
		return nil, nil
	}
	var out []triage.Sighting
	for _, s := range m {
		for _, p := range s.Points {
			out = append(out, triage.Sighting{First: p.T, Last: p.T})
		}
	}
	return out, err
}

// steps asks of each step whether any of the selected alerts fired in it.
func (h *lookback) steps(ctx context.Context, selector string) ([]triage.Sighting, error) {
	// Aligned, so that a cache in front of the server can serve it again.
	r := sources.Range{Start: h.begin.Truncate(historyStep), End: h.now.Truncate(historyStep).Add(historyStep), Step: historyStep}
	m, err := h.q.QueryRange(ctx, "max(max_over_time("+selector+"["+seconds(historyStep)+"]))", r)
	var out []triage.Sighting
	for _, s := range m {
		for _, p := range s.Points {
			out = append(out, triage.Sighting{First: p.T.Add(-historyStep), Last: p.T})
		}
	}
	return out, err
}

// companions are the alerts that usually fired when the page's did.
func (h *lookback) companions(ctx context.Context, past triage.Past, always []safe.Value) ([]triage.Companion, error) {
	if len(past) < triage.CompanionFirings {
		return nil, nil
	}
	past = past[:min(len(past), companionFirings)]
	fired := make([]map[safe.Value]bool, len(past))
	others := `ALERTS{alertstate="firing", alertname!=` + quote(h.item.Name().Raw()) + `}`
	g, gctx := errgroup.WithContext(ctx)
	for i, f := range past {
		g.Go(func() error {
			span := min(f.For(), companionSpan) + time.Second // the first sample is within
			v, err := h.q.Query(gctx, "count by (alertname) (last_over_time("+others+"["+seconds(span)+"]))", f.Start.Add(min(f.For(), companionSpan)))
			fired[i] = map[safe.Value]bool{}
			for _, s := range v {
				if name := s.Labels.Value("alertname"); !slices.Contains(always, name) {
					fired[i][name] = true
				}
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	candidates := triage.Candidates(fired)
	candidates = candidates[:min(len(candidates), companionMost)]
	if len(candidates) == 0 {
		return nil, nil
	}
	share, err := h.share(ctx, candidates)
	if err != nil {
		return nil, err
	}
	out := triage.Companions(candidates, share)
	return out[:min(len(out), companionShown)], nil
}

// share finds out which part of the time alerts fire, by samples of it.
func (h *lookback) share(ctx context.Context, of []triage.Companion) (func(safe.Value) float64, error) {
	names := make([]string, len(of))
	for i, c := range of {
		names[i] = regexp.QuoteMeta(c.Name.Raw())
	}
	m, err := h.q.QueryRange(ctx, `count by (alertname) (ALERTS{alertstate="firing", alertname=~`+quote(strings.Join(names, "|"))+`})`,
		sources.Range{Start: h.now.Add(-historyWindow), End: h.now, Step: keptStep})
	if err != nil {
		return nil, err
	}
	times := map[safe.Value]int{}
	for _, s := range m {
		times[s.Labels.Value("alertname")] = len(s.Points)
	}
	return func(name safe.Value) float64 { return float64(times[name]) / float64(max(1, len(h.moments))) }, nil
}

// ownSelector selects an alert by all its labels. One that has more is selected,
// too: a server in front of several adds its own.
func ownSelector(ls sources.Labels) string {
	return `ALERTS{alertstate="firing", ` + conditions(ls) + `}`
}

// conditions are the labels as matchers.
func conditions(ls sources.Labels) string {
	var out []string
	for _, l := range ls {
		if name := l.Name.Raw(); sources.LegacyName(name) && name != "alertstate" && name != "__name__" {
			out = append(out, name+"="+quote(l.Value.Raw()))
		}
	}
	return strings.Join(out, ", ")
}

// alikeSelector selects the alerts of the same name that are about the same
// service, as the series say it; where they do not say it, of the same name.
func alikeSelector(it triage.Item) string {
	s := `ALERTS{alertstate="firing", alertname=` + quote(it.Name().Raw())
	by := strings.TrimPrefix(it.Service.By, "catalog:")
	switch {
	case !alikeByService(it):
	case by == "pod": // the name is that of the workload: its pods are alike
		s += ", pod=~" + quote(regexp.QuoteMeta(it.Service.Name.Raw())+"-.+")
	default:
		s += ", " + by + "=" + quote(it.Labels.Value(by).Raw())
	}
	return s + "}"
}

// alikeByService reports whether a label says the service.
func alikeByService(it triage.Item) bool {
	by := strings.TrimPrefix(it.Service.By, "catalog:")
	_, has := it.Labels.Get(by)
	return has && sources.LegacyName(by)
}
