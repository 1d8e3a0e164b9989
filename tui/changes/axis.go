package changes

import (
	"time"

	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// axis maps moments to the cells of a row. The moment at which the trouble
// began has a cell of its own, so that what was before it is left of it and what
// came after is right of it, whatever the scale.
type axis struct {
	from, to, onset time.Time
	w               int // cells
	mark            int // the onset's cell; -1: it is not on the axis
}

// beforeShare is how much of an axis, in percent, the time before the onset gets
// at least: what happened then is the question, also when the trouble is old.
const beforeShare = 60

func newAxis(from, to, onset time.Time, w int) axis {
	a := axis{from: from, to: to, onset: onset, w: w, mark: -1}
	if !onset.After(from) || onset.After(to) || w < 3 {
		return a
	}
	n := w - 1
	at := int(float64(onset.Sub(from)) / float64(to.Sub(from)) * float64(n))
	a.mark = max(1, min(max(at, n*beforeShare/100), n-1))
	return a
}

// cell is where a moment stands; -1: outside. A moment that is yet to come is at
// the end: clocks differ.
func (a axis) cell(t time.Time) int {
	switch {
	case t.Before(a.from) || a.w <= 0 || !a.to.After(a.from):
		return -1
	case a.mark < 0:
		return within(t, a.from, a.to, 0, a.w)
	case t.Before(a.onset):
		return within(t, a.from, a.onset, 0, a.mark)
	}
	return within(t, a.onset, a.to, a.mark+1, a.w)
}

// within maps from..to to the cells lo..hi-1.
func within(t, from, to time.Time, lo, hi int) int {
	if !to.After(from) {
		return lo
	}
	return max(lo, min(lo+int(float64(t.Sub(from))/float64(to.Sub(from))*float64(hi-lo)), hi-1))
}

// heading is the row above the lanes: times, what began when, when it paged. It
// has exactly a.w cells.
func (a axis) heading(fired time.Time, loc *time.Location) []rune {
	row := make([]rune, max(0, a.w))
	for i := range row {
		row[i] = ' '
	}
	// put writes a text into free cells, with a blank on both sides.
	put := func(at int, text string) bool {
		if at < 0 || at+len(text) > a.w {
			return false
		}
		for i := max(0, at-1); i < min(a.w, at+len(text)+1); i++ {
			if row[i] != ' ' && row[i] != onsetMark {
				return false
			}
		}
		copy(row[at:], []rune(text))
		return true
	}
	if a.mark >= 0 {
		row[a.mark] = onsetMark
		if text := "began " + clockOn(a.onset, a.to, loc); !put(a.mark-len(text)-1, text) {
			put(a.mark+2, text)
		}
	}
	if at := a.cell(fired); !fired.IsZero() && at >= 0 {
		when := clockOn(fired, a.to, loc)
		if clockOn(fired, a.onset, loc) == fired.In(loc).Format("15:04") {
			when = fired.In(loc).Format("15:04") // the day has been said
		}
		if !put(at, "F paged "+when) && !put(at, "F paged") && row[at] == ' ' {
			row[at] = 'F'
		}
	}
	put(a.w-len("now"), "now")
	a.ticks(loc, put)
	return row
}

// onsetMark is drawn where the trouble began.
const onsetMark = '┊'

// tickRoom is how many cells are between two times at least.
const tickRoom = 12

// ticks puts times where there is room, on round moments of the place.
func (a axis) ticks(loc *time.Location, put func(int, string) bool) {
	until, cells := a.to, a.w
	if a.mark >= 0 {
		until, cells = a.onset, a.mark
	}
	for _, k := range frame.Ticks(a.from, until, a.to, cells, tickRoom, loc) {
		put(a.cell(k.At), k.Text)
	}
}

// clockOn is a moment on an axis that ends at to: the day only if it is another.
func clockOn(t, to time.Time, loc *time.Location) string {
	if t.In(loc).YearDay() == to.In(loc).YearDay() && to.Sub(t).Abs() < 24*time.Hour {
		return t.In(loc).Format("15:04")
	}
	return t.In(loc).Format("2 Jan 15:04")
}
