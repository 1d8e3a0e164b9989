package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// A command for another cluster than the page's is run only after the name of
// its context was typed: a y is pressed out of habit, a name is not.

// minName is how many cells there are for the name that is typed.
const minName = 12

// typeName takes what is typed of the name.
func (a *App) typeName(msg tea.Msg) tea.Cmd {
	a.view.inputErr = ""
	var cmd tea.Cmd
	a.view.input, cmd = a.view.input.Update(msg)
	return cmd
}

func (a *App) doName(action keymap.Action) tea.Cmd {
	r := &a.view.run
	switch action {
	case keymap.Back:
		a.endEntry()
		a.view.mode = previewing
	case keymap.Accept:
		name := r.aims.wrong()
		switch {
		case !r.drawn:
			a.say("see all of it first: esc, then j scrolls down", true)
			return nil
		case name == "" || strings.TrimSpace(a.view.input.Value()) != strings.TrimSpace(name):
			a.view.inputErr = "this is not " + name + ": nothing was run"
			return nil
		}
		a.endEntry()
		a.view.mode = previewing
		return a.goAhead()
	}
	return nil
}

// nameRows are the line in which the name is typed. A name of a cloud fills a
// row by itself.
func (a *App) nameRows(name string, w int) []string {
	rows := frame.Chop("type "+name+" to run it there: ", max(1, w))
	last := len(rows) - 1
	room := w - frame.Width(rows[last])
	for i, r := range rows {
		rows[i] = a.theme.WarningBold.Paint(r)
	}
	if room < minName {
		rows, last, room = append(rows, ""), last+1, w
	}
	a.view.input.SetWidth(max(1, room-1))
	rows[last] += a.view.input.View()
	if a.view.inputErr != "" {
		rows = append(rows, a.theme.Warning.Paint(frame.Cut(a.view.inputErr, w)))
	}
	return rows
}
