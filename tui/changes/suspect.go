package changes

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Detail is everything known of one change.
type Detail struct {
	Suspect triage.Suspect
	Subject
	Evidence triage.Evidence

	Rollout    page.Rollout
	RolloutErr error // of the last question; the rollout then is that of its AsOf
	Diff       *sources.Diff
	DiffErr    error // NotFound: no repository knows it
	Undo       page.Undo
	Ask        string // whom to ask, clean; empty: not known
}

// Suspect is the page of one change. Make it with NewSuspect.
type Suspect struct {
	frame.Content
	theme theme.Theme
	d     Detail
	undo  span // the rows of the command that takes it back
}

// NewSuspect makes an empty page.
func NewSuspect(t theme.Theme) *Suspect { return &Suspect{theme: t} }

// SetTheme changes the looks; the next Set draws with them.
func (m *Suspect) SetTheme(t theme.Theme) { m.theme = t }

// nameWidth is the column of what a row is about.
const nameWidth = 12

// Set lays the page out.
func (m *Suspect) Set(d Detail) {
	m.Begin(d.About + Key(d.Suspect.Change))
	m.d, m.undo = d, span{}
	s := d.Suspect
	if s.Verdict != "" {
		rows := frame.Indent("", s.Reason, verdictWidth, m.Width())
		rows[0] = verdict(m.theme, s.Verdict) + m.theme.Bold.Paint(strings.TrimLeft(rows[0], " "))
		m.Add(append(rows, "")...)
	}
	m.when()
	m.fact("Says", s.Title.String())
	m.instances()
	m.errors()
	m.takeBack()
	m.content()
	var seen []string
	for _, e := range s.Evidence {
		seen = append(seen, strings.TrimRight(e.String(), ".")+".")
	}
	m.fact("Evidence", strings.Join(seen, " "))
	m.link("Link", s.URL)
	m.fact("By", s.Author.String())
	if d.Ask != "" {
		m.fact("Not sure?", "Ask "+d.Ask+": asking is normal.")
	}
}

func (m *Suspect) when() {
	d, s := m.d, m.d.Suspect
	text := page.Clock(s.StartedAt, d.Now, d.Loc) + ", " + page.Ago(d.Now.Sub(s.StartedAt)) + " ago"
	if d.About != "" && !d.Onset.IsZero() {
		text += ", " + page.Before(s) + " it began at " + page.Clock(d.Onset, d.Now, d.Loc)
	}
	text = strings.Replace(text, "at the same time it began", "as it began", 1)
	switch {
	case s.State == sources.Running:
		text += "; still running"
	case s.State == sources.Failed:
		text += "; it failed"
	case !s.FinishedAt.IsZero():
		text += "; done " + page.Clock(s.FinishedAt, d.Now, d.Loc)
	}
	m.fact("When", text)
}

// shownInstances is how many instances are listed by name; a longer list is for
// whoever runs the service.
const shownInstances = 12

