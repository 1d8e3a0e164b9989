package graph

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Chart is what is drawn. The zero Chart is empty and draws nothing.
type Chart struct {
	Points   []Point // oldest first
	From, To time.Time
	Op       string // how a value and the limit are compared when there is trouble: > >= < <= == !=; empty: there is no limit
	Limit    float64
	Marks    []Mark
	Now      string // said at the end of the series: "now 12.4%"; empty: nothing is
	// Format writes a value for the axis; nil: as Go does.
	Format func(float64) string
	// Unit is what round numbers of the axis are multiples of; 0: 1. For bytes
	// it may be 1<<30, for seconds 60.
	Unit  float64
	Most  float64        // no value can be larger, as a share of 1; 0: any can
	Loc   *time.Location // of the times below it; nil: UTC
	ASCII bool           // for a terminal that shows nothing else: # area, - limit, | marks
}

// Point is one sample. A NaN is a gap, an infinite value is drawn to the edge.
type Point struct {
	T time.Time
	V float64
}

// Mark is something that happened: a dotted line through the chart and a
// letter below it.
type Mark struct {
	At     time.Time
	Letter rune // one cell wide
	Rank   int  // the smaller is the more important: it stays where two do not fit
}

// Drawing is a chart in cells.
type Drawing struct {
	Rows  []string // none wider than asked for
	Shown []Mark   // those that found a place, oldest first
}

// The least that a chart takes; below it there is a sparkline with the limit in
// words.
const (
	minRows  = 4
	minCells = 24
	axisRows = 6  // from this height on the time axis has a line of its own
	sideMin  = 12 // cells that the area keeps beside the words at its right
)

// Draw draws the chart into at most w cells and h rows: exactly h from four rows
// on, one row where a chart does not fit. Without any value, or without room,
// there are none.
func (c Chart) Draw(w, h int, t theme.Theme) Drawing {
	c.Points = c.within()
	if w <= 0 || h <= 0 || !slices.ContainsFunc(c.Points, func(p Point) bool { return p.V == p.V }) {
		return Drawing{}
	}
	if h < minRows || w < minCells {
		return Drawing{Rows: []string{frame.Cut(c.line(w, t), w)}}
	}
	p := c.plan(w, h)
	rows := make([][]cell, p.rows)
	for i := range rows {
		rows[i] = make([]cell, p.cells)
	}
	p.area(rows)
	p.limitLine(rows)
	shown, at := p.place()
	for _, x := range at {
		for _, r := range rows {
			if r[x].kind == empty || r[x].kind == limit {
				r[x] = cell{p.sign(markSign), mark}
			}
		}
	}
	out := p.joined(rows, t)
	ticks := p.ticks(shown, at)
	if h >= axisRows {
		out = append(out, p.axisRow(ticks, t))
	}
	return Drawing{Rows: append(out, p.timeRow(ticks, shown, at, t)), Shown: shown}
}

// within is the points of the chart's time, in order.
func (c *Chart) within() []Point {
	ps := c.Points
	if !slices.IsSortedFunc(ps, func(a, b Point) int { return a.T.Compare(b.T) }) {
		ps = slices.SortedStableFunc(slices.Values(ps), func(a, b Point) int { return a.T.Compare(b.T) })
	}
	if len(ps) == 0 {
		return nil
	}
	if c.From.IsZero() {
		c.From = ps[0].T
	}
	if c.To.IsZero() {
		c.To = ps[len(ps)-1].T
	}
	if !c.To.After(c.From) { // one moment: give it some room
		c.From, c.To = c.From.Add(-time.Minute), c.From.Add(time.Minute)
	}
	lo, _ := slices.BinarySearchFunc(ps, c.From, func(p Point, t time.Time) int { return p.T.Compare(t) })
	hi := len(ps)
	for hi > lo && ps[hi-1].T.After(c.To) {
		hi--
	}
	return ps[lo:hi]
}

// line is the chart in one row: a sparkline, and the numbers in words.
func (c Chart) line(w int, t theme.Theme) string {
	words := c.Now
	if c.Op != "" {
		if words != "" {
			words += ", "
		}
		words += c.limitWord() + " " + c.format(c.Limit)
	}
	n := w - frame.Width(words) - 1
	if n < 4 {
		return frame.Cut(words, w)
	}
	n = min(n, 60)
	times, values := make([]time.Time, len(c.Points)), make([]float64, len(c.Points))
	for i, p := range c.Points {
		times[i], values[i] = p.T, p.V
	}
	spark := frame.Sparkline(frame.Spread(times, values, c.From, c.To, n), n)
	if c.ASCII {
		spark = asciiSpark.Replace(spark)
	}
	return t.Accent.Paint(spark) + " " + words
}

var asciiSpark = strings.NewReplacer("▁", ".", "▂", ".", "▃", "o", "▄", "o", "▅", "O", "▆", "O", "▇", "#", "█", "#")

func (c Chart) limitWord() string {
	if c.low() {
		return "minimum"
	}
	return "limit"
}

// low reports whether there is trouble below the limit.
func (c Chart) low() bool { return strings.HasPrefix(c.Op, "<") }

// beyond reports whether a value is one of trouble.
func (c Chart) beyond(v float64) bool {
	switch c.Op {
	case ">":
		return v > c.Limit
	case ">=":
		return v >= c.Limit
	case "<":
		return v < c.Limit
	case "<=":
		return v <= c.Limit
	case "==":
		return v == c.Limit
	case "!=":
		return v != c.Limit
	}
	return false
}

func (c Chart) format(v float64) string {
	if c.Format == nil {
		return plainFormat(v)
	}
	return c.Format(v)
}

func (c Chart) loc() *time.Location {
	if c.Loc == nil {
		return time.UTC
	}
	return c.Loc
}

// plan is where everything of a chart goes.
type plan struct {
	Chart
	scale
	w     int // cells of the whole
	rows  int // of the area
	label int // cells of the values on the left
	cells int // of the area
	names map[int]string
}

// gutter are the cells between a value on the left and the area.
const gutter = 2

func (c Chart) plan(w, h int) plan {
	if math.IsNaN(c.Limit) || math.IsInf(c.Limit, 0) {
		c.Op = ""
	}
	p := plan{Chart: c, scale: c.scaled(), w: w, rows: h - 1}
	if h >= axisRows {
		p.rows--
	}
	p.names = p.labels()
	for _, n := range p.names {
		p.label = max(p.label, frame.Width(n))
	}
	p.label = min(p.label, w/4)
	p.cells = w - p.label - gutter
	if side := p.side(); p.cells-side >= sideMin {
		p.cells -= side
	}
	return p
}

// side is how many cells the words right of the area want.
func (p plan) side() int {
	n := frame.Width(p.Now)
	if p.Op != "" {
		n = max(n, len(p.limitWord()))
	}
	if n == 0 {
		return 0
	}
	return n + 1
}

// labels are the values on the left, by row. Where two meet, the limit stays.
func (p plan) labels() map[int]string {
	out := map[int]string{p.rows - 1: p.format(p.bottom), 0: p.format(p.top)}
	if p.bottom < 0 && p.top > 0 {
		if r := p.row(0); r > 0 && r < p.rows-1 {
			out[r] = p.format(0)
		}
	}
	if p.Op != "" {
		out[p.row(p.Limit)] = p.format(p.Limit)
	}
	return out
}
