package tui

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// visit is a document that a link inside a runbook led to.
type visit struct{ page.Runbook }

// startFollow asks for the number of a link; where there is only one it is
// followed at once.
func (a *App) startFollow() tea.Cmd {
	if !a.hasText() {
		return nil
	}
	switch a.panes.reader.Links() {
	case 0:
		a.say("this runbook has no links to follow", false)
		return nil
	case 1:
		return a.follow(1)
	}
	return a.startEntry(following, "")
}

// typeLink takes digits; a number that can get no longer is followed at once.
func (a *App) typeLink(msg tea.Msg) tea.Cmd {
	if key, ok := msg.(tea.KeyPressMsg); ok && key.Text != "" && strings.Trim(key.Text, "0123456789") != "" {
		a.view.inputErr = "a number, please"
		return nil
	}
	a.view.inputErr = ""
	var cmd tea.Cmd
	a.view.input, cmd = a.view.input.Update(msg)
	n, err := strconv.Atoi(a.view.input.Value())
	if most := a.panes.reader.Links(); err == nil && n > 0 && n <= most && 10*n > most {
		return a.acceptLink(n)
	}
	return cmd
}

func (a *App) doLink(action keymap.Action) tea.Cmd {
	switch action {
	case keymap.Accept:
		n, err := strconv.Atoi(a.view.input.Value())
		if most := a.panes.reader.Links(); err != nil || n < 1 || n > most {
			a.view.inputErr = fmt.Sprintf("there are links 1 to %d", most)
			return nil
		}
		return a.acceptLink(n)
	}
	a.endEntry()
	return nil
}

func (a *App) acceptLink(n int) tea.Cmd {
	a.endEntry()
	return a.follow(n)
}

func (a *App) linkRow() string {
	return a.entryRow(" f ", fmt.Sprintf("number of the link, 1 to %d; they stand at the end of the text", a.panes.reader.Links()))
}

// follow goes to where a link leads: a place in this text, or another text
// that a resolver can read. Anything else is said, to be opened elsewhere.
func (a *App) follow(n int) tea.Cmd {
	target, ok := a.panes.reader.Link(n)
	if !ok {
		return nil
	}
	rb := a.shown()
	if fragment, here := strings.CutPrefix(target, "#"); here {
		pos := rb.Doc.Place(fragment, "")
		if pos.Missed {
			a.say("no heading here answers to "+safe.Text(target), true)
			return nil
		}
		a.panes.reader.GoToPos(pos)
		return nil
	}
	ref, ok := rb.Doc.Where.Follow(target, rb.Ref)
	if !ok || a.opts.Assembler.Runbooks == nil {
		a.say("this link leads out of the runbooks: "+safe.Text(target), false)
		return nil
	}
	return followLink(a.page.ctx, a.opts.Assembler.Runbooks, ref, a.page.Item.ID)
}

// followLink reads the text behind a link.
func followLink(ctx context.Context, r runbook.Resolver, ref runbook.Ref, alert sources.AlertID) tea.Cmd {
	return func() tea.Msg {
		doc, trail, err := r.Resolve(ctx, ref)
		msg := followedMsg{alert: alert, shown: ref.Link.String(), err: err}
		if err == nil {
			msg.to = page.Runbook{Doc: doc, Ref: ref, Trail: trail, Pos: doc.Place(ref.Fragment, "")}
		}
		return msg
	}
}

func (a *App) onFollowed(msg followedMsg) {
	var none *runbook.NotFoundError
	switch {
	case msg.alert != a.selected():
		a.dirty = false
	case errors.As(msg.err, &none):
		a.say("not readable from here: "+msg.shown, true)
	case msg.err != nil:
		a.say(msg.shown+": "+safe.Err(msg.err), true)
	case msg.to.Doc.Where.Via == runbook.ViaName:
		a.say("not readable from here: "+msg.shown, true) // the alert's name is not what the link says
	default:
		a.page.visited = append(a.page.visited, visit{msg.to})
		a.relayout()
		a.say("followed "+msg.shown+"  (esc goes back)", false)
	}
}

// leaveLink goes back to the text that the last link was in, to the same place.
func (a *App) leaveLink() {
	a.page.visited = a.page.visited[:len(a.page.visited)-1]
	a.relayout()
}
