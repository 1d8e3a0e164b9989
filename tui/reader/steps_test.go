package reader_test

import (
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/reader"
)

// The mark is on the current step's first row, wherever the text is scrolled
// to, and moving brings the step on screen without moving what fits.
func TestStepsAreMarkedAndBroughtOnScreen(t *testing.T) {
	t.Parallel()
	src := "# Alert\n\n- [ ] First.\n\n- [ ] Second.\n\n" + strings.Repeat("Words that fill the pane.\n\n", 20) + "- [ ] Third.\n"
	m := reader.New(dark())
	m.SetSize(60, 8)
	m.SetDocument("k", parse(src), runbook.Pos{})
	marked := func() string {
		out := ""
		for _, r := range plain(m.Rows()) {
			if strings.Contains(r, "▸") {
				out += r
			}
		}
		return out
	}
	if got := marked(); got != "▸ [ ] First." {
		t.Errorf("at first %q is marked", got)
	}
	top := plain(m.Rows())[0]
	if !m.MoveStep(1) || marked() != "▸ [ ] Second." || plain(m.Rows())[0] != top {
		t.Errorf("the second step: %q, and the text moved to %q", marked(), plain(m.Rows())[0])
	}
	if !m.MoveStep(1) || marked() != "▸ [ ] Third." {
		t.Errorf("the third step is not on screen: %q", m.Rows())
	}
	if m.MoveStep(1) {
		t.Error("there is a fourth step")
	}
	if _, n, of := m.Step(); n != 3 || of != 3 {
		t.Errorf("step %d of %d", n, of)
	}
	m.SetDocument("other", parse("no steps"), runbook.Pos{})
	if _, n, of := m.Step(); n != 0 || of != 0 || m.MoveStep(1) || m.MoveStep(-1) {
		t.Errorf("a document without steps has step %d of %d", n, of)
	}
	m.SetDocument("k", parse(src), runbook.Pos{})
	if _, n, _ := m.Step(); n != 3 {
		t.Errorf("back in the document, step %d is the current one", n)
	}
}
