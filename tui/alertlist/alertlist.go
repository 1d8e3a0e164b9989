// Package alertlist is the pane that lists alerts: a window over groups that
// costs the same for ten alerts as for ten thousand. The selection follows the
// alert, never the row number: a refresh or a storm moves neither what is
// selected nor where it stands on the screen.
//
// Imported by tui. It must not import tui or another pane. A Model belongs to
// the goroutine of the program's Update.
package alertlist

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

// Model is the pane. Make it with New.
type Model struct {
	theme theme.Theme
	w, h  int

	groups   []triage.Group
	lines    []line
	open     map[triage.GroupKey]bool
	now      time.Time
	clusters int
	folded   string // what is folded away, in words; empty: nothing
	empty    string // why there is no row, in words

	selected sources.AlertID
	onGroup  bool // the cursor stands on the group's own row
	cursor   int  // index into lines; -1: the selected alert is not in the list
	window   frame.Window
	focused  bool
}

// line is one row of the list: a group, or one alert of an open group.
type line struct{ group, item int } // item -1: the group itself

// New makes an empty list.
func New(t theme.Theme) *Model {
	return &Model{theme: t, open: map[triage.GroupKey]bool{}, cursor: -1}
}

// SetTheme changes the looks.
func (m *Model) SetTheme(t theme.Theme) { m.theme = t }

// SetSize sets the pane's size in cells.
func (m *Model) SetSize(w, h int) {
	if w == m.w && h == m.h {
		return
	}
	m.w, m.h = w, h
	m.reveal()
}

// SetFocused says whether the pane has the focus.
func (m *Model) SetFocused(f bool) { m.focused = f }

// SetGroups replaces the rows. The selected alert stays selected and stays
// where it is on the screen. folded says in words what is folded away,
// empty why there is no row.
func (m *Model) SetGroups(groups []triage.Group, folded, empty string, clusters int, now time.Time) {
	before := m.cursor
	m.groups, m.folded, m.empty, m.clusters, m.now = groups, folded, empty, clusters, now
	m.layLines()
	m.cursor = m.find(m.selected)
	if m.cursor >= 0 && before >= 0 {
		m.window.Offset += m.cursor - before
	}
	m.window.Clip(len(m.lines), m.listHeight())
}

// SetNow moves the clock that ages are counted from.
func (m *Model) SetNow(now time.Time) { m.now = now }

func (m *Model) layLines() {
	m.lines = m.lines[:0]
	for g := range m.groups {
		m.lines = append(m.lines, line{g, -1})
		if m.open[m.groups[g].Key] && len(m.groups[g].Items) > 1 {
			for i := range m.groups[g].Items {
				m.lines = append(m.lines, line{g, i})
			}
		}
	}
}

// find returns the row of an alert: its own in an open group (unless the
// cursor stands on the group), else its group's. -1: not in the list.
func (m *Model) find(id sources.AlertID) int {
	at := -1
	for i, l := range m.lines {
		g := m.groups[l.group]
		if l.item >= 0 {
			if g.Items[l.item].ID == id && !m.onGroup {
				return i
			}
			continue
		}
		for _, it := range g.Items {
			if it.ID == id {
				at = i
				break
			}
		}
		if at == i && (m.onGroup || !m.open[g.Key] || len(g.Items) == 1) {
			return i
		}
	}
	return at
}

// Selected is the alert the cursor stands on; empty when there is none.
func (m *Model) Selected() sources.AlertID { return m.selected }

// Select puts the cursor on an alert. It reports whether it is in the list; the
// selection is remembered either way.
func (m *Model) Select(id sources.AlertID) bool {
	m.selected = id
	m.cursor = m.find(id)
	m.onGroup = m.cursor >= 0 && m.lines[m.cursor].item < 0
	m.reveal()
	return m.cursor >= 0
}

// Len is the number of rows, opened groups included.
func (m *Model) Len() int { return len(m.lines) }

