// Package why is the pane that says why an alert fires: a sentence, what the
// rule measured over time against its limit, the labels that point at the
// culprit, since when, and the rule.
//
// Imported by tui. It must not import tui or another pane. A Model belongs to
// the goroutine of the program's Update.
package why

import (
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Model is the pane. Make it with New.
type Model struct {
	frame.Content
	theme theme.Theme
	ascii bool

	alert   sources.AlertID
	rule    bool          // the whole rule is shown instead
	back    time.Duration // how far back the graph reaches; 0: as far as the page's own points
	usual   time.Duration // how far that is
	past    *page.Past    // of back; nil: not known yet
	pastErr error
}

// New makes an empty pane; ascii is for a terminal that shows nothing else.
func New(t theme.Theme, ascii bool) *Model { return &Model{theme: t, ascii: ascii} }

// SetTheme changes the looks; the next SetPage draws with them.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetPage lays out why the page's alert fires. On another alert the graph is
// that of its own time again.
func (m *Model) SetPage(p page.Page, now time.Time, loc *time.Location) {
	if m.alert != p.Item.ID {
		m.alert, m.rule, m.back, m.past, m.pastErr = p.Item.ID, false, 0, nil, nil
	}
	about := string(p.Item.ID)
	if m.rule {
		about += " rule"
	}
	m.Begin(about)
	d := drawing{Model: m, p: p, now: now, loc: loc}
	m.usual = now.Sub(d.usualFrom())
	if m.rule {
		m.Add(d.wholeRule()...)
		return
	}
	top, below := d.top()
	facts := d.facts()
	m.Add(top...)
	if g := d.graph(m.Height()-len(top), len(facts)); len(g) > 0 {
		m.Add(g...)
		m.Add("")
	}
	m.Add(facts...)
	m.Add(below...)
}

// ShowRule shows the whole rule, or the graph again; false: it did already.
func (m *Model) ShowRule(rule bool) bool {
	changed := m.rule != rule
	m.rule = rule
	return changed
}

// spans are the times that the graph can show besides that of the page.
var spans = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// near is how much of the page's own time another span differs at least, in
// percent: less is the same graph once more.
const near = 20

// choices are the spans from the shortest; 0 is the page's own time.
func (m *Model) choices() []time.Duration {
	var out []time.Duration
	own := false
	for _, s := range spans {
		if !own && s > m.usual {
			out, own = append(out, 0), true
		}
		if diff := (s - m.usual).Abs(); diff > m.usual*near/100 {
			out = append(out, s)
		}
	}
	if !own {
		out = append(out, 0)
	}
	return out
}

// Stretch shows more time with 1, less with -1; false: there is none.
func (m *Model) Stretch(n int) bool {
	all := m.choices()
	i := max(0, slices.Index(all, m.back)) + n
	if i < 0 || i >= len(all) {
		return false
	}
	m.back, m.past, m.pastErr, m.rule = all[i], nil, nil, false
	return true
}

// Back is how far back the graph is to reach; 0: the page's own points do.
func (m *Model) Back() time.Duration { return m.back }

// Range is that time in words; empty for the page's own.
func (m *Model) Range() string {
	if m.back == 0 {
		return ""
	}
	return "last " + page.Lasting(m.back)
}

// SetPast gives what was measured over a time that Back named. After an error
// the last answer stays.
func (m *Model) SetPast(back time.Duration, past page.Past, err error) {
	if back != m.back {
		return
	}
	if m.pastErr = err; err == nil {
		m.past = &past
	}
}
