package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

var start = time.Date(2026, 3, 9, 13, 9, 0, 0, time.UTC)

func minute(n float64) time.Time { return start.Add(time.Duration(n * float64(time.Minute))) }

// series is a value for each 15 s of an hour.
func series(f func(minute float64) float64) []Point {
	var ps []Point
	for s := 0; s <= 3600; s += 15 {
		m := float64(s) / 60
		ps = append(ps, Point{start.Add(time.Duration(s) * time.Second), f(m)})
	}
	return ps
}

func percent(v float64) string { return fmt.Sprintf("%.3g%%", v*100) }

// incident is the story: errors rise from minute 53 on.
func incident(m float64) float64 {
	if m < 53 {
		return 0.001
	}
	return min(0.001+(m-53)*0.03, 0.124)
}

func story() Chart {
	return Chart{Points: series(incident), Op: ">", Limit: 0.05, Now: "now 12.4%", Format: percent, Marks: []Mark{
		{minute(52), 'D', 1}, {minute(53), 'B', 0}, {minute(56), 'F', 2}, {minute(52.2), 'C', 3}, {minute(20), 'S', 4}, {minute(-5), 'R', 5},
	}}
}

func TestCharts(t *testing.T) {
	t.Parallel()
	with := func(f func(*Chart)) Chart {
		c := story()
		f(&c)
		return c
	}
	for name, tc := range map[string]struct {
		c    Chart
		w, h int
	}{
		"story":         {story(), 80, 10},
		"small":         {story(), 40, 8},
		"four":          {story(), 60, 4},
		"three":         {story(), 60, 3},
		"narrow":        {story(), 23, 10},
		"ascii":         {with(func(c *Chart) { c.ASCII = true }), 80, 10},
		"ascii one row": {with(func(c *Chart) { c.ASCII = true }), 80, 2},
		"gap": {with(func(c *Chart) {
			c.Points = slices.DeleteFunc(c.Points, func(p Point) bool { return p.T.After(minute(20)) && p.T.Before(minute(35)) })
		}), 80, 10},
		"nan and infinite": {with(func(c *Chart) {
			c.Points = series(func(m float64) float64 {
				switch {
				case m > 10 && m < 20:
					return math.NaN()
				case m >= 30 && m < 31:
					return math.Inf(1)
				case m >= 40 && m < 41:
					return math.Inf(-1)
				}
				return incident(m)
			})
		}), 80, 10},
		"minimum": {with(func(c *Chart) {
			c.Op, c.Limit, c.Now, c.Most = "<", 0.9, "now 80%", 1
			c.Points = series(func(m float64) float64 { return 1 - 0.2*max(0, m-50)/10 })
		}), 80, 10},
		"one point":    {Chart{Points: []Point{{minute(1), 3}}, Op: ">", Limit: 2, Now: "now 3"}, 60, 8},
		"equal":        {Chart{Points: series(func(float64) float64 { return 7 })}, 60, 8},
		"zero":         {Chart{Points: series(func(float64) float64 { return 0 }), Op: ">", Limit: 0}, 60, 8},
		"negative":     {Chart{Points: series(func(m float64) float64 { return math.Sin(m/6) * 3 }), Op: "<", Limit: -2, Now: "now -1.6"}, 60, 10},
		"all negative": {Chart{Points: series(func(m float64) float64 { return -10 - m })}, 60, 8},
		"nearly equal": {Chart{Points: series(func(m float64) float64 { return 95 + m/30 }), Op: ">", Limit: 96, Now: "now 97"}, 60, 10},
		"coarse":       {Chart{Points: []Point{{minute(0), 1}, {minute(20), 4}, {minute(40), 2}, {minute(60), 3}}}, 60, 8},
		"huge":         {Chart{Points: series(func(m float64) float64 { return math.Pow(10, m*5) })}, 60, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.RequireEqual(t, text(tc.c.Draw(tc.w, tc.h, theme.Theme{})))
		})
	}
}

func text(d Drawing) string {
	rows := slices.Clone(d.Rows)
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	var letters []rune
	for _, m := range d.Shown {
		letters = append(letters, m.Letter)
	}
	return strings.Join(rows, "\n") + "\nshown: " + string(letters) + "\n"
}

// TestAGapIsBlank compares the same series with and without a quarter of an
// hour: there the columns are blank down to the bottom row.
func TestAGapIsBlank(t *testing.T) {
	t.Parallel()
	c := Chart{Points: series(func(float64) float64 { return 5 })}
	whole := c.Draw(66, 8, theme.Theme{}).Rows
	c.Points = slices.DeleteFunc(c.Points, func(p Point) bool { return p.T.After(minute(20)) && p.T.Before(minute(40)) })
	holed := c.Draw(66, 8, theme.Theme{}).Rows
	for i := range 6 {
		full, hole := []rune(whole[i]), []rune(holed[i])
		if n := strings.Count(string(full), " "); i == 5 && n > 3 {
			t.Errorf("without a gap the bottom row has %d blanks: %q", n, string(full))
		}
		if mid := strings.TrimRight(string(hole[25:42]), " "); mid != "" {
			t.Errorf("row %d shows %q where there is no data", i, mid)
		}
	}
}

