package page

import (
	"cmp"
	"context"
	"fmt"
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
	h := lookback{q: q, item: p.Item, now: now, began: cmp.Or(triage.Began(p.Item).At, now.Add(-triage.FiringGap))}
	if known, err := h.recorded(ctx); err != nil {
		return []outcome{failed(PartHistory, err)}
	} else if !known {
		past.Note = "The server has no ALERTS series of this alert: they are not recorded where it is asked."
		return []outcome{done(PartHistory, Absent, past)}
	}
	if err := h.kept(ctx); err != nil {
		return []outcome{failed(PartHistory, err)}
	}
	if h.began.Before(h.begin.Add(historyStep)) {
		past.Note = "It was there from the first moment that the server knows: what was before is not seen."
		return []outcome{done(PartHistory, Absent, past)}
	}
	if err := h.ask(ctx, &past, deadMen(p.board)); err != nil {
		return []outcome{failed(PartHistory, err)}
	}
	return []outcome{done(PartHistory, OK, past)}
}

// lookback asks for the past of one alert.
type lookback struct {
	q     sources.Querier
	item  triage.Item
	now   time.Time
	began time.Time // of the present firing

	begin   time.Time   // from when on there is data, within the window
	moments []time.Time // every keptStep since then, those at which the server had data
}

// ask fills in the past, once kept knows how far back there is one. Always are
// the alerts that are meant to fire.
func (h *lookback) ask(ctx context.Context, past *triage.History, always []safe.Value) error {
	past.Kept = h.now.Sub(h.begin)
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
	past.Own, past.Alike = triage.Before(own.firings, h.began), triage.Before(alike.firings, h.began)
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
func (h *lookback) recorded(ctx context.Context) (bool, error) {
	at := h.now
	if over := h.item.ResolvedAt; h.item.State == sources.Resolved && !over.IsZero() {
		at = over
	}
	n, err := h.count(ctx, "ALERTS{"+conditions(h.item.Labels)+"}", traceAge, at)
	return n > 0, err
}

// count is how many series had a sample in the time before a moment.
func (h *lookback) count(ctx context.Context, selector string, within time.Duration, at time.Time) (int, error) {
	v, err := h.q.Query(ctx, "count(last_over_time("+selector+"["+seconds(within)+"]))", at)
	if err != nil || len(v) == 0 {
		return 0, err
	}
	return int(v[0].V), nil
}

// kept finds out how far back the server has data, by the metric that every
// server has, in two looks: to a quarter of a day, then to the step.
func (h *lookback) kept(ctx context.Context) error {
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
