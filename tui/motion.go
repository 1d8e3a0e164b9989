package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// motion moves or scrolls in the pane that has the focus.
func (a *App) motion(action keymap.Action) tea.Cmd {
	if a.changed.full != noFull {
		a.fullMotion(action)
		return nil
	}
	switch a.view.open {
	case alertsSlot:
		return a.moveSelection(func() { a.listMotion(action) })
	case runbookSlot:
		a.readerMotion(action)
	default:
		if n, ok := steps(action, a.lay.panes[a.view.open].h-1); ok {
			a.scrollPane(n)
		}
	}
	return nil
}

// steps is how far a motion goes where a screen has so many rows; false: the
// action is none.
func steps(action keymap.Action, height int) (int, bool) {
	height = max(1, height)
	n, ok := map[keymap.Action]int{
		keymap.Down: 1, keymap.Up: -1, keymap.HalfDown: height / 2, keymap.HalfUp: -height / 2,
		keymap.PageDown: height, keymap.PageUp: -height, keymap.Top: -1 << 20, keymap.Bottom: 1 << 20,
	}[action]
	return n, ok
}

func (a *App) scrollPane(n int) {
	switch a.view.open {
	case changesSlot:
		a.panes.changes.Move(n)
		a.refreshPanes()
	case healthSlot:
		a.panes.health.Move(n)
		a.refreshPanes()
	case whySlot:
		a.panes.why.Scroll(n)
	}
}

func (a *App) listMotion(action keymap.Action) {
	l := a.panes.alerts
	switch action {
	case keymap.Down:
		l.Move(1)
	case keymap.Up:
		l.Move(-1)
	case keymap.HalfDown:
		l.Page(1, true)
	case keymap.HalfUp:
		l.Page(-1, true)
	case keymap.PageDown:
		l.Page(1, false)
	case keymap.PageUp:
		l.Page(-1, false)
	case keymap.Top:
		l.Top()
	case keymap.Bottom:
		l.Bottom()
	}
}

func (a *App) readerMotion(action keymap.Action) {
	r := a.panes.reader
	switch action {
	case keymap.Down:
		r.Scroll(1)
	case keymap.Up:
		r.Scroll(-1)
	case keymap.HalfDown:
		r.HalfPage(1)
	case keymap.HalfUp:
		r.HalfPage(-1)
	case keymap.PageDown:
		r.Page(1)
	case keymap.PageUp:
		r.Page(-1)
	case keymap.Top:
		r.Top()
	case keymap.Bottom:
		r.Bottom()
	case keymap.NextHeading:
		r.Heading(1)
	case keymap.PrevHeading:
		r.Heading(-1)
	case keymap.Left:
		r.Sideways(-8)
	case keymap.Right:
		r.Sideways(8)
	}
}

// onWheel scrolls the pane with the focus by three rows.
func (a *App) onWheel(msg tea.MouseWheelMsg) tea.Cmd {
	action := keymap.Down
	if msg.Button == tea.MouseWheelUp {
		action = keymap.Up
	}
	var cmds []tea.Cmd
	for range 3 {
		cmds = append(cmds, a.motion(action))
	}
	return tea.Batch(cmds...)
}
