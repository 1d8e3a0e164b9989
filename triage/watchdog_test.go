package triage

import (
	"slices"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// watched is a run over days: each step is a snapshot at a time after noon, what
// is remembered goes from one to the next.
type watched struct {
	t    *testing.T
	p    Prefs
	seen []DeadMan
}

func (w *watched) step(after time.Duration, s sources.Snapshot, missing ...string) {
	w.t.Helper()
	for i := range s.Clusters {
		s.Clusters[i].Alerts.AsOf = s.Clusters[i].Alerts.AsOf.Add(after)
	}
	b := Build(s, w.p, noon.Add(after))
	w.seen = b.Watch(w.seen)
	var got []string
	for _, m := range b.Missing {
		got = append(got, m.Labels.Words(" "))
	}
	if !slices.Equal(got, missing) {
		w.t.Errorf("%v after noon %q are missing, want %q", after, got, missing)
	}
}

// dogs is a snapshot in which these fire, and rules are evaluated each 30 s.
func dogs(labels ...string) sources.Snapshot {
	var as []sources.Alert
	for _, l := range labels {
		as = append(as, alert("Watchdog", sources.Firing, 100, l))
	}
	s := snapshot(as...)
	s.Clusters[0].Rules.Items = []sources.RuleGroup{{Interval: 30 * time.Second, LastEvaluation: noon, Rules: []sources.Rule{{Name: safe.Outside("Watchdog"), Query: safe.Outside("vector(1)")}}}}
	return s
}

const eu, us = "alertname=Watchdog region=eu", "alertname=Watchdog region=us"

func TestAWatchdogIsMissedAcrossRuns(t *testing.T) {
	t.Parallel()
	w := watched{t: t, p: Defaults()}
	w.step(0, dogs("region=eu"))
	w.step(time.Minute, dogs())               // two intervals: not yet
	w.step(61*time.Second, dogs(), eu)        // longer
	w.step(62*time.Second, dogs("region=eu")) // back
	w.step(48*time.Hour, dogs(), eu)          // nobody looked for two days
	w.step(9*24*time.Hour, dogs())            // a week after it was last seen it is forgotten
	if len(w.seen) != 0 {
		t.Errorf("%v are remembered", w.seen)
	}
}

func TestNoWatchdogIsBlamedForItsServer(t *testing.T) {
	t.Parallel()
	w := watched{t: t, p: Defaults()}
	w.step(0, dogs("region=eu"))
	down := dogs()
	down.Clusters[0].Alerts.Err = sources.Errorf(sources.Timeout, "no whole answer in time")
	w.step(time.Hour, down)
	old := dogs()
	old.Clusters[0].Alerts.AsOf = noon.Add(-time.Hour)
	w.step(time.Hour, old)
	fresh := dogs() // the server has just started
	fresh.Clusters[0].Rules.Items[0].LastEvaluation = time.Time{}
	w.step(time.Hour, fresh)
	waiting := dogs("region=eu")
	waiting.Clusters[0].Alerts.Items[0].State = sources.Pending
	w.step(time.Hour, waiting)
	other := dogs()
	other.Clusters[0].Name = "other"
	w.step(time.Hour, other)
	w.step(time.Hour, dogs(), eu)
}

func TestAWatchdogThatGotOtherLabelsIsTheSame(t *testing.T) {
	t.Parallel()
	w := watched{t: t, p: Defaults()}
	w.step(0, dogs("region=eu"))
	w.step(time.Hour, dogs("region=us"))
	w.step(2*time.Hour, dogs(), us)

	// One that fired beside it has not taken its place.
	w = watched{t: t, p: Defaults()}
	w.step(0, dogs("region=eu", "region=us"))
	w.step(time.Hour, dogs("region=us"), eu)
	w.step(2*time.Hour, dogs(), eu, us)
	w.p.DeadMen = []string{"!Watchdog"}
	w.step(3*time.Hour, dogs())
}

func TestWithoutRulesAnIntervalOfAMinuteIsTaken(t *testing.T) {
	t.Parallel()
	w := watched{t: t, p: Defaults()}
	w.step(0, snapshot(alert("Watchdog", sources.Firing, 100, "region=eu")))
	w.step(2*time.Minute, snapshot())
	w.step(2*time.Minute+time.Second, snapshot(), eu)
}

// A clock that was wrong for a while, or another machine's in a shared home,
// must not silence the warning until that time has come.
func TestASightingInTheFutureHidesNoMissingWatchdog(t *testing.T) {
	t.Parallel()
	w := watched{t: t, p: Defaults()}
	w.step(0, dogs("region=eu"))
	ahead := w.seen[0]
	ahead.Last = noon.AddDate(1, 0, 0)
	w.seen = append(w.seen, ahead)
	w.step(time.Hour, dogs(), eu)
	// What another run saw some seconds later is no other clock.
	w = watched{t: t, p: Defaults()}
	w.step(0, dogs("region=eu"))
	w.seen[0].Last = noon.Add(2 * time.Second)
	w.step(0, dogs())
	w.step(time.Hour, dogs(), eu)
}
