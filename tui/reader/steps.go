package reader

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// stepMark stands in the first cell of the current step's first row: in the
// gutter of a list, or on the corner of a frame.
const stepMark = "▸"

// Step is the current step and its number from 1, of how many. The number is 0
// when the document has no steps.
func (m *Model) Step() (s runbook.Step, number, of int) {
	if len(m.steps) == 0 {
		return runbook.Step{Code: -1}, 0, 0
	}
	return m.steps[m.step], m.step + 1, len(m.steps)
}

// MoveStep makes the step n further down the current one, up if n is negative,
// and brings it on screen. It reports whether there is one.
func (m *Model) MoveStep(n int) bool {
	to := m.step + n
	if to < 0 || to >= len(m.steps) {
		return false
	}
	m.step = to
	if m.width == 0 { // another pane has the room: it is at the top when this one comes back
		m.top = anchor{block: m.steps[to].Block}
		return true
	}
	m.show(m.steps[to].Block)
	return true
}

// show moves the text so that a block is on screen: not at all if it is there
// whole, else it goes to the top.
func (m *Model) show(block int) {
	b, row := m.here()
	if block >= b && (block > b || row == 0) {
		rows := -row
		for ; b <= block && rows <= m.height; b++ {
			rows += m.draw(b).n
		}
		if b > block && rows <= m.height {
			return
		}
	}
	m.moveTo(block, 0)
}

// ticked reports whether block i is.
func (m *Model) ticked(i int) bool {
	return i < len(m.doc.Blocks) && m.ticks[m.doc.Blocks[i].Line]
}

func (m *Model) atStep(block int) bool {
	return len(m.steps) > 0 && m.steps[m.step].Block == block
}

// mark puts the mark of the current step over the first cell of a row.
func (m *Model) mark(row string) string {
	return m.look.theme.AccentBold.Paint(stepMark) + ansi.TruncateLeft(row, 1, "")
}

// Tick marks the current step as done, or takes the mark away. False: there is
// no step.
func (m *Model) Tick() (done, ok bool) {
	if len(m.steps) == 0 {
		return false, false
	}
	s := m.steps[m.step]
	done = !m.ticks[s.Line]
	if m.ticks[s.Line] = done; !done {
		delete(m.ticks, s.Line)
	}
	return done, true
}

// Ticked reports whether the current step is.
func (m *Model) Ticked() bool { return len(m.steps) > 0 && m.ticks[m.steps[m.step].Line] }

// Done is how many of the steps are ticked.
func (m *Model) Done() int {
	n := 0
	for _, s := range m.steps {
		if m.ticks[s.Line] {
			n++
		}
	}
	return n
}
