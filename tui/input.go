package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// onInput sends a key (or pasted text) to whoever has the keys.
func (a *App) onInput(msg tea.Msg) tea.Cmd {
	a.view.touched = true
	key, isKey := msg.(tea.KeyPressMsg)
	if isKey {
		if action, ok := a.opts.Keys.Lookup(key.String(), a.scopes()...); ok {
			if action == keymap.Confirm && key.IsRepeat {
				return nil // a key that is held down confirms nothing
			}
			return a.do(action)
		}
	}
	switch a.view.mode {
	case filtering:
		return a.typeFilter(msg)
	case helping:
		return a.typeHelp(msg)
	case searching:
		return a.typeSearch(msg)
	case following:
		return a.typeLink(msg)
	case naming:
		return a.typeName(msg)
	case sifting:
		return a.sift(msg)
	case jumping:
		return a.typeJump(msg)
	case previewing, outlining, linking:
		return nil
	}
	if a.onFirstRun() && a.first.asks != "" {
		return a.typeFirstRun(msg)
	}
	if isKey {
		a.say(a.strayWords(key.String()), false)
	}
	return nil
}

// do carries out an action, whichever way it was asked for.
func (a *App) do(action keymap.Action) tea.Cmd {
	if action == keymap.QuitNow {
		return tea.Quit // whoever has the keys
	}
	if action != keymap.Confirm { // that one counts when it was accepted
		defer a.guideDone(action)
	}
	if a.view.mode != normal {
		return a.doInMode(action)
	}
	if a.onFirstRun() {
		return a.doFirstRun(action)
	}
	if a.changed.full != noFull {
		if cmd, done := a.doFull(action); done {
			return cmd
		}
	}
	switch action {
	case keymap.Quit:
		return tea.Quit
	case keymap.Help:
		a.openHelp()
	case keymap.NextAlert:
		return a.moveSelection(func() { a.panes.alerts.Move(1) })
	case keymap.PrevAlert:
		return a.moveSelection(func() { a.panes.alerts.Move(-1) })
	case keymap.Urgent:
		return a.openUrgent()
	case keymap.Guide:
		a.toggleGuide()
	case keymap.NextPane:
		a.focus(slot((int(a.view.open) + 1) % slots))
	case keymap.PrevPane:
		a.focus(slot((int(a.view.open) + slots - 1) % slots))
	case keymap.PaneHealth:
		if !a.page.ok {
			return a.openServices()
		}
		a.focus(healthSlot)
	case keymap.PaneAlerts, keymap.PaneRunbook, keymap.PaneChanges, keymap.PaneWhy:
		a.focus(paneOf[action])
	case keymap.Changed, keymap.Who:
		return a.toggleFull(action)
	case keymap.Filter:
		return a.filterHere()
	case keymap.Jump, keymap.Folded, keymap.Sort:
		a.doList(action)
	case keymap.Back:
		a.back()
	case keymap.Open:
		return a.openHere()
	case keymap.CopyLink, keymap.OpenLink, keymap.Edit:
		return a.desktop(action)
	case keymap.Fetch:
		return a.fetch()
	case keymap.CopyQuery:
		return a.copyQuery()
	case keymap.AllServices:
		return a.openServices()
	case keymap.Wider, keymap.Narrower:
		return a.doWhy(action)
	default:
		return a.doFeed(action)
	}
	return nil
}

// doList carries out what concerns which alerts are listed, and how.
func (a *App) doList(action keymap.Action) {
	switch action {
	case keymap.Jump:
		a.openJump()
	case keymap.Folded:
		if a.nothingFolded() {
			a.say("nothing is folded", false)
			return
		}
		a.view.showFolded = !a.view.showFolded
		a.applyRows()
	case keymap.Sort:
		a.view.order = a.view.order.Next()
		a.applyRows()
		a.say("sorted by "+orderWords[a.view.order]+"  (O: next order)", false)
	}
}

// nothingFolded reports whether there is nothing that could be shown or folded
// away again.
func (a *App) nothingFolded() bool {
	return !a.view.showFolded && (a.board == nil || a.foldedWords() == "")
}

// doFeed carries out what concerns where the alerts come from, and the mouse.
func (a *App) doFeed(action keymap.Action) tea.Cmd {
	switch action {
	case keymap.Refresh:
		a.opts.Feed.Refresh()
		a.forgetUnknown()
		if a.page.ok && a.page.changed != "" {
			a.say("reading the runbook again, and asking every source", false)
			return a.reload()
		}
		a.say("asking every source again", false)
	case keymap.Pause:
		a.view.paused = !a.view.paused
		a.opts.Feed.Pause(a.view.paused)
	case keymap.Mouse:
		a.view.mouse = !a.view.mouse
		a.say(map[bool]string{true: "mouse wheel on; hold shift to select text", false: "mouse off"}[a.view.mouse], false)
	default:
		return a.doRunbook(action)
	}
	return nil
}

