package tui

import (
	"fmt"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// startEntry opens the line over the footer where something is typed.
func (a *App) startEntry(m mode, value string) tea.Cmd {
	a.view.mode, a.view.inputErr = m, ""
	a.view.input = textinput.New()
	a.view.input.Prompt, a.view.input.CharLimit = "", maxFilter
	a.view.input.SetValue(value)
	a.view.input.CursorEnd()
	return a.view.input.Focus()
}

func (a *App) endEntry() {
	a.view.mode = normal
	a.view.input.Blur()
}

func (a *App) startSearch() tea.Cmd {
	if !a.hasText() {
		return nil
	}
	text, _, _ := a.panes.reader.Found()
	return a.startEntry(searching, text)
}

// typeSearch searches as it is typed.
func (a *App) typeSearch(msg tea.Msg) tea.Cmd {
	before := a.view.input.Value()
	var cmd tea.Cmd
	if a.view.input, cmd = a.view.input.Update(msg); a.view.input.Value() != before {
		a.panes.reader.Search(a.view.input.Value())
	}
	return cmd
}

func (a *App) doSearch(action keymap.Action) tea.Cmd {
	switch action {
	case keymap.Back:
		a.panes.reader.Search("")
	}
	a.endEntry()
	return nil
}

func (a *App) searchRow() string {
	_, at, of := a.panes.reader.Found()
	hint := "not found"
	switch {
	case a.view.input.Value() == "":
		hint = "type what to look for"
	case of > 0:
		hint = fmt.Sprintf("line %d of %d; enter keeps, then n and N", at, of)
	}
	return a.entryRow(" / ", hint)
}

// entryRow is the line that is typed in, and what there is to say to it.
func (a *App) entryRow(label, hint string) string {
	a.view.input.SetWidth(max(10, a.w/3))
	style := a.theme.Muted
	if a.view.inputErr != "" {
		hint, style = a.view.inputErr, a.theme.Warning
	}
	return frame.Cut(a.theme.Key.Paint(label)+a.view.input.View()+"  "+style.Paint(hint), a.w)
}

func (a *App) nextHit(n int) {
	if !a.hasText() {
		return
	}
	text, _, _ := a.panes.reader.Found()
	at, of := a.panes.reader.Next(n)
	switch {
	case text == "":
		a.say("nothing is searched for  (/ searches)", false)
	case of == 0:
		a.say("not found: "+safe.Text(text), false)
	default:
		a.say(fmt.Sprintf("line %d of %d with %s", at, of, safe.Text(text)), false)
	}
}
