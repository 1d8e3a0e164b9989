package graph

import (
	"cmp"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// shift is how far a letter may stand from its moment so that two are one cell
// apart.
const shift = 2

// place finds a cell for each mark of the chart's time, the more important
// first: no two next to each other, the order that of time. Marks come back
// oldest first, with their cells.
func (p plan) place() ([]Mark, []int) {
	marks := slices.DeleteFunc(slices.Clone(p.Marks), func(m Mark) bool {
		return m.At.Before(p.From) || m.At.After(p.To)
	})
	slices.SortStableFunc(marks, func(a, b Mark) int { return cmp.Compare(a.Rank, b.Rank) })
	type placed struct {
		Mark
		x int
	}
	var done []placed
	fits := func(m Mark, x int) bool {
		if x < 0 || x >= p.cells {
			return false
		}
		for _, d := range done {
			switch {
			case x-d.x > -2 && x-d.x < 2,
				m.At.Before(d.At) && x > d.x, m.At.After(d.At) && x < d.x:
				return false
			}
		}
		return true
	}
	for _, m := range marks {
		at := p.cellOf(m.At)
		for n := range 2*shift + 1 { // 0 -1 1 -2 2
			x := at + (n+1)/2*(1-n%2*2)
			if fits(m, x) {
				done = append(done, placed{m, x})
				break
			}
		}
	}
	slices.SortFunc(done, func(a, b placed) int { return cmp.Compare(a.x, b.x) })
	shown, at := make([]Mark, len(done)), make([]int, len(done))
	for i, d := range done {
		shown[i], at[i] = d.Mark, d.x
	}
	return shown, at
}

// cellOf is the cell of the area that a moment stands in.
func (p plan) cellOf(t time.Time) int {
	return max(0, min(int(float64(t.Sub(p.From))/float64(p.To.Sub(p.From))*float64(p.cells)), p.cells-1))
}

// tickRoom is how many cells are between two times at least.
const tickRoom = 9

// tick is a time below the chart.
type tick struct {
	x    int
	text string
}

// ticks are the times that have room beside the letters.
func (p plan) ticks(shown []Mark, at []int) []tick {
	taken := make([]bool, p.w-p.label-gutter)
	for i := range shown {
		taken[at[i]] = true
	}
	var out []tick
	for _, k := range frame.Ticks(p.From, p.To, p.To, p.cells, tickRoom, p.loc()) {
		x := p.cellOf(k.At)
		if x+len(k.Text) > len(taken) {
			continue
		}
		around := taken[max(0, x-1):min(len(taken), x+len(k.Text)+1)]
		if slices.Contains(around, true) {
			continue
		}
		for i := range around {
			around[i] = true
		}
		out = append(out, tick{x, k.Text})
	}
	return out
}

// axisRow is the line below the area.
func (p plan) axisRow(ticks []tick, t theme.Theme) string {
	row := make([]rune, p.cells)
	for i := range row {
		row[i] = p.sign(lineSign)
	}
	for _, k := range ticks {
		row[k.x] = p.sign(tickSign)
	}
	return t.Muted.Paint(frame.Blank(p.label+1) + string(p.sign(footSign)) + string(row))
}

// timeRow are the times and the letters of the marks.
func (p plan) timeRow(ticks []tick, shown []Mark, at []int, t theme.Theme) string {
	out, x := frame.Blank(p.label+gutter), 0
	put := func(to int, text string, s theme.Style) {
		out += frame.Blank(to-x) + s.Paint(text)
		x = to + len([]rune(text))
	}
	for len(ticks) > 0 || len(shown) > 0 {
		if len(shown) == 0 || len(ticks) > 0 && ticks[0].x < at[0] {
			put(ticks[0].x, ticks[0].text, t.Muted)
			ticks = ticks[1:]
			continue
		}
		put(at[0], string(shown[0].Letter), t.Bold)
		shown, at = shown[1:], at[1:]
	}
	return out
}
