package tui

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// pastView is the longer or shorter time that the graph was asked to show.
type pastView struct {
	of      pastOf
	asked   time.Time
	running bool
	step    time.Duration // how old the answer may become
}

// pastOf is what was asked for.
type pastOf struct {
	alert sources.AlertID
	query string
	back  time.Duration
}

// pastRetry is when a question that got no answer is asked again.
const pastRetry = 15 * time.Second

// pastMsg: what the rule measured over that time is known.
type pastMsg struct {
	of   pastOf
	past page.Past
	err  error
}

// doWhy carries out what only the pane of the graph knows.
func (a *App) doWhy(action keymap.Action) tea.Cmd {
	if !a.page.ok {
		a.say("no alert is selected", true)
		return nil
	}
	n := map[keymap.Action]int{keymap.Wider: 1, keymap.Narrower: -1}[action]
	if !a.panes.why.Stretch(n) {
		a.say(map[int]string{1: "that is the longest time", -1: "that is the shortest time"}[n], false)
		return nil
	}
	a.refreshPanes()
	return a.askPast()
}

// askPast asks for the time that the graph shows, if it is on screen, another
// than the page's own, and not known or aged.
func (a *App) askPast() tea.Cmd {
	back := a.panes.why.Back()
	if !a.page.ok || back == 0 || !a.lay.visible(whySlot) {
		return nil
	}
	of := pastOf{a.selected(), a.page.Why.Value.Query.String(), back}
	if v := &a.past; v.of != of {
		*v = pastView{of: of}
	} else if v.running || !v.asked.IsZero() && a.opts.Now().Sub(v.asked) < v.step {
		return nil
	}
	a.past.running, a.past.asked = true, a.opts.Now()
	ctx, p, assembler := a.page.ctx, a.page.Page, a.opts.Assembler
	return func() tea.Msg {
		past, err := assembler.Measured(ctx, p, back)
		return pastMsg{of, past, err}
	}
}

func (a *App) onPast(msg pastMsg) {
	if msg.of != a.past.of || msg.of.back != a.panes.why.Back() {
		a.dirty = false
		return
	}
	a.past.running, a.past.step = false, max(pastRetry, msg.past.Step)
	var failed *sources.Error
	if errors.As(msg.err, &failed) && failed.Kind == sources.Canceled {
		return
	}
	a.panes.why.SetPast(msg.of.back, msg.past, msg.err)
	a.refreshPanes()
}
