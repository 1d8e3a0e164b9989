package changes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Widths in cells.
const (
	gutterWidth = 2  // the cursor
	minAxis     = 24 // of the axis; else the names give way
	countsFrom  = 72 // from this width on each lane says how many changes it has
	wordsFrom   = 100
	wordsWidth  = 24 // of "12 same host or namespace"
	countWidth  = 4
	whenWidth   = 6
	beforeWidth = 16 // "115 min before" and two blanks
	kindWidth   = 9
)

// plan is how the rows are shared out.
type plan struct {
	lanes, list     int // rows
	legend, heading bool
	tail            []string // what never goes: none of these, who was asked
}

// plan shares out the rows: the lanes get a third, the list the rest; when it
// is tight the legend goes, then the heading, then lanes.
func (t *Timeline) plan() plan {
	r := t.s.Ranking
	p := plan{tail: t.tail(t.asked()), legend: t.h >= 15, heading: t.h >= 9 && len(r.Suspects) > 0}
	rows := t.h - len(p.tail) - 1 // the row of times
	for _, on := range []bool{p.legend, p.heading} {
		if on {
			rows--
		}
	}
	p.lanes = max(1, min(12, rows*2/5))
	if n := len(triage.Lanes(t.s.Service, t.shown, p.lanes)); n < p.lanes {
		p.lanes = n
	}
	p.list = max(0, rows-p.lanes)
	return p
}

// asked is how many rows may say who was asked: more where that is all there is.
func (t *Timeline) asked() int {
	if len(t.s.Ranking.Suspects) == 0 {
		return max(2, t.h/2)
	}
	return max(2, t.h/5)
}

// tail is what is said below the list.
func (t *Timeline) tail(most int) []string {
	r := t.s.Ranking
	var rows []string
	add := func(s theme.Style, text string) {
		for _, l := range frame.Wrap(text, max(1, t.w-1)) {
			rows = append(rows, " "+s.Paint(l))
		}
	}
	switch {
	case len(r.Suspects) == 0: // said in place of the list
	case t.s.About == "":
	case !r.NoneFound:
		text := "It may be none of these."
		if r.BaseRate != "" && (t.h >= 15 || len(text+r.BaseRate) < t.w-2) {
			text += " " + r.BaseRate
		}
		add(theme.Style{}, text)
	default:
		add(t.theme.Bold, noneFound)
	}
	for _, l := range askedBriefly(t.theme, r, max(1, t.w-1), most, t.s.Now, t.s.Loc) {
		rows = append(rows, " "+l)
	}
	return rows
}

// Rows draws it: exactly its height, each row at most its width.
func (t *Timeline) Rows() []string {
	p := t.plan()
	var rows []string
	rows = append(rows, t.chart(p)...)
	if p.heading {
		rows = append(rows, t.heading())
	}
	rows = append(rows, t.list(p.list)...)
	room := max(0, t.h-len(p.tail))
	if len(rows) < room {
		rows = append(rows, "")
	}
	rows = append(rows[:min(len(rows), room)], p.tail...)
	rows = append(rows, make([]string, max(0, t.h-len(rows)))...)
	for i := range rows {
		rows[i] = frame.Cut(rows[i], t.w)
	}
	return rows[:max(0, t.h)]
}

// chart is the row of times, the lanes and the legend.
func (t *Timeline) chart(p plan) []string {
	lanes := triage.Lanes(t.s.Service, t.shown, p.lanes)
	name := 8
	for _, l := range lanes {
		name = max(name, frame.Width(l.Name))
	}
	name = min(name, max(10, t.w/7))
	right := 0
	switch {
	case t.w >= wordsFrom:
		right = wordsWidth
	case t.w >= countsFrom:
		right = countWidth
	}
	if room := t.w - 2 - name - right; room < minAxis {
		name = max(0, name-(minAxis-room))
	}
	a := t.axis(max(0, t.w-2-name-right))
	rows := []string{frame.Blank(name+2) + t.times(a)}
	here := -1
	current, ok := t.Selected()
	if ok {
		here = a.cell(current.StartedAt)
	}
	kinds := map[sources.ChangeType]bool{}
	several := false
	for _, l := range lanes {
		mark := -1
		if ok && slices.ContainsFunc(l.Changes, func(c sources.Change) bool { return Key(c) == Key(current.Change) }) {
			mark = here
		}
		cells, seen := a.lane(l.Changes, kinds)
		several = several || strings.ContainsAny(string(cells), "23456789+")
		row := " " + frame.Pad(l.Name, name) + " " + t.cells(a, cells, mark)
		if right > 0 {
			text := fmt.Sprintf(" %d", seen)
			if right >= wordsWidth {
				text += " " + laneWords(l, t.s.Service)
			}
			row += t.theme.Muted.Paint(frame.Cut(text, right))
		}
		rows = append(rows, row)
	}
	if p.legend {
		rows = append(rows, t.legend(a, kinds, several))
	}
	return rows
}

