package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// openSignal shows or hides what the current signal of the health pane
// measures.
func (a *App) openSignal() {
	if _, ok := a.panes.health.Selected(); !ok {
		a.say("there is no signal to show", true)
	}
	a.panes.health.Toggle()
	a.refreshPanes()
}

// copyQuery copies the query of what has the focus: the current signal of the
// health pane, else the rule of the alert. A hidden rune is copied made visible:
// what is pasted is what was read.
func (a *App) copyQuery() tea.Cmd {
	query, missing := a.page.Why.Value.Query, "the rule of this alert is not known"
	if a.view.open == healthSlot {
		s, _ := a.panes.health.Selected()
		query, missing = safe.Outside(s.Query), "there is no signal whose query could be copied"
	}
	text := strings.TrimSpace(query.Lines())
	if text == "" {
		a.say(missing, true)
		return nil
	}
	return a.toClipboard(copied{text: text, what: "query copied", sent: "query sent to the terminal's clipboard",
		shown: safe.Text(strings.Join(strings.Fields(text), " "))})
}
