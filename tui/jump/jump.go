// Package jump finds one alert among thousands in a few keys: every row has a
// letter, and a row of many alerts opens to ranges of them, in the order of
// what tells them apart, that have letters again. With 26 of them two letters
// reach 676 alerts of a row, three 17,576.
//
// Imported by tui. It must not import tui or another pane. A Model belongs to
// the goroutine of the program's Update.
package jump

import (
	"fmt"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Letters are the keys, in the order of the entries.
const Letters = "abcdefghijklmnopqrstuvwxyz"

// cellWidth is the least that an entry needs to be told from others.
const cellWidth = 28

// Row is one row of the list: what it is called, and its alerts.
type Row struct {
	Title  string
	Alerts []Alert
}

// Alert is one alert, and what tells it from the others of its row.
type Alert struct {
	ID   sources.AlertID
	Text string
}

// Model is the index. Make it with New.
type Model struct {
	theme theme.Theme
	w, h  int
	path  []level // from all rows to what is on screen
}

// level is what one letter chooses from: either rows or alerts.
type level struct {
	title  string
	to     string // of a range: what its last alert is called
	rows   []Row
	alerts []Alert
}

// New makes an empty index.
func New(t theme.Theme) *Model { return &Model{theme: t} }

// SetTheme changes the looks.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetSize sets the size in cells.
func (m *Model) SetSize(w, h int) { m.w, m.h = w, h }

// Open begins with all rows. The alerts of each are sorted by their texts, as
// people count: host-9 before host-10. The rows are kept as they are now, so
// that no letter changes its meaning while it is looked for.
func (m *Model) Open(rows []Row) {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].Alerts = slices.Clone(rows[i].Alerts)
		slices.SortStableFunc(rows[i].Alerts, func(x, y Alert) int { return compareNatural(x.Text, y.Text) })
	}
	m.path = []level{{title: "Jump to an alert", rows: rows}}
}

// Title is what is on screen, and how many alerts that is.
func (m *Model) Title() (title, count string) {
	l := m.top()
	if n := l.size(); n != 1 {
		return l.span(m.w - 16), fmt.Sprintf("%d alerts", n)
	}
	return l.span(m.w - 16), "1 alert"
}

func (m *Model) top() level {
	if len(m.path) == 0 {
		return level{}
	}
	return m.path[len(m.path)-1]
}

// Type takes a letter. It gives the alert that was found; empty: there is more
// to choose, or there is no such letter.
func (m *Model) Type(letter string) sources.AlertID {
	i := strings.Index(Letters, letter)
	next := m.split(m.top())
	if letter == "" || i < 0 || i >= len(next) {
		return ""
	}
	if l := next[i]; l.size() != 1 {
		m.path = append(m.path, l)
		return ""
	}
	return next[i].first().ID
}

// Back goes a letter back. It reports false when there is none.
func (m *Model) Back() bool {
	if len(m.path) < 2 {
		return false
	}
	m.path = m.path[:len(m.path)-1]
	return true
}

func (l level) size() int {
	n := len(l.alerts)
	for _, r := range l.rows {
		n += len(r.Alerts)
	}
	return n
}

func (l level) first() Alert {
	if len(l.rows) > 0 {
		return l.rows[0].Alerts[0]
	}
	return l.alerts[0]
}

// fan is how many entries a screen has.
func (m *Model) fan() int {
	return max(2, min(len(Letters), max(1, m.h)*max(1, m.w/cellWidth)))
}

// split gives what the letters of a level stand for: as many as have a letter,
// the rows one by one as long as there is room, alerts in ranges of equal size.
func (m *Model) split(l level) []level {
	fan := m.fan()
	var out []level
	if len(l.rows) > 0 {
		alone := len(l.rows)
		if alone > fan {
			alone = fan - 1
		}
		for _, r := range l.rows[:alone] {
			out = append(out, level{title: r.Title, alerts: r.Alerts})
		}
		if rest := l.rows[alone:]; len(rest) > 0 {
			out = append(out, level{title: fmt.Sprintf("%d more rows", len(rest)), rows: rest})
		}
		return out
	}
	n := min(fan, len(l.alerts))
	for i := range n {
		part := l.alerts[i*len(l.alerts)/n : (i+1)*len(l.alerts)/n]
		next := level{title: part[0].Text, alerts: part}
		if len(part) > 1 {
			next.to = part[len(part)-1].Text
		}
		out = append(out, next)
	}
	return out
}

// Rows draws the entries, column by column, each with its letter.
func (m *Model) Rows() []string {
	entries := m.split(m.top())
	if len(entries) == 0 {
		return nil
	}
	columns := (len(entries) + max(1, m.h) - 1) / max(1, m.h)
	h := (len(entries) + columns - 1) / columns
	out := make([]string, h)
	w := (m.w - 2*(columns-1)) / columns
	for i, e := range entries {
		row := i % h
		if i >= h {
			out[row] += "  "
		}
		out[row] += m.entry(Letters[i:i+1], e, w)
	}
	return out
}

// entry is a letter and what it stands for, in w cells.
func (m *Model) entry(letter string, l level, w int) string {
	count := ""
	if n := l.size(); n > 1 {
		count = fmt.Sprintf(" x%d", n)
	}
	room := max(0, w-2-len(count))
	return m.theme.Key.Paint(letter) + " " + frame.Pad(frame.Cut(l.span(room), room)+count, w-2)
}

// span is what a level is called, in w cells if that can be. A range that is too
// long ends with the first word that differs, then each end is cut.
func (l level) span(w int) string {
	if l.to == "" {
		return l.title
	}
	from, to := l.title, l.to
	if frame.Width(from)+len(" to ")+frame.Width(to) > w {
		f, t := strings.Fields(from), strings.Fields(to)
		k := 0
		for k < len(f)-1 && k < len(t)-1 && f[k] == t[k] {
			k++
		}
		if k < len(f) && k < len(t) { // a label's value may be nothing but blanks
			from, to = strings.Join(f[:k+1], " "), t[k]
		}
	}
	ends := max(0, w-len(" to "))
	return frame.Cut(from, max(ends/2, ends-frame.Width(to))) + " to " + frame.Cut(to, max(ends/2, ends-frame.Width(from)))
}

// compareNatural compares texts, with runs of digits by their value.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if len(x) != len(y) {
				return len(x) - len(y)
			}
			if c := strings.Compare(x, y); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

// digits is the length of the run of digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
