package tui

import (
	"bytes"
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// fetchOnce is what the question says where there is room.
const fetchOnce = ", from now on without asking"

// fetchWords are the line about the linked page when the network has a part in
// it: the question, that it is being fetched, or why it could not be. Empty:
// there is nothing to say. trouble: it is no question and no progress.
func (a *App) fetchWords(rb page.Runbook) (words string, trouble bool) {
	state, host := rb.Trail.Fetch()
	host = safe.Text(host)
	why := safe.Text(page.NetworkWords(rb.Trail))
	switch state {
	case runbook.FetchAsk:
		if a.opts.Actions.Allow == nil {
			return "", false
		}
		return "Fetch it from " + host + "? F: yes" + fetchOnce, false
	case runbook.FetchDue:
		return "Fetching it from " + host + " ...", false
	case runbook.FetchRetry:
		return host + ": " + why + "  (F tries again)", true
	}
	if why != "" {
		return "The linked page: " + why, true
	}
	return "", false
}

// fetch lets the page's host be asked, and what has failed there be tried again.
func (a *App) fetch() tea.Cmd {
	trail, why := a.page.Runbook.Value.Trail, ""
	state, host := trail.Fetch()
	for _, r := range trail {
		if r.Name == "network" {
			why = r.Result
		}
	}
	switch {
	case !a.page.ok:
		a.say("no alert is selected", true)
	case state == runbook.FetchFresh:
		a.say("the text from "+safe.Text(host)+" is less than an hour old", false)
	case state == runbook.FetchDue:
		a.say("it is being fetched", false)
	case state == "" && why != "":
		a.say("the linked page: "+safe.Text(why), true)
	case state == "":
		a.say("there is no page to fetch for this runbook", true)
	case a.opts.Actions.Allow == nil:
		a.say(a.whyOff(keymap.Fetch), true)
	default:
		return allow(a.page.ctx, a.opts.Actions.Allow, host, a.page.Item.ID)
	}
	return nil
}

func allow(ctx context.Context, allow func(context.Context, string) error, host string, id sources.AlertID) tea.Cmd {
	return func() tea.Msg { return allowedMsg{id: id, host: host, err: allow(ctx, host)} }
}

// allowedMsg: the user's yes for a host was kept, or holds for now.
type allowedMsg struct {
	id   sources.AlertID
	host string
	err  error
}

// onAllowed looks at the runbook again: its page may be fetched now.
func (a *App) onAllowed(msg allowedMsg) tea.Cmd {
	if msg.err != nil {
		a.say("asked again next time, the answer could not be kept: "+safe.Err(msg.err), true)
	}
	if msg.id != a.selected() {
		return nil
	}
	a.page.Page = a.page.Again(page.PartFetch)
	return a.load(page.PartRunbook)
}

// announceText says that a text came from the network in place of the one on
// screen.
func (a *App) announceText(before page.Runbook) {
	now := a.page.Runbook.Value.Doc
	switch {
	case before.Doc.Empty() || now.Empty() || now.Where.Via != runbook.ViaNetwork || bytes.Equal(before.Doc.Source, now.Source):
	case before.Doc.Where.Via == runbook.ViaCache:
		a.say("the runbook has changed since it was fetched before; this is the new text", false)
	default:
		a.say("the linked page has come; it stands in place of what was found by name", false)
	}
}
