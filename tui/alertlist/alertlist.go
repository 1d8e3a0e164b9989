// Package alertlist is the pane that lists alerts: a window over groups that
// costs the same for ten alerts as for ten thousand. The selection follows the
// alert, never the row number: a refresh or a storm moves neither what is
// selected nor where it stands on the screen.
//
// Imported by tui. It must not import tui or another pane. A Model belongs to
// the goroutine of the program's Update.
package alertlist

import (
	"slices"
	"time"

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
	onGroup  triage.GroupKey // the group on whose own row the cursor stands; empty: on an alert's row
	cursor   int             // index into lines; -1: the selected alert is not in the list
	window   frame.Window
	focused  bool
}

// line is one row of the list: a group, or one alert of an open group.
type line struct {
	group *triage.Group
	item  int // -1: the group itself
	depth int // how many open groups it stands in
}

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
	m.lay(m.groups, 0)
}

// lay adds the rows of groups, and of what is open in them.
func (m *Model) lay(groups []triage.Group, depth int) {
	for i := range groups {
		g := &groups[i]
		if part := m.read(g); part >= 0 {
			shown := []triage.Group{g.Parts[part], g.Without(part)}
			m.lay(shown, depth)
			continue
		}
		m.lines = append(m.lines, line{g, -1, depth})
		switch {
		case len(g.Items) < 2 || !m.open[g.Key]:
		case len(g.Parts) > 0:
			m.lay(g.Parts, depth+1)
		default:
			for k := range g.Items {
				m.lines = append(m.lines, line{g, k, depth + 1})
			}
		}
	}
}

// read is the part of a closed rest that holds the selected alert, unless the
// cursor stands on the rest itself; -1: none does. What is being read keeps a
// row of its own, however little urgent it has become.
func (m *Model) read(g *triage.Group) int {
	if !g.Rest || m.open[g.Key] || m.onGroup == g.Key {
		return -1
	}
	return slices.IndexFunc(g.Parts, func(p triage.Group) bool { return holds(&p, m.selected) })
}

// find returns the row of an alert: its own in an open group, unless the cursor
// stands on a group that holds it, then that one's; else the innermost group on
// screen that holds it. -1: not in the list.
func (m *Model) find(id sources.AlertID) int {
	at := -1
	for i, l := range m.lines {
		if l.item >= 0 {
			if l.group.Items[l.item].ID == id && m.onGroup == "" {
				return i
			}
			continue
		}
		if at >= 0 && l.depth <= m.lines[at].depth {
			break // past the group that holds it
		}
		if holds(l.group, id) {
			at = i
			if m.onGroup == l.group.Key {
				return i
			}
		}
	}
	return at
}

func holds(g *triage.Group, id sources.AlertID) bool {
	for i := range g.Items {
		if g.Items[i].ID == id {
			return true
		}
	}
	return false
}

// Selected is the alert the cursor stands on; empty when there is none.
func (m *Model) Selected() sources.AlertID { return m.selected }

// Select puts the cursor on an alert. It reports whether it is in the list; the
// selection is remembered either way.
func (m *Model) Select(id sources.AlertID) bool {
	if id != m.selected {
		m.selected = id
		if m.cursor = m.find(id); m.cursor >= 0 && m.lines[m.cursor].group.Rest {
			m.onGroup = ""
			m.layLines()
		}
	}
	m.cursor = m.find(id)
	m.stand()
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
	m.stand()
	before := m.selected
	m.selected = l.group.Items[max(0, l.item)].ID
	m.reveal()
	return m.selected != before
}

// stand remembers on which group's own row the cursor is, if it is on one.
func (m *Model) stand() {
	m.onGroup = ""
	if m.cursor >= 0 && m.lines[m.cursor].item < 0 {
		m.onGroup = m.lines[m.cursor].group.Key
	}
}

// Toggle opens or closes the group on whose own row the cursor stands and
// reports whether it stands on one of several alerts.
func (m *Model) Toggle() bool {
	if m.cursor < 0 || m.cursor >= len(m.lines) {
		return false
	}
	l := m.lines[m.cursor]
	g := l.group
	if l.item >= 0 || len(g.Items) < 2 {
		return false
	}
	m.open[g.Key] = !m.open[g.Key]
	m.onGroup = g.Key
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
