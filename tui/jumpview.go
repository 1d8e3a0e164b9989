package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/alertlist"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/jump"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// openJump gives every row of the list a letter, and what is folded one for
// each reason.
func (a *App) openJump() {
	if a.board == nil || a.board.Counts.Alerts+len(a.board.Folded) == 0 {
		a.say("there is nothing to jump to", false)
		return
	}
	if a.w < helpMinW || a.h < helpMinH {
		return
	}
	var rows []jump.Row
	for _, g := range a.board.Rows(a.filter, a.view.order) {
		rows = append(rows, jump.Row{Title: alertlist.Word(g) + " " + alertlist.Title(g), Alerts: jumpAlerts(&g, g.Rest)})
	}
	for _, f := range []struct {
		fold triage.Fold
		word string
	}{{triage.FoldSilenced, "silenced"}, {triage.FoldInhibited, "inhibited"}, {triage.FoldDeadMan, "always firing"}, {triage.FoldNone, "severity none"}} {
		r := jump.Row{Title: "folded: " + f.word}
		for _, g := range a.board.Folded {
			if g.Fold == f.fold {
				r.Alerts = append(r.Alerts, jumpAlerts(&g, true)...)
			}
		}
		if len(r.Alerts) > 0 {
			rows = append(rows, r)
		}
	}
	a.panes.jump.Open(rows)
	a.view.mode = jumping
}

// jumpAlerts are the alerts of a row with what tells them apart: the name where
// the row has several, the service, the host or whatever else they are on, then
// the other labels that differ.
func jumpAlerts(g *triage.Group, named bool) []jump.Alert {
	if len(g.Parts) > 0 {
		var out []jump.Alert
		for i := range g.Parts {
			out = append(out, jumpAlerts(&g.Parts[i], named)...)
		}
		return out
	}
	out := make([]jump.Alert, 0, len(g.Items))
	for i := range g.Items {
		it := &g.Items[i]
		var words []string
		add := func(v safe.Value) {
			if !v.Empty() && !slices.Contains(words, v.String()) {
				words = append(words, v.String())
			}
		}
		if named {
			add(it.Name())
		}
		add(it.Service.Name)
		add(it.Labels.Value(g.Spread.Label))
		for _, n := range g.Differ {
			add(it.Labels.Value(n))
		}
		if len(words) == 0 {
			words = []string{alertlist.Name(it.Name())}
		}
		out = append(out, jump.Alert{ID: it.ID, Text: strings.Join(words, " ")})
	}
	return out
}

// typeJump takes a letter; the last one opens the alert.
func (a *App) typeJump(msg tea.Msg) tea.Cmd {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	id := a.panes.jump.Type(key.Text)
	if id == "" {
		return nil
	}
	a.view.mode = normal
	if _, there := a.board.Item(id); !there {
		a.say("this alert is over, and not listed any more", true)
		return nil
	}
	cmd := a.open(id)
	a.focus(runbookSlot)
	return cmd
}

func (a *App) doJump(action keymap.Action) tea.Cmd {
	if action == keymap.Back && !a.panes.jump.Back() {
		a.view.mode = normal
	}
	return nil
}

// drawJump lays the index over the body.
func (a *App) drawJump(rows []string) {
	top, bottom := a.lay.head+1, a.bodyEnd()
	a.panes.jump.SetSize(a.w-4, bottom-top-2)
	title, count := a.panes.jump.Title()
	for i, l := range a.boxed(title, count, a.panes.jump.Rows(), a.w) {
		if top+i < bottom {
			rows[top+i] = frame.Pad(l, a.w)
		}
	}
}
