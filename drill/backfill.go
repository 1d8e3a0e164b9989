package drill

import (
	"context"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/firstpage-oncall/firstpage/drill/engine"
)

const (
	// farStep is between two samples, and two evaluations of the rules, in the
	// far past.
	farStep = time.Minute
	// nearPast is how much of the past the rules are evaluated for at their own
	// interval: alerts that began in it have exact times, older ones to the
	// minute.
	nearPast = 15 * time.Minute
)

// backfill plays everything from the beginning of the history to a moment.
func (x *Session) backfill(ctx context.Context, to time.Duration) error {
	moments := x.scenario.Clock.past(to)
	if err := x.engine.Append(x.world.record(moments)...); err != nil {
		return err
	}
	x.moment = moments[len(moments)-1]
	near := x.moment - nearPast
	for m := moments[0] + farStep; m < near; m += farStep {
		if err := x.engine.EvalAt(ctx, x.world.zero.Add(m)); err != nil {
			return err
		}
	}
	return x.engine.Replay(ctx, x.world.zero.Add(max(near, moments[0])), x.world.zero.Add(x.moment))
}

// past lists the moments of the samples up to a moment: a minute apart first,
// then a step.
func (k Clock) past(to time.Duration) []time.Duration {
	var out []time.Duration
	m := -k.History.d()
	for fine := (to - k.Fine.d()).Truncate(farStep); m < fine; m += farStep {
		out = append(out, m)
	}
	for ; m <= to; m += k.Step.d() {
		out = append(out, m)
	}
	return out
}

// record plays every track over the moments.
func (w *world) record(moments []time.Duration) []engine.Series {
	var out []engine.Series
	for _, k := range w.tracks {
		at := map[string]int{}
		for _, m := range moments {
			t := w.zero.Add(m).UnixMilli()
			w.sample(k, m, func(l labels.Labels, v float64) {
				key := string(l.Bytes(nil))
				i, ok := at[key]
				if !ok {
					i = len(out)
					at[key] = i
					out = append(out, engine.Series{Labels: l})
				}
				out[i].Points = append(out[i].Points, engine.Point{Time: t, Value: v})
			})
		}
	}
	return out
}
