package services

import (
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Details is what the page of one service shows.
type Details struct {
	Row     triage.ServiceRow
	Health  page.ServiceHealth
	Alerts  []triage.Item
	Changes []sources.Change // newest first
	Catalog sources.Service  // zero: no catalog has it
	Now     time.Time
	Loc     *time.Location
}

// One is the page of one service. Make it with NewOne.
type One struct {
	frame.Content
	theme theme.Theme

	queries bool // of the signals are shown
	day     bool // a signal has a value of a day ago
}

// Toggle shows what the signals measure and their queries, or hides them; the
// next Set draws it.
func (o *One) Toggle() { o.queries = !o.queries }

// NewOne makes an empty page.
func NewOne(t theme.Theme) *One { return &One{theme: t} }

// SetTheme changes the looks; the next Set draws with them.
func (o *One) SetTheme(t theme.Theme) { o.theme = t }

// Widths of the columns in cells.
const (
	titleWidth, valueWidth = 13, 13
	minSpark, maxSpark     = 10, 30
	wordWidth              = 10 // with the space before it
	maxListed              = 8  // alerts, and changes
	// From this width there is room for a day ago, too.
	dayFrom = 2 + titleWidth + 3*valueWidth + maxSpark + wordWidth
)

// Set lays it out.
func (o *One) Set(d Details) {
	o.Begin(d.Row.Key())
	o.health(d)
	o.heading("Alerts")
	if len(d.Alerts) == 0 {
		o.text(o.theme.Muted, "None is known.")
	}
	for _, it := range d.Alerts[:min(len(d.Alerts), maxListed)] {
		o.Add("  " + frame.Pad(string(it.State), 10) + frame.Pad(it.Severity.Word(), 6) + it.Name().String() + "  " + page.Clock(it.ActiveAt, d.Now, d.Loc))
	}
	if n := len(d.Alerts) - maxListed; n > 0 {
		o.text(o.theme.Muted, page.Counted(n, "alert")+" more.")
	}
	o.heading("Last changes")
	if len(d.Changes) == 0 {
		o.text(o.theme.Muted, "None is known.")
	}
	for _, c := range d.Changes[:min(len(d.Changes), maxListed)] {
		o.Add("  " + page.Clock(c.StartedAt, d.Now, d.Loc) + "  " + page.ChangeTitle(c))
	}
	o.heading("Owner")
	team := d.Row.Team.String()
	if team == "" {
		team = "not known"
	}
	o.Add("  team        " + team)
	for _, f := range []struct {
		name  string
		value safe.Value
	}{{"channel", d.Catalog.Channel}, {"tier", d.Catalog.Tier}, {"escalation", d.Catalog.Escalation}, {"repository", d.Catalog.Repository}, {"runbook", d.Catalog.Runbook}} {
		if !f.value.Empty() {
			o.Add("  " + frame.Pad(f.name, 12) + f.value.String())
		}
	}
}

func (o *One) health(d Details) {
	h := d.Health
	cond, bad := h.Condition()
	line := string(cond)
	if bad != "" {
		line += ": " + h.Health.Verdict()
	}
	style := o.theme.Bold
	switch {
	case h.AsOf.IsZero():
		line, style = "Asking Prometheus how it is ...", o.theme.Muted
	case h.Err != nil:
		line, style = "Not known: "+safe.Err(h.Err), o.theme.Warning
	case cond == triage.ServiceDown, cond == triage.ServiceWorse:
		style = o.theme.WarningBold
	}
	o.text(style, line)
	if h.Health.Note != "" {
		o.text(o.theme.Muted, h.Health.Note)
	}
	o.day = slices.ContainsFunc(h.Health.Signals, func(s triage.Signal) bool { return s.HasDay })
	if len(h.Health.Signals) > 0 {
		r := "  " + frame.Pad("", titleWidth) + frame.Pad("now (5 min)", valueWidth) + frame.Pad("1 h ago", valueWidth)
		if o.showsDay() {
			r += "1 d ago"
		}
		o.Add(o.theme.Muted.Paint(r))
	}
	var marks []time.Time
	for _, c := range d.Changes {
		marks = append(marks, c.StartedAt)
	}
	for _, s := range h.Health.Signals {
		o.signal(s, h, marks)
	}
	if calls := page.CallsWords(h.Calls); calls != "" {
		o.text(o.theme.Muted, calls)
	}
}

// showsDay reports whether the values of a day ago have a column: there is room,
// and the server remembers one.
func (o *One) showsDay() bool { return o.day && o.Width() >= dayFrom }

// spark is how wide the hour between is drawn; 0: there is no room for it.
func (o *One) spark() int {
	w := o.Width() - 2 - titleWidth - 2*valueWidth - wordWidth
	if o.showsDay() {
		w -= valueWidth
	}
	if w < minSpark {
		return 0
	}
	return min(w, maxSpark)
}

func (o *One) signal(s triage.Signal, h page.ServiceHealth, marks []time.Time) {
	now, before := page.SignalWords(s)
	if s.Name == "instances" && h.Health.Instances != "" {
		now = h.Health.Instances
	}
	r := "  " + frame.Pad(s.Title, titleWidth) + frame.Pad(now, valueWidth) + frame.Pad(before, valueWidth)
	if o.showsDay() {
		r += frame.Pad(page.DayWords(s), valueWidth)
	}
	if w := o.spark(); w > 0 {
		spark := frame.Pad(frame.Sparkline(spread(s.Points, h.AsOf, w), w), w)
		r += frame.Marked(spark, marks, h.AsOf.Add(-time.Hour), h.AsOf) + "  "
	}
	word, style := s.Verdict, o.theme.Muted
	switch {
	case s.Easing():
		word, style = "easing", o.theme.OK
	case s.Alarming():
		style = o.theme.WarningBold
	}
	o.Add(r + style.Paint(word))
	if s.Err != nil {
		o.text(o.theme.Warning, safe.Err(s.Err))
	}
	if !o.queries {
		return
	}
	if s.Why != "" {
		o.text(o.theme.Muted, s.Why)
	}
	for _, line := range frame.WrapCode(page.QueryLine(s), max(1, o.Width()-4)) {
		o.Add("    " + line)
	}
}

func spread(pts []sources.Point, end time.Time, w int) []float64 {
	times, values := sources.Columns(pts)
	return frame.Spread(times, values, end.Add(-time.Hour), end, w)
}

func (o *One) heading(text string) { o.Add("", o.theme.Title.Paint("  "+text)) }

func (o *One) text(s theme.Style, text string) {
	for _, r := range frame.Wrap(text, max(1, o.Width()-2)) {
		o.Add("  " + s.Paint(r))
	}
}
