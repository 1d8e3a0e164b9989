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
		rows = append(rows, jump.Row{Title: alertlist.Word(g) + " " + alertlist.Title(g), Alerts: a.jumpAlerts(plainGroups(g), g.Rest)})
	}
	for _, f := range []triage.Fold{triage.FoldSilenced, triage.FoldInhibited, triage.FoldDeadMan, triage.FoldNone} {
		groups := slices.Clone(a.board.Folded)
		groups = slices.DeleteFunc(groups, func(g triage.Group) bool { return g.Fold != f })
		if len(groups) > 0 {
			rows = append(rows, jump.Row{Title: "folded: " + foldWords[f], Alerts: a.jumpAlerts(groups, true)})
		}
	}
	a.panes.jump.Open(rows)
	a.view.mode = jumping
}

// jumpAlerts are the alerts of some groups with what tells them apart: the name
// where there are several, the cluster where there are several, the service,
// then whatever labels differ in any of the groups, the host first.
func (a *App) jumpAlerts(groups []triage.Group, named bool) []jump.Alert {
	var labels []string
	for i := range groups {
		for _, n := range append([]string{groups[i].Spread.Label}, groups[i].Differ...) {
			if n != "" && !slices.Contains(labels, n) {
				labels = append(labels, n)
			}
		}
	}
	var out []jump.Alert
	for i := range groups {
		for k := range groups[i].Items {
			it := &groups[i].Items[k]
			var words []string
			add := func(v string) {
				if v != "" && !slices.Contains(words, v) {
					words = append(words, v)
				}
			}
			if named {
				add(it.Name().String())
			}
			if len(a.board.Snapshot.Clusters) > 1 {
				add(safe.Text(it.Cluster))
			}
			add(it.Service.Name.String())
			for _, n := range labels {
				add(it.Labels.Value(n).String())
			}
			if len(words) == 0 {
				words = []string{alertlist.Name(it.Name())}
			}
			out = append(out, jump.Alert{ID: it.ID, Text: strings.Join(words, " ")})
		}
	}
	return out
}

// plainGroups are the groups behind a row that fold no others.
func plainGroups(g triage.Group) []triage.Group {
	if len(g.Parts) == 0 {
		return []triage.Group{g}
	}
	var out []triage.Group
	for _, p := range g.Parts {
		out = append(out, plainGroups(p)...)
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
