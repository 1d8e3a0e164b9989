package alertlist

import (
	"fmt"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

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
		g := *m.lines[i].group
		c.word = max(c.word, min(10, frame.Width(Word(g))))
		name = max(name, 2*m.lines[i].depth+frame.Width(Title(g))+len(countText(g)))
		service = max(service, frame.Width(m.service(g)))
		cluster = max(cluster, frame.Width(safe.Text(g.Cluster)))
		c.since = max(c.since, frame.Width(m.since(g)))
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
	g := *l.group
	current := n == m.cursor
	mark := "  "
	if current {
		mark = "> "
	}
	if l.item >= 0 {
		return m.paint(mark+m.child(g, g.Items[l.item], l.depth, c), current)
	}
	name := strings.Repeat("  ", l.depth) + Title(g)
	count := countText(g)
	name = m.cutName(name, n, c.name-len(count)) + count
	w := frame.Cut(Word(g), c.word)
	w = m.wordStyle(g).Paint(w) + frame.Blank(c.word-frame.Width(w))
	r := mark + w + " " + frame.Pad(name, c.name)
	if c.service > 0 {
		r += " " + frame.Pad(m.service(g), c.service)
	}
	if c.cluster > 0 {
		r += " " + frame.Pad(frame.CutLeft(safe.Text(g.Cluster), c.cluster), c.cluster)
	}
	return m.paint(frame.Cut(r+" "+frame.PadLeft(m.since(g), c.since), m.w), current)
}

// cutName is the name of line n in at most w cells: the end is cut, but if
// another name on screen would then read the same, what both begin with.
func (m *Model) cutName(name string, n, w int) string {
	short := frame.Cut(name, w)
	if short == name {
		return name
	}
	shared := 0
	for i := m.window.Offset; i < min(len(m.lines), m.window.Offset+m.h); i++ {
		other := strings.Repeat("  ", m.lines[i].depth) + Title(*m.lines[i].group)
		if i != n && other != name && strings.HasPrefix(other, strings.TrimSuffix(short, frame.Ellipsis)) {
			shared = max(shared, alike(name, other))
		}
	}
	return frame.CutBefore(name, w, shared)
}

// alike is how many cells two texts begin with in common.
func alike(x, y string) int {
	n := 0
	for i, r := range x {
		if !strings.HasPrefix(y[min(i, len(y)):], string(r)) {
			break
		}
		n = i + len(string(r))
	}
	return frame.Width(x[:n])
}

// since is how long a row has been active, or over.
func (m *Model) since(g triage.Group) string {
	switch {
	case g.State == sources.Resolved && !g.Items[0].ResolvedAt.IsZero():
		return "over " + page.Ago(m.now.Sub(g.Items[0].ResolvedAt))
	case !g.Since.IsZero():
		return page.Ago(m.now.Sub(g.Since))
	}
	return ""
}

// Title is what a group's row is called.
func Title(g triage.Group) string {
	if !g.Rest {
		return Name(g.Name)
	}
	return things(g.Spread.N, "more rule")
}

// things is a number of things, the word for one of them in English.
func things(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// countText says how many alerts a group has; empty for a single one.
func countText(g triage.Group) string {
	if len(g.Items) < 2 || g.Rest {
		return ""
	}
	return fmt.Sprintf(" x%d", len(g.Items))
}

// thingWords are what the label of a triage.Spread names, in a word.
var thingWords = map[string]string{
	"instance": "host", "node": "host", "host": "host", "hostname": "host", "nodename": "host",
	"pod": "pod", "namespace": "namespace", "service": "service",
}

// service is what the group is about: of a rest how many alerts, else its
// service, else how many hosts, pods or services it is on, else which labels
// differ, else where it is.
func (m *Model) service(g triage.Group) string {
	if g.Rest {
		return fmt.Sprintf("%d alerts", len(g.Items))
	}
	if !g.Service.Name.Empty() {
		return g.Service.Name.String()
	}
	if word, ok := thingWords[g.Spread.Label]; ok {
		return things(g.Spread.N, word)
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
func (m *Model) child(g triage.Group, it triage.Item, depth int, c columns) string {
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
	in := strings.Repeat("  ", depth)
	w := m.w - 2 - len(in) - c.since - 1
	return in + frame.Pad(strings.Join(parts, " "), w) + " " + frame.PadLeft(since, c.since)
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

// Word is what the row is, in one word: the severity while it fires, else the
// state.
func Word(g triage.Group) string {
	if g.State == sources.Firing {
		return g.Severity.Word()
	}
	return string(g.State)
}

func (m *Model) wordStyle(g triage.Group) theme.Style {
	switch g.State {
	case sources.Pending:
		return m.theme.Muted
	case sources.Resolved:
		return m.theme.OK
	case sources.Firing:
	}
	switch g.Severity.Rank {
	case triage.RankPage, triage.RankCritical:
		return m.theme.Page
	case triage.RankWarning:
		return m.theme.WarningBold
	}
	return m.theme.Muted
}
