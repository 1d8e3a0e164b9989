package triage

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func TestUnitFormat(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		u    Unit
		v    float64
		want string
	}{
		{Ratio, 0.1239, "12.4%"}, {Ratio, 0.001, "0.1%"}, {Ratio, 0.05, "5%"}, {Ratio, 0.0504, "5.04%"}, {Ratio, 1, "100%"}, {Ratio, 0, "0%"},
		{Ratio, 0.000043, "0.0043%"}, {Ratio, 0.9996, "100%"}, {Ratio, 12, "1200%"}, {Ratio, math.Copysign(0, -1), "0%"},
		{Percent, 38, "38%"}, {Percent, 99.94, "99.9%"},
		{Seconds, 1.9, "1.9 s"}, {Seconds, 0.24, "240 ms"}, {Seconds, 0.00024, "240 µs"}, {Seconds, 2.4e-7, "240 ns"}, {Seconds, 0, "0 s"},
		{Seconds, 90, "90 s"}, {Seconds, 600, "10 min"}, {Seconds, 3 * 3600, "3 h"}, {Seconds, 20 * 86400, "20 d"}, {Seconds, -90, "-90 s"}, {Seconds, 0.99999, "1 s"},
		{Bytes, 38 * (1 << 30), "38 GiB"}, {Bytes, 512, "512 B"}, {Bytes, 1023.9, "1 KiB"}, {Bytes, -2048, "-2 KiB"}, {Bytes, 1e30, "8.67e+11 EiB"},
		{BytesPerSecond, 1.5 * (1 << 20), "1.5 MiB/s"},
		{PerSecond, 412.3, "412/s"}, {PerSecond, 0.25, "0.25/s"},
		{Count, 3, "3"}, {Count, 999.7, "1,000"}, {Count, 31000, "31,000"}, {Count, 999999, "999,999"}, {Count, 1234567, "1.23M"}, {Count, -31000, "-31,000"}, {Count, 2.5, "2.5"},
		{NoUnit, 3.14159, "3.14"}, {NoUnit, 1e20, "1e+20"}, {NoUnit, 5e9, "5G"}, {NoUnit, 7e12, "7T"}, {NoUnit, 1e-12, "1e-12"},
		{Timestamp, 1785758400, "2026-08-03 12:00 UTC"}, {Timestamp, 1e15, "1000T"},
		{Ratio, math.NaN(), "no value"}, {Seconds, math.Inf(1), "infinite"}, {Bytes, math.Inf(-1), "-infinite"},
	} {
		if got := tc.u.Format(tc.v); got != tc.want {
			t.Errorf("%s %v: %q, want %q", tc.u, tc.v, got, tc.want)
		}
	}
}

