package tui

import (
	"fmt"
	"strings"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/alertlist"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// paneTitle is a rule with the pane's number and name on the left and the state
// of its data on the right.
func (a *App) paneTitle(s slot, w int) string {
	left := fmt.Sprintf("%d %s", s+1, a.paneName(s))
	right, stale := a.paneState(s)
	if s == alertsSlot {
		for _, text := range a.alertsStates() {
			if frame.Width(left)+frame.Width(text)+ruleFrame <= w {
				right = text
				break
			}
		}
	}
	return a.ruleTitle(left, right, stale, a.view.open == s, w)
}

// ruleFrame is how many cells of a title are no words.
const ruleFrame = 7

// ruleTitle is a rule of w cells with a name on the left and a state on the
// right.
func (a *App) ruleTitle(left, right string, stale, focus bool, w int) string {
	rule, title, mark := a.theme.Rule, a.theme.Title, "─"
	if focus {
		rule, title, mark = a.theme.RuleFocus, a.theme.TitleFocus, "━"
	}
	room := w - 4 - frame.Width(right)
	if right != "" {
		room -= 3
	}
	left = frame.Cut(left, max(0, room))
	fill := w - 3 - frame.Width(left)
	if right != "" {
		fill -= frame.Width(right) + 3
	}
	out := rule.Paint(mark) + " " + title.Paint(left) + " " + rule.Paint(strings.Repeat(mark, max(0, fill)))
	if right != "" {
		style := a.theme.Muted
		if stale {
			style = a.theme.Stale
		}
		out += " " + style.Paint(right) + " " + rule.Paint(mark)
	}
	return out
}

func (a *App) paneName(s slot) string {
	switch s {
	case alertsSlot:
		name := "Alerts"
		if a.view.order != triage.BySeverity {
			name += " by " + orderWords[a.view.order]
		}
		if !a.filter.Empty() {
			name += " matching " + a.filter.String()
		}
		return name
	case runbookSlot:
		if len(a.page.visited) > 0 {
			return "Runbook: " + a.shown().Doc.Title.String()
		}
		return "Runbook: " + alertlist.Name(a.page.Item.Name())
	case changesSlot:
		return "What changed?"
	case healthSlot:
		name := "Health"
		if n := a.page.Item.Service.Words(); n != "" {
			name += ": " + n
		}
		if a.board != nil && len(a.board.Snapshot.Clusters) > 1 {
			name += " in " + a.page.Item.Cluster
		}
		return name
	}
	if r := a.panes.why.Range(); r != "" {
		return "Why is it firing: " + r
	}
	return "Why is it firing"
}

// paneState is how fresh a pane's data is, and whether it is not.
func (a *App) paneState(s slot) (text string, stale bool) {
	switch s {
	case alertsSlot:
		return a.alertsState()
	case runbookSlot:
		if a.shown().Doc.Empty() {
			return runbookStateWords(a.page.Runbook.State), false
		}
		text := fmt.Sprintf("%d%%", a.panes.reader.Percent())
		if _, n, of := a.panes.reader.Step(); n > 0 {
			if done := a.panes.reader.Done(); done > 0 {
				text = fmt.Sprintf("%d done · ", done) + text
			}
			text = fmt.Sprintf("step %d of %d · ", n, of) + text
		}
		return text, false
	case changesSlot:
		return a.changesState()
	case healthSlot:
		return a.slotState(a.page.Health.State, a.page.Health.AsOf)
	}
	return a.slotState(a.page.Why.State, a.page.Why.AsOf)
}

func runbookStateWords(s page.State) string {
	switch s {
	case page.Waiting:
		return "looking"
	case page.Failed:
		return "failed"
	}
	return "not found"
}
