// Package changes is the pane that answers "what changed?": the possible causes
// of the page, most likely first, each with its reason; how many others there
// were; and who was asked. It never shows a percentage.
//
// Imported by tui. It must not import tui or another pane. A Model belongs to
// the goroutine of the program's Update.
package changes

import (
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// top is how many suspects are shown with their reasons; the rest is a list.
const top = 3

// verdictWidth is the column of the verdict: "RULED OUT" and a blank.
const verdictWidth = 10

// Model is the pane. Make it with New.
type Model struct {
	theme  theme.Theme
	w, h   int
	rows   []string
	window frame.Window
	key    sources.AlertID
}

// New makes an empty pane.
func New(t theme.Theme) *Model { return &Model{theme: t} }

// SetTheme changes the looks; the next SetPage draws with them.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetSize sets the pane's size in cells; the next SetPage wraps to it.
func (m *Model) SetSize(w, h int) { m.w, m.h = w, h }

// Scroll moves the content by n rows.
func (m *Model) Scroll(n int) { m.window.Offset += n; m.window.Clip(len(m.rows), m.h) }

// Len is how many rows the content has at the pane's width.
func (m *Model) Len() int { return len(m.rows) }

// Rows draws the pane: exactly its height, each row at most its width.
func (m *Model) Rows() []string { return m.window.View(m.rows, m.h) }

// SetPage lays out what changed before the page. compact leaves out what is
// one key away: the list of the others and the base rate.
func (m *Model) SetPage(p page.Page, compact bool, now time.Time, loc *time.Location) {
	if p.Item.ID != m.key {
		m.key, m.window.Offset = p.Item.ID, 0
	}
	m.rows = m.rows[:0]
	r := p.Ranking
	shown := min(top, len(r.Suspects))
	if r.NoneFound {
		m.add(m.paintRows(m.theme.Bold, frame.Wrap("NO CHANGE FOUND before it began, here or in what it depends on.", m.w))...)
	}
	for _, s := range r.Suspects[:shown] {
		m.suspect(s, now, loc)
	}
	m.summary(r, shown, compact)
	m.asked(r, now, loc)
	if !compact && len(r.Suspects) > shown {
		m.add("")
		m.add(m.theme.Muted.Paint("others, most likely first"))
		for _, s := range r.Suspects[shown:] {
			m.add(m.verdict(s.Verdict) + m.line(s.Change, now, loc))
		}
	}
	m.window.Clip(len(m.rows), m.h)
}

func (m *Model) add(rows ...string) {
	for _, r := range rows {
		m.rows = append(m.rows, frame.Cut(r, m.w))
	}
}

func (m *Model) suspect(s triage.Suspect, now time.Time, loc *time.Location) {
	m.add(m.verdict(s.Verdict) + m.theme.Bold.Paint(m.line(s.Change, now, loc)))
	m.add(frame.Indent("", s.Reason, verdictWidth, m.w)...)
}

func (m *Model) verdict(v triage.Verdict) string {
	s := frame.Pad(string(v), verdictWidth)
	switch v {
	case triage.Likely:
		return m.theme.AccentBold.Paint(s)
	case triage.Possible:
		return s
	}
	return m.theme.Muted.Paint(s)
}

func (m *Model) summary(r triage.Ranking, shown int, compact bool) {
	others := len(r.Suspects) - shown
	switch {
	case len(r.Suspects) > 0:
		text := "It may be none of these."
		if r.NoneFound {
			text = ""
		}
		if others > 0 {
			text = fmt.Sprintf("%d others (d). ", others) + text
		}
		m.add(frame.Wrap(text, m.w)...)
		if r.BaseRate != "" && !compact {
			m.add(m.paintRows(m.theme.Muted, frame.Wrap(r.BaseRate, m.w))...)
		}
	case len(r.Asked) == 0 && len(r.Failed) == 0:
		m.add(frame.Wrap("Not known yet: no source of changes has answered.", m.w)...)
	case r.NoneFound: // said at the top
	default:
		m.add(frame.Wrap("No change known. Not every source has answered, so one cannot be ruled out.", m.w)...)
	}
}

// asked says who answered and who did not, in words. The failures never go.
func (m *Model) asked(r triage.Ranking, now time.Time, loc *time.Location) {
	if len(r.Asked) > 0 {
		m.add(m.paintRows(m.theme.Muted, frame.Wrap("Asked: "+names(r.Asked)+".", m.w))...)
	}
	for _, f := range r.Failed {
		text := "NOT ASKED: " + name(f)
		switch {
		case f.Err != nil && !f.Since.IsZero():
			text += ", " + f.Err.Short() + " since " + page.Clock(f.Since, now, loc)
		case f.Err != nil:
			text += ", " + f.Err.Short()
		default:
			text += ", no answer yet"
		}
		m.add(m.paintRows(m.theme.Warning, frame.Wrap(text+".", m.w))...)
	}
	for _, st := range r.Asked {
		for _, n := range st.Notes {
			m.add(m.paintRows(m.theme.Warning, frame.Wrap(name(st)+": "+n.String()+".", m.w))...)
		}
	}
}

func (m *Model) paintRows(s theme.Style, rows []string) []string {
	for i := range rows {
		rows[i] = s.Paint(rows[i])
	}
	return rows
}

func names(sts []sources.Status) string {
	var out []string
	for _, st := range sts {
		out = append(out, name(st))
	}
	return strings.Join(out, ", ")
}

func name(st sources.Status) string {
	switch {
	case st.Source.Name != "" && st.Source.Name != st.Source.Kind:
		return st.Source.Name
	case st.Source.Cluster != "":
		return st.Source.Kind + " " + st.Source.Cluster
	}
	return st.Source.Kind
}

// line is one change in one line: when, what, from which version to which, and
// how far it has come if there is room for that.
func (m *Model) line(c sources.Change, now time.Time, loc *time.Location) string {
	room := m.w - verdictWidth
	text := page.Clock(c.StartedAt, now, loc) + " " + page.ChangeTitle(c)
	if frame.Width(text) > room {
		c.Share = sources.Share{}
		text = page.Clock(c.StartedAt, now, loc) + " " + page.ChangeTitle(c)
	}
	return frame.Cut(text, room)
}
