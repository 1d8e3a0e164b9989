// Package changes answers "what changed?": the pane with the possible causes of
// the page, most likely first, each with its reason, how many others there were
// and who was asked; the timeline of them all; and the page of one of them. It
// never shows a percentage of likelihood.
//
// Imported by tui. It must not import tui or another pane. A model belongs to
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

const noneFound = "NO CHANGE FOUND before it began, here or in what it depends on."

// top is how many suspects are shown with their reasons; the rest is a list.
const top = 3

// verdictWidth is the column of the verdict: "RULED OUT" and a blank.
const verdictWidth = 10

// Model is the pane. Make it with New.
type Model struct {
	frame.Content
	theme   theme.Theme
	cluster string // of the page
	focused bool

	suspects []triage.Suspect
	at       []span // the rows of each
	cursor   int
	key      string // of the change under the cursor
	about    string // the page
}

// span is where something is drawn: rows from up to to, which is not part of it.
type span struct{ from, to int }

// New makes an empty pane.
func New(t theme.Theme) *Model { return &Model{theme: t} }

// SetTheme changes the looks; the next SetPage draws with them.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetFocused shows or hides the cursor; the next SetPage draws with it.
func (m *Model) SetFocused(on bool) { m.focused = on }

// SetPage lays out what changed before the page. compact leaves out what is
// one key away: the list of the others and the base rate.
func (m *Model) SetPage(p page.Page, compact bool, now time.Time, loc *time.Location) {
	m.Begin(string(p.Item.ID))
	r := p.Ranking
	m.cluster, m.suspects, m.at = p.Item.Cluster, r.Suspects, m.at[:0]
	m.follow(string(p.Item.ID))
	shown := min(top, len(r.Suspects))
	if r.NoneFound {
		m.Add(paint(m.theme.Bold, frame.Wrap(noneFound, m.Width()))...)
	}
	for i, s := range r.Suspects[:shown] {
		from := m.Len()
		m.head(i, s, m.theme.Bold, now, loc)
		m.Add(frame.Indent("", because(s), m.gutter()+verdictWidth, m.Width())...)
		m.at = append(m.at, span{from, m.Len()})
	}
	m.summary(r, shown, compact)
	if words := page.LastWords(p); words != "" {
		m.Add(paint(m.theme.Warning, frame.Wrap(words, m.Width()))...)
	}
	m.Add(askedRows(m.theme, r, m.Width(), now, loc)...)
	if !compact && len(r.Suspects) > shown {
		m.Add("")
		m.Add(m.theme.Muted.Paint("others, most likely first"))
		for i, s := range r.Suspects[shown:] {
			m.head(shown+i, s, theme.Style{}, now, loc)
			m.at = append(m.at, span{m.Len() - 1, m.Len()})
		}
	}
	if m.focused && m.key != "" {
		m.reveal() // its rows may be others than they were
	}
}

// follow keeps the cursor on its change, whatever its place is now. A new page
// begins with its first.
func (m *Model) follow(about string) {
	if about != m.about {
		m.about, m.key, m.cursor = about, "", 0
	}
	m.cursor = find(m.suspects, m.key, m.cursor)
}

// find is the place of a change; the nearest to where it was if it is gone.
func find(in []triage.Suspect, key string, was int) int {
	for i := range in {
		if key != "" && Key(in[i].Change) == key {
			return i
		}
	}
	return max(0, min(was, len(in)-1))
}

// gutter is the width of the cursor's column: there is one with the focus only.
func (m *Model) gutter() int {
	if m.focused {
		return 2
	}
	return 0
}

// head is the row of a change: its verdict, when, what.
func (m *Model) head(i int, s triage.Suspect, title theme.Style, now time.Time, loc *time.Location) {
	text := m.line(s.Change, now, loc)
	switch {
	case !m.focused:
		m.Add(verdict(m.theme, s.Verdict) + title.Paint(text))
	case i == m.cursor:
		m.Add(m.theme.Row.Over(frame.Pad("> "+frame.Pad(string(s.Verdict), verdictWidth)+text, m.Width())))
	default:
		m.Add("  " + verdict(m.theme, s.Verdict) + title.Paint(text))
	}
}

// Selected is the change under the cursor; false: there is none.
func (m *Model) Selected() (triage.Suspect, bool) {
	if m.cursor >= len(m.suspects) {
		return triage.Suspect{}, false
	}
	return m.suspects[m.cursor], true
}

// Move moves the cursor by n changes and scrolls it into view; the next SetPage
// draws it there. Without a change it scrolls.
func (m *Model) Move(n int) {
	if len(m.at) == 0 {
		m.Scroll(n)
		return
	}
	m.cursor = max(0, min(m.cursor+n, len(m.at)-1))
	m.key = Key(m.suspects[m.cursor].Change)
	m.reveal()
}

// reveal scrolls the change under the cursor into view; with the first what
// stands above, with the last what stands below.
func (m *Model) reveal() {
	if m.cursor >= len(m.at) {
		return
	}
	at := m.at[m.cursor]
	switch m.cursor {
	case 0:
		at.from = 0
	case len(m.at) - 1:
		at.to = m.Len()
	}
	m.Reveal(at.from, at.to)
}

func (m *Model) summary(r triage.Ranking, shown int, compact bool) {
	if text := nothingWords(r); text != "" {
		m.Add(frame.Wrap(text, m.Width())...)
	}
	if len(r.Suspects) == 0 {
		return
	}
	text := ""
	if !r.NoneFound {
		text = "It may be none of these."
	}
	if others := len(r.Suspects) - shown; others > 0 {
		text = fmt.Sprintf("%d others (d). ", others) + text
	}
	rows := frame.Wrap(text, m.Width())
	m.Add(rows...)
	if !m.focused { // what has no room is counted, and never is all that can be
		m.Foot(strings.Join(rows, " "))
	}
	if r.BaseRate != "" && !compact {
		m.Add(paint(m.theme.Muted, frame.Wrap(r.BaseRate, m.Width()))...)
	}
}

// line is one change in one line: when, what, from which version to which, and
// how far it has come if there is room for that.
func (m *Model) line(c sources.Change, now time.Time, loc *time.Location) string {
	room := m.Width() - verdictWidth - m.gutter()
	where := elsewhere(c, m.cluster)
	text := page.ShortClock(c.StartedAt, now, loc) + " " + page.ChangeTitle(c) + where
	if frame.Width(text) > room {
		c.Share = sources.Share{}
		text = page.ShortClock(c.StartedAt, now, loc) + " " + page.ChangeTitle(c) + where
	}
	return frame.Cut(text, room)
}
