package reader

import (
	"bytes"
	"sort"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// estimate guesses the rows of every block at this width. Drawn blocks replace
// their guess.
func (m *Model) estimate() {
	m.guess = make([]int, m.blocks())
	m.total = 0
	prose := max(min(m.width, Measure), 1)
	for i := range m.guess {
		n := len(m.links.targets) + len(m.doc.Cut) + 1
		if i < len(m.doc.Blocks) {
			b := m.doc.Blocks[i]
			n = b.EndLine - b.Line + 2
			switch b.Kind {
			case runbook.Paragraph, runbook.Quote, runbook.Plain, runbook.HTML:
				n = bytesOf(m.starts, b)/prose + 2
			case runbook.Item:
				n = max(n-1, bytesOf(m.starts, b)/prose+1)
			}
		}
		m.guess[i] = n
		m.total += n
	}
}

// lineStarts is where each line begins; the last entry is the end.
func lineStarts(text []byte) []int {
	at := make([]int, 1, bytes.Count(text, []byte{'\n'})+2)
	for end := 0; ; {
		i := bytes.IndexByte(text[end:], '\n')
		if i < 0 {
			return append(at, len(text))
		}
		end += i + 1
		at = append(at, end)
	}
}

func bytesOf(starts []int, b runbook.Block) int {
	last := len(starts) - 1
	return starts[min(max(b.EndLine, 0), last)] - starts[min(max(b.Line-1, 0), last)]
}

// here is the top of the pane now: the anchor's block and its row at the
// present height. The anchor itself keeps the height it was taken at, so that a
// pane that grows and shrinks comes back to the same row.
func (m *Model) here() (block, row int) {
	if m.blocks() == 0 || m.width == 0 {
		return 0, 0
	}
	n := m.draw(m.top.block).n
	if m.top.line > 0 && m.top.was != n {
		m.top.row, m.top.was = m.rowOf(m.top.block, m.top.line), n
	}
	row = m.top.row
	if m.top.was > 0 && m.top.was != n && !m.isCode(m.top.block) {
		row = row * n / m.top.was
	}
	return m.top.block, min(row, max(n-1, 0))
}

// isCode reports whether block i has the same rows at every width.
func (m *Model) isCode(i int) bool {
	return i < len(m.doc.Blocks) && m.doc.Blocks[i].Kind == runbook.Code
}

// moveTo sets the top.
func (m *Model) moveTo(block, row int) {
	m.top = anchor{block: block, row: row, was: m.draw(block).n}
}

// Scroll moves the text by lines: down the document if positive. It stops
// where the last row is at the bottom of the pane.
func (m *Model) Scroll(lines int) {
	if m.blocks() == 0 || m.width == 0 {
		return
	}
	b, r := m.here()
	fromB, fromR := b, r
	if lines < 0 {
		m.moveTo(m.back(b, r, -lines))
		return
	}
	for lines > 0 && b < m.blocks() {
		n := m.draw(b).n
		if r+lines < n {
			r += lines
			break
		}
		lines -= n - r
		b, r = b+1, 0
	}
	endB, endR := m.end()
	if b > endB || b == endB && r > endR {
		b, r = endB, endR
		if fromB > b || fromB == b && fromR > r {
			return // a jump went further down; scrolling on does not go back
		}
	}
	m.moveTo(b, r)
}

// back is the place lines rows above a place, at most the top.
func (m *Model) back(b, r, lines int) (block, row int) {
	for lines > r {
		if b == 0 {
			return 0, 0
		}
		lines -= r
		b--
		r = m.draw(b).n
	}
	return b, r - lines
}

// end is the top of the last full pane.
func (m *Model) end() (block, row int) {
	b := m.blocks() - 1
	return m.back(b, m.draw(b).n, max(m.height, 1))
}

// Page moves by panes less one row, so that the eye finds its line again.
func (m *Model) Page(n int) { m.Scroll(n * max(m.height-1, 1)) }

// HalfPage moves by half panes.
func (m *Model) HalfPage(n int) { m.Scroll(n * max(m.height/2, 1)) }

// Top goes to the first row.
func (m *Model) Top() {
	if m.blocks() > 0 && m.width > 0 {
		m.moveTo(0, 0)
	}
}

// Bottom puts the last row at the bottom of the pane.
func (m *Model) Bottom() {
	if m.blocks() > 0 && m.width > 0 {
		m.moveTo(m.end())
	}
}

// Heading goes n headings down or, with a negative n, up. Up goes to the
// heading of the section at the top first. It stays where it is if there is no
// such heading.
func (m *Model) Heading(n int) {
	if m.blocks() == 0 || m.width == 0 {
		return
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	b, row := m.here()
	if step < 0 && row > 0 {
		b++ // the heading at the top counts if it is not fully visible
	}
	to := -1
	for n > 0 {
		if b += step; b < 0 || b >= len(m.doc.Blocks) {
			break
		}
		if m.doc.Blocks[b].Kind == runbook.Heading {
			to = b
			n--
		}
	}
	if to >= 0 {
		m.moveTo(to, 0)
	}
}

// Sideways moves code, all blocks together, by cells: positive shows what is
// further right. It goes no further than the longest line on screen.
func (m *Model) Sideways(cells int) {
	if m.blocks() == 0 || m.width == 0 {
		return
	}
	reach := 0
	b, row := m.here()
	for rows := -row; b < m.blocks() && rows < m.height; b++ {
		d := m.draw(b)
		for _, p := range d.parts {
			if p.box != nil {
				reach = max(reach, p.box.reach())
			}
		}
		rows += d.n
	}
	m.side = min(max(m.side+cells, 0), reach)
}

// Percent is how much of the document is above the bottom of the pane's way:
// 0 at the top, 100 at the end, 100 if all of it is on screen. Between, it
// rests on guesses for what was not yet drawn.
func (m *Model) Percent() int {
	if m.blocks() == 0 || m.width == 0 {
		return 100
	}
	last, row := m.here()
	above, seen := row, -row
	for i := range last {
		above += m.guess[i]
	}
	for ; last < m.blocks() && seen < m.height; last++ {
		seen += m.draw(last).n
	}
	switch {
	case last == m.blocks() && seen <= m.height:
		return 100
	case above == 0:
		return 0
	}
	return min(max(above*100/max(m.total-m.height, 1), 1), 99)
}

// Line is the line of Document.Source at the top of the pane, from 1; 0 if
// there is no document.
func (m *Model) Line() int {
	if m.blocks() == 0 {
		return 0
	}
	if m.top.block >= len(m.doc.Blocks) {
		return m.doc.Blocks[len(m.doc.Blocks)-1].EndLine
	}
	b := m.doc.Blocks[m.top.block]
	i, row := m.here()
	if m.isCode(i) { // the fence is a line as the frame's top is a row
		return min(b.Line+row, b.EndLine)
	}
	return min(b.Line+row*(b.EndLine-b.Line+1)/max(m.guess[i], 1), b.EndLine)
}

// rowOf is the row of a block where a source line is: where its words are
// drawn, else as far into the block as the line is.
func (m *Model) rowOf(block, line int) int {
	if block < 0 || block >= len(m.doc.Blocks) || m.width == 0 {
		return 0
	}
	b, d := m.doc.Blocks[block], m.draw(block)
	lines, off := b.EndLine-b.Line+1, line-b.Line
	switch {
	case off <= 0 || d.n == 0:
		return 0
	case m.isCode(block):
		return min(off, d.n-1)
	}
	if line < len(m.starts) {
		if row := d.find(onlyWords(string(m.doc.Text()[m.starts[line-1]:m.starts[line]]))); row >= 0 {
			return row
		}
	}
	return min(off*d.n/lines, d.n-1)
}

// blockAt is the block that holds a source line, or the one before it.
func (m *Model) blockAt(line int) int {
	return max(sort.Search(len(m.doc.Blocks), func(i int) bool { return m.doc.Blocks[i].Line > line })-1, 0)
}

// HeadingAt is the text of the heading of the section at the top of the pane;
// empty above the first.
func (m *Model) HeadingAt() string {
	for b := min(m.top.block, len(m.doc.Blocks)-1); b >= 0; b-- {
		if m.doc.Blocks[b].Kind == runbook.Heading {
			return m.doc.Blocks[b].Text
		}
	}
	return ""
}
