package graph

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// kind is what a cell shows, and so how it is painted.
type kind int8

const (
	empty  kind = iota
	usual       // area that is no trouble
	below       // area of trouble, as far as the limit
	beyond      // area on the wrong side of the limit
	limit
	mark
)

type cell struct {
	r    rune
	kind kind
}

// The signs other than dots.
const (
	limitSign = '┄'
	markSign  = '┊'
	upSign    = '│'
	lineSign  = '─'
	footSign  = '└'
	tickSign  = '┴'
)

var asciiSigns = map[rune]rune{limitSign: '-', markSign: '|', upSign: '|', lineSign: '-', footSign: '+', tickSign: '+'}

func (p plan) sign(r rune) rune {
	if p.ASCII {
		return asciiSigns[r]
	}
	return r
}

// braille is the empty cell of dots; dots are the bits of the left and the right
// column, from below.
const braille = 0x2800

var dots = [2][4]rune{{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}}

// area fills the cells below the values, or above them where they are negative.
func (p plan) area(rows [][]cell) {
	across := 2
	if p.ASCII {
		across = 1
	}
	zero := p.dot(0)
	for i, v := range p.spread(p.cells * across) {
		if math.IsNaN(v) {
			continue
		}
		y, x := p.dot(v), i/across
		from, to := min(zero, y), max(zero, y)
		trouble := p.beyond(v)
		limitRow := p.row(p.Limit)
		for r := p.rows - 1 - to/4; r <= p.rows-1-from/4; r++ {
			c := &rows[r][x]
			base := (p.rows - 1 - r) * 4 // the cell's lowest dot
			lo, hi := max(from-base, 0), min(to-base, 3)
			if p.ASCII {
				c.r = asciiArea(hi - lo + 1)
			} else {
				c.r = max(c.r, braille)
				for d := lo; d <= hi; d++ {
					c.r |= dots[i%across][d]
				}
			}
			now := usual
			if trouble {
				now = beyond
				if strings.HasPrefix(p.Op, ">") && r > limitRow {
					now = below
				}
			}
			c.kind = max(c.kind, now)
		}
	}
}

// asciiArea is a cell with so many of four dots.
func asciiArea(n int) rune {
	if n < 2 {
		return '.'
	}
	return '#'
}

// spread is the value of each of n columns; NaN where there is none. Of several
// in one column it is the worst; between two neighbours in time it is straight.
func (p plan) spread(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	apart := neighbours(p.Points)
	span := float64(p.To.Sub(p.From))
	last, lastAt := math.NaN(), 0
	var lastT time.Time
	for _, pt := range p.Points {
		if math.IsNaN(pt.V) {
			last = math.NaN()
			continue
		}
		v := max(p.bottom, min(pt.V, p.top))
		at := max(0, min(int(float64(pt.T.Sub(p.From))/span*float64(n)), n-1))
		if !math.IsNaN(last) && pt.T.Sub(lastT) <= apart {
			for x := lastAt + 1; x < at; x++ {
				out[x] = last + (v-last)*float64(x-lastAt)/float64(at-lastAt)
			}
		}
		if old := out[at]; math.IsNaN(old) || p.worse(v, old) {
			out[at] = v
		}
		last, lastAt, lastT = v, at, pt.T
	}
	return out
}

func (p plan) worse(a, b float64) bool {
	if p.low() {
		return a < b
	}
	return a > b
}

// neighbours is how far apart in time two samples may be that nothing lies
// between: one and a half of the usual step.
func neighbours(ps []Point) time.Duration {
	steps := make([]time.Duration, 0, len(ps))
	for i := 1; i < len(ps); i++ {
		if d := ps[i].T.Sub(ps[i-1].T); d > 0 {
			steps = append(steps, d)
		}
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return steps[len(steps)/2] * 3 / 2
}

// limitLine draws the line where the area leaves it free; where that is hardly
// anywhere, through the area.
func (p plan) limitLine(rows [][]cell) {
	if p.Op == "" {
		return
	}
	row, free := rows[p.row(p.Limit)], 0
	for _, c := range row {
		if c.kind == empty {
			free++
		}
	}
	for i, c := range row {
		if c.kind == empty || free < len(row)/4 {
			row[i] = cell{p.sign(limitSign), limit}
		}
	}
}

// joined paints the rows: the value, the area, the words at its right.
func (p plan) joined(rows [][]cell, t theme.Theme) []string {
	style := map[kind]theme.Style{usual: t.OK, below: t.Plain, beyond: t.Critical, limit: t.Warning, mark: t.Muted}
	if p.Op == "" {
		style[usual] = t.Accent
	}
	words := p.words(t)
	out := make([]string, 0, len(rows)+2)
	for y, r := range rows {
		var b strings.Builder
		b.WriteString(t.Muted.Paint(frame.PadLeft(p.names[y], p.label) + " " + string(p.sign(upSign))))
		for i := 0; i < len(r); {
			j := i + 1
			for j < len(r) && r[j].kind == r[i].kind {
				j++
			}
			if r[i].kind == empty {
				b.WriteString(frame.Blank(j - i))
			} else {
				run := make([]rune, 0, j-i)
				for _, c := range r[i:j] {
					run = append(run, c.r)
				}
				b.WriteString(style[r[i].kind].Paint(string(run)))
			}
			i = j
		}
		if words[y] != "" {
			b.WriteString(" " + words[y])
		}
		out = append(out, b.String())
	}
	return out
}

// words stand right of the area, by row: the limit's and the value now. Where
// both belong into one row the limit's goes to the next.
func (p plan) words(t theme.Theme) map[int]string {
	if p.cells != p.w-p.label-gutter-p.side() {
		return nil // there is no room
	}
	out := map[int]string{}
	now := -1
	if n := len(p.Points); p.Now != "" && n > 0 {
		v := p.Points[n-1].V
		if math.IsNaN(v) {
			v = p.bottom
		}
		now = p.row(v)
		style := t.Bold
		if p.beyond(p.Points[n-1].V) {
			style = t.Critical
		}
		out[now] = style.Paint(p.Now)
	}
	if p.Op == "" {
		return out
	}
	at := p.row(p.Limit)
	if at == now && at+1 < p.rows {
		at++
	} else if at == now {
		at--
	}
	out[at] = t.Warning.Paint(p.limitWord())
	return out
}
