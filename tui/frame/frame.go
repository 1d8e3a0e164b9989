// Package frame is arithmetic on rows of terminal cells: cut, pad, wrap, and a
// window over more rows than fit. Panes hand rows to the root, the root joins
// them; both count cells here and nowhere else.
//
// Imported by tui and its panes; it imports nothing of ours. All functions are
// pure; a Window belongs to one goroutine.
package frame

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Ellipsis marks cut text.
const Ellipsis = "…"

// Width is how many cells a styled row takes.
func Width(s string) int {
	if n, ok := plain(s); ok {
		return n
	}
	return ansi.StringWidth(s)
}

// plain is the width of a row made of printable ASCII, our own styles and the
// signs that we draw with, each one cell: nearly every row, at a tenth of the
// cost. It is not ok if s holds anything else, which may join with its
// neighbours.
func plain(s string) (n int, ok bool) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= 0x20 && c < 0x7f:
			i++
			n++
		case c == 0x1b:
			end := sgr(s[i:])
			if end == 0 {
				return 0, false
			}
			i += end
		case c >= 0x80:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !drawn(r) {
				return 0, false
			}
			i += size
			n++
		default:
			return 0, false
		}
	}
	return n, true
}

// drawn reports whether r is a sign of ours that takes one cell: a line, a
// block, Braille dots, a mark of cut text, a dot, a dash.
func drawn(r rune) bool {
	return r >= 0x2500 && r <= 0x259f || r >= 0x2800 && r <= 0x28ff || r == '…' || r == '·' || r == '•' || r == '–' || r == '—' || r == '→'
}

// sgr is the length of the style sequence that s begins with; 0: another one.
func sgr(s string) int {
	if len(s) < 3 || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9' || c == ';' || c == ':':
		case c == 'm':
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

// Cut shortens a row to at most w cells and marks what is missing. Styles stay
// closed.
func Cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if Width(s) <= w {
		return s
	}
	return ansi.Truncate(s, w, Ellipsis)
}

// CutLeft is Cut at the front: of names that begin alike, the end tells.
func CutLeft(s string, w int) string {
	n := Width(s)
	if n <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	return ansi.TruncateLeft(s, n-w+1, Ellipsis)
}

// CutBefore is Cut for a text that others share up to cell at, which tells them
// apart: a third of the cells is for its beginning, the others for what stands
// around that cell.
func CutBefore(s string, w, at int) string {
	n, head := Width(s), w/3
	from := min(at-2, n-(w-head)) // up to the end, if that fits
	if n <= w || head < 3 || from <= head {
		return Cut(s, w)
	}
	return ansi.Truncate(s, head, Ellipsis) + Cut(ansi.TruncateLeft(s, from, ""), w-head)
}

// Pad fills a row with blanks to exactly w cells, cutting it if it is longer.
func Pad(s string, w int) string {
	n := Width(s)
	if n > w {
		s = Cut(s, w)
		n = Width(s)
	}
	return s + Blank(w-n)
}

// PadLeft is Pad with the blanks in front.
func PadLeft(s string, w int) string {
	n := Width(s)
	if n > w {
		return Cut(s, w)
	}
	return Blank(w-n) + s
}

// Ends puts left and right at the ends of a row of w cells; the left one gives
// way first.
func Ends(left, right string, w int) string {
	r := Width(right)
	if r == 0 {
		return Pad(left, w)
	}
	if r+2 > w {
		return Pad(left, w)
	}
	return Pad(Cut(left, w-r-1), w-r) + right
}

const blanks = "                                                                                                                                "

