package triage

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// clock is a moment of November 2026 in UTC.
func clock(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

func past(lengths ...time.Duration) Past {
	var out Past
	for i, d := range lengths {
		start := clock(28-i, 12, 0)
		out = append(out, Firing{Start: start, End: start.Add(d)})
	}
	return out
}

func TestFirings(t *testing.T) {
	t.Parallel()
	seen := func(from, to int) Sighting { return Sighting{clock(1, 12, from), clock(1, 12, to)} }
	firing := func(from, to int) Firing { return Firing{Start: clock(1, 12, from), End: clock(1, 12, to)} }
	cut := firing(0, 3)
	cut.Cut = true
	for name, tc := range map[string]struct {
		seen  []Sighting
		known time.Time
		want  []Firing
	}{
		"nothing":             {nil, time.Time{}, nil},
		"in any order":        {[]Sighting{seen(10, 15), seen(0, 5), seen(5, 10)}, time.Time{}, []Firing{firing(0, 15)}},
		"a pause of the gap":  {[]Sighting{seen(0, 5), seen(10, 12)}, time.Time{}, []Firing{firing(0, 12)}},
		"a longer one":        {[]Sighting{seen(0, 5), seen(11, 12)}, time.Time{}, []Firing{firing(11, 12), firing(0, 5)}},
		"one within another":  {[]Sighting{seen(0, 30), seen(5, 10), seen(33, 40)}, time.Time{}, []Firing{firing(0, 40)}},
		"on when data begins": {[]Sighting{seen(0, 3), seen(20, 21)}, clock(1, 11, 57), []Firing{firing(20, 21), cut}},
	} {
		if d := cmp.Diff(tc.want, Firings(tc.seen, FiringGap, tc.known)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if got := Before([]Firing{firing(20, 40), firing(0, 5)}, clock(1, 12, 30)); len(got) != 1 || got[0] != firing(0, 5) {
		t.Errorf("the present firing counts as one before: %v", got)
	}
}

func TestUsual(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		of   Past
		want time.Duration
		n    int
	}{
		{nil, 0, 0},
		{past(5 * time.Minute), 5 * time.Minute, 1},
		{past(40*time.Minute, time.Minute, 5*time.Minute), 5 * time.Minute, 3},
		{past(40*time.Minute, time.Minute, 5*time.Minute, 6*time.Minute), 5 * time.Minute, 4},
		{Past{{Start: clock(1, 0, 0), End: clock(2, 0, 0), Cut: true}}, 0, 0},
	} {
		if got, n := tc.of.Usual(); got != tc.want || n != tc.n {
			t.Errorf("%v: %v of %d, want %v of %d", tc.of, got, n, tc.want, tc.n)
		}
	}
}

func TestNightsFollowTheClocksOfThePlace(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) Firing {
		start, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return Firing{Start: start, End: start}
	}
	// Clocks went back on Sunday, 25 October 2026 at 03:00 CEST.
	for s, want := range map[string]struct{ night, weekend bool }{
		"2026-10-23T19:59:00Z": {false, false}, // Friday 21:59 CEST
		"2026-10-23T20:00:00Z": {true, false},  // 22:00
		"2026-10-23T21:59:00Z": {true, false},  // 23:59
		"2026-10-23T22:00:00Z": {true, true},   // Saturday 00:00
		"2026-10-24T04:00:00Z": {false, true},  // 06:00 CEST
		"2026-10-25T04:30:00Z": {true, true},   // Sunday 05:30 CET
		"2026-10-25T05:00:00Z": {false, true},  // 06:00 CET
		"2026-10-25T20:30:00Z": {false, true},  // 21:30 CET
		"2026-10-25T21:00:00Z": {true, true},   // 22:00 CET
		"2026-10-25T23:00:00Z": {true, false},  // Monday 00:00
	} {
		p := Past{at(s)}
		if n, w := p.Nights(berlin) == 1, p.Weekends(berlin) == 1; n != want.night || w != want.weekend {
			t.Errorf("%s: night %v, weekend %v, want %v", s, n, w, want)
		}
	}
	cut := at("2026-10-23T20:00:00Z")
	cut.Cut = true
	if (Past{cut}).Nights(berlin) != 0 {
		t.Error("it is not known when a cut firing began")
	}
}

func TestFlapping(t *testing.T) {
	t.Parallel()
	short := func(day, minute int) Firing {
		return Firing{Start: clock(day, 12, minute), End: clock(day, 12, minute+3)}
	}
	long := Firing{Start: clock(9, 9, 0), End: clock(9, 11, 58)}
	p := Past{short(11, 0), short(9, 39), short(9, 26), short(9, 13), short(9, 0), long, short(5, 20), short(5, 10), short(5, 0)}
	got, ok := p.Flapping()
	if want := (Burst{4, clock(9, 12, 0), clock(9, 12, 42)}); !ok || got != want {
		t.Errorf("%v %v, want %v", got, ok, want)
	}
	if got, ok := p[5:].Flapping(); ok {
		t.Errorf("three firings flap: %v", got)
	}
	if got, ok := (Past{long, long, long, long}).Flapping(); ok {
		t.Errorf("long firings flap: %v", got)
	}
}

func TestCompanions(t *testing.T) {
	t.Parallel()
	v := safe.Outside
	fired := func(names ...string) map[safe.Value]bool {
		m := map[safe.Value]bool{}
		for _, n := range names {
			m[v(n)] = true
		}
		return m
	}
	all := []map[safe.Value]bool{fired("Watchdog", "Crash", "Disk"), fired("Watchdog", "Crash"), fired("Watchdog", "Common", "Crash", "Half"), fired("Watchdog", "Half", "Common")}
	candidates := Candidates(all)
	want := []Companion{{v("Watchdog"), 4, 4}, {v("Crash"), 3, 4}, {v("Common"), 2, 4}, {v("Half"), 2, 4}}
	if d := cmp.Diff(want, candidates, cmp.Comparer(func(a, b safe.Value) bool { return a == b })); d != "" {
		t.Error(d)
	}
	share := map[string]float64{"Watchdog": 1, "Crash": 0.1, "Common": 0.3, "Half": 0.25}
	got := Companions(candidates, func(name safe.Value) float64 { return share[name.Raw()] })
	if len(got) != 2 || got[0].Name != v("Crash") || got[1].Name != v("Half") {
		t.Errorf("%v", got)
	}
	if got := Candidates(all[:2]); got != nil {
		t.Errorf("two firings prove something: %v", got)
	}
}
