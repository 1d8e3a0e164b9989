package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
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
	link := a.page.Runbook.Value.Ref.Link
	if link.Empty() {
		a.say("this alert has no runbook link", true)
		return nil
	}
	if action == keymap.OpenLink {
		if a.opts.Desktop.Open == nil {
			a.say("no browser here. The link: "+link.String(), false)
			return nil
		}
		return openLink(a.page.ctx, a.opts.Desktop.Open, link.String(), link.String())
	}
	// A link with a hidden rune is copied with the rune made visible: what is
	// pasted is what was read.
	a.say("link sent to the terminal's clipboard: "+link.String(), false)
	cmd := tea.SetClipboard(link.String())
	if a.opts.Desktop.Copy != nil {
		cmd = tea.Batch(cmd, copyNative(a.opts.Desktop.Copy, link.String()))
	}
	return cmd
}

// edit opens the runbook in the user's editor at the line on screen.
func (a *App) edit() tea.Cmd {
	doc := a.page.Runbook.Value.Doc
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

// onEdited reads the runbook again after the editor was left.
func (a *App) onEdited(msg editedMsg) tea.Cmd {
	if msg.err != nil {
		a.say("the editor ended with an error: "+safe.Err(msg.err), true)
	}
	if !a.page.ok || a.page.Runbook.Value.Doc.Where.Path != msg.path {
		return nil
	}
	return a.reload()
}

// reload resolves the runbook again; the place in it is kept.
func (a *App) reload() tea.Cmd {
	return a.load(page.PartRunbook)
}
