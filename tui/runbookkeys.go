package tui

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// visit is a document that a link inside a runbook led to.
type visit struct{ page.Runbook }

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

// startEntry opens the line over the footer where something is typed.
func (a *App) startEntry(m mode, value string) tea.Cmd {
	a.view.mode, a.view.inputErr = m, ""
	a.view.input = textinput.New()
	a.view.input.Prompt, a.view.input.CharLimit = "", maxFilter
	a.view.input.SetValue(value)
	a.view.input.CursorEnd()
	return a.view.input.Focus()
}

func (a *App) endEntry() {
	a.view.mode = normal
	a.view.input.Blur()
}

func (a *App) startSearch() tea.Cmd {
	if !a.hasText() {
		return nil
	}
	text, _, _ := a.panes.reader.Found()
	return a.startEntry(searching, text)
}

// typeSearch searches as it is typed.
func (a *App) typeSearch(msg tea.Msg) tea.Cmd {
	before := a.view.input.Value()
	var cmd tea.Cmd
	if a.view.input, cmd = a.view.input.Update(msg); a.view.input.Value() != before {
		a.panes.reader.Search(a.view.input.Value())
	}
	return cmd
}

func (a *App) doSearch(action keymap.Action) tea.Cmd {
	switch action {
	case keymap.QuitNow:
		return tea.Quit
	case keymap.Back:
		a.panes.reader.Search("")
	}
	a.endEntry()
	return nil
}

func (a *App) searchRow() string {
	_, at, of := a.panes.reader.Found()
	hint := "not found"
	switch {
	case a.view.input.Value() == "":
		hint = "type what to look for"
	case of > 0:
		hint = fmt.Sprintf("line %d of %d; enter keeps, then n and N", at, of)
	}
	return a.entryRow(" / ", hint)
}

// entryRow is the line that is typed in, and what there is to say to it.
func (a *App) entryRow(label, hint string) string {
	a.view.input.SetWidth(max(10, a.w/3))
	style := a.theme.Muted
	if a.view.inputErr != "" {
		hint, style = a.view.inputErr, a.theme.Warning
	}
	return frame.Cut(a.theme.Key.Paint(label)+a.view.input.View()+"  "+style.Paint(hint), a.w)
}

func (a *App) nextHit(n int) {
	if !a.hasText() {
		return
	}
	text, _, _ := a.panes.reader.Found()
	at, of := a.panes.reader.Next(n)
	switch {
	case text == "":
		a.say("nothing is searched for  (/ searches)", false)
	case of == 0:
		a.say("not found: "+safe.Text(text), false)
	default:
		a.say(fmt.Sprintf("line %d of %d with %s", at, of, safe.Text(text)), false)
	}
}

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
	case keymap.QuitNow:
		return tea.Quit
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

func (a *App) openOutline() {
	if !a.hasText() {
		return
	}
	items, at := a.panes.reader.Outline()
	if len(items) == 0 {
		a.say("this runbook has no headings", false)
		return
	}
	if a.w < helpMinW || a.h < helpMinH {
		return
	}
	a.view.outline = max(0, at)
	a.view.mode = outlining
}

func (a *App) doOutline(action keymap.Action) tea.Cmd {
	items, _ := a.panes.reader.Outline()
	switch action {
	case keymap.QuitNow:
		return tea.Quit
	case keymap.Down:
		a.view.outline++
	case keymap.Up:
		a.view.outline--
	case keymap.Top:
		a.view.outline = 0
	case keymap.Bottom:
		a.view.outline = len(items) - 1
	case keymap.Accept:
		a.view.mode = normal
		if a.view.outline < len(items) {
			a.panes.reader.GoTo(items[a.view.outline].Block)
		}
		if !a.lay.visible(runbookSlot) {
			a.focus(runbookSlot)
		}
	case keymap.Back:
		a.view.mode = normal
	}
	a.view.outline = clamp(a.view.outline, 0, len(items)-1)
	return nil
}

// drawOutline lays the headings over the body.
func (a *App) drawOutline(rows []string) {
	top, bottom := a.lay.head+1, a.bodyEnd()
	w := min(a.w, firstRunWidth)
	items, _ := a.panes.reader.Outline()
	var lines []string
	for i, it := range items {
		r := frame.Cut(frame.Blank(2*min(it.Level-1, 5))+safe.Text(it.Text), w-4)
		if i == a.view.outline {
			r = a.theme.Row.Over(frame.Pad(r, w-4))
		}
		lines = append(lines, r)
	}
	lines = a.windowAround(lines, a.view.outline, max(1, bottom-top-2))
	x := (a.w - w) / 2
	for i, l := range a.boxed("Outline", fmt.Sprintf("%d headings", len(items)), lines, w) {
		if top+i < bottom {
			rows[top+i] = frame.Blank(x) + l
		}
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
