// Package who draws who can help: the pane beside the runbook, in a few lines,
// and the full view with the hand-overs to come, the services that are called, and
// the text to paste where help is asked for.
//
// Imported by tui. It must not import tui or another pane. A Model belongs to the
// goroutine of the program's Update.
package who

import (
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// nameWidth is the column of what a row is about, in cells.
const nameWidth = 12

// maxTurns is how many hand-overs are listed.
const maxTurns = 5

// Model is the full view. Make it with New.
type Model struct {
	frame.Content
	theme theme.Theme
	now   time.Time
	loc   *time.Location
}

// New makes an empty view.
func New(t theme.Theme) *Model { return &Model{theme: t} }

// SetTheme changes the looks; the next Set draws with them.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetPage lays out who can help with a page. paste is the text to ask with.
func (m *Model) SetPage(p page.Page, paste string, now time.Time, loc *time.Location) {
	m.Begin(string(p.Item.ID))
	m.now, m.loc = now, loc
	m.service(p)
	m.who(p.Who)
	m.depends(p.Who)
	m.section("To ask for help, paste this (y copies it). Asking is normal.")
	for l := range strings.Lines(paste) {
		m.Add(frame.Indent("", strings.TrimRight(l, "\n"), 2, m.Width())...)
	}
	m.links(p)
}

// SetTeams lays out who is on call in some teams.
func (m *Model) SetTeams(list []page.Who, now time.Time, loc *time.Location) {
	m.Begin("teams")
	m.now, m.loc = now, loc
	if len(list) == 0 {
		m.Add("", m.theme.Muted.Paint(frame.Cut("No schedule is connected: name one under oncall: in the configuration.", m.Width())))
	}
	for _, w := range list {
		m.who(w)
		m.Add("")
	}
}

func (m *Model) when(t time.Time) string { return page.When(t, m.now, m.loc) }

// service is what the page is about, and what would make it known.
func (m *Model) service(p page.Page) {
	style := m.theme.Bold
	if f := p.Item.Service; f.Guess() || f.Name.Empty() {
		style = m.theme.Warning
	}
	m.fact("Service", page.ServiceWords(p), style)
	if add := page.RemedyWords(p); add != "" {
		m.fact("", add, theme.Style{})
	}
}

// who are the facts of one owner.
func (m *Model) who(w page.Who) {
	owner := w.OwnerWords()
	if owner == "" {
		owner = "not known"
	}
	m.fact("Owner", owner, m.theme.Bold)
	style := m.theme.Bold
	if len(w.OnCall) == 0 {
		style = m.theme.Warning
	}
	m.fact("On call", w.OnCallWords(m.when), style)
	if asOf, wrong := w.Read(); wrong != nil && !asOf.IsZero() {
		m.fact("", "So the schedule said "+page.Ago(m.now.Sub(asOf))+" ago. It does not answer now: "+wrong.Short(), m.theme.Warning)
	}
	if !w.Escalation.Empty() {
		m.fact("Stuck?", w.Escalation.String(), theme.Style{})
	}
	for i, t := range w.Handovers(maxTurns) {
		name := ""
		if i == 0 {
			name = "Hand-overs"
		}
		style := theme.Style{}
		if len(t.People) == 0 {
			style = m.theme.Warning
		}
		m.fact(name, frame.Pad(m.when(t.From), 16)+" "+w.TurnWords(t), style)
	}
}

func (m *Model) depends(w page.Who) {
	if len(w.Depends) == 0 {
		return
	}
	m.section("It calls")
	for _, d := range w.Depends {
		m.fact(d.Service.String(), w.NeighbourWords(d), theme.Style{})
	}
}

// links are the page's, each with where it leads.
func (m *Model) links(p page.Page) {
	all := page.Links(p)
	if len(all) == 0 {
		return
	}
	m.section("Links (o opens one)")
	for _, l := range all {
		style := theme.Style{}
		if l.URL.Empty() {
			style = m.theme.Muted
		}
		text := page.AddressWords(l)
		if title := page.LinkTitle(l); title != "" {
			text = title + "  " + text
		}
		m.fact(string(l.Kind), text, style)
	}
}

func (m *Model) section(title string) {
	m.Add("")
	for _, r := range frame.Wrap(title, m.Width()) {
		m.Add(m.theme.Muted.Paint(r))
	}
}

// fact is a name and a text, on as many rows as it needs.
func (m *Model) fact(name, text string, style theme.Style) {
	for _, r := range frame.Wrap(text, max(1, m.Width()-nameWidth)) {
		m.Add(row(m.theme, name, r, style))
		name = ""
	}
}

func row(t theme.Theme, name, text string, style theme.Style) string {
	return t.Muted.Paint(frame.Pad(frame.Cut(name, nameWidth-1), nameWidth)) + style.Paint(text)
}

// BriefRows is how many rows Brief gives.
const BriefRows = 3

// Brief is the pane: owner, on call and where to go on, each in one row of w
// cells.
func Brief(t theme.Theme, p page.Page, now time.Time, loc *time.Location, w int) []string {
	who := p.Who
	fact := func(name, text string, style theme.Style) string {
		return row(t, name, frame.Cut(text, max(0, w-nameWidth)), style)
	}
	owner, known := who.OwnerWords(), theme.Style{}
	if owner == "" {
		owner, known = "not known", t.Muted
	}
	about := "Owner"
	if who.Owner.Name.Empty() && p.Item.Service.Name.Empty() {
		about, owner = "Service", "unknown; add to the rule: "+triage.RemedyOf(p.Item).Rule
	}
	style := theme.Style{}
	switch {
	case len(who.OnCall) > 0:
	case len(who.Asked) > 0:
		style = t.Warning
	default:
		style = t.Muted
	}
	const more = "  (w)"
	stuck := "who can help, and a text to ask with" + more
	if room := w - nameWidth - len(more); !who.Escalation.Empty() {
		stuck = frame.Cut(opening(who.Escalation.String(), room), room) + more
	}
	return []string{
		fact(about, owner, known),
		fact("On call", who.OnCallWords(func(at time.Time) string { return page.When(at, now, loc) }), style),
		fact("Stuck?", stuck, theme.Style{}),
	}
}

// opening are the sentences of a text that fit in w cells whole; the text
// itself, to be cut, if not even the first does.
func opening(text string, w int) string {
	for fits := text; ; {
		if frame.Width(fits) <= w {
			return fits
		}
		i := strings.LastIndex(fits, ". ")
		if i < 0 {
			return text
		}
		fits = fits[:i+1]
	}
}

// State is how old what the pane says is, and whether that is too old or a
// schedule does not answer.
func State(w page.Who, now time.Time) (text string, stale bool) {
	asOf, wrong := w.Read()
	switch {
	case len(w.Asked) == 0:
		return "", false
	case asOf.IsZero() && wrong == nil:
		return "asking", false
	case asOf.IsZero():
		return "no answer", true
	}
	return "schedule read " + page.Ago(now.Sub(asOf)) + " ago", wrong != nil
}