// Blank is n blanks; none for n <= 0.
func Blank(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Wrap breaks text into rows of at most w cells at blanks; words longer than a
// row are broken.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}

// WrapCode is Wrap for PromQL and the like: rows may also end behind a comma or
// a bracket.
func WrapCode(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var out []string
	for _, r := range strings.Split(ansi.Wrap(s, w, ",(){}[]"), "\n") {
		if Width(r) > w { // Wrap lets several brackets run over the edge
			out = append(out, Chop(r, w)...)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// Chop breaks text into rows of exactly w cells, wherever that is: nothing is
// moved, added or left out.
func Chop(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Hardwrap(s, w, true), "\n")
}

// Indent wraps text with the first row after head and the others below it,
// each indented by in cells.
func Indent(head, text string, in, w int) []string {
	rows := Wrap(text, max(1, w-in))
	for i, r := range rows {
		if i == 0 {
			rows[i] = Pad(head, in) + r
		} else {
			rows[i] = Blank(in) + r
		}
	}
	return rows
}

// Window is a scroll position over rows that may be more than fit.
type Window struct {
	Offset int // index of the first visible row
}

// Clip keeps the window within total rows when height of them fit.
func (w *Window) Clip(total, height int) {
	w.Offset = max(0, min(w.Offset, total-height))
}

// View returns exactly height rows starting at the offset; rows beyond the end
// are empty.
func (w *Window) View(rows []string, height int) []string {
	w.Clip(len(rows), height)
	out := make([]string, height)
	if w.Offset < len(rows) {
		copy(out, rows[w.Offset:])
	}
	return out
}

// Spread puts samples on an even time axis from start to end, so that a gap in
// the data is a gap (NaN) and not a stretched neighbour. It has at most n cells,
// and no more than there are steps between samples: a coarse series is no comb.
// A cell holds the largest sample that falls into it.
func Spread(times []time.Time, values []float64, start, end time.Time, n int) []float64 {
	if step := smallestStep(times); step > 0 {
		n = min(n, max(1, int(end.Sub(start)/step)+1))
	}
	out := make([]float64, max(0, n))
	for i := range out {
		out[i] = math.NaN()
	}
	span := end.Sub(start)
	if span <= 0 || n <= 0 {
		return out
	}
	for i, t := range times {
		at := int(float64(t.Sub(start)) / float64(span) * float64(n))
		if t.Equal(end) {
			at = n - 1
		}
		if at >= 0 && at < n && !math.IsNaN(values[i]) && !(values[i] <= out[at]) { // what is not there yet is NaN, too
			out[at] = values[i]
		}
	}
	return out
}

// smallestStep is the shortest time between two neighbours; 0: fewer than two.
func smallestStep(times []time.Time) time.Duration {
	var step time.Duration
	for i := 1; i < len(times); i++ {
		if d := times[i].Sub(times[i-1]); d > 0 && (step == 0 || d < step) {
			step = d
		}
	}
	return step
}

// Sparkline draws values from 0 to their maximum, oldest first, in exactly w
// cells, in seven heights: the eighth would join the row above. A NaN is a gap. Each cell shows the largest value
// that falls into it, so a short peak is not lost.
func Sparkline(values []float64, w int) string { return SparklineTo(values, w, Top(values)) }

// Top is the largest finite value, at least 0.
func Top(values []float64) float64 {
	var top float64
	for _, v := range values {
		if v > top && v < maxFloat {
			top = v
		}
	}
	return top
}

// SparklineTo is Sparkline from 0 to top, so that several share one scale.
func SparklineTo(values []float64, w int, top float64) string {
	if len(values) == 0 || w <= 0 {
		return ""
	}
	var b strings.Builder
	for i := range w {
		lo, hi := i*len(values)/w, max(i*len(values)/w+1, (i+1)*len(values)/w)
		cell, seen := 0.0, false
		for _, v := range values[lo:min(hi, len(values))] {
			if v == v && (!seen || v > cell) { // not NaN
				cell, seen = v, true
			}
		}
		switch {
		case !seen:
			b.WriteByte(' ')
		case top == 0:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[int(max(0, min(1, cell/top))*float64(len(bars)-2)+0.5)])
		}
	}
	return b.String()
}

const maxFloat = 1.7e308

var bars = []rune("▁▂▃▄▅▆▇█")
