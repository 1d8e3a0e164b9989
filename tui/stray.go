package tui

import (
	"fmt"
	"slices"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// numbered are the panes with a number: their keys, and how one gets there.
var numbered = []struct {
	scope keymap.Scope
	key   string
	open  keymap.Action
}{
	{keymap.List, "1", keymap.PaneAlerts},
	{keymap.Reader, "2", keymap.PaneRunbook},
	{keymap.Changes, "3", keymap.PaneChanges},
	{keymap.Health, "4", keymap.PaneHealth},
	{keymap.Why, "5", keymap.PaneWhy},
}

// strayWords answers a key that means nothing here, with the pane where it does
// mean something, if there is one.
func (a *App) strayWords(key string) string {
	label := keymap.KeyLabel(safe.Text(key))
	for _, p := range numbered {
		if !a.hasPane(p.scope) {
			continue
		}
		for _, b := range a.opts.Keys.In(p.scope) {
			if slices.Contains(b.Keys, key) {
				return fmt.Sprintf("%s is for pane %s, %s: press %s, then %s", label, p.key, p.scope, p.key, label)
			}
		}
	}
	return label + " does nothing here; ? lists the keys"
}

// hasPane reports whether there is such a pane now: without a page there is
// the list only.
func (a *App) hasPane(s keymap.Scope) bool {
	return !a.onFirstRun() && (a.page.ok || s == keymap.List)
}
