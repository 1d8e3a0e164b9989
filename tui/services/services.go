// Package services draws every service and how it does, worst first, and the page
// of one of them.
//
// Imported by tui. It must not import tui or another pane. A model belongs to
// the goroutine of the program's Update.
package services

import (
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Subject is what the list is about.
type Subject struct {
	Rows    []triage.ServiceRow // worst first
	Of      map[string]page.ServiceHealth
	Known   bool     // the clusters have said which services they have
	Notes   []string // what is missing, as plain sentences
	Several bool     // clusters
	Now     time.Time
}

// List is the list. Make it with New.
type List struct {
	theme  theme.Theme
	w, h   int
	s      Subject
	words  string
	shown  []triage.ServiceRow
	cursor int
	key    string
	first  int
}

// New makes an empty list.
func New(t theme.Theme) *List { return &List{theme: t} }

// SetTheme changes the looks.
func (l *List) SetTheme(t theme.Theme) { l.theme = t }

// SetSize sets the size in cells, the title not counted.
func (l *List) SetSize(w, h int) { l.w, l.h = w, h }

// Set gives it the services. The cursor stays on its service.
func (l *List) Set(s Subject) {
	l.s = s
	l.apply()
}

// Filter shows only the services that hold all words of a text.
func (l *List) Filter(text string) {
	l.words, l.first = text, 0
	l.apply()
}

// Words is the filter as it was typed.
func (l *List) Words() string { return l.words }

// Matches is how many services pass the filter, and of how many.
func (l *List) Matches() (shown, of int) { return len(l.shown), len(l.s.Rows) }

func (l *List) apply() {
	l.shown = l.shown[:0]
	words := strings.Fields(strings.ToLower(l.words))
	for _, r := range l.s.Rows {
		c, bad := l.s.Of[r.Key()].Condition()
		text := strings.ToLower(strings.Join([]string{r.Name.String(), r.Team.String(), safe.Text(r.Cluster), string(c), bad, page.AlertsWords(r)}, " "))
		holds := true
		for _, w := range words {
			holds = holds && strings.Contains(text, w)
		}
		if holds {
			l.shown = append(l.shown, r)
		}
	}
	l.cursor = max(0, min(l.cursor, len(l.shown)-1))
	for i, r := range l.shown {
		if l.key != "" && r.Key() == l.key {
			l.cursor = i
		}
	}
	l.scroll()
}

// room is how many services fit: one row is the heading, one says how many
// there are beyond.
func (l *List) room() int {
	n := l.h - 1 - len(l.s.Notes)
	if len(l.shown) > n {
		n--
	}
	return max(1, n)
}

func (l *List) scroll() {
	l.first = min(max(l.first, l.cursor-l.room()+1), l.cursor)
	l.first = max(0, min(l.first, len(l.shown)-l.room()))
}

// Move moves the cursor by n services.
func (l *List) Move(n int) {
	l.cursor = max(0, min(l.cursor+n, len(l.shown)-1))
	if r, ok := l.Selected(); ok {
		l.key = r.Key()
	}
	l.scroll()
}

// Page is how many services are on screen.
func (l *List) Page() int { return l.room() }

// Selected is the service under the cursor; false: there is none.
func (l *List) Selected() (triage.ServiceRow, bool) {
	if l.cursor >= len(l.shown) {
		return triage.ServiceRow{}, false
	}
	return l.shown[l.cursor], true
}

// Select puts the cursor on a service, if it is there.
func (l *List) Select(key string) {
	l.key = key
	l.apply()
}

// Visible are the services on screen.
func (l *List) Visible() []triage.ServiceRow {
	return l.shown[l.first:min(len(l.shown), l.first+l.room())]
}

// columns are the widths of the columns in cells; 0: no room for it.
type columns struct {
	name, team, cluster, word, errors, before, p99, traffic, up, alerts, change int
}

// columns gives each column its width; those of least worth go first.
func (l *List) columns() columns {
	c := columns{word: 10, errors: 9, alerts: 10}
	for _, r := range l.shown {
		c.name = max(c.name, frame.Width(r.Name.String())+1)
		c.team = max(c.team, frame.Width(r.Team.String())+1)
		c.cluster = max(c.cluster, frame.Width(safe.Text(r.Cluster))+1)
	}
	c.name = max(12, min(c.name, max(16, l.w/4)))
	left := l.w - 2 - c.name - c.word - c.errors - c.alerts
	take := func(n int) int {
		if n > left {
			return 0
		}
		left -= n
		return n
	}
	c.before = take(9)
	if !l.s.Several {
		c.cluster = 0
	}
	c.cluster = take(min(c.cluster, 16))
	c.up, c.p99, c.traffic = take(9), take(9), take(10)
	c.change = take(9)
	c.team = take(max(6, min(c.team, 20)))
	if left > 0 { // which signals are bad news
		c.word += min(left, 40)
	}
	return c
}

// Rows draws the list: exactly its height.
func (l *List) Rows() []string {
	var out []string
	for _, n := range l.s.Notes {
		out = append(out, l.theme.Warning.Paint(frame.Cut("  "+n, l.w)))
	}
	switch {
	case len(l.s.Rows) == 0 && !l.s.Known:
		out = append(out, l.theme.Muted.Paint(frame.Cut("  Asking which services there are ...", l.w)))
	case len(l.s.Rows) == 0:
		for _, r := range frame.Wrap("No service is known: no catalog, no alert and no job of a Prometheus names one.", max(1, l.w-2)) {
			out = append(out, "  "+r)
		}
	case len(l.shown) == 0:
		out = append(out, l.theme.Muted.Paint(frame.Cut(fmt.Sprintf("  None of %d services holds %q; esc clears the filter.", len(l.s.Rows), l.words), l.w)))
	default:
		out = append(out, l.table()...)
	}
	out = append(out, make([]string, max(0, l.h-len(out)))...)
	return out[:max(0, l.h)]
}

func (l *List) table() []string {
	c := l.columns()
	out := []string{l.theme.Muted.Paint(frame.Cut("  "+frame.Pad("service", c.name)+frame.Pad("team", c.team)+frame.Pad("cluster", c.cluster)+
		frame.Pad("health", c.word)+frame.Pad("errors", c.errors)+frame.Pad("1 h ago", c.before)+frame.Pad("p99", c.p99)+
		frame.Pad("traffic", c.traffic)+frame.Pad("up", c.up)+frame.Pad("alerts", c.alerts)+frame.Pad("change", c.change), l.w))}
	for i, r := range l.Visible() {
		text, style := l.row(r, c)
		if l.first+i == l.cursor {
			out = append(out, l.theme.Row.Over(frame.Pad("> "+text, l.w)))
		} else {
			out = append(out, style.Paint("  "+text))
		}
	}
	if n := l.room(); len(l.shown) > n {
		out = append(out, l.theme.Muted.Paint(frame.Cut(fmt.Sprintf("  %d to %d of %d  (j k, g G, / filter)", l.first+1, min(len(l.shown), l.first+n), len(l.shown)), l.w)))
	}
	return out
}

func (l *List) row(r triage.ServiceRow, c columns) (string, theme.Style) {
	h := l.s.Of[r.Key()]
	cond, bad := h.Condition()
	word, style := string(cond), theme.Style{}
	switch {
	case h.AsOf.IsZero():
		word, style = "asking", l.theme.Muted
	case h.Err != nil:
		word, style = "failed", l.theme.Warning
	case cond == triage.ServiceDown, cond == triage.ServiceWorse:
		style = l.theme.WarningBold
	case cond == triage.ServiceUnknown:
		style = l.theme.Muted
	}
	if bad = some(bad, c.word-frame.Width(word)-3); bad != "" {
		word += ": " + bad
	}
	cell := func(text string, w int) string { return frame.Pad(frame.Cut(text, max(0, w-1)), w) }
	value := func(name string) (now, before string) { return signalOf(h, name) }
	now, before := value("errors")
	p99, _ := value("latency")
	traffic, _ := value("traffic")
	up := h.Health.Instances
	if up == "" {
		up = "?"
	}
	alerts := page.AlertsWords(r)
	if frame.Width(alerts) >= c.alerts {
		alerts = fmt.Sprintf("%d+%d", r.Firing, r.Pending)
	}
	change := "-"
	if r.HasChange {
		change = page.Ago(l.s.Now.Sub(r.Change.StartedAt))
	}
	return frame.Cut(cell(r.Name.String(), c.name)+cell(r.Team.String(), c.team)+cell(safe.Text(r.Cluster), c.cluster)+cell(word, c.word)+
		cell(now, c.errors)+cell(before, c.before)+cell(p99, c.p99)+cell(traffic, c.traffic)+cell(up, c.up)+cell(alerts, c.alerts)+cell(change, c.change), max(0, l.w-2)), style
}

// some is as many of a list's words as w cells take, and how many more there
// are. Empty: not even one fits.
func some(list string, w int) string {
	if frame.Width(list) <= w {
		return list
	}
	all := strings.Split(list, ", ")
	for n := len(all) - 1; n > 0; n-- {
		if text := fmt.Sprintf("%s +%d", strings.Join(all[:n], ", "), len(all)-n); frame.Width(text) <= w {
			return text
		}
	}
	return ""
}

// signalOf is a signal now and an hour ago; ? where it is not known.
func signalOf(h page.ServiceHealth, name string) (now, before string) {
	for _, s := range h.Health.Signals {
		if s.Name == name {
			return page.SignalWords(s)
		}
	}
	return "?", "?"
}