// Move moves the cursor by n rows and reports whether the selected alert
// changed. When the selected alert has left the list, the next row is the
// first.
func (m *Model) Move(n int) bool {
	if len(m.lines) == 0 {
		return false
	}
	to := m.cursor + n
	if m.cursor < 0 {
		to = 0
	}
	return m.moveTo(max(0, min(to, len(m.lines)-1)))
}

// Page moves the cursor by n screens; half of one with half.
func (m *Model) Page(n int, half bool) bool {
	step := max(1, m.listHeight()-1)
	if half {
		step = max(1, m.listHeight()/2)
	}
	return m.Move(n * step)
}

// Top moves the cursor to the first row.
func (m *Model) Top() bool { return len(m.lines) > 0 && m.moveTo(0) }

// Bottom moves the cursor to the last row.
func (m *Model) Bottom() bool { return len(m.lines) > 0 && m.moveTo(len(m.lines)-1) }

func (m *Model) moveTo(row int) bool {
	m.cursor = row
	l := m.lines[row]
	m.onGroup = l.item < 0
	before := m.selected
	m.selected = m.groups[l.group].Items[max(0, l.item)].ID
	m.reveal()
	return m.selected != before
}

// Toggle opens or closes the group under the cursor and reports whether there
// was a group of several alerts to toggle.
func (m *Model) Toggle() bool {
	if m.cursor < 0 || m.cursor >= len(m.lines) {
		return false
	}
	g := m.groups[m.lines[m.cursor].group]
	if len(g.Items) < 2 {
		return false
	}
	m.open[g.Key] = !m.open[g.Key]
	m.onGroup = true
	m.layLines()
	m.cursor = m.find(m.selected)
	m.reveal()
	return true
}

// reveal scrolls as little as needed to have the cursor on screen.
func (m *Model) reveal() {
	h := m.listHeight()
	if m.cursor >= 0 && h > 0 {
		if m.cursor < m.window.Offset {
			m.window.Offset = m.cursor
		}
		if m.cursor >= m.window.Offset+h {
			m.window.Offset = m.cursor - h + 1
		}
	}
	m.window.Clip(len(m.lines), h)
}

// listHeight is the pane's height less the line that says what is folded.
func (m *Model) listHeight() int {
	if m.h > 3 && (m.folded != "" || len(m.lines) > m.h) {
		return m.h - 1
	}
	return m.h
}

// Rows draws the pane: exactly its height, each row at most its width.
func (m *Model) Rows() []string {
	out := make([]string, m.h)
	c := m.columns()
	h := min(m.listHeight(), m.h)
	for i := range h {
		n := m.window.Offset + i
		if n >= len(m.lines) {
			break
		}
		out[i] = m.row(n, c)
	}
	if len(m.lines) == 0 && h > 0 {
		out[0] = m.theme.Muted.Paint(frame.Cut("  "+m.empty, m.w))
	}
	if h < m.h {
		at := max(1, min(len(m.lines), h))
		out[at] = m.theme.Muted.Paint(frame.Cut("  "+m.rest(h), m.w))
	}
	return out
}

// rest says what is not among the h rows on screen.
func (m *Model) rest(h int) string {
	var parts []string
	if below := len(m.lines) - m.window.Offset - h; below > 0 {
		parts = append(parts, fmt.Sprintf("%d more below", below))
	}
	if m.folded != "" {
		parts = append(parts, "folded: "+m.folded)
	}
	return strings.Join(parts, "; ")
}

// Name is an alert's name for people: some rules have none.
func Name(v safe.Value) string {
	if v.Empty() {
		return "(no name)"
	}
	return v.String()
}

// columns is the width of each column in cells.
type columns struct{ word, name, service, cluster, since int }

