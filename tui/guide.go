package tui

import (
	"fmt"
	"slices"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// guideState is where in the guide the user is.
type guideState struct {
	at     int
	hidden bool
}

// maxHintRows is how many rows a hint may fill.
const maxHintRows = 2

// hint is the one that stands now; false: there is none, or it is hidden.
func (a *App) hint() (Hint, bool) {
	g := a.view.guide
	if g.hidden || g.at >= len(a.opts.Guide) || a.board == nil {
		return Hint{}, false
	}
	return a.opts.Guide[g.at], true
}

// onGuidedPage reports whether the page that the guide is about is open.
func (a *App) onGuidedPage() bool { return a.page.ok && a.guided(a.page.Item) }

func (a *App) guided(it triage.Item) bool { return it.Name().String() == a.opts.GuideTo }

// atStepOf reports whether the runbook is at the step that a hint is about.
func (a *App) atStepOf(h Hint) bool {
	_, at, _ := a.panes.reader.Step()
	return h.Step == 0 || at == h.Step
}

// otherStep is what the guide says at another step than the hint's.
func (a *App) otherStep(h Hint) Hint {
	_, at, of := a.panes.reader.Step()
	key, lead := ".", ""
	if at > h.Step {
		key = ","
	}
	if a.view.mode == previewing {
		lead = "This is another step. esc, then "
	}
	return Hint{
		Text:  fmt.Sprintf("%s%s goes to step %d of %d: that is the one to do.", lead, key, h.Step, of),
		Short: fmt.Sprintf("%s goes to step %d.", key, h.Step),
	}
}

// elsewhere is what the guide says while another page is open.
func (a *App) elsewhere() Hint {
	fires := slices.ContainsFunc(a.board.Groups, func(g triage.Group) bool {
		return g.State == sources.Firing && slices.ContainsFunc(g.Items, a.guided)
	})
	if !fires {
		return Hint{Text: "Nothing urgent yet. The page will come by itself: the message row says so.", Short: "Nothing urgent yet: wait."}
	}
	return Hint{Text: "The page to work on is " + a.opts.GuideTo + ": ! opens the most urgent page.", Short: "! opens the most urgent page."}
}

// guideRows are the rows of the guide: they have a place of their own and
// cover nothing. Where a hint does not fit it is the short one.
func (a *App) guideRows() []string {
	h, ok := a.hint()
	if !ok || a.w < tinyW {
		return nil
	}
	label := fmt.Sprintf(" GUIDE %d/%d ", a.view.guide.at+1, len(a.opts.Guide))
	if !a.onGuidedPage() {
		h, label = a.elsewhere(), " GUIDE "
	} else if !a.atStepOf(h) {
		h = a.otherStep(h)
	}
	in := frame.Width(label) + 1
	room := max(10, a.w-in-1)
	rows := frame.Wrap(h.Text+" (H hides this)", room)
	if most := max(1, min(maxHintRows, a.h/hintShare)); len(rows) > most {
		if rows = frame.Wrap(h.Text, room); len(rows) > most {
			rows = frame.Wrap(h.Short, room)
		}
	}
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

// guideDone goes on to the next hint when what this one asks for was done on
// its page.
func (a *App) guideDone(action keymap.Action) {
	if h, ok := a.hint(); ok && h.Until != "" && h.Until == action && a.onGuidedPage() && a.atStepOf(h) {
		a.view.guide.at++
		a.relayout()
	}
}

// guideUndone goes back to the hint that asks for an action: what it led to was
// left again.
func (a *App) guideUndone(action keymap.Action) {
	g := &a.view.guide
	if g.at > 0 && g.at <= len(a.opts.Guide) && a.opts.Guide[g.at-1].Until == action && a.onGuidedPage() {
		g.at--
		a.relayout()
	}
}

// guideResolved goes on when the page is over that the hint waits for.
func (a *App) guideResolved() {
	if h, ok := a.hint(); ok && h.Resolved && a.onGuidedPage() && a.page.Over {
		a.view.guide.at++
		a.relayout()
	}
}