func TestSeverityWord(t *testing.T) {
	t.Parallel()
	ranks := Defaults().Ranks
	for in, want := range map[string]string{
		"page": "PAGE", "P1": "PAGE", "Critical": "CRIT", "sev2": "CRIT", "notify": "WARN", "unknown": "WARN", "low": "info", "none": "none",
		"": "alert", "  ": "alert", "urgent-ish": "urgent-ish", "x\x1b[2J": "x␛[2J",
	} {
		if got := severity(ranks, safe.Outside(in)).Word(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// line makes points a minute apart that end at noon.
func line(vs ...float64) []sources.Point {
	out := make([]sources.Point, len(vs))
	for i, v := range vs {
		out[i] = sources.Point{T: noon.Add(time.Duration(i-len(vs)+1) * time.Minute), V: v}
	}
	return out
}

func repeat(n int, f func(i int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func TestTrendOf(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	noisy := func(i int) float64 { return 100 + 10*math.Sin(float64(i)*2) }
	for _, tc := range []struct {
		name string
		pts  []sources.Point
		want Trend
	}{
		{"none", nil, NoTrend},
		{"few", line(1, 2, 3, 4, 5), NoTrend},
		{"flat", line(repeat(30, func(int) float64 { return 7 })...), Steady},
		{"zero", line(repeat(30, func(int) float64 { return 0 })...), Steady},
		{"noise", line(repeat(30, noisy)...), Steady},
		{"rising", line(repeat(30, func(i int) float64 { return float64(i) })...), Rising},
		{"falling", line(repeat(30, func(i int) float64 { return 100 - 3*float64(i) })...), Falling},
		{"step", line(0, 0, 0, 0, 0, 0, 5, 5, 5, 5), Rising},
		{"stands where it jumped to", line(append(repeat(20, func(int) float64 { return 0.001 }), repeat(15, func(i int) float64 { return 0.14 + 0.0001*float64(i%3) })...)...), Steady},
		{"stands where it fell to", line(append(repeat(20, func(int) float64 { return 400 }), repeat(15, func(int) float64 { return 3 })...)...), Steady},
		{"fell to nothing and stays", line(append(repeat(20, func(int) float64 { return 400 }), repeat(15, func(int) float64 { return 0 })...)...), Steady},
		{"still rising after a jump", line(append(repeat(20, func(int) float64 { return 1 }), repeat(15, func(i int) float64 { return 5 + 0.1*float64(i) })...)...), Rising},
		{"a spike that passed", line(1, 1, 1, 1, 9, 9, 1, 1, 1, 1, 1, 1), Steady},
		{"gaps", line(nan, nan, nan, nan, 1, nan, 2), NoTrend},
		{"gaps between", line(1, nan, 1, nan, 1, 2, nan, 2, 3, math.Inf(1), 3, 3, 3), Rising},
		{"negative", line(-10, -10, -10, -10, -10, -1, -1, -1, -1), Rising},
	} {
		if got := TrendOf(tc.pts); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestBegan(t *testing.T) {
	t.Parallel()
	it := Item{Alert: alert("A", sources.Firing, 7, "")}
	if on := Began(it); on.Method != MethodActiveAt || !on.At.Equal(noon.Add(-7*time.Minute)) {
		t.Errorf("%+v", on)
	}
	it.ActiveAt = time.Time{}
	it.AM = &sources.AMView{StartsAt: noon}
	it.Rule = &sources.Rule{For: 5 * time.Minute}
	if on := Began(it); on.Method != MethodStartsAt || !on.At.Equal(noon.Add(-5*time.Minute)) {
		t.Errorf("%+v", on)
	}
	if on := Began(Item{}); !on.At.IsZero() || on.Method != "" || on.Note == "" {
		t.Errorf("%+v", on)
	}
}

func TestWalkBack(t *testing.T) {
	t.Parallel()
	over := Expr{Op: ">", Limit: 0.05, HasLimit: true, Unit: Ratio, Parsed: true}
	under := Expr{Op: "<=", Limit: 10, HasLimit: true, Parsed: true}
	nan := math.NaN()
	// 71 points from 11:01-10min to noon; index 61 is ten minutes before noon.
	on := Onset{At: noon.Add(-3 * time.Minute), Method: MethodActiveAt}
	usual := func(i int) float64 { return 0.001 + 0.0002*math.Sin(float64(i)) }
	after := func(start int, v, before func(int) float64) []float64 {
		return repeat(71, func(i int) float64 {
			if i >= start {
				return v(i)
			}
			return before(i)
		})
	}
	flat := func(v float64) func(int) float64 { return func(int) float64 { return v } }
	blip := after(64, flat(0.124), usual)
	blip[40], blip[41], blip[42], blip[43] = 0.2, 0.2, 0.2, 0.2 // over long before
	holes := after(64, flat(0.124), usual)
	holes[65], holes[50], holes[3] = nan, math.Inf(1), nan
	for _, tc := range []struct {
		name string
		pts  []sources.Point
		e    Expr
		want int // minutes before noon; 0: unchanged
	}{
		{"a step", line(after(64, flat(0.124), usual)...), over, 6},
		{"a slope", line(after(60, func(i int) float64 { return 0.002 + 0.01*float64(i-59) }, usual)...), over, 10},
		{"from zero", line(after(64, flat(0.01), flat(0))...), over, 6},
		{"a blip long before", line(blip...), over, 6},
		{"gaps", line(holes...), over, 6},
		{"downwards", line(after(64, flat(2), flat(100))...), under, 6},
		{"downwards to negative", line(after(64, flat(-5), flat(-1))...), under, 6},
		{"nothing unusual", line(repeat(71, usual)...), over, 0},
		{"two points only", line(after(69, flat(0.124), usual)...), over, 0},
		{"always high", line(repeat(71, flat(0.124))...), over, 0},
		{"began after activeAt", line(after(68, flat(0.124), usual)...), over, 0},
		{"no limit", line(after(64, flat(0.124), usual)...), Expr{Op: ">"}, 0},
		{"equality", line(after(64, flat(0.124), usual)...), Expr{Op: "==", HasLimit: true}, 0},
		{"no points", nil, over, 0},
		{"too short", line(after(64, flat(0.124), usual)[60:]...), over, 0},
		{"only gaps", line(repeat(71, flat(nan))...), over, 0},
	} {
		got := WalkBack(on, tc.pts, tc.e)
		want := on
		if tc.want > 0 {
			want.At, want.Method = noon.Add(-time.Duration(tc.want)*time.Minute), MethodWalked
		}
		note := got.Note
		got.Note, want.Note = "", ""
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", tc.name, d)
		}
		if tc.name == "a step" && note != "Measured: three points in a row far above the usual 0.1%." {
			t.Errorf("note = %q", note)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	it := Item{Alert: alert("A", sources.Firing, 7, "severity=critical team=db job=api namespace=shop pod=api-1 code=500 region=eu zzz=1 tier=x static=yes prometheus=k8s")}
	it.Value = 0.124
	it.Rule = &sources.Rule{Query: safe.Outside(`sum(rate(e_total[5m])) / sum(rate(a_total[5m])) > 0.05`), For: 3 * time.Minute, Labels: labelSet("severity=critical static=yes"), Health: safe.Outside("ok")}
	w := Explain(it)
	if !w.RuleKnown || w.Limit != 0.05 || w.Unit != Ratio || w.For != 3*time.Minute || w.Value != 0.124 || w.RuleHealth.Raw() != "ok" {
		t.Errorf("%+v", w)
	}
	var names []string
	for _, l := range w.Culprits {
		names = append(names, l.Name.Raw())
	}
	if d := cmp.Diff([]string{"code", "pod", "zzz", "namespace", "region", "job"}, names); d != "" {
		t.Error(d)
	}
	it.Rule.Query = safe.Outside("absent(up)")
	if w := Explain(it); !w.Absent || !math.IsNaN(w.Value) {
		t.Errorf("%+v", w)
	}
	it.Rule = nil
	if w := Explain(it); w.RuleKnown || w.Value != 0.124 || w.Parsed {
		t.Errorf("%+v", w)
	}
}
