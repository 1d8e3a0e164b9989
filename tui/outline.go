package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// openOutline lists the headings of the runbook.
func (a *App) openOutline() {
	if !a.hasText() {
		return
	}
	items, at := a.panes.reader.Outline()
	if len(items) == 0 {
		a.say("this runbook has no headings", false)
		return
	}
	if a.w < helpMinW || a.h < helpMinH {
		return
	}
	a.view.outline = max(0, at)
	a.view.mode = outlining
}

func (a *App) doOutline(action keymap.Action) tea.Cmd {
	items, _ := a.panes.reader.Outline()
	switch action {
	case keymap.Down:
		a.view.outline++
	case keymap.Up:
		a.view.outline--
	case keymap.Top:
		a.view.outline = 0
	case keymap.Bottom:
		a.view.outline = len(items) - 1
	case keymap.Accept:
		a.view.mode = normal
		if a.view.outline < len(items) {
			a.panes.reader.GoTo(items[a.view.outline].Block)
		}
		if !a.lay.visible(runbookSlot) {
			a.focus(runbookSlot)
		}
	case keymap.Back:
		a.view.mode = normal
	}
	a.view.outline = clamp(a.view.outline, 0, len(items)-1)
	return nil
}

// drawOutline lays the headings over the body.
func (a *App) drawOutline(rows []string) {
	top, bottom := a.lay.head+1, a.bodyEnd()
	w := min(a.w, firstRunWidth)
	items, _ := a.panes.reader.Outline()
	var lines []string
	for i, it := range items {
		r := frame.Cut(frame.Blank(2*min(it.Level-1, 5))+safe.Text(it.Text), w-4)
		if i == a.view.outline {
			r = a.theme.Row.Over(frame.Pad(r, w-4))
		}
		lines = append(lines, r)
	}
	lines = a.windowAround(lines, a.view.outline, max(1, bottom-top-2))
	x := (a.w - w) / 2
	for i, l := range a.boxed("Outline", fmt.Sprintf("%d headings", len(items)), lines, w) {
		if top+i < bottom {
			rows[top+i] = frame.Blank(x) + l
		}
	}
}