// filterHere filters what the pane lists: the changes, else the alerts.
func (a *App) filterHere() tea.Cmd {
	if a.view.open != changesSlot || a.board == nil {
		return a.startFilter()
	}
	a.toggleTimeline()
	return a.startEntry(sifting, a.panes.timeline.Words())
}

// doInMode hands an action to whoever has the keys.
func (a *App) doInMode(action keymap.Action) tea.Cmd {
	switch a.view.mode {
	case filtering:
		return a.doFilter(action)
	case helping:
		return a.doHelp(action)
	case previewing:
		return a.doPreview(action)
	case naming:
		return a.doName(action)
	case sifting:
		return a.doSift(action)
	case searching:
		return a.doSearch(action)
	case following:
		return a.doLink(action)
	case outlining:
		return a.doOutline(action)
	case jumping:
		return a.doJump(action)
	case linking:
		return a.doLinks(action)
	}
	return nil
}

// doRunbook carries out what is asked of the runbook's text and steps; anything
// else is a motion.
func (a *App) doRunbook(action keymap.Action) tea.Cmd {
	switch action {
	case keymap.NextStep:
		a.moveStep(1)
	case keymap.PrevStep:
		a.moveStep(-1)
	case keymap.Run:
		return a.preview()
	case keymap.Propose:
		return a.propose()
	case keymap.Tick:
		a.tick()
	case keymap.CopyCommand, keymap.CopySource:
		return a.copyCommand(action == keymap.CopySource)
	case keymap.Outline:
		a.openOutline()
	case keymap.Search:
		return a.startSearch()
	case keymap.NextHit:
		a.nextHit(1)
	case keymap.PrevHit:
		a.nextHit(-1)
	case keymap.Follow:
		return a.startFollow()
	default:
		return a.motion(action)
	}
	return nil
}

// orderWords are the orders of the list, as a title says them after "by".
var orderWords = map[triage.Order]string{
	triage.BySeverity: "severity", triage.ByNewest: "newest", triage.ByService: "service", triage.ByName: "name",
}

var paneOf = map[keymap.Action]slot{
	keymap.PaneAlerts: alertsSlot, keymap.PaneRunbook: runbookSlot, keymap.PaneChanges: changesSlot,
	keymap.PaneHealth: healthSlot, keymap.PaneWhy: whySlot,
}

func (a *App) focus(s slot) {
	a.view.open, a.changed.full = s, noFull
	a.relayout()
}

// back undoes the innermost thing: a filter, folded rows, another pane. It
// never quits.
func (a *App) back() {
	text, _, _ := a.panes.reader.Found()
	switch {
	case text != "" && a.view.open == runbookSlot:
		a.panes.reader.Search("")
	case len(a.page.visited) > 0 && a.view.open == runbookSlot:
		a.leaveLink()
	case a.view.open == whySlot && a.panes.why.ShowRule(false):
		a.refreshPanes()
	case !a.filter.Empty():
		a.setFilter(triage.Filter{})
	case a.view.showFolded:
		a.view.showFolded = false
		a.applyRows()
	case a.view.open != runbookSlot:
		a.focus(runbookSlot)
	default:
		a.say("q quits", false)
	}
}

// openHere opens what the pane with the focus speaks of.
func (a *App) openHere() tea.Cmd {
	if cmd, ok := a.openLastPage(); ok {
		return cmd
	}
	switch a.view.open {
	case changesSlot:
		return a.openSuspect(a.panes.changes.Selected())
	case healthSlot:
		a.openSignal()
	case whySlot:
		if !a.panes.why.ShowRule(true) {
			a.panes.why.ShowRule(false)
		}
		a.refreshPanes()
	default:
		a.enter()
	}
	return nil
}

// enter opens a group, or goes on to the runbook of a single alert.
func (a *App) enter() {
	if !a.panes.alerts.Toggle() {
		a.focus(runbookSlot)
	}
}

// moveSelection moves in the list and opens what it lands on.
func (a *App) moveSelection(move func()) tea.Cmd {
	move()
	if id := a.panes.alerts.Selected(); id != "" {
		return a.open(id)
	}
	return nil
}
