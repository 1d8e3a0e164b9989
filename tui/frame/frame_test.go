package frame

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCutAndPadCountCells(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in   string
		w    int
		want string
	}{
		{"alert", 8, "alert   "},
		{"alert", 5, "alert"},
		{"alertname", 5, "aler…"},
		{"日本語", 5, "日本…"},
		{"日本語", 6, "日本語"},
		{"x", 0, ""},
		{"", 2, "  "},
		{"\x1b[1mbold\x1b[m", 6, "\x1b[1mbold\x1b[m  "},
	} {
		if got := Pad(tc.in, tc.w); got != tc.want {
			t.Errorf("Pad(%q, %d) = %q, want %q", tc.in, tc.w, got, tc.want)
		}
	}
	if got := CutLeft("prod-eu-west", 8); got != "…eu-west" {
		t.Errorf("CutLeft = %q", got)
	}
	if got := Width(Cut("\x1b[31mvery long text\x1b[m", 4)); got != 4 {
		t.Errorf("styled text cut to %d cells", got)
	}
}

func TestEndsLeftGivesWay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		left, right string
		w           int
		want        string
	}{
		{"a", "b", 5, "a   b"},
		{"long left", "right", 10, "lon… right"},
		{"left", "much too long", 8, "left    "},
		{"left", "", 6, "left  "},
	} {
		if got := Ends(tc.left, tc.right, tc.w); got != tc.want {
			t.Errorf("Ends(%q, %q, %d) = %q, want %q", tc.left, tc.right, tc.w, got, tc.want)
		}
	}
}

func TestWindowStaysInside(t *testing.T) {
	t.Parallel()
	rows := []string{"a", "b", "c", "d"}
	w := Window{Offset: 9}
	if d := cmp.Diff([]string{"c", "d"}, w.View(rows, 2)); d != "" {
		t.Error(d)
	}
	w.Offset = -3
	if d := cmp.Diff([]string{"a", "b", "c", "d", ""}, w.View(rows, 5)); d != "" {
		t.Error(d)
	}
}

func TestSparkline(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for name, tc := range map[string]struct {
		in   []float64
		w    int
		want string
	}{
		"rise":             {[]float64{0, 1, 2, 4}, 4, "▁▃▄▇"},
		"all zero":         {[]float64{0, 0}, 2, "▁▁"},
		"a gap is no zero": {[]float64{4, nan, 4}, 3, "▇ ▇"},
		"peak is kept":     {[]float64{0, 0, 9, 0}, 2, "▁▇"},
		"stretched":        {[]float64{1, 2}, 4, "▄▄▇▇"},
		"infinite":         {[]float64{1, math.Inf(1)}, 2, "▇▇"},
		"nothing":          {nil, 4, ""},
	} {
		if got := Sparkline(tc.in, tc.w); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestSpreadKeepsGaps(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	got := Spread([]time.Time{at(0), at(1), at(50), at(60), at(99)}, []float64{1, 3, 5, 7, 9}, at(0), at(60), 6)
	want := []float64{3, math.NaN(), math.NaN(), math.NaN(), math.NaN(), 7}
	if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" {
		t.Error(d)
	}
	hourly := Spread([]time.Time{at(0), at(30), at(60)}, []float64{1, 2, 3}, at(0), at(60), 40)
	if d := cmp.Diff([]float64{1, 2, 3}, hourly); d != "" {
		t.Error(d)
	}
	if got := Spread(nil, nil, at(1), at(1), 2); len(got) != 2 || !math.IsNaN(got[0]) {
		t.Error(got)
	}
}

func TestCodeStaysInside(t *testing.T) {
	t.Parallel()
	const code = `sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05`
	for w := 1; w < 100; w++ {
		rows := WrapCode(code, w)
		for _, r := range rows {
			if Width(r) > w {
				t.Errorf("%d cells in %d: %q", Width(r), w, r)
			}
		}
		if got := strings.ReplaceAll(strings.Join(rows, ""), " ", ""); got != strings.ReplaceAll(code, " ", "") {
			t.Errorf("in %d cells it became %q", w, rows)
		}
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	from := time.Date(2026, 3, 9, 21, 52, 0, 0, time.UTC)
	var got []string
	for _, k := range Ticks(from, from.Add(90*time.Minute), from.Add(100*time.Minute), 60, 12, berlin) {
		got = append(got, k.Text)
	}
	if d := cmp.Diff([]string{"23:00", "23:30", "10 Mar", "00:30"}, got); d != "" {
		t.Error(d)
	}
	if got := Ticks(from, from, from, 60, 12, berlin); got != nil {
		t.Error(got)
	}
}

func TestAGapHidesNoPeakOfItsCell(t *testing.T) {
	t.Parallel()
	start := time.Date(2025, 11, 25, 12, 0, 0, 0, time.UTC)
	var times []time.Time
	for i := range 4 {
		times = append(times, start.Add(time.Duration(i)*time.Minute))
	}
	got := Spread(times, []float64{9, math.NaN(), math.NaN(), 3}, start, start.Add(4*time.Minute), 2)
	if len(got) != 2 || got[0] != 9 || got[1] != 3 {
		t.Errorf("%v, want 9 and 3", got)
	}
}
