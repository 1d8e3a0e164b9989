// Package why is the pane that says why an alert fires: what its rule measures,
// the limit, the value now, since when and how we know, and the labels that
// point at the culprit.
//
// Imported by tui. It must not import tui or another pane. A Model belongs to
// the goroutine of the program's Update.
package why

import (
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// nameWidth is the column of the names on the left, in cells.
const nameWidth = 12

// Model is the pane. Make it with New.
type Model struct {
	frame.Content
	theme theme.Theme
}

// New makes an empty pane.
func New(t theme.Theme) *Model { return &Model{theme: t} }

// SetTheme changes the looks; the next SetPage draws with them.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetPage lays out why the page's alert fires.
func (m *Model) SetPage(p page.Page, now time.Time, loc *time.Location) {
	m.Begin(string(p.Item.ID))
	m.words(p)
	w := p.Why.Value
	m.graph(w)
	m.facts(p, w, now, loc)
	m.labels(p, w)
	if q := w.Query.String(); q != "" {
		for i, r := range frame.WrapCode(strings.Join(strings.Fields(q), " "), max(1, m.Width()-nameWidth)) {
			name := ""
			if i == 0 {
				name = "Rule"
			}
			m.Add(m.theme.Muted.Paint(frame.Pad(name, nameWidth)) + r)
		}
	}
	if p.Why.Err != nil {
		m.fact("Not asked", safe.Err(p.Why.Err))
	}
}

// words is what the team wrote for this moment: summary and description.
func (m *Model) words(p page.Page) {
	seen := ""
	for _, n := range []string{"summary", "title", "message", "description"} {
		v, ok := p.Item.Annotations.Get(n)
		if !ok || v.String() == seen {
			continue
		}
		seen = v.String()
		for _, r := range frame.Wrap(strings.TrimSpace(v.Lines()), m.Width()) {
			m.Add(r)
		}
		m.Add("")
	}
}

func (m *Model) graph(w triage.Why) {
	if len(w.Points) < 2 {
		return
	}
	times, values := make([]time.Time, len(w.Points)), make([]float64, len(w.Points))
	for i, p := range w.Points {
		times[i], values[i] = p.T, p.V
	}
	width := max(0, m.Width()-nameWidth)
	vs := frame.Spread(times, values, times[0], times[len(times)-1], width)
	m.Add(m.theme.Muted.Paint(frame.Pad("Over time", nameWidth)) + m.theme.Accent.Paint(frame.Sparkline(vs, width)))
}

func (m *Model) facts(p page.Page, w triage.Why, now time.Time, loc *time.Location) {
	if p.Over { // the trend is that of the time when it fired
		w.Trend = triage.NoTrend
	}
	switch {
	case w.Absent:
		m.fact("Measured", "whether any data exists: "+safe.Text(w.Measured))
		m.fact("Fires", "because there is none")
	case w.Parsed && w.HasLimit:
		m.fact("Now", w.Unit.Format(w.Value)+", limit "+w.Op+" "+w.Unit.Format(w.Limit)+trend(w.Trend))
	case w.Parsed && w.LimitText != "":
		m.fact("Now", w.Unit.Format(w.Value)+", limit "+w.Op+" "+safe.Text(w.LimitText)+trend(w.Trend))
	case !w.RuleKnown:
		m.fact("Rule", "not known: the server did not list its rules")
	}
	if w.For > 0 {
		m.fact("Fires", "after it has held for "+page.Lasting(w.For))
	}
	if o := p.Onset.Value; !o.At.IsZero() {
		m.fact("Began", page.Clock(o.At, now, loc)+". "+o.Note)
	}
	if h := w.RuleHealth.String(); h != "" && h != "ok" {
		m.fact("Trouble", "the rule's evaluation is "+h+": "+w.RuleError.String())
	}
}

func trend(t triage.Trend) string {
	if t == triage.NoTrend {
		return ""
	}
	return ", " + string(t)
}

// labels shows the labels that point at the culprit first, then the others.
func (m *Model) labels(p page.Page, w triage.Why) {
	if text := w.Culprits.Words("  "); text != "" {
		m.fact("Points at", text)
	}
	if text := p.Item.Labels.Minus(w.Culprits).Without("alertname").Words("  "); text != "" {
		m.fact("Labels", text)
	}
}

func (m *Model) fact(name, text string) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			name = ""
		}
		for j, r := range frame.Indent("", line, nameWidth, m.Width()) {
			if j == 0 {
				r = m.theme.Muted.Paint(frame.Pad(name, nameWidth)) + r[nameWidth:]
			}
			m.Add(r)
		}
	}
}
