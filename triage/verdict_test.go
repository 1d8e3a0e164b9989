package triage

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// judged is a signal with its verdict.
func judged(name, title string, u Unit, worse string, now, before float64) Signal {
	s := Signal{Name: name, Title: title, Unit: u, Worse: worse, Now: now, Before: before, HasNow: true, HasBefore: true}
	s.Verdict = JudgeSignal(s, worse)
	return s
}

// points are values, a minute apart or whatever.
func points(values ...float64) []sources.Point {
	out := make([]sources.Point, len(values))
	for i, v := range values {
		out[i] = sources.Point{V: v}
	}
	return out
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	failing := judged("errors", "errors", Ratio, "up", 0.124, 0.001)
	slow := judged("latency", "p99 time", Seconds, "up", 2, 0.2)
	fine := judged("traffic", "traffic", PerSecond, "", 412, 398)
	full := judged("memory", "memory", Ratio, "up", 0.9, 0.4)
	hot := judged("cpu", "cpu", Ratio, "up", 0.9, 0.4)
	two, none := judged("instances", "instances", Count, "down", 2, 3), judged("instances", "instances", Count, "down", 0, 3)
	easing := failing
	easing.Now, easing.Points = 0.08, points(0.001, 0.1, 0.124, 0.1, 0.08)
	gone := Signal{Name: "errors", Title: "errors", Before: 0.1, HasBefore: true, Worse: "up", Verdict: "gone"}
	failed := Signal{Name: "errors", Title: "errors", Err: errors.New("502")}
	fresh := Signal{Name: "errors", Title: "errors", Now: 0.1, HasNow: true}
	for _, tc := range []struct {
		signals []Signal
		want    string
		c       Condition
	}{
		{nil, "not known", ServiceUnknown},
		{[]Signal{failed}, "not known", ServiceUnknown},
		{[]Signal{fresh}, "not known", ServiceUnknown},
		{[]Signal{failed, fine}, "usual", ServiceUsual},
		{[]Signal{fine, judged("errors", "errors", Ratio, "up", 0.001, 0.1)}, "usual", ServiceUsual},
		{[]Signal{failing, fine}, "errors 12.4% (0.1% an hour ago)", ServiceWorse},
		{[]Signal{failing, slow, fine}, "errors 12.4% (0.1% an hour ago), p99 time up", ServiceWorse},
		{[]Signal{easing}, "errors 8% (0.1% an hour ago), easing", ServiceEasing},
		{[]Signal{easing, slow}, "errors 8% (0.1% an hour ago), easing, p99 time up", ServiceWorse},
		{[]Signal{gone}, "errors gone", ServiceWorse},
		{[]Signal{fine, two}, "instances worse", ServiceWorse},
		{[]Signal{failing, slow, full, hot, two}, "errors 12.4% (0.1% an hour ago), p99 time up, memory up, 2 more", ServiceWorse},
		{[]Signal{failing, none}, "no instance answers", ServiceDown},
	} {
		h := Health{Signals: tc.signals}
		if c, _ := ConditionOf(h); h.Verdict() != tc.want || c != tc.c {
			t.Errorf("%q (%s), want %q (%s)", h.Verdict(), c, tc.want, tc.c)
		}
	}
}

func TestUsualForTheHour(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		u                Unit
		now, before, day float64
		worse, want      string
	}{
		{Ratio, 0.05, 0.001, 0.049, "up", Usual},
		{Ratio, 0.05, 0.001, 0.002, "up", "up"},
		{Ratio, 0.001, 0.001, 0.05, "up", "same"}, // as an hour ago: yesterday does not matter
		{PerSecond, 10, 100, 9, "", Usual},
		{Seconds, 2, 0.2, 1.7, "up", Usual},
		{Count, 1, 3, 1, "down", Usual}, // scaled down every night
		{Count, 1, 3, 2, "down", "worse"},
	} {
		s := Signal{Unit: tc.u, Now: tc.now, Before: tc.before, Day: tc.day, HasNow: true, HasBefore: true, HasDay: true, Worse: tc.worse}
		s.Verdict = JudgeSignal(s, tc.worse)
		if s.Verdict != tc.want || s.Alarming() != (tc.want == tc.worse && tc.worse != "" || tc.want == "worse") {
			t.Errorf("%v now, %v an hour ago, %v a day ago: %q, alarming %v, want %q", tc.now, tc.before, tc.day, s.Verdict, s.Alarming(), tc.want)
		}
		s.HasDay = false
		if JudgeSignal(s, tc.worse) == Usual {
			t.Error("usual, and nobody knows what was a day ago")
		}
	}
}

func TestCalleeWords(t *testing.T) {
	t.Parallel()
	failing := judged("errors", "errors", Ratio, "up", 0.124, 0.001)
	slow := judged("latency", "p99 time", Seconds, "up", 2, 0.2)
	fine := judged("errors", "errors", Ratio, "up", 0.001, 0.001)
	fresh := Signal{Name: "errors", Title: "errors", Now: 0.1, HasNow: true}
	for _, tc := range []struct {
		callee Callee
		want   string
	}{
		{Callee{}, "not known"},
		{Callee{Health: Health{Signals: []Signal{fine}}}, "ok"},
		{Callee{Health: Health{Signals: []Signal{fresh}}}, "ok"},
		{Callee{Health: Health{Signals: []Signal{failing, slow}}}, "errors up, p99 time up"},
		{Callee{Health: Health{Signals: []Signal{fine}}, Err: errors.New("502")}, "not known"},
		{Callee{Health: Health{Signals: []Signal{{Name: "errors", Err: errors.New("502")}}}}, "not known"},
	} {
		if got := tc.callee.Words(); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc.callee, got, tc.want)
		}
	}
}

func TestCatalogQueriesComeInstead(t *testing.T) {
	t.Parallel()
	v := safe.Outside
	own := []sources.HealthQuery{
		{Signal: v("errors"), Title: v("lost orders"), Query: v("sum(lost)"), Unit: v("ratio"), Worse: v("up"), Why: v("orders that are lost")},
		{Signal: v("queue"), Title: v("queue"), Query: v("max(queue)")},
	}
	picked := Pick(Detectors(), map[string][]string{App: {"http_requests_total", "up"}})
	var got []string
	for _, d := range Instead(own, picked) {
		got = append(got, d.Signal+": "+d.Title+", "+d.Worse)
	}
	if d := cmp.Diff([]string{"errors: lost orders, up", "queue: queue, ", "traffic: traffic, ", "instances: instances, down"}, got); d != "" {
		t.Error(d)
	}
	if d := FromCatalog(own[0]); d.Query != "sum(lost)" || d.Unit != Ratio || d.Why != "orders that are lost" || d.Total != "" {
		t.Errorf("%+v", d)
	}
	if d := FromCatalog(own[1]); d.Why == "" {
		t.Error("nothing says where the query is from")
	}
}
