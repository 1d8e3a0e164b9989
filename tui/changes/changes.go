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

	"github.com/firstpage-oncall/firstpage/internal/safe"
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
	frame.Content
	theme   theme.Theme
	cluster string // of the page
}

// New makes an empty pane.
func New(t theme.Theme) *Model { return &Model{theme: t} }

// SetTheme changes the looks; the next SetPage draws with them.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetPage lays out what changed before the page. compact leaves out what is
// one key away: the list of the others and the base rate.
func (m *Model) SetPage(p page.Page, compact bool, now time.Time, loc *time.Location) {
	m.Begin(string(p.Item.ID))
	r := p.Ranking
	m.cluster = p.Item.Cluster
	shown := min(top, len(r.Suspects))
	if r.NoneFound {
		m.Add(m.paintRows(m.theme.Bold, frame.Wrap("NO CHANGE FOUND before it began, here or in what it depends on.", m.Width()))...)
	}
	for _, s := range r.Suspects[:shown] {
		m.suspect(s, now, loc)
	}
	m.summary(r, shown, compact)
	m.asked(r, now, loc)
	if !compact && len(r.Suspects) > shown {
		m.Add("")
		m.Add(m.theme.Muted.Paint("others, most likely first"))
		for _, s := range r.Suspects[shown:] {
			m.Add(m.verdict(s.Verdict) + m.line(s.Change, now, loc))
		}
	}
}

func (m *Model) suspect(s triage.Suspect, now time.Time, loc *time.Location) {
	m.Add(m.verdict(s.Verdict) + m.theme.Bold.Paint(m.line(s.Change, now, loc)))
	reason := s.Reason
	if s.Diff != nil {
		reason = page.DiffWords(*s.Diff) + ". " + reason
	}
	m.Add(frame.Indent("", reason, verdictWidth, m.Width())...)
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
		m.Add(frame.Wrap(text, m.Width())...)
		if r.BaseRate != "" && !compact {
			m.Add(m.paintRows(m.theme.Muted, frame.Wrap(r.BaseRate, m.Width()))...)
		}
	case len(r.Asked) == 0 && len(r.Failed) == 0:
		m.Add(frame.Wrap("Not known yet: no source of changes has answered.", m.Width())...)
	case r.NoneFound: // said at the top
	default:
		m.Add(frame.Wrap("No change is known, but the sources below cannot see everything: one cannot be ruled out.", m.Width())...)
	}
}

// asked says who answered and who did not, in words. The failures never go.
func (m *Model) asked(r triage.Ranking, now time.Time, loc *time.Location) {
	if len(r.Asked) > 0 {
		m.Add(m.paintRows(m.theme.Muted, frame.Wrap("Asked: "+names(r.Asked)+".", m.Width()))...)
	}
	for _, f := range r.Failed {
		text := "NOT ASKED: " + page.SourceName(f.Source)
		if f.Err != nil && (f.Err.Kind == sources.Timeout || f.Err.Kind == sources.Unavailable) {
			text = "NO ANSWER: " + page.SourceName(f.Source)
		}
		switch {
		case f.Err != nil && !f.Since.IsZero():
			text += ", " + f.Err.Short() + " since " + page.Clock(f.Since, now, loc)
		case f.Err != nil:
			text += ", " + f.Err.Short()
		default:
			text += ", no answer yet"
		}
		m.Add(m.paintRows(m.theme.Warning, frame.Wrap(text+".", m.Width()))...)
	}
	for _, st := range r.Asked {
		for _, n := range st.Notes {
			m.Add(m.paintRows(m.theme.Warning, frame.Wrap(page.SourceName(st.Source)+": "+n.String()+".", m.Width()))...)
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
		out = append(out, page.SourceName(st.Source))
	}
	return strings.Join(out, ", ")
}

// line is one change in one line: when, what, from which version to which, and
// how far it has come if there is room for that.
func (m *Model) line(c sources.Change, now time.Time, loc *time.Location) string {
	room := m.Width() - verdictWidth
	where := ""
	if c.Cluster != "" && c.Cluster != m.cluster {
		where = ", in " + safe.Text(c.Cluster)
	}
	text := page.Clock(c.StartedAt, now, loc) + " " + page.ChangeTitle(c) + where
	if frame.Width(text) > room {
		c.Share = sources.Share{}
		text = page.Clock(c.StartedAt, now, loc) + " " + page.ChangeTitle(c) + where
	}
	return frame.Cut(text, room)
}
