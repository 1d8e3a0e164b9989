package page

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// How far back an alert's past is asked for, in what steps, and at what cost.
const (
	historyWindow = 30 * 24 * time.Hour
	// historyStep makes 8,641 points of the window: a server gives 11,000.
	historyStep  = 5 * time.Minute
	historyEvery = 10 * time.Minute
	// keptStep is how often it is looked whether the server has any data at
	// all, and what else fires.
	keptStep = 6 * time.Hour
	// traceAge is how old the newest sample of an active alert may be.
	traceAge = 10 * time.Minute

	// historySeries is of how many alerts a past is looked for at most, and
	// historySamples how many samples are read one by one: 2 MB, or nine days
	// of one alert.
	historySeries  = 2000
	historySamples = 50_000

	companionFirings = 6             // how many of the last ones are looked at
	companionSpan    = 2 * time.Hour // and how much of each
	companionMost    = 20            // names that are looked at further
	companionShown   = 3
)

// historyPart asks the ALERTS series whether it has happened before. It comes
// last: nothing waits for it.
func historyPart() spec {
	return spec{
		part: PartHistory, name: "history", every: historyEvery,
		slot:  func(p *Page) slot { return &p.History },
		ready: func(p Page) bool { return p.Why.State != Waiting && p.Health.State != Waiting },
		basis: historyBasis,
		load:  loadHistory,
	}
}

func historyBasis(p Page) string {
	return triage.Began(p.Item).At.Format(time.RFC3339Nano) + "\x00" + alikeSelector(p.Item)
}

func loadHistory(ctx context.Context, a *Assembler, p Page) []outcome {
	now := a.Now().UTC()
	past := triage.History{Window: historyWindow, Zone: a.Zone}
	q := a.querier(p)
	if q == nil {
		past.Note = "No Prometheus is connected for " + clusterName(p.Item.Cluster) + "."
		return []outcome{done(PartHistory, Absent, past)}
	}
	h := historian{q: q, item: p.Item, now: now}
	if known, err := h.recorded(ctx); err != nil {
		return []outcome{failed(PartHistory, err)}
	} else if !known {
		past.Note = "The server has no ALERTS series of this alert: they are not recorded where it is asked."
		return []outcome{done(PartHistory, Absent, past)}
	}
	if err := h.ask(ctx, &past, deadMen(p.board)); err != nil {
		return []outcome{failed(PartHistory, err)}
	}
	return []outcome{done(PartHistory, OK, past)}
}

// historian asks for the past of one alert.
type historian struct {
	q    sources.Querier
	item triage.Item
	now  time.Time

	begin   time.Time   // from when on there is data, within the window
	moments []time.Time // every keptStep since then, those at which the server had data
}

// ask fills in the past. Always are the alerts that are meant to fire.
func (h *historian) ask(ctx context.Context, past *triage.History, always []safe.Value) error {
	if err := h.kept(ctx); err != nil {
		return err
	}
	past.Kept = h.now.Sub(h.begin)
	began := cmp.Or(triage.Began(h.item).At, h.now.Add(-triage.FiringGap-historyStep))
	var own, alike fired
	var alikeErr error
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		own, err = h.firings(gctx, ownSelector(h.item.Labels))
		return err
	})
	g.Go(func() error {
		alike, alikeErr = h.firings(gctx, alikeSelector(h.item))
		return nil // its own past stands without it
	})
	if err := g.Wait(); err != nil {
		return err
	}
	if !own.known {
		return sources.Errorf(sources.TooLarge, "more than %d alerts with these labels fired", historySeries)
	}
	past.Own, past.Alike = triage.Before(own.firings, began), triage.Before(alike.firings, began)
	past.AlikeKnown = alike.known && alikeErr == nil
	note := func(format string, args ...any) {
		past.Note = strings.TrimSpace(past.Note + " " + fmt.Sprintf(format, args...))
	}
	switch {
	case alikeErr != nil:
		note("Whether alike alerts fired is not known: %s.", safe.Err(alikeErr))
	case !alike.known:
		note("More than %d alike alerts fired: they were not looked at.", historySeries)
	}
	if own.coarse || alike.coarse {
		note("So much was looked at in steps of %s.", Lasting(historyStep))
	}
	if began.Before(h.begin.Add(historyStep)) {
		note("It has been firing for as long as was looked back.")
	}
	of := past.Own
	if len(of) < triage.CompanionFirings {
		of = past.Alike
	}
	together, err := h.companions(ctx, of, always)
	if err != nil {
		note("What else fired then is not known: %s.", safe.Err(err))
	}
	past.Together = together
	return nil
}