// instances say what runs where, now.
func (m *Suspect) instances() {
	s, r := m.d.Suspect, m.d.Rollout
	to := page.ChangeVersion(s.Change)
	switch {
	case r.AsOf.IsZero() && m.d.RolloutErr == nil && !s.Selector.Empty():
		m.fact("Instances", "asking Prometheus which instances run it ...")
		return
	case r.AsOf.IsZero() && s.Share.All > 0:
		m.fact("Instances", fmt.Sprintf("%s on %d of %d, when it was last looked at", to, s.Share.New, s.Share.All))
		return
	case r.AsOf.IsZero() && (m.d.RolloutErr == nil || sources.IsKind(m.d.RolloutErr, sources.NotFound)):
		return // a flag runs on no instance
	case r.AsOf.IsZero():
		m.styled(m.theme.Warning, "Instances", "not known: "+safe.Err(m.d.RolloutErr))
		return
	}
	age := "now"
	if m.d.RolloutErr != nil {
		age = "at " + page.Clock(r.AsOf, m.d.Now, m.d.Loc) + ", no newer answer"
	}
	switch {
	case r.All == 0:
		m.fact("Instances", "none reports its version "+age)
		return
	case r.New == r.All:
		m.fact("Instances", fmt.Sprintf("%s on all %d, %s", to, r.All, age))
	case r.New == 0:
		m.fact("Instances", fmt.Sprintf("%s on none of %d, %s: it is not there any more", to, r.All, age))
	default:
		m.styled(m.theme.WarningBold, "Instances", fmt.Sprintf("%s on %d of %d, %s", to, r.New, r.All, age))
	}
	name := 0
	shown := r.Instances[:min(len(r.Instances), shownInstances)]
	for _, i := range shown {
		name = max(name, frame.Width(i.Name))
	}
	name = min(name, max(8, m.Width()/2))
	for _, i := range shown {
		text, style := cmp.Or(i.Version, "another version"), m.theme.Muted
		if i.New {
			text, style = text+" new", theme.Style{}
		}
		m.Add(style.Paint(frame.Blank(nameWidth) + frame.Pad(i.Name, name) + "  " + text))
	}
	if more := r.All - len(shown); more > 0 {
		m.Add(m.theme.Muted.Paint(fmt.Sprintf("%sand %d more", frame.Blank(nameWidth), more)))
	}
}

// minSpark is the least of a sparkline in cells.
const minSpark = 8

// errors are how the requests of the old and the new version end.
func (m *Suspect) errors() {
	vs := m.d.Evidence.Of(m.d.Suspect)
	if len(vs) == 0 {
		return
	}
	label, name, room := "Errors", 8, 0
	for _, v := range vs {
		name = max(name, min(frame.Width(v.Version.String()), 20))
	}
	texts := make([]string, len(vs))
	for i, v := range vs {
		state := "fails"
		if !v.Current {
			state = "gone, failed"
		}
		texts[i] = fmt.Sprintf("%s  %s %s of %s requests", frame.Pad(v.Version.String(), name), state, triage.Ratio.Format(v.Ratio()), v.About())
		room = max(room, frame.Width(texts[i]))
	}
	spark := min(m.Width()-nameWidth-room-3, 48)
	peak := 0.0
	for _, v := range vs {
		peak = max(peak, frame.Top(m.spread(v.Points, spark)))
	}
	for i, v := range vs {
		row := m.theme.Muted.Paint(frame.Pad(label, nameWidth)) + frame.Pad(texts[i], room)
		if spark >= minSpark {
			row += "   " + frame.SparklineTo(m.spread(v.Points, spark), spark, peak)
		}
		m.Add(row)
		label = ""
	}
}

// spread puts points on the time from a little before the change until now.
func (m *Suspect) spread(pts []sources.Point, w int) []float64 {
	times, values := sources.Columns(pts)
	from := m.d.Suspect.StartedAt.Add(-10 * time.Minute)
	return frame.Spread(times, values, from, m.d.Now, max(0, w))
}

// takeBack is the team's own command, whole: it is read here before it is
// copied, and never run.
func (m *Suspect) takeBack() {
	u := m.d.Undo
	if m.d.About == "" {
		return
	}
	if u.Why != "" {
		m.fact("Take back", u.Why)
		return
	}
	m.fact("Take back", "from "+u.Where+". y copies it; nothing is run from here.")
	from := m.Len()
	for _, l := range commandRows(u.Command, max(8, m.Width()-nameWidth)) {
		m.Add(frame.Blank(nameWidth) + m.theme.Bold.Paint(l))
	}
	m.undo = span{from, m.Len()}
	if u.Note != "" {
		m.styled(m.theme.Warning, "", u.Note)
	}
	var left []string
	for _, g := range u.Command.Missing {
		left = append(left, g.Name)
	}
	if len(left) > 0 {
		m.styled(m.theme.Warning, "", "Still to fill in: "+strings.Join(left, ", ")+".")
	}
	if len(u.Command.Marks) > 0 {
		var in []string
		for _, k := range u.Command.Marks {
			if text := k.Value.String() + " (" + k.Origin + ")"; !strings.Contains(strings.Join(in, ", "), text) {
				in = append(in, text)
			}
		}
		m.styled(m.theme.Muted, "", "filled in: "+strings.Join(in, ", "))
	}
}

