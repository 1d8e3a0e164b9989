package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// startFilter opens the line where the filter is typed, over the footer.
func (a *App) startFilter() tea.Cmd {
	if a.board == nil {
		a.say("there is nothing to filter yet", false)
		return nil
	}
	a.view.mode = filtering
	a.view.inputErr = ""
	a.view.input.SetValue(a.filter.String())
	a.view.input.CursorEnd()
	if a.lay.shape == one {
		a.focus(alertsSlot)
	}
	return a.view.input.Focus()
}

func (a *App) doFilter(action keymap.Action) tea.Cmd {
	switch action {
	case keymap.Back:
		a.setFilter(triage.Filter{})
		a.view.inputErr = ""
	case keymap.Accept:
		a.onTyped(typedMsg{a.view.input.Value()})
		if a.view.inputErr != "" {
			return nil
		}
	}
	a.view.mode = normal
	a.view.input.Blur()
	if action == keymap.Accept && a.page.ok && !a.filter.Empty() && !a.filter.Match(a.page.Item) {
		return a.selectFirst() // what was looked for is meant to be read
	}
	return nil
}

// typeFilter takes what is typed; the list follows a moment later, so that a
// paste that comes letter by letter is filtered for once.
func (a *App) typeFilter(msg tea.Msg) tea.Cmd {
	before := a.view.input.Value()
	var cmd tea.Cmd
	a.view.input, cmd = a.view.input.Update(msg)
	if a.view.input.Value() == before {
		return cmd
	}
	return tea.Batch(cmd, waitTyped(a.view.input.Value()))
}

// onTyped filters by what was typed, unless more was typed since. While the
// last word is half a matcher, the words before it hold, and what is missing is
// said.
func (a *App) onTyped(msg typedMsg) {
	if a.view.mode != filtering || msg.text != a.view.input.Value() {
		a.dirty = false
		return
	}
	text := strings.TrimSpace(msg.text)
	f, err := triage.ParseFilter(text)
	a.view.inputErr = safe.Err(err)
	if err != nil {
		whole := text[:strings.LastIndexAny(text, " ,")+1]
		if f, err = triage.ParseFilter(strings.TrimRight(whole, " ,")); err != nil {
			return
		}
	}
	a.setFilter(f)
}

func (a *App) setFilter(f triage.Filter) {
	a.filter = f
	a.applyRows()
	a.relayout()
}

func (a *App) filterRow() string {
	a.view.input.SetWidth(max(10, a.w/2))
	hint := fmt.Sprintf("%d of %s", a.matching, page.Counted(a.total, "row"))
	style := a.theme.Muted
	if a.view.inputErr != "" {
		hint, style = a.view.inputErr, a.theme.Warning
	}
	return frame.Cut(a.theme.Key.Paint(" / ")+a.view.input.View()+"  "+style.Paint(hint), a.w)
}
