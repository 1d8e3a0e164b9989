package tui

import "github.com/firstpage-oncall/firstpage/tui/keymap"

// scopes is who gets a key, in order.
func (a *App) scopes() []keymap.Scope {
	switch a.view.mode {
	case filtering:
		return []keymap.Scope{keymap.FilterEntry}
	case helping:
		return []keymap.Scope{keymap.HelpOverlay}
	case searching:
		return []keymap.Scope{keymap.SearchEntry}
	case following:
		return []keymap.Scope{keymap.LinkEntry}
	case outlining:
		return []keymap.Scope{keymap.OutlineList}
	case jumping:
		return []keymap.Scope{keymap.JumpList}
	case linking:
		return []keymap.Scope{keymap.LinkList}
	case previewing:
		return []keymap.Scope{keymap.Preview}
	case naming:
		return []keymap.Scope{keymap.NameEntry}
	case sifting:
		return []keymap.Scope{keymap.SiftEntry}
	}
	if a.onFirstRun() {
		if a.first.asks != "" {
			return []keymap.Scope{keymap.FirstEntry}
		}
		return []keymap.Scope{keymap.FirstRun}
	}
	return []keymap.Scope{a.paneScope(), keymap.Global}
}

// paneScope is the scope of what has the focus.
func (a *App) paneScope() keymap.Scope {
	switch a.changed.full {
	case timelineFull:
		return keymap.Timeline
	case suspectFull:
		return keymap.Change
	case servicesFull:
		return keymap.Services
	case serviceFull:
		return keymap.Service
	case whoFull:
		return keymap.Helpers
	}
	if a.overs.last != nil && !a.page.ok {
		return keymap.List
	}
	switch a.view.open {
	case alertsSlot:
		return keymap.List
	case runbookSlot:
		return keymap.Reader
	case changesSlot:
		return keymap.Changes
	case healthSlot:
		return keymap.Health
	}
	return keymap.Why
}