func (m *Model) columns() columns {
	c := columns{word: 4, since: 6}
	name, service, cluster := 0, 0, 0 // the longest on screen, a name with its count
	for i := m.window.Offset; i < min(len(m.lines), m.window.Offset+m.h); i++ {
		g := m.groups[m.lines[i].group]
		c.word = max(c.word, min(10, frame.Width(word(g))))
		name = max(name, frame.Width(Name(g.Name))+len(countText(g)))
		service = max(service, frame.Width(m.service(g)))
		cluster = max(cluster, frame.Width(safe.Text(g.Cluster)))
	}
	room := m.w - 2 - c.word - 1 - c.since - 1
	if m.clusters > 1 {
		c.cluster = min(cluster, max(8, room/4))
		room -= c.cluster + 1
	}
	if m.w >= 36 {
		// Names are cut last: the service gets what they leave, but never
		// less than a third if it needs that.
		c.service = min(service, max(room/3, room-name-1))
		room -= c.service + 1
	}
	c.name = max(0, room)
	return c
}

func (m *Model) row(n int, c columns) string {
	l := m.lines[n]
	g := m.groups[l.group]
	current := n == m.cursor
	mark := "  "
	if current {
		mark = "> "
	}
	if l.item >= 0 {
		return m.paint(mark+m.child(g, g.Items[l.item], c), current)
	}
	name := Name(g.Name)
	count := countText(g)
	name = frame.Cut(name, c.name-len(count)) + count
	since := ""
	if !g.Since.IsZero() {
		since = page.Ago(m.now.Sub(g.Since))
	}
	w := frame.Cut(word(g), c.word)
	w = m.wordStyle(g).Paint(w) + frame.Blank(c.word-frame.Width(w))
	r := mark + w + " " + frame.Pad(name, c.name)
	if c.service > 0 {
		r += " " + frame.Pad(m.service(g), c.service)
	}
	if c.cluster > 0 {
		r += " " + frame.Pad(frame.CutLeft(safe.Text(g.Cluster), c.cluster), c.cluster)
	}
	return m.paint(frame.Cut(r+" "+frame.PadLeft(since, c.since), m.w), current)
}

// countText says how many alerts a group has; empty for a single one.
func countText(g triage.Group) string {
	if len(g.Items) < 2 {
		return ""
	}
	return fmt.Sprintf(" x%d", len(g.Items))
}

// service is what the group is about: its service, else which labels differ,
// else where it is.
func (m *Model) service(g triage.Group) string {
	if !g.Service.Name.Empty() {
		return g.Service.Name.String()
	}
	if len(g.Items) > 1 && len(g.Differ) > 0 {
		return "by " + strings.Join(g.Differ, ", ")
	}
	for _, n := range []string{"instance", "node", "namespace", "cluster"} {
		if v, ok := g.Items[0].Labels.Get(n); ok {
			return v.String()
		}
	}
	return "-"
}

// child is one alert of an open group: the labels that differ.
func (m *Model) child(g triage.Group, it triage.Item, c columns) string {
	var parts []string
	for _, n := range g.Differ {
		if v, ok := it.Labels.Get(n); ok {
			parts = append(parts, n+"="+v.String())
		}
	}
	if len(parts) == 0 {
		parts = []string{"(same labels)"}
	}
	since := ""
	if !it.ActiveAt.IsZero() {
		since = page.Ago(m.now.Sub(it.ActiveAt))
	}
	w := m.w - 2 - 2 - c.since - 1
	return "  " + frame.Pad(strings.Join(parts, " "), w) + " " + frame.PadLeft(since, c.since)
}

func (m *Model) paint(r string, current bool) string {
	switch {
	case current && m.focused:
		return m.theme.Row.Over(frame.Pad(r, m.w))
	case current:
		return m.theme.RowBlur.Over(r)
	}
	return r
}

// word is what the row is, in one word: the severity while it fires, else the
// state.
func word(g triage.Group) string {
	if g.State == sources.Firing {
		return g.Severity.Word()
	}
	return string(g.State)
}

func (m *Model) wordStyle(g triage.Group) theme.Style {
	switch {
	case g.State == sources.Pending:
		return m.theme.Muted
	case g.State == sources.Resolved:
		return m.theme.OK
	}
	switch g.Severity.Rank {
	case triage.RankPage, triage.RankCritical:
		return m.theme.Page
	case triage.RankWarning:
		return m.theme.WarningBold
	}
	return m.theme.Muted
}