// commandRows are a command with nothing left out, cell by cell: all of it is to
// be seen.
func commandRows(f runbook.Filled, w int) []string {
	var rows []string
	for _, l := range strings.Split(strings.TrimRight(f.Text, "\n"), "\n") {
		rows = append(rows, frame.Chop(safe.Text(l), w)...)
	}
	return rows
}

// HasUndo reports whether there is a command that takes it back.
func (m *Suspect) HasUndo() bool { return m.undo.to > m.undo.from }

// UndoSeen reports whether the end of that command is on screen.
func (m *Suspect) UndoSeen() bool {
	return m.HasUndo() && m.Shows(m.undo.to-1) && m.Shows(max(m.undo.from, m.undo.to-2))
}

// ShowUndo scrolls to that command.
func (m *Suspect) ShowUndo() { m.Reveal(max(0, m.undo.from-1), m.undo.to) }

// content is what lies between the two revisions.
func (m *Suspect) content() {
	d, c := m.d.Diff, m.d.Suspect.Change
	switch {
	case d == nil && m.d.DiffErr == nil && page.NamesTwo(c):
		m.fact("Contains", "asking the repositories what is in it ...")
	case d == nil && m.d.DiffErr == nil:
	case d == nil && sources.IsKind(m.d.DiffErr, sources.NotFound) && sources.HintOf(m.d.DiffErr) == "":
		m.styled(m.theme.Muted, "Contains", "not known: no connected clone has both revisions of "+c.Service.String()+". A line under changes: connects one:")
		m.Add(frame.Blank(nameWidth) + "- {kind: git, path: ~/src/" + c.Service.String() + ", service: " + c.Service.String() + "}")
	case d == nil:
		m.styled(m.theme.Warning, "Contains", "not known: "+safe.Err(m.d.DiffErr))
	default:
		m.fact("Contains", page.DiffInFull(*d))
		for _, k := range d.Commits {
			at := ""
			if !k.At.IsZero() {
				at = ", " + page.Clock(k.At, m.d.Now, m.d.Loc)
			}
			who := k.Author.String() + at
			row := frame.Blank(nameWidth) + m.theme.Muted.Paint(frame.Pad(shortRevision(k.Revision), 9))
			if w := m.Width() - nameWidth - 9; frame.Width(k.Title.String())+frame.Width(who)+2 <= w {
				m.Add(row + k.Title.String() + m.theme.Muted.Paint("  "+who))
				continue
			}
			m.Add(row + k.Title.String())
			m.Add(frame.Blank(nameWidth+9) + m.theme.Muted.Paint(who))
		}
		if more := d.Total - len(d.Commits); more > 0 {
			m.Add(m.theme.Muted.Paint(fmt.Sprintf("%sand %d older ones", frame.Blank(nameWidth), more)))
		}
		m.link("Compare", d.CompareURL)
	}
}

func shortRevision(v safe.Value) string { return sources.ShortRevision(v.String()) }

// link is an address, broken only where the row ends.
func (m *Suspect) link(name string, v safe.Value) {
	if v.Empty() {
		return
	}
	for _, r := range frame.Chop(v.String(), max(1, m.Width()-nameWidth)) {
		m.Add(m.theme.Muted.Paint(frame.Pad(name, nameWidth)) + r)
		name = ""
	}
}

func (m *Suspect) fact(name, text string) { m.styled(theme.Style{}, name, text) }

// styled is a row about something; an empty text has none.
func (m *Suspect) styled(s theme.Style, name, text string) {
	if text == "" {
		return
	}
	for _, r := range frame.Wrap(text, max(1, m.Width()-nameWidth)) {
		m.Add(m.theme.Muted.Paint(frame.Pad(name, nameWidth)) + s.Paint(r))
		name = ""
	}
}
