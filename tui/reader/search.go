package reader

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// search is what the user looks for and where it is.
type search struct {
	text  string // as typed; empty: nothing is looked for
	lines []int  // of the source that hold it, in order
	at    int    // index into lines of the one that was gone to
}

// Search looks for a text, upper and lower case alike, and goes to the first
// line at or below the top of the pane that holds it. It returns how many lines
// do. An empty text ends the search.
func (m *Model) Search(text string) int {
	m.find = search{text: text}
	if text == "" {
		return 0
	}
	want := fold(text)
	for i := 0; i+1 < len(m.starts); i++ {
		line := m.doc.Text()[m.starts[i]:m.starts[i+1]]
		if strings.Contains(fold(safe.Text(string(bytes.TrimRight(line, "\r\n")))), want) && m.inBlock(i+1) {
			m.find.lines = append(m.find.lines, i+1)
		}
	}
	if len(m.find.lines) == 0 {
		return 0
	}
	top := m.Line()
	for i, l := range m.find.lines {
		if l >= top {
			m.find.at = i
			break
		}
	}
	m.showLine(m.find.lines[m.find.at])
	return len(m.find.lines)
}

// inBlock reports whether a line belongs to a block that is shown: front matter
// and comments do not.
func (m *Model) inBlock(line int) bool {
	b := m.blockAt(line)
	return b < len(m.doc.Blocks) && m.doc.Blocks[b].Line <= line && line <= m.doc.Blocks[b].EndLine
}

// Next goes n hits further, round the end; up if n is negative. It returns the
// hit's number from 1, of how many; 0: nothing is looked for or found.
func (m *Model) Next(n int) (at, of int) {
	of = len(m.find.lines)
	if of == 0 {
		return 0, 0
	}
	m.find.at = ((m.find.at+n)%of + of) % of
	m.showLine(m.find.lines[m.find.at])
	return m.find.at + 1, of
}

// Found is the text that is looked for, the number of the hit and of how many.
func (m *Model) Found() (text string, at, of int) {
	if len(m.find.lines) == 0 {
		return m.find.text, 0, 0
	}
	return m.find.text, m.find.at + 1, len(m.find.lines)
}

// showLine brings a source line on screen, a few rows below the top.
func (m *Model) showLine(line int) {
	b := m.blockAt(line)
	if m.blocks() == 0 || m.width == 0 {
		return
	}
	row := m.rowOf(b, line)
	if top, at := m.here(); b > top || b == top && row >= at { // already there?
		rows := -at
		for i := top; i < b && rows <= m.height; i++ {
			rows += m.draw(i).n
		}
		if rows+row < m.height-1 {
			return
		}
	}
	m.moveTo(m.back(b, row, min(3, m.height/4)))
}

// fold makes upper and lower case alike, rune by rune, so that what is found
// has the length of what was looked for.
func fold(s string) string { return strings.Map(unicode.ToLower, s) }

// highlight marks what is looked for in a row.
func (m *Model) highlight(row string) string {
	if m.find.text == "" {
		return row
	}
	plain := ansi.Strip(row)
	low, want := fold(plain), fold(m.find.text)
	if len(low) != len(plain) || !strings.Contains(low, want) {
		return row
	}
	var b strings.Builder
	cells, from := 0, 0 // of plain, up to which row was written
	for {
		i := strings.Index(low[from:], want)
		if i < 0 {
			break
		}
		before := ansi.StringWidth(plain[from : from+i])
		hit := plain[from+i : from+i+len(want)]
		b.WriteString(ansi.Cut(row, cells, cells+before) + resetStyle + m.look.theme.Match.Paint(hit))
		cells += before + ansi.StringWidth(hit)
		from += i + len(want)
	}
	b.WriteString(ansi.TruncateLeft(row, cells, ""))
	return b.String()
}

const resetStyle = "\x1b[m"

// HeadingItem is one heading of the outline.
type HeadingItem struct {
	Text  string // clean
	Level int    // from 1
	Block int
}

// Outline is the headings of the document, and the index of the one that the
// top of the pane is under; -1: above the first.
func (m *Model) Outline() (items []HeadingItem, at int) {
	at = -1
	for i, b := range m.doc.Blocks {
		if b.Kind != runbook.Heading {
			continue
		}
		if i <= m.top.block {
			at = len(items)
		}
		items = append(items, HeadingItem{Text: b.Text, Level: b.Level, Block: i})
	}
	return items, at
}

// GoTo puts a block at the top of the pane.
func (m *Model) GoTo(block int) {
	if block >= 0 && block < m.blocks() && m.width > 0 {
		m.moveTo(block, 0)
	}
}

// GoToPos goes to a place of the document, as an anchor in it names it.
func (m *Model) GoToPos(p runbook.Pos) {
	if m.blocks() > 0 {
		m.top = anchor{block: min(max(p.Block, 0), m.blocks()-1), line: p.Line}
	}
}

// Link is the target of the link with a number, as it is written; false: there
// is no such number.
func (m *Model) Link(number int) (target string, ok bool) {
	if number < 1 || number > len(m.links.targets) {
		return "", false
	}
	return m.links.targets[number-1], true
}

// Links is how many numbered links there are.
func (m *Model) Links() int { return len(m.links.targets) }
