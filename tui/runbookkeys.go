package tui

import (
	"fmt"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// shown is the runbook on screen: the page's own, or what a link led to.
func (a *App) shown() page.Runbook {
	if n := len(a.page.visited); n > 0 {
		return a.page.visited[n-1].Runbook
	}
	return a.page.Runbook.Value
}

// hasText reports whether there is a runbook on screen, and says so if not.
func (a *App) hasText() bool {
	if a.page.ok && !a.shown().Doc.Empty() {
		return true
	}
	a.say("there is no runbook text", true)
	return false
}

// tick marks the current step as done.
func (a *App) tick() {
	if !a.hasText() {
		return
	}
	done, ok := a.panes.reader.Tick()
	_, at, of := a.panes.reader.Step()
	switch {
	case !ok:
		a.say("this runbook has no steps to tick", false)
	case done:
		a.say(fmt.Sprintf("step %d of %d is done  (. next step)", at, of), false)
	default:
		a.say(fmt.Sprintf("step %d of %d is open again", at, of), false)
	}
}

// values are what the runbook's placeholders may be filled with: the alert's
// labels, its cluster and what the link says.
func (a *App) values() runbook.Values {
	if !a.page.ok {
		return runbook.Values{}
	}
	it := a.page.Item
	return runbook.NewValues(it.Labels, it.Cluster, a.shown().Ref.Query)
}
