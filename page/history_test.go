package page

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// lasted is one firing of so many minutes.
func lasted(day, hour, minute, minutes int) triage.Firing {
	start := time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
	return triage.Firing{Start: start, End: start.Add(time.Duration(minutes) * time.Minute)}
}

// storyHistory is three firings of the alert, the last of them silenced.
func storyHistory() triage.History {
	own := triage.Past{lasted(9, 10, 2, 20), lasted(4, 1, 30, 35), lasted(2, 15, 0, 12)}
	return triage.History{Window: historyWindow, Kept: historyWindow, Own: own, Alike: own, AlikeKnown: true}
}

func storySilence() sources.Silence {
	v := safe.Outside
	return sources.Silence{ID: v("s1"), CreatedBy: v("Bo Lind"), Comment: v("bad deploy 1.38.2, rolled back"), State: sources.SilenceExpired,
		Matchers: []sources.Matcher{{Name: v("service"), Value: v("checkout"), IsEqual: true}},
		StartsAt: time.Date(2026, 11, 9, 10, 10, 0, 0, time.UTC), EndsAt: time.Date(2026, 11, 9, 11, 10, 0, 0, time.UTC)}
}

func TestHistoryWords(t *testing.T) {
	t.Parallel()
	loc := cet(t)
	v := safe.Outside
	for name, tc := range map[string]struct {
		change   func(*Slot[triage.History])
		silence  func(*sources.Silence)
		words    []string
		sentence string // what the sentence says of it
	}{
		"the story": {nil, nil, []string{
			`3 times in 30 days, usually 20 min, 1 at night; last 11:02 9 Nov, silenced by Bo Lind: "bad deploy 1.38.2, rolled back"`},
			"fired 3 times in 30 days, usually 20 min"},
		"a silence of another day": {nil, func(s *sources.Silence) {
			s.StartsAt, s.EndsAt = s.StartsAt.AddDate(0, 0, 3), s.EndsAt.AddDate(0, 0, 3)
			s.CreatedBy, s.Comment = v(""), v("")
		}, []string{`3 times in 30 days, usually 20 min, 1 at night; last 11:02 9 Nov`, "silenced without a comment, from 11:10 12 Nov"},
			"fired 3 times in 30 days, usually 20 min"},
		"silenced now": {nil, func(s *sources.Silence) { s.StartsAt, s.EndsAt = now.Add(-time.Minute), now.Add(time.Hour) },
			[]string{`3 times in 30 days, usually 20 min, 1 at night; last 11:02 9 Nov`, `silenced by Bo Lind: "bad deploy 1.38.2, rolled back", until 15:09`},
			"fired 3 times in 30 days, usually 20 min"},
		"another alert's silence": {nil, func(s *sources.Silence) { s.Matchers[0].Value = v("cart") },
			[]string{`3 times in 30 days, usually 20 min, 1 at night; last 11:02 9 Nov`}, "fired 3 times in 30 days, usually 20 min"},
		"once, of a short memory": {func(s *Slot[triage.History]) {
			s.Value.Own, s.Value.Kept = triage.Past{lasted(14, 21, 5, 0)}, 12*24*time.Hour+5*time.Hour
			s.Value.Alike = s.Value.Own
		}, func(s *sources.Silence) { s.Matchers = nil },
			[]string{"once in the 12 days that the server keeps: 22:05 14 Nov, for under 1 min, at night, on a weekend"},
			"fired once in 12 days, for under 1 min"},
		"never, alike ones flap with others": {func(s *Slot[triage.History]) {
			s.Value.Own = nil
			s.Value.Alike = triage.Past{lasted(21, 12, 39, 3), lasted(21, 12, 26, 3), lasted(21, 12, 13, 3), lasted(21, 12, 0, 3), lasted(3, 12, 0, 200)}
			s.Value.Together = []triage.Companion{{Name: v("KubePodCrashLooping"), Times: 5, Of: 6}}
		}, func(s *sources.Silence) { s.State = sources.SilencePending }, []string{
			"never in 30 days",
			"any CheckoutErrorBudgetBurn of checkout 5 times in 30 days, usually 3 min, 4 on weekends; last 13:39 yesterday",
			"it flaps: 4 times in 42 min, from 13:00 yesterday",
			"usually together with KubePodCrashLooping (5 of 6 times)"}, ""},
		"never": {func(s *Slot[triage.History]) { s.Value.Own, s.Value.Alike, s.Value.Kept = nil, nil, 90*time.Minute }, func(s *sources.Silence) { s.Matchers = nil },
			[]string{"never in the 90 min that the server keeps"}, ""},
		"never in a week": {func(s *Slot[triage.History]) { s.Value.Own, s.Value.Alike, s.Value.Kept = nil, nil, firstSpan }, func(s *sources.Silence) { s.Matchers = nil },
			[]string{"never in the 7 days that the server keeps"}, "first time in 7 days"},
		"never, as far as is known": {func(s *Slot[triage.History]) {
			s.Value.Own, s.Value.Alike, s.Value.AlikeKnown, s.Value.Note = nil, nil, false, "More than 2000 alike alerts fired: they were not looked at."
		}, func(s *sources.Silence) { s.Matchers = nil },
			[]string{"never in 30 days", "More than 2000 alike alerts fired: they were not looked at."}, ""},
		"old": {func(s *Slot[triage.History]) {
			s.State, s.AsOf, s.Err = Stale, now.Add(-time.Hour), safe.Error(errors.New("no answer"))
		}, func(s *sources.Silence) { s.Matchers = nil },
			[]string{`3 times in 30 days, usually 20 min, 1 at night; last 11:02 9 Nov`, "as of 13:09: no answer"}, "fired 3 times in 30 days, usually 20 min"},
		"failed": {func(s *Slot[triage.History]) {
			*s = Slot[triage.History]{State: Failed, Err: safe.Error(errors.New("no answer"))}
		}, nil,
			[]string{"not known: no answer", `silenced by Bo Lind: "bad deploy 1.38.2, rolled back", from 11:10 9 Nov`}, ""},
		"not recorded": {func(s *Slot[triage.History]) {
			*s = Slot[triage.History]{State: Absent, Value: triage.History{Note: "The server has no ALERTS series."}}
		}, func(s *sources.Silence) { s.Matchers = nil },
			[]string{"not known. The server has no ALERTS series."}, ""},
		"not loaded": {func(s *Slot[triage.History]) { *s = Slot[triage.History]{State: Waiting} }, func(s *sources.Silence) { s.Matchers = nil }, nil, ""},
	} {
		p := openBurn(t)
		p.History = Slot[triage.History]{State: OK, AsOf: now, Value: storyHistory()}
		if tc.change != nil {
			tc.change(&p.History)
		}
		s := storySilence()
		if tc.silence != nil {
			tc.silence(&s)
		}
		p.board.Snapshot.Clusters[0].Silences = feed("alertmanager", now, s)
		if d := cmp.Diff(tc.words, HistoryWords(p, now, loc)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if got := p.Sentence(now, loc); got.Before != tc.sentence {
			t.Errorf("%s: the sentence says %q, want %q", name, got.Before, tc.sentence)
		}
	}
}

func TestThePastIsTheFirstToLeaveTheSentence(t *testing.T) {
	t.Parallel()
	p := whole(t)
	s := p.Sentence(now, cet(t))
	line := s.Line(200)
	if want := "rising; fired 3 times in 30 days, usually 20 min  "; !strings.Contains(line, want) || !strings.HasSuffix(line, "owner payments") {
		t.Errorf("%q lacks %q", line, want)
	}
	without := s
	without.Before = ""
	for width := 20; width < 120; width++ {
		if got, want := s.Line(width), without.Line(width); got != want {
			t.Errorf("%d cells: %q, want %q", width, got, want)
		}
	}
}

func TestHistoryJSON(t *testing.T) {
	t.Parallel()
	p := whole(t)
	p.History.Value.Zone = cet(t)
	p.History.Value.Together = []triage.Companion{{Name: safe.Outside("Crash"), Times: 3, Of: 3}}
	m := fields(t, JSON(p))["history"].(map[string]any)
	if m["count"] != 3.0 || m["usual_seconds"] != 1200.0 || m["usual_of"] != 3.0 || m["nights"] != 1.0 || m["weekends"] != 0.0 || m["window_days"] != 30.0 ||
		m["zone"] != "CET" || m["flapping"] != nil || m["state"] != "ok" || m["alike"].(map[string]any)["count"] != 3.0 {
		t.Errorf("%v", m)
	}
	if last := m["last"].(map[string]any); last["start"] != "2026-11-09T10:02:00Z" || last["end"] != "2026-11-09T10:22:00Z" {
		t.Errorf("%v", last)
	}
	keys(t, m["last_silence"].(map[string]any), "id by comment at until state")
	keys(t, m["together"].([]any)[0].(map[string]any), "name times of")
	keys(t, m["firings"].([]any)[0].(map[string]any), "start end cut")
	const past = "count usual_seconds usual_of nights weekends last firings"
	keys(t, m["alike"].(map[string]any), past)
	keys(t, m, "state as_of error window_days zone alike flapping together last_silence note "+past)

	m = fields(t, JSON(broken(t)))["history"].(map[string]any)
	if m["count"] != nil || m["nights"] != nil || m["alike"] != nil || m["state"] != "failed" || m["error"] == nil {
		t.Errorf("not known is not none: %v", m)
	}
}

func TestHistorySaysWhatItCouldNotAsk(t *testing.T) {
	t.Parallel()
	one := func(v float64) sources.Vector { return sources.Vector{{Point: sources.Point{T: now, V: v}}} }
	of := func(name string, v float64) sources.Sample {
		return sources.Sample{Labels: sources.NewLabels(map[string]string{"of": name}), Point: sources.Point{T: now, V: v}}
	}
	const own, alike = `severity="critical"`, `alertname="CheckoutErrorBudgetBurn", service="checkout"}[`
	for name, tc := range map[string]struct {
		fails  string // queries with this text fail
		series float64
		state  State
		note   string
	}{
		"all is answered":       {"nothing", 1, OK, "So much was looked at in steps of 5 min."},
		"whether it is there":   {"[600s]", 1, Failed, ""},
		"how far back":          {"count(up)", 1, Failed, ""},
		"its own":               {own + ", team", 1, Failed, ""},
		"alike ones":            {alike, 1, OK, "Whether alike alerts fired is not known: 503. So much was looked at in steps of 5 min."},
		"those that came along": {"count by (alertname)", 1, OK, "So much was looked at in steps of 5 min. What else fired then is not known: 503."},
		"too many of its own":   {"nothing", 3000, Failed, ""},
	} {
		q := &server{instant: func(_ context.Context, expr string, _ time.Time) (sources.Vector, error) {
			switch {
			case strings.Contains(expr, tc.fails):
				return nil, sources.Errorf(sources.Unavailable, "503")
			case strings.Contains(expr, "label_replace"):
				return sources.Vector{of("series", tc.series), of("samples", 100)}, nil
			}
			return one(1), nil
		}, ranged: func(_ context.Context, expr string, r sources.Range) (sources.Matrix, error) {
			if n := r.End.Sub(r.Start) / r.Step; n > 11_000 {
				t.Errorf("%s: a server refuses %d points", name, n)
			}
			switch {
			case strings.Contains(expr, tc.fails):
				return nil, sources.Errorf(sources.Unavailable, "503")
			case strings.Contains(expr, "max_over_time"):
				var points []sources.Point
				for _, back := range []time.Duration{100, 50, 20, 0} {
					points = append(points, sources.Point{T: r.End.Add(-back * time.Hour), V: 1})
				}
				return sources.Matrix{{Points: points}}, nil
			}
			return sources.Matrix{{Points: []sources.Point{{T: r.Start, V: 1}, {T: r.End, V: 1}}}}, nil
		}}
		p := openBurn(t)
		p = p.With(assembler(q).Load(t.Context(), p, PartHistory))
		h := p.History.Value
		if p.History.State != tc.state || h.Note != tc.note {
			t.Errorf("%s: %v %v, %q", name, p.History.State, p.History.Err, h.Note)
		}
		if p.History.State == OK && (len(h.Own) != 3 || h.AlikeKnown != (tc.fails != alike)) {
			t.Errorf("%s: %d firings, alike known %v", name, len(h.Own), h.AlikeKnown)
		}
	}
}

func TestHistoryIsAskedAnew(t *testing.T) {
	t.Parallel()
	a := assembler(&server{})
	p := a.All(t.Context(), openBurn(t))
	if contains(a.Due(p), PartHistory) || p.History.State != Absent {
		t.Fatalf("%v", p.History.State)
	}
	anew := burn()
	anew.ActiveAt = now.Add(-time.Minute)
	if again := p.Rebase(build(snapshot(anew), now)); !contains(a.Due(again), PartHistory) {
		t.Error("it fired anew: the firing before is one of the past now")
	}
	if same := p.Rebase(build(snapshot(burn()), now)); contains(a.Due(same), PartHistory) {
		t.Error("nothing is new")
	}
}

// TestAlertmanagersAlertBecomesPrometheus: an alert that only Alertmanager told
// of is not over when Prometheus answers again and has it under other labels.
func TestAlertmanagersAlertBecomesPrometheus(t *testing.T) {
	t.Parallel()
	view := sources.AMView{Labels: sources.NewLabels(map[string]string{"alertname": "CheckoutErrorBudgetBurn", "service": "checkout", "severity": "critical",
		"team": "payments", "cluster": "prod-eu"}), Annotations: burn().Annotations, StartsAt: now.Add(-5 * time.Minute)}
	s := snapshot()
	s.Clusters[0].Alerts = sources.Feed[sources.Alert]{Source: s.Clusters[0].Alerts.Source, Tried: now, Err: sources.Errorf(sources.Timeout, "no answer")}
	s.Clusters[0].AM = feed("alertmanager", now, view)
	id := sources.NewAlertID("prod-eu", view.Labels)
	p, ok := Open(build(s, now), id, nil)
	if !ok || !p.Item.OnlyAM || !strings.Contains(p.stateWords(), "told by Alertmanager only") {
		t.Fatalf("%v %+v", ok, p.Item)
	}
	if got := p.Sentence(now, cet(t)).Full(); got != "CRIT CheckoutErrorBudgetBurn  checkout: Requests fail, since 14:01 (8 min)   owner payments" {
		t.Errorf("%s", got)
	}
	both := snapshot(burn())
	both.Clusters[0].AM = s.Clusters[0].AM
	if p = p.Rebase(build(both, now)); p.Over || p.Item.OnlyAM || p.Item.ID != burn().ID {
		t.Errorf("over %v, %+v", p.Over, p.Item)
	}
	if p = p.Rebase(build(snapshot(), now)); !p.Over {
		t.Error("it is over")
	}
}
