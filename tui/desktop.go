package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// desktop does what needs the machine around the terminal.
func (a *App) desktop(action keymap.Action) tea.Cmd {
	if !a.page.ok {
		a.say("no alert is selected", true)
		return nil
	}
	if action == keymap.Edit {
		return a.edit()
	}
	if action == keymap.OpenLink {
		return a.openLinks()
	}
	link := a.shown().Ref.Link
	if link.Empty() {
		a.say("this alert has no runbook link", true)
		return nil
	}
	// A link with a hidden rune is copied with the rune made visible: what is
	// pasted is what was read.
	return a.toClipboard(copied{text: link.String(), what: "link copied", sent: "link sent to the terminal's clipboard",
		shown: link.String()})
}

// edit opens the runbook in the user's editor at the line on screen.
func (a *App) edit() tea.Cmd {
	doc := a.shown().Doc
	if a.canBegin() {
		offer := a.opts.Actions.Begin(a.page.Runbook.Value.Stub, page.StubText(a.page.Page))
		a.offer(offer)
		return nil
	}
	if doc.Where.Path == "" {
		a.say("there is no runbook file to edit", true)
		return nil
	}
	if a.opts.Desktop.Edit == nil {
		a.say("no editor: set $EDITOR. The file: "+safe.Text(doc.Where.Path), true)
		return nil
	}
	cmd, err := a.opts.Desktop.Edit(doc.Where.Path, a.panes.reader.Line())
	if err != nil {
		a.say(safe.Err(err), true)
		return nil
	}
	path := doc.Where.Path
	return tea.Exec(cmd, func(err error) tea.Msg { return editedMsg{path: path, err: err} })
}

// canBegin reports whether the page has no runbook and one could be begun. While
// the network is asked for it there is nothing to begin.
func (a *App) canBegin() bool {
	rb := a.page.Runbook
	state, _ := rb.Value.Trail.Fetch()
	return rb.State == page.Absent && state != runbook.FetchDue && rb.Value.Stub.Rel != "" && a.opts.Actions.Begin != nil
}

// onEdited reads the runbook again after the editor was left.
func (a *App) onEdited(msg editedMsg) tea.Cmd {
	if msg.err != nil {
		a.say("the editor ended with an error: "+safe.Err(msg.err), true)
	}
	if !a.page.ok || a.shown().Doc.Where.Path != msg.path {
		return nil
	}
	if msg.err == nil && a.opts.Actions.Propose != nil && a.opts.Desktop.Changed != nil && a.opts.Desktop.Changed(msg.path, a.shown().Doc.Where.AsOf) {
		a.say("edited. P makes a branch of it, for the others", false)
	}
	return a.reload()
}

// reload reads the runbook on screen again; the place in it is kept.
func (a *App) reload() tea.Cmd {
	a.page.changed = ""
	if n := len(a.page.visited); n > 0 {
		again := a.page.visited[n-1]
		a.page.visited = a.page.visited[:n-1]
		return followLink(a.page.ctx, a.opts.Assembler.Runbooks, again.Ref, a.page.Item.ID)
	}
	return a.load(page.PartRunbook)
}

// watchEvery is how often the file of the runbook on screen is looked at, in
// ticks.
const watchEvery = 3

// watch looks whether the file of the runbook on screen has changed. What
// changed is announced, never put under the eye.
func (a *App) watch() tea.Cmd {
	if a.view.ticks++; a.view.ticks%watchEvery != 0 || a.opts.Desktop.Changed == nil || !a.page.ok || a.page.changed != "" {
		return nil
	}
	w, changed := a.shown().Doc.Where, a.opts.Desktop.Changed
	if w.Path == "" {
		return nil
	}
	return func() tea.Msg {
		if changed(w.Path, w.AsOf) {
			return changedMsg{w.Path}
		}
		return nil
	}
}

func (a *App) onChanged(msg changedMsg) {
	if a.shown().Doc.Where.Path != msg.path {
		a.dirty = false
		return
	}
	a.page.changed = msg.path
	a.relayout()
}
