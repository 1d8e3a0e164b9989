package tui

import (
	"sync/atomic"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// overs are alerts that are over and that no server lists any more.
type overs struct {
	// shown are those that were asked for: they stand beside what the servers
	// list. Read where boards are made, outside of Update.
	shown  atomic.Pointer[[]sources.Alert]
	sought bool // the history is being asked for the alert that the user named

	asked bool // for the last page, since the list was empty
	last  *triage.Item
}

func (o *overs) list() []sources.Alert {
	if p := o.shown.Load(); p != nil {
		return *p
	}
	return nil
}

// oversMsg: the history was asked for the alert that the user named.
type oversMsg struct{ alerts []sources.Alert }

// lastPageMsg: the history was asked for the last page; nil: there was none.
type lastPageMsg struct{ item *triage.Item }

// rulesAsked reports whether what an alert that is over has of its rule, as the
// link of its runbook, can be known.
func rulesAsked(b *triage.Board) bool {
	for _, c := range b.Snapshot.Clusters {
		if !c.Rules.Asked() {
			return false
		}
	}
	return true
}

// seekOver asks the history for the alert that the user named and that no
// server lists.
func (a *App) seekOver() tea.Cmd {
	if a.overs.sought {
		return nil
	}
	a.overs.sought = true
	ctx, assembler, clusters, name := a.ctx, a.opts.Assembler, a.board.Snapshot.Clusters, a.opts.Wanted
	return func() tea.Msg { return oversMsg{assembler.Overs(ctx, clusters, name)} }
}

func (a *App) onOvers(msg oversMsg) tea.Cmd {
	if !a.wanted || a.board == nil {
		a.dirty = false
		return nil
	}
	if len(msg.alerts) == 0 {
		a.wanted = false
		a.say(safe.Text(a.opts.Wanted)+" is not active now; this is the most urgent page", true)
		return a.selectFirst()
	}
	if a.page.ok { // another was opened meanwhile: nothing moves under the eye
		a.wanted = false
		a.say(safe.Text(a.opts.Wanted)+" is over; it stands in the list", false)
	}
	return a.listOvers(msg.alerts)
}

// oversListedMsg: the board old is made anew, with alerts that are over.
type oversListedMsg struct{ old, board *triage.Board }

// listOvers puts alerts that are over on the board.
func (a *App) listOvers(alerts []sources.Alert) tea.Cmd {
	a.overs.shown.Store(&alerts)
	old, prefs := a.board, a.opts.Prefs
	return func() tea.Msg {
		b := page.WithOvers(old.Snapshot, alerts, prefs, old.At)
		b.Missing = old.Missing
		return oversListedMsg{old, b}
	}
}

// onOversListed takes the board, unless a newer one came meanwhile: then the
// next has them.
func (a *App) onOversListed(msg oversListedMsg) tea.Cmd {
	if a.board != msg.old {
		return nil
	}
	return a.onBoard(msg.board)
}

// seekLastPage asks, once for each time that the list is empty, what paged
// last: whoever was woken may come when it is over.
func (a *App) seekLastPage() tea.Cmd {
	if a.panes.alerts.Len() > 0 || a.page.ok {
		a.overs.asked, a.overs.last = false, nil
		return nil
	}
	if a.overs.asked || !a.filter.Empty() || len(a.board.Silent()) > 0 || !allAsked(a.board) || !rulesAsked(a.board) {
		return nil
	}
	a.overs.asked = true
	ctx, assembler, b, prefs := a.ctx, a.opts.Assembler, a.board, a.opts.Prefs
	return func() tea.Msg {
		al := assembler.LastPage(ctx, b.Snapshot.Clusters, prefs)
		if al == nil {
			return lastPageMsg{}
		}
		it, ok := page.WithOvers(b.Snapshot, []sources.Alert{*al}, prefs, b.At).Item(al.ID)
		if !ok {
			return lastPageMsg{}
		}
		return lastPageMsg{&it}
	}
}

// openLastPage lists it, and what is listed alone opens by itself; false: none
// is on screen.
func (a *App) openLastPage() (tea.Cmd, bool) {
	last := a.overs.last
	if last == nil || a.page.ok {
		return nil, false
	}
	return a.listOvers([]sources.Alert{last.Alert}), true
}

// lastPageWords are what paged last and when. Empty: nothing did, or it is not
// known.
func (a *App) lastPageWords() string {
	last := a.overs.last
	if last == nil {
		return ""
	}
	now := a.opts.Now()
	words := page.Clock(last.ActiveAt, now, a.opts.Loc) + " to " + page.Clock(last.ResolvedAt, now, a.opts.Loc) + "  " + last.Name().String()
	if service := last.Service.Name.String(); service != "" {
		words += ", " + service
	}
	return words + ": over  (enter)"
}
