package tui

import (
	"bytes"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
	"github.com/firstpage-oncall/firstpage/tui/who"
)

// toggleWho opens who can help, or goes back to the panes.
func (a *App) toggleWho() tea.Cmd {
	if a.changed.full == whoFull {
		a.changed.full = noFull
		return nil
	}
	if a.board == nil {
		a.say("nothing is known yet: Prometheus is being asked", false)
		return nil
	}
	a.changed.full = whoFull
	a.refreshWho()
	return nil
}

// toggleFull opens what fills the body by its key, or goes back.
func (a *App) toggleFull(action keymap.Action) tea.Cmd {
	if action == keymap.Who {
		return a.toggleWho()
	}
	return a.toggleTimeline()
}

// doWho carries out what is asked while who can help fills the body; false: it is
// for somebody else.
func (a *App) doWho(action keymap.Action) (tea.Cmd, bool) {
	switch action {
	case keymap.Back, keymap.Who:
		return a.toggleWho(), true
	case keymap.CopyEscalation:
		if !a.page.ok {
			a.say("there is no page to ask about", false)
			return nil, true
		}
		text := a.escalation()
		first, _, _ := strings.Cut(text, "\n")
		return a.toClipboard(copied{text: text, what: "copied", sent: "sent to the terminal's clipboard, the text to ask with", shown: safe.Text(first)}), true
	}
	return nil, false
}

// escalation is the text to ask for help with.
func (a *App) escalation() string {
	var b bytes.Buffer
	// A buffer takes all that is written.
	_ = page.WriteEscalation(&b, a.page.Page, a.opts.Now())
	return b.String()
}

// refreshWho gives the view its content and its size.
func (a *App) refreshWho() {
	m, now := a.panes.who, a.opts.Now()
	m.SetSize(a.w, max(0, a.bodyEnd()-a.lay.head-2))
	if a.page.ok {
		m.SetPage(a.page.Page, a.escalation(), now, a.opts.Loc)
		return
	}
	m.SetTeams(page.Whose(a.board, ""), now, a.opts.Loc)
}

// whoTitle is the title of the view.
func (a *App) whoTitle() string {
	right, stale := "", false
	left := "Who can help"
	if a.page.ok {
		right, stale = who.State(a.page.Who, a.opts.Now())
		if n := a.page.Item.Service.Words(); n != "" {
			left += ": " + n
		}
	}
	if n := a.panes.who.Below(); n > 0 {
		more := fmt.Sprintf("%d more below (j)", n)
		if right == "" || a.w < shortStripW {
			right = more
		} else {
			right += " · " + more
		}
	}
	return a.ruleTitle(left, right, stale, true, a.w)
}

// whoWanted is how many rows the pane has worth showing below its title: without
// a schedule and a way to escalate the title says it all.
func (a *App) whoWanted() int {
	if w := a.page.Who; len(w.Asked) == 0 && w.Escalation.Empty() {
		return 0
	}
	return who.BriefRows
}

// whoPane is the pane in h rows of w cells, its title among them; in one row the
// title says who is on call.
func (a *App) whoPane(w, h int) []string {
	right, stale := who.State(a.page.Who, a.opts.Now())
	rows := who.Brief(a.theme, a.page.Page, a.opts.Now(), a.opts.Loc, w)
	if h > 1 {
		return append([]string{a.ruleTitle("Who", right, stale, false, w)}, rows[:min(h-1, len(rows))]...)
	}
	words := a.page.Who.OwnerWords()
	if len(a.page.Who.Asked) > 0 {
		words = "on call " + a.page.Who.OnCallWords(a.when)
	}
	if words == "" {
		words = "owner not known"
	}
	return []string{a.ruleTitle("Who: "+words, "w", stale, false, w)}
}
