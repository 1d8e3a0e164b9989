package changes

import (
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// heading is the rule above the list.
func (t *Timeline) heading() string {
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
		rows = append(rows, frame.Wrap("A runbook, if there is one (2), says what to do all the same; 5 says why it fires, 4 how the service is.", max(1, t.w-2))...)
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