func laneWords(l triage.Lane, service string) string {
	switch {
	case l.Relation != "":
		return l.Relation
	case service != "":
		return "no known link"
	}
	return ""
}

// lane draws changes into cells, notes their kinds, and counts those on the
// axis. Several in one cell are a digit, more than nine a plus.
func (a axis) lane(cs []sources.Change, kinds map[sources.ChangeType]bool) (cells []rune, seen int) {
	cells = []rune(strings.Repeat("·", max(0, a.w)))
	n := make([]int, len(cells))
	if a.mark >= 0 {
		cells[a.mark] = onsetMark
	}
	for _, c := range cs {
		i := a.cell(c.StartedAt)
		if i < 0 {
			continue
		}
		seen++
		n[i]++
		switch {
		case n[i] == 1:
			cells[i] = page.ChangeLetter(c.Kind)
			kinds[c.Kind] = true
		case n[i] > 9:
			cells[i] = '+'
		default:
			cells[i] = rune('0' + n[i])
		}
	}
	return cells, seen
}

// cells paints a lane; mark is the cell of the current change, or -1.
func (t *Timeline) cells(a axis, cells []rune, mark int) string {
	var b strings.Builder
	for i := 0; i < len(cells); {
		style := t.style(a, cells, i, mark)
		j := i + 1
		for j < len(cells) && t.style(a, cells, j, mark) == style {
			j++
		}
		b.WriteString(style.Paint(string(cells[i:j])))
		i = j
	}
	return b.String()
}

func (t *Timeline) style(a axis, cells []rune, i, mark int) theme.Style {
	switch {
	case i == mark:
		return t.theme.Match
	case i == a.mark:
		return t.theme.WarningBold
	case cells[i] == '·':
		return t.theme.Rule
	}
	return t.theme.Bold
}

// times is the row of times above the lanes.
func (t *Timeline) times(a axis) string {
	row := a.heading(t.s.Fired, t.s.Loc)
	if a.mark < 0 {
		return t.theme.Muted.Paint(string(row))
	}
	return t.theme.Muted.Paint(string(row[:a.mark])) + t.theme.WarningBold.Paint(string(onsetMark)) + t.theme.Muted.Paint(string(row[a.mark+1:]))
}

// legend names the letters that are on the axis.
func (t *Timeline) legend(a axis, kinds map[sources.ChangeType]bool, several bool) string {
	var parts []string // what matters most first
	switch {
	case a.mark >= 0:
		parts = append(parts, t.theme.WarningBold.Paint(string(onsetMark))+t.theme.Muted.Paint(" it began"))
	case t.s.About != "" && t.s.Onset.IsZero():
		parts = append(parts, t.theme.Warning.Paint("It is not known when it began."))
	}
	if len(kinds) == 0 {
		parts = append(parts, t.theme.Muted.Paint("no change in this time  (< reaches further back)"))
	}
	for _, k := range sources.ChangeTypes() {
		if kinds[k] {
			parts = append(parts, t.theme.Bold.Paint(string(page.ChangeLetter(k)))+t.theme.Muted.Paint(" "+string(k)))
		}
	}
	if several {
		parts = append(parts, t.theme.Muted.Paint("a digit: that many"))
	}
	row := ""
	for _, p := range parts {
		if frame.Width(row)+frame.Width(p)+3 <= t.w {
			row += " " + p + "  "
		}
	}
	return row
}
