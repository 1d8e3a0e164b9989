package tui

import (
	"fmt"

	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// guideState is where in the guide the user is.
type guideState struct {
	at     int
	hidden bool
}

// maxHintRows is how many rows a hint may fill.
const maxHintRows = 3

// hint is the one that stands now; false: there is none, or it is hidden.
func (a *App) hint() (Hint, bool) {
	g := a.view.guide
	if g.hidden || g.at >= len(a.opts.Guide) || a.board == nil {
		return Hint{}, false
	}
	return a.opts.Guide[g.at], true
}

// guideRows are the rows of the guide: they have a place of their own and
// cover nothing.
func (a *App) guideRows() []string {
	h, ok := a.hint()
	if !ok || a.w < tinyW {
		return nil
	}
	label := fmt.Sprintf(" GUIDE %d/%d ", a.view.guide.at+1, len(a.opts.Guide))
	in := frame.Width(label) + 1
	rows := frame.Wrap(h.Text+" (H hides this)", max(10, a.w-in-1))
	rows = rows[:min(len(rows), maxHintRows)]
	for i, r := range rows {
		lead := frame.Blank(in)
		if i == 0 {
			lead = a.theme.Danger.Paint(label) + " "
		}
		rows[i] = lead + a.theme.Bold.Paint(r)
	}
	return rows
}

func (a *App) toggleGuide() {
	if len(a.opts.Guide) == 0 {
		a.say("there is a guide in the demo only: firstpage demo", false)
		return
	}
	a.view.guide.hidden = !a.view.guide.hidden
	a.relayout()
}

// guideDone goes on to the next hint when what this one asks for was done.
func (a *App) guideDone(action keymap.Action) {
	if h, ok := a.hint(); ok && h.Until != "" && h.Until == action {
		a.view.guide.at++
		a.relayout()
	}
}

// guideResolved goes on when the page is over that the hint waits for.
func (a *App) guideResolved() {
	if h, ok := a.hint(); ok && h.Resolved && a.page.ok && a.page.Over {
		a.view.guide.at++
		a.relayout()
	}
}
