package changes

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
		rows = append(rows, t.heading(p))
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

// letters are how kinds of change are drawn.
var letters = map[sources.ChangeType]rune{sources.Deploy: 'D', sources.Rollback: 'R', sources.Config: 'C', sources.Flag: 'F',
	sources.Infra: 'I', sources.Scale: 'S', sources.Restart: 'X'}

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
			cells[i] = letters[c.Kind]
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
			parts = append(parts, t.theme.Bold.Paint(string(letters[k]))+t.theme.Muted.Paint(" "+string(k)))
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

// heading is the rule above the list.
func (t *Timeline) heading(p plan) string {
	left := "most likely first"
	if t.s.About == "" {
		left = "newest first"
	}
	if t.words != "" {
		left = fmt.Sprintf("%d of %d hold %q, %s", len(t.shown), len(t.s.Ranking.Suspects), t.words, left)
	}
	right := "< > " + t.Range()
	if t.w < countsFrom {
		right = "< > range"
	}
	left = frame.Cut(left, max(0, t.w-frame.Width(right)-8))
	fill := max(0, t.w-frame.Width(left)-frame.Width(right)-6)
	return t.theme.Rule.Paint("─ ") + t.theme.Title.Paint(left) + t.theme.Rule.Paint(" "+strings.Repeat("─", fill)+" ") +
		t.theme.Muted.Paint(right) + t.theme.Rule.Paint(" ─")
}

// list draws as many changes as fit into h rows, the cursor's among them, and
// says how many there are beyond.
func (t *Timeline) list(h int) []string {
	if h <= 0 {
		return nil
	}
	if len(t.s.Ranking.Suspects) == 0 {
		return t.nothing()
	}
	if len(t.shown) == 0 {
		return []string{t.theme.Muted.Paint(fmt.Sprintf("  None of %d changes holds %q; esc clears the filter.", len(t.s.Ranking.Suspects), t.words))}
	}
	room := h
	if len(t.shown) > h {
		room = max(1, h-1) // a row for how many there are beyond
	}
	c := t.columns()
	drawn := map[int][]string{}
	rowsOf := func(i int) []string {
		if _, have := drawn[i]; !have {
			drawn[i] = t.item(i, c, room)
		}
		return drawn[i]
	}
	t.first = min(t.first, t.cursor)
	used := 0
	for i := t.cursor; i >= t.first; i-- {
		if used += len(rowsOf(i)); used > room && i < t.cursor {
			t.first = i + 1
			break
		}
	}
	var out []string
	i := t.first
	for ; i < len(t.shown) && len(out)+len(rowsOf(i)) <= room; i++ {
		out = append(out, rowsOf(i)...)
	}
	if len(out) == 0 {
		out, i = rowsOf(t.cursor)[:room], t.cursor+1
	}
	if len(t.shown) > h && (i < len(t.shown) || t.first > 0) {
		out = append(out[:len(out):len(out)], make([]string, max(0, h-1-len(out)))...)
		out = append(out, t.theme.Muted.Paint(fmt.Sprintf("  %d to %d of %d  (j k, g G, / filter)", t.first+1, i, len(t.shown))))
	}
	return out[:min(len(out), h)]
}

// nothing stands where the list would be: what it means that there is none, and
// what to do then.
func (t *Timeline) nothing() []string {
	r := t.s.Ranking
	text := nothingWords(r)
	if r.NoneFound {
		text = noneFound
	}
	rows := append([]string{""}, paint(t.theme.Bold, frame.Wrap(text, max(1, t.w-2)))...)
	if t.s.About != "" {
		rows = append(rows, frame.Wrap("The runbook (2) says what to do all the same; 5 says why it fires, 4 how the service is.", max(1, t.w-2))...)
	}
	for i := range rows {
		rows[i] = " " + rows[i]
	}
	return rows
}

// columns are the widths of the list's columns in cells.
type columns struct{ verdict, when, before, service, kind int }

func (t *Timeline) columns() columns {
	c := columns{verdict: verdictWidth, before: beforeWidth, kind: kindWidth, when: whenWidth}
	if t.s.About == "" {
		c.verdict, c.before = 0, 8 // nothing is judged; how long ago
	}
	for _, s := range t.shown {
		c.service = max(c.service, frame.Width(s.Service.String())+1)
		c.when = max(c.when, len(t.clock(s.StartedAt))+1)
	}
	c.service = min(c.service, max(10, t.w/6))
	if t.w < countsFrom {
		c.before = 0
	}
	return c
}

func (t *Timeline) clock(at time.Time) string { return clockOn(at, t.s.Now, t.s.Loc) }

// roomy is from how many rows on the reasons of the suspects that matter stand
// below them; the current one's always does where there are two rows.
const roomy = 7

// item draws one change: a row, and its reason.
func (t *Timeline) item(i int, c columns, room int) []string {
	s := t.shown[i]
	before := ""
	switch {
	case c.before == 0:
	case t.s.About == "":
		before = frame.PadLeft(page.Ago(t.s.Now.Sub(s.StartedAt)), c.before-2) + "  "
	case t.s.Onset.IsZero():
		before = frame.PadLeft(page.Ago(t.s.Now.Sub(s.StartedAt))+" ago", c.before-2) + "  "
	default:
		before = frame.PadLeft(strings.Replace(page.Before(s), "at the same time", "same time", 1), c.before-2) + "  "
	}
	rest := frame.Pad(t.clock(s.StartedAt), c.when) + before + frame.Pad(frame.Cut(s.Service.String(), c.service-1), c.service) +
		frame.Pad(string(s.Kind), c.kind)
	lead := gutterWidth + c.verdict
	what, how := t.title(s), page.ChangeHow(s.Change)
	if left := t.w - lead - frame.Width(rest); how != "" && frame.Width(what)+frame.Width(how)+2 <= left {
		what += ", " + how
	} else if how != "" && s.State == sources.Running && left > len(how)+8 {
		what = frame.Cut(what, left-len(how)-2) + ", " + how
	}
	rest = frame.Cut(rest+what, t.w-lead)
	var rows []string
	if i == t.cursor {
		rows = append(rows, t.theme.Row.Over(frame.Pad("> "+frame.Pad(string(s.Verdict), c.verdict)+rest, t.w)))
	} else {
		word := ""
		if c.verdict > 0 {
			word = verdict(t.theme, s.Verdict)
		}
		if s.Verdict == triage.Unlikely || s.Verdict == triage.RuledOut {
			rest = t.theme.Muted.Paint(rest)
		}
		rows = append(rows, "  "+word+rest)
	}
	weighty := s.Verdict == triage.Likely || s.Verdict == triage.Possible
	if s.Reason == "" || room < 2 || i != t.cursor && !(weighty && room >= roomy) {
		return rows
	}
	reasons := frame.Indent("", because(s), lead, t.w)
	most := 1
	if room >= roomy {
		most = 2
	}
	if len(reasons) > most {
		reasons = reasons[:most]
		reasons[most-1] = frame.Cut(reasons[most-1]+" …", t.w)
	}
	return append(rows, paint(t.theme.Muted, reasons)...)
}