// TestTroubleIsPainted looks for the critical colour on the right side of the
// limit, and only there.
func TestTroubleIsPainted(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Dark, true)
	red := strings.TrimSuffix(th.Critical.Paint("x"), "x"+theme.Reset)
	c := story()
	c.Now = ""
	rows := c.Draw(80, 10, th).Rows
	if !strings.Contains(rows[2], red) || strings.Contains(rows[7], red) {
		t.Errorf("critical must be above the limit and not at the bottom:\n%q\n%q", rows[2], rows[7])
	}
	c.Op = "<"
	c.Limit = 0.0001
	if all := strings.Join(c.Draw(80, 10, th).Rows, ""); strings.Contains(all, red) {
		t.Error("nothing is below the minimum, and something is critical")
	}
}

func TestMarksKeepTheirOrder(t *testing.T) {
	t.Parallel()
	for range 2000 {
		c := Chart{Points: series(incident)}
		for i := range 1 + rand.IntN(12) {
			c.Marks = append(c.Marks, Mark{minute(rand.Float64()*70 - 5), rune('A' + i), rand.IntN(4)})
		}
		d := c.Draw(30+rand.IntN(60), 6, theme.Theme{})
		if !slices.IsSortedFunc(d.Shown, func(a, b Mark) int { return a.At.Compare(b.At) }) {
			t.Fatalf("letters are not in the order of time: %v", d.Shown)
		}
		last, first := d.Rows[len(d.Rows)-1], slices.MinFunc(c.Marks, func(a, b Mark) int { return a.Rank - b.Rank })
		if inside := !first.At.Before(minute(0)) && !first.At.After(minute(60)); inside && !strings.ContainsRune(last, first.Letter) {
			t.Fatalf("the most important mark %c was lost: %q", first.Letter, last)
		}
		for _, m := range d.Shown {
			if i := strings.IndexRune(last, m.Letter); i < 0 || i+1 < len(last) && last[i+1] != ' ' {
				t.Fatalf("letter %c touches its neighbour: %q", m.Letter, last)
			}
		}
	}
}

// FuzzDraw holds what must hold for any numbers: no panic, no row too wide, as
// many rows as asked for.
func FuzzDraw(f *testing.F) {
	f.Add(uint64(1), 80, 10, 1.0, 5.0, uint8(0), false)
	f.Add(uint64(2), 24, 4, math.Inf(1), math.NaN(), uint8(3), true)
	f.Add(uint64(3), 200, 40, math.MaxFloat64, -math.MaxFloat64, uint8(1), false)
	f.Add(uint64(4), 33, 6, 5e-324, 5e-324, uint8(2), true)
	f.Fuzz(func(t *testing.T, seed uint64, w, h int, size, at float64, op uint8, ascii bool) {
		w, h = w%300, h%100
		rnd := rand.New(rand.NewPCG(seed, 1))
		ops := []string{">", "<", ">=", "<=", "==", "!=", ""}
		c := Chart{Op: ops[int(op)%len(ops)], Limit: at, ASCII: ascii, Now: "now", Unit: size}
		for range rnd.IntN(300) {
			v := size * (rnd.Float64() - 0.3)
			switch rnd.IntN(12) {
			case 0:
				v = math.NaN()
			case 1:
				v = math.Inf(rnd.IntN(2)*2 - 1)
			}
			c.Points = append(c.Points, Point{start.Add(time.Duration(rnd.Int64N(int64(240*time.Hour)) - int64(time.Hour))), v})
		}
		for range rnd.IntN(20) {
			c.Marks = append(c.Marks, Mark{start.Add(time.Duration(rnd.Int64N(int64(260 * time.Hour)))), 'D', rnd.IntN(3)})
		}
		if rnd.IntN(2) == 0 {
			c.From, c.To = start, start.Add(time.Duration(rnd.Int64N(int64(100*time.Hour))))
		}
		d := c.Draw(w, h, theme.New(theme.Dark, true))
		if n := len(d.Rows); n > 1 && n != h || n == 1 && h >= minRows && w >= minCells {
			t.Errorf("%d rows of %d", n, h)
		}
		for _, r := range d.Rows {
			if n := ansi.StringWidth(r); n > w || n != frame.Width(r) {
				t.Errorf("a row has %d cells of %d: %q", n, w, r)
			}
		}
	})
}

// BenchmarkDraw is a chart of 60x10 cells from 500 points; the ratio is to the
// sparkline of one row that it replaces.
func BenchmarkDraw(b *testing.B) {
	c := story()
	c.Points = nil
	for i := range 500 {
		m := float64(i) * 60 / 500
		c.Points = append(c.Points, Point{minute(m), incident(m)})
	}
	th := theme.New(theme.Dark, true)
	b.ReportAllocs()
	for b.Loop() {
		c.Draw(60, 10, th)
	}
	drawn := b.Elapsed()
	begin := time.Now()
	for range b.N {
		c.line(60, th)
	}
	b.ReportMetric(float64(drawn)/float64(time.Since(begin)), "x-sparkline")
}
