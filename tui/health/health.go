// Package health is the pane with the golden signals of the page's service:
// now, an hour ago, a sparkline of the hour between, and a word.
//
// Imported by tui. It must not import tui or another pane. A Model belongs to
// the goroutine of the program's Update.
package health

import (
	"errors"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Widths of the columns in cells.
const (
	titleWidth   = 13 // with the cursor before it
	nowWidth     = 12
	valueWidth   = 9
	verdictWidth = 7
	minSpark     = 8
)

// Model is the pane. Make it with New.
type Model struct {
	frame.Content
	theme theme.Theme
	end   time.Time // of the hour that is shown

	marks   []mark
	signals []triage.Signal // in the order of their rows
	rowOf   []int           // of each
	at      int             // of the cursor, in signals
	open    string          // name of the signal whose query is shown
	focused bool
	about   string
	day     bool // a signal has a value of a day ago
}

// New makes an empty pane.
func New(t theme.Theme) *Model { return &Model{theme: t} }

// SetTheme changes the looks; the next SetPage draws with them.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetPage lays out the health part of a page.
func (m *Model) SetPage(p page.Page, loc *time.Location) {
	m.Begin(string(p.Item.ID))
	h := p.Health.Value
	m.end = p.Health.AsOf
	m.marks = marksOf(p)
	m.day = slices.ContainsFunc(h.Signals, func(s triage.Signal) bool { return s.HasDay })
	m.signals, m.rowOf = m.signals[:0], m.rowOf[:0]
	if m.about != string(p.Item.ID) {
		m.about, m.at, m.open = string(p.Item.ID), 0, ""
	}
	defer func() { m.at = max(0, min(m.at, len(m.signals)-1)) }()
	switch {
	case p.Health.State == page.Waiting && len(h.Signals) == 0:
		m.wrap(m.theme.Muted, "Asking Prometheus how the service is ...")
		return
	case p.Health.State == page.Failed && len(h.Signals) == 0:
		m.wrap(m.theme.Warning, "Not known: "+safe.Err(p.Health.Err))
		return
	case p.Health.State == page.Absent:
		m.wrap(m.theme.Muted, h.Note)
		return
	}
	m.header(p, loc)
	var used []triage.Signal
	for _, s := range h.Signals {
		switch {
		case s.Resource():
			used = append(used, s)
		case s.Name != "instances" || h.Instances == "": // "2 of 3 up" says more than "2"
			m.signal(s)
		}
		if s.Name == "errors" {
			m.versions(p.Evidence.Value)
		}
	}
	if h.Instances != "" {
		m.Add(frame.Pad("  instances", titleWidth) + h.Instances + " up")
	}
	if calls := page.CallsWords(p.Callees.Value); calls != "" {
		for _, r := range frame.Wrap(calls, max(1, m.Width()-2)) {
			m.Add("  " + m.theme.Muted.Paint(r))
		}
	}
	for _, s := range used { // what is used up comes last: on a low screen it is what can be missed
		m.signal(s)
	}
	if h.Note != "" {
		m.wrap(m.theme.Muted, h.Note)
	}
	if p.Health.State == page.Failed || p.Health.State == page.Stale {
		m.wrap(m.theme.Warning, "Not refreshed: "+safe.Err(p.Health.Err))
	}
}

// dayFrom is the width from which there is room for the values of a day ago.
const dayFrom = 72

// showsDay reports whether the values of a day ago have a column: there is room,
// and the server remembers one.
func (m *Model) showsDay() bool { return m.day && m.Width() >= dayFrom }

func (m *Model) spark() int {
	w := m.Width() - titleWidth - nowWidth - valueWidth - verdictWidth - 2
	if m.showsDay() {
		w -= valueWidth
	}
	return w
}

func (m *Model) header(p page.Page, loc *time.Location) {
	r := frame.Blank(titleWidth) + frame.Pad("now (5 min)", nowWidth) + frame.Pad("1 h ago", valueWidth)
	if m.showsDay() {
		r += frame.Pad("1 d ago", valueWidth)
	}
	if w := m.spark(); w >= minSpark && !p.Health.AsOf.IsZero() {
		to := p.Health.AsOf.In(loc).Format("15:04")
		from := p.Health.AsOf.Add(-time.Hour).In(loc).Format("15:04")
		if w >= len(from)+len(to)+1 {
			r += m.lettered(from, to, w)
		}
	}
	m.Add(m.theme.Muted.Paint(r))
}

// brief is what an error says of itself: in a row that is cut, who said it and
// where would leave no room for that.
func brief(err error) string {
	var e *sources.Error
	if errors.As(err, &e) {
		return safe.Text(e.Short())
	}
	return safe.Err(err)
}

func (m *Model) signal(s triage.Signal) {
	m.signals, m.rowOf = append(m.signals, s), append(m.rowOf, m.Len())
	title := frame.Pad("  "+s.Title, titleWidth)
	if m.focused && len(m.signals)-1 == m.at {
		title = m.theme.Accent.Paint(frame.Pad("> "+s.Title, titleWidth))
	}
	if s.Err != nil {
		m.Add(title + m.theme.Warning.Paint("? "+brief(s.Err)))
		m.opened(s)
		return
	}
	r := title + frame.Pad(value(s.Now, s.HasNow, s.Unit), nowWidth) + frame.Pad(value(s.Before, s.HasBefore, s.Unit), valueWidth)
	if m.showsDay() {
		r += frame.Pad(value(s.Day, s.HasDay, s.Unit), valueWidth)
	}
	if w := m.spark(); w >= minSpark {
		r += m.marked(frame.Pad(frame.Sparkline(lastHour(s.Points, w), w), w)) + "  "
	}
	style := m.theme.Muted
	if s.Alarming() || s.Verdict == "up" || s.Verdict == "down" {
		style = m.theme.WarningBold
	}
	if s.Verdict == "better" {
		style = m.theme.OK
	}
	word := s.Verdict
	if s.Easing() {
		word, style = "easing", m.theme.OK
	}
	m.Add(r + style.Paint(word))
	m.opened(s)
}

// opened is what a signal measures and its query, below its row.
func (m *Model) opened(s triage.Signal) {
	if m.open != s.Name {
		return
	}
	text := s.Why
	if s.HasDay {
		text += "; a day ago at this time " + s.Unit.Format(s.Day)
	}
	for _, r := range frame.Wrap(text, max(1, m.Width()-2)) {
		m.Add("  " + m.theme.Muted.Paint(r))
	}
	if s.Err != nil {
		for _, r := range frame.Wrap(safe.Err(s.Err), max(1, m.Width()-2)) {
			m.Add("  " + m.theme.Warning.Paint(r))
		}
	}
	for _, r := range frame.WrapCode(page.QueryLine(s), max(1, m.Width()-2)) {
		m.Add("  " + r)
	}
}

// Move moves the cursor by n signals; the next SetPage draws it.
func (m *Model) Move(n int) {
	m.at = max(0, min(m.at+n, len(m.signals)-1))
	if m.at < len(m.rowOf) {
		row := m.rowOf[m.at]
		if m.at == 0 {
			row = 0 // with the header
		}
		m.Reveal(row, m.rowOf[m.at]+1)
	}
	if m.at == len(m.signals)-1 {
		m.Scroll(m.Len()) // what is below the last one has no cursor
	}
}

// Focus says whether the pane has the keys; the next SetPage draws it.
func (m *Model) Focus(on bool) { m.focused = on }

// Toggle shows what the current signal measures and its query, or hides them.
func (m *Model) Toggle() {
	s, ok := m.Selected()
	if !ok || m.open == s.Name {
		m.open = ""
		return
	}
	m.open = s.Name
}

// Selected is the signal under the cursor; false: there is none.
func (m *Model) Selected() (triage.Signal, bool) {
	if m.at >= len(m.signals) {
		return triage.Signal{}, false
	}
	return m.signals[m.at], true
}

// maxVersions is how many versions are shown: during a rollout there are two.
const maxVersions = 3

// versions splits the errors by version below them. With one version there is
// nothing to compare.
func (m *Model) versions(e triage.Evidence) {
	if len(e.Versions) < 2 {
		return
	}
	shown, w := e.Versions[:min(len(e.Versions), maxVersions)], m.spark()
	top := 0.0 // of all of them: they are there to be compared
	for _, v := range shown {
		top = max(top, frame.Top(spread(v.Points, m.end, w)))
	}
	for _, v := range shown {
		share, state, was := v.Now(), "", ""
		if !v.Current {
			share, state, was = v.Ratio(), "gone", "was "
		}
		r := m.theme.Muted.Paint(frame.Pad("   "+frame.Cut(v.Version.String(), titleWidth-4), titleWidth)) +
			frame.Pad(was+triage.Ratio.Format(share), nowWidth) + frame.Blank(m.Width()-titleWidth-nowWidth-m.spark()-verdictWidth-2)
		if w >= minSpark {
			r += m.theme.Muted.Paint(m.marked(frame.Pad(frame.SparklineTo(spread(v.Points, m.end, w), w, top), w))) + "  "
		}
		m.Add(r + m.theme.Muted.Paint(state))
	}
}

// lastHour spreads the points over the hour that ends at the newest one.
func lastHour(pts []sources.Point, w int) []float64 {
	if len(pts) == 0 {
		return nil
	}
	return spread(pts, pts[len(pts)-1].T, w)
}

// spread puts the points on the hour that ends at end.
func spread(pts []sources.Point, end time.Time, w int) []float64 {
	times, values := sources.Columns(pts)
	return frame.Spread(times, values, end.Add(-time.Hour), end, w)
}

func value(v float64, has bool, u triage.Unit) string {
	if !has {
		return "no data"
	}
	return u.Format(v)
}

func (m *Model) wrap(s theme.Style, text string) {
	for _, r := range frame.Wrap(text, m.Width()) {
		m.Add(s.Paint(r))
	}
}
