package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// messageRow is the last thing worth saying, else what to know about the keys.
func (a *App) messageRow() string {
	m := a.view.message
	switch {
	case a.view.fresh != "":
		return a.theme.Critical.Paint(frame.Cut(" "+safe.Text(a.view.fresh), a.w))
	case m.text != "" && m.bad:
		return a.theme.Warning.Paint(frame.Cut(" "+safe.Text(m.text), a.w))
	case m.text != "":
		return a.theme.Accent.Paint(frame.Cut(" "+safe.Text(m.text), a.w))
	case a.view.paused:
		return a.theme.Warning.Paint(frame.Cut(" Paused: nothing is asked until you press R. r asks once.", a.w))
	}
	if a.view.mode == previewing || a.view.mode == naming {
		return ""
	}
	return a.theme.Muted.Paint(frame.Cut(" Reading is safe: nothing here changes production. Updates come by themselves.", a.w))
}

// footer is the next useful keys of the pane, in words; while a filter is
// typed, the line it is typed in; on small screens a message has the row.
func (a *App) footer() string {
	switch a.view.mode {
	case filtering:
		return a.filterRow()
	case searching:
		return a.searchRow()
	case following:
		return a.linkRow()
	case sifting:
		if a.changed.full == servicesFull {
			n, of := a.panes.services.Matches()
			return a.entryRow(" / ", fmt.Sprintf("%d of %d services; words: worse, payments ...", n, of))
		}
		n, of := a.panes.timeline.Matches()
		return a.entryRow(" / ", fmt.Sprintf("%d of %d changes; words: checkout, deploy, likely ...", n, of))
	}
	if a.lay.message < 0 && (a.view.message.text != "" || a.view.fresh != "" || a.view.paused) {
		return a.messageRow()
	}
	return " " + strings.Join(a.footerKeys(a.w-1), "   ")
}

// quietKeys are the keys worth naming while there is no page.
var quietKeys = map[keymap.Action]bool{
	keymap.Refresh: true, keymap.Folded: true, keymap.Changed: true, keymap.PaneHealth: true, keymap.Who: true, keymap.Help: true, keymap.Quit: true,
}

// changeAction are of no use while no change is listed.
var changeAction = map[keymap.Action]bool{
	keymap.Open: true, keymap.Filter: true, keymap.OpenLink: true, keymap.CopyRollback: true,
}

// textKeys are of no use while there is no text.
var textKeys = map[keymap.Action]bool{
	keymap.NextHeading: true, keymap.Outline: true, keymap.Search: true, keymap.CopyCommand: true,
}

// stormy reports whether the rows of the list fold others: then going from one to
// the next leads nowhere.
func (a *App) stormy() bool { return a.board != nil && len(a.board.Groups) > triage.MaxRows }

// footerKeys are as many keys with their words as fit into w cells, this
// pane's first; the way to all the others, help, is the last to go.
func (a *App) footerKeys(w int) []string {
	var first, shown []string // the keys of the runbook's step before all others
	help := ""
	for _, scope := range a.scopes() {
		for _, b := range a.opts.Keys.In(scope) {
			switch {
			case !a.page.ok && a.view.mode == normal && a.changed.full == noFull && !quietKeys[b.Action] && !a.onFirstRun():
			case textKeys[b.Action] && b.Scope == keymap.Reader && a.shown().Doc.Empty():
			case b.Action == keymap.NextStep && !a.hasSteps(), b.Action == keymap.Run && !a.canRun():
			case a.changed.full != noFull && b.Scope == keymap.Global && (!quietKeys[b.Action] || b.Action == keymap.Changed || b.Action == keymap.PaneHealth || b.Action == keymap.Who): // these speak of what is not on screen
			case b.Action == keymap.Confirm && a.view.run.stage != asked:
			case b.Action == keymap.CopyEscalation && !a.page.ok:
			case b.Scope == keymap.LinkList && b.Action == keymap.Accept && a.opts.Desktop.Open == nil:
			case b.Action == keymap.Folded && a.nothingFolded():
			case b.Action == keymap.PaneWhy && a.view.open == whySlot:
			case b.Action == keymap.Jump && !a.stormy():
			case b.Action == keymap.CopyRollback && (!a.page.ok || a.changed.full == suspectFull && !a.panes.suspect.HasUndo()):
			case a.changed.full == timelineFull && changeAction[b.Action] && !a.anyChange():
			case b.Footer == "":
			case b.Action == keymap.Help:
				help = b.Footer
			case b.Action == keymap.NextStep, b.Action == keymap.Run:
				first = append(first, b.Footer)
			default:
				shown = append(shown, b.Footer)
			}
		}
	}
	shown = slices.Concat(first, shown)
	room := w - frame.Width(help)
	var out []string
	for _, f := range shown {
		if n := frame.Width(f) + 3; n <= room {
			room -= n
			out = append(out, f)
		}
	}
	if help != "" {
		out = append(out, help)
	}
	for i, f := range out {
		key, words, _ := strings.Cut(f, " ")
		out[i] = a.theme.Key.Paint(key) + " " + words
	}
	return out
}

// canRun reports whether x would show a command now.
func (a *App) canRun() bool {
	s, _, _ := a.panes.reader.Step()
	codes := a.shown().Doc.Codes()
	return a.opts.Actions.Run != nil && s.Code >= 0 && s.Code < len(codes) && codes[s.Code].Command()
}

func (a *App) hasSteps() bool {
	_, _, of := a.panes.reader.Step()
	return of > 0 && !a.shown().Doc.Empty()
}