// recorded reports whether the server has the alert's own series: an active
// alert is in it now, one that is over was when it ended.
func (h *historian) recorded(ctx context.Context) (bool, error) {
	at := h.now
	if over := h.item.ResolvedAt; h.item.State == sources.Resolved && !over.IsZero() {
		at = over
	}
	n, err := h.count(ctx, "ALERTS{"+conditions(h.item.Labels)+"}", traceAge, at)
	return n > 0, err
}

// count is how many series had a sample in the time before a moment.
func (h *historian) count(ctx context.Context, selector string, within time.Duration, at time.Time) (int, error) {
	v, err := h.q.Query(ctx, "count(last_over_time("+selector+"["+seconds(within)+"]))", at)
	if err != nil || len(v) == 0 {
		return 0, err
	}
	return int(v[0].V), nil
}

// kept finds out how far back the server has data, by the metric that every
// server has, in two looks: to a quarter of a day, then to the step.
func (h *historian) kept(ctx context.Context) error {
	const anything = "count(up) or count(ALERTS)"
	look := func(from, to time.Time, step time.Duration) ([]time.Time, error) {
		m, err := h.q.QueryRange(ctx, anything, sources.Range{Start: from, End: to, Step: step})
		if err != nil || len(m) == 0 {
			return nil, err
		}
		at := make([]time.Time, len(m[0].Points))
		for i, p := range m[0].Points {
			at[i] = p.T
		}
		return at, nil
	}
	begin := h.now.Add(-historyWindow)
	moments, err := look(begin, h.now, keptStep)
	if err != nil {
		return err
	}
	h.moments, h.begin = moments, h.now
	if len(moments) > 0 {
		h.begin = moments[0]
	}
	if h.begin.After(begin) {
		fine, err := look(h.begin.Add(-keptStep), h.begin, historyStep)
		if err != nil {
			return err
		}
		if len(fine) > 0 {
			h.begin = fine[0]
		}
	}
	return nil
}

// fired is when any of some alerts fired.
type fired struct {
	firings []triage.Firing // newest first
	known   bool            // false: they are too many to be looked at
	coarse  bool            // their ends are those of steps
}

// firings is when any of the selected alerts fired: by their samples where
// those are few enough to be read one by one, else by steps.
func (h *historian) firings(ctx context.Context, selector string) (fired, error) {
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
func (h *historian) samples(ctx context.Context, selector string, window time.Duration, n float64) ([]triage.Sighting, error) {
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
func (h *historian) steps(ctx context.Context, selector string) ([]triage.Sighting, error) {
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
func (h *historian) companions(ctx context.Context, past triage.Past, always []safe.Value) ([]triage.Companion, error) {
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
func (h *historian) share(ctx context.Context, of []triage.Companion) (func(safe.Value) float64, error) {
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

// deadMen are the names of the alerts that are meant to fire.
func deadMen(b *triage.Board) []safe.Value {
	var out []safe.Value
	for _, g := range b.Folded {
		if g.Fold == triage.FoldDeadMan {
			out = append(out, g.Name)
		}
	}
	return out
}

// seconds is a duration in PromQL, rounded up.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%ds", (d+time.Second-1)/time.Second)
}
