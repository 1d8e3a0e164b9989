package tui

import (
	"fmt"
	"path"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// runState is the command in the preview, and what it printed.
type runState struct {
	key     string // of the command: what was run once is said when it is to run again
	number  int    // grows with every preview; output of an older one is dropped
	command runbook.Filled
	dangers []runbook.Danger // what the command changes
	offer   *Proposal        // instead of a command; nil: there is a command
	drawn   bool             // the preview was on screen: only then can it be confirmed
	stage   runStage
	output  string
	failed  bool
	scroll  int
}

// runStage is how far a command has come.
type runStage int8

const (
	asked runStage = iota // the preview waits for y
	running
	ended
)

// minSeen is how many rows of a command must have room for it to be shown.
const minSeen = 3

// maxOutput bounds what is kept of a command's output, in bytes.
const maxOutput = 256 << 10

// moveStep makes another step the current one, from any pane.
func (a *App) moveStep(n int) {
	_, at, of := a.panes.reader.Step()
	switch {
	case !a.page.ok || a.shown().Doc.Empty():
		a.say("there is no runbook text", true)
	case of == 0:
		a.say("this runbook has no steps: no list and no command", false)
	case !a.panes.reader.MoveStep(n):
		a.say(fmt.Sprintf("this is step %d of %d", at, of), false)
	case !a.lay.visible(runbookSlot):
		a.say(fmt.Sprintf("step %d of %d: %s  (2: the runbook)", at+n, of, a.stepWords()), false)
	}
}

// preview shows the current step's command as it would be run. Nothing is done
// before y.
func (a *App) preview() {
	if a.opts.Actions.Run == nil {
		a.say(a.whyOff(keymap.Run), true)
		return
	}
	s, at, _ := a.panes.reader.Step()
	c, ok := a.shown().Doc.Command(s, a.values())
	switch {
	case !a.page.ok || a.shown().Doc.Empty():
		a.say("there is no runbook text, so there is nothing to run", true)
	case at == 0:
		a.say("this runbook has no steps, so there is nothing to run", true)
	case !ok && s.Code >= 0:
		a.say("this step is a query, not a command: the panes show what it asks for  (. next step)", false)
	case !ok:
		a.say("this step has no command to run  (. next step)", false)
	case a.w < helpMinW || a.h < helpMinH:
		a.say("no room to show what would run", true)
	default:
		key := string(a.page.Item.ID) + " " + c.Text
		a.view.run = runState{number: a.view.run.number + 1, command: c, key: key,
			dangers: a.shown().Doc.Codes()[s.Code].Changes()}
		a.view.mode = previewing
	}
}

// whyOff says why a key is off.
func (a *App) whyOff(action keymap.Action) string {
	if why := a.opts.Actions.Why[action]; why != "" {
		return why
	}
	return "this is off here"
}

func (a *App) doPreview(action keymap.Action) tea.Cmd {
	r := &a.view.run
	switch action {
	case keymap.QuitNow:
		return tea.Quit
	case keymap.Back:
		a.view.mode = normal
		if r.stage == asked {
			a.guideUndone(keymap.Run)
		}
	case keymap.Down:
		r.scroll++
	case keymap.Up:
		r.scroll = max(0, r.scroll-1)
	case keymap.Confirm:
		if r.stage == asked && !r.drawn {
			a.say("see all of it first: j scrolls down", true)
		}
		if r.stage != asked || !r.drawn {
			return nil
		}
		r.stage, r.scroll = running, 0
		a.guideDone(action)
		return a.start()
	}
	return nil
}

// start does what was confirmed.
func (a *App) start() tea.Cmd {
	r := a.view.run
	if r.offer == nil {
		return waitOutput(r.number, a.opts.Actions.Run(a.ctx, r.command, a.page.Item.Labels))
	}
	ctx, do, number := a.ctx, r.offer.Do, r.number
	return func() tea.Msg { return waitOutput(number, do(ctx))() }
}

// propose asks what is next for the edited runbook on screen.
func (a *App) propose() tea.Cmd {
	path := ""
	if a.page.ok {
		path = a.shown().Doc.Where.Path
	}
	switch {
	case a.opts.Actions.Propose == nil:
		a.say(a.whyOff(keymap.Propose), true)
		return nil
	case path == "":
		a.say("there is no runbook file to propose", true)
		return nil
	}
	ctx, ask, alert := a.page.ctx, a.opts.Actions.Propose, a.page.Item
	return func() tea.Msg {
		offer, err := ask(ctx, path, alert.Name().String())
		return proposalMsg{alert: alert.ID, offer: offer, err: err}
	}
}

func (a *App) onProposal(msg proposalMsg) {
	switch {
	case msg.alert != a.selected() || a.view.mode != normal:
		a.dirty = false
	case msg.err != nil:
		a.say(safe.Err(msg.err), true)
	default:
		a.offer(msg.offer)
	}
}

// offer shows what would be done. Nothing is done before y.
func (a *App) offer(p Proposal) {
	if a.w < helpMinW || a.h < helpMinH {
		a.say("no room to show what would be done", true)
		return
	}
	a.view.run = runState{number: a.view.run.number + 1, offer: &p}
	a.view.mode = previewing
}

// onOutput takes what a command printed.
func (a *App) onOutput(msg outputMsg) tea.Cmd {
	r := &a.view.run
	if msg.run != r.number {
		a.dirty = false
		if msg.more {
			return waitOutput(msg.run, msg.after) // drained, so that it can end
		}
		return nil
	}
	if !msg.more {
		r.stage = ended
		a.opts.Feed.Refresh()
		if !r.failed && r.offer == nil {
			a.view.ran[r.key] = a.opts.Now()
			a.tickRun()
		}
		if r.offer != nil && a.page.ok && a.shown().Doc.Empty() {
			return a.reload() // the runbook may just have been begun
		}
		return nil
	}
	r.output += msg.out.Text
	if msg.out.Err != nil {
		r.failed = true
		r.output += "\n" + safe.Err(msg.out.Err)
	}
	if len(r.output) > maxOutput {
		r.output = r.output[len(r.output)-maxOutput:]
	}
	return waitOutput(msg.run, msg.after)
}

// tickRun ticks the step whose command has just run.
func (a *App) tickRun() {
	s, _, _ := a.panes.reader.Step()
	if c, ok := a.shown().Doc.Command(s, a.values()); ok && c.Text == a.view.run.command.Text && !a.panes.reader.Ticked() {
		a.panes.reader.Tick()
	}
}

// drawPreview lays the preview over the body; the page's sentence stays.
func (a *App) drawPreview(rows []string) {
	r := &a.view.run
	top, bottom := a.lay.head+1, a.bodyEnd()
	if a.lay.shape == tiny {
		bottom = len(rows)
	}
	w := a.w
	body, foot := a.previewRows(w - 4)
	room := bottom - top - 2 - len(foot)
	if room < minSeen {
		r.drawn = r.stage != asked
		for i, l := range frame.Wrap("Too small to show what would run. Make the window larger; y is off, esc closes.", w) {
			if top+i < bottom {
				rows[top+i] = a.theme.WarningBold.Paint(l)
			}
		}
		return
	}
	if len(body) > room {
		room--
		more := "more below (j), all of it is to be seen before y"
		if r.scroll+room >= len(body) {
			more = "that was the end of it (k goes up)"
		} else if r.stage != asked {
			more = "more below (j)"
		}
		foot = append([]string{a.theme.Muted.Paint(more)}, foot...)
	}
	r.scroll = clamp(r.scroll, 0, max(0, len(body)-room))
	shown := body[r.scroll:min(len(body), r.scroll+room)]
	for i, l := range a.boxed(a.previewTitle(), safe.Text(a.page.Item.Cluster), append(shown[:len(shown):len(shown)], foot...), w) {
		if top+i < bottom {
			rows[top+i] = l
		}
	}
	for y := top + len(shown) + len(foot) + 2; y < bottom; y++ {
		rows[y] = "" // nothing beside it: this is to be read
	}
	r.drawn = r.scroll+room >= len(body) || r.stage != asked
}

func (a *App) previewTitle() string {
	switch a.view.run.stage {
	case running:
		return "Under way"
	case ended:
		if a.view.run.failed {
			return "It did not work: what it said"
		}
		return "Done: what it printed"
	}
	if o := a.view.run.offer; o != nil {
		return o.Title + " Nothing has been done yet"
	}
	return "Run this? Nothing has been done yet"
}

// previewRows are the exact command, or what it printed, and the rows below
// that never scroll away: what it means and which keys decide.
func (a *App) previewRows(w int) (body, foot []string) {
	r := a.view.run
	note := a.opts.Actions.RunNote
	if r.offer != nil {
		note = r.offer.Note
		body = a.offerRows(r.offer, w)
	} else {
		body = a.commandRows(w)
	}
	if r.stage == asked {
		foot = append(foot, "")
		if note == "" {
			note = "It runs in your shell, on this machine, with your rights."
		}
		for _, l := range frame.Wrap(note, w) {
			foot = append(foot, a.theme.Warning.Paint(l))
		}
		return body, append(foot, a.theme.Key.Paint("y")+" do it (Enter does nothing)   "+a.theme.Key.Paint("esc")+" cancel")
	}
	body = append(body, "")
	for _, l := range strings.Split(strings.TrimRight(r.output, "\n"), "\n") {
		body = append(body, frame.Chop(safe.Text(l), max(1, w))...)
	}
	if r.stage == running {
		return body, []string{"", a.theme.Muted.Paint("running ...")}
	}
	return body, []string{"", a.theme.Key.Paint("esc") + " back to the page"}
}

// offerRows are what a proposal is about; of a diff what comes and what goes.
func (a *App) offerRows(o *Proposal, w int) []string {
	if a.view.run.stage != asked {
		return nil
	}
	var body []string
	for _, l := range o.Lines {
		style := a.theme.Plain
		switch {
		case strings.HasPrefix(l, "+"):
			style = a.theme.OK
		case strings.HasPrefix(l, "-"):
			style = a.theme.Warning
		case strings.HasPrefix(l, "@@"):
			style = a.theme.Muted
		}
		for _, piece := range frame.Chop(l, max(1, w)) {
			body = append(body, style.Paint(piece))
		}
	}
	return body
}

// commandRows are the exact command with what the runbook says to it.
func (a *App) commandRows(w int) (body []string) {
	r := a.view.run
	_, at, of := a.panes.reader.Step()
	body = append(body, a.theme.Muted.Paint(frame.Cut(fmt.Sprintf("step %d of %d, %s:%d", at, of,
		safe.Text(path.Base(a.shown().Doc.Where.Path)), r.command.Line), w)))
	if r.stage == asked {
		body = append(body, frame.Wrap(a.stepWords(), w)...) // a command without its condition misleads
		if at, again := a.view.ran[r.key]; again {
			body = append(body, a.theme.WarningBold.Paint(frame.Cut("You have run this at "+page.Clock(at, a.opts.Now(), a.opts.Loc)+".", w)))
		}
		for _, l := range a.warnings(r.command) {
			for _, row := range frame.Wrap(l, w) {
				body = append(body, a.theme.Warning.Paint(row))
			}
		}
	}
	body = append(body, "")
	lead := "  "
	if r.stage != asked {
		lead = "$ "
	}
	for _, l := range strings.Split(r.command.Text, "\n") {
		// The command wraps here, cell by cell: all of it must be seen before it
		// is confirmed, and nothing is copied from this screen.
		for i, piece := range frame.Chop(safe.Text(l), max(1, w-2)) {
			if i > 0 {
				lead = "  "
			}
			body = append(body, lead+a.theme.Bold.Paint(piece))
		}
		lead = "  "
	}
	return body
}

// warnings are what is to be known of a command before it runs: what is still
// to be filled in, what cannot be seen, which cluster it is left to.
func (a *App) warnings(f runbook.Filled) []string {
	var out []string
	for _, g := range f.Missing {
		if w := "Still to fill in: " + gapWords(g) + "."; !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if left := gapNames(f.Earlier); left != "" {
		out = append(out, "An earlier block sets "+left+"; this one runs without it.")
	}
	if seen := unseen(f, false); seen != "" {
		out = append(out, "It holds what cannot be seen: "+seen+".")
	}
	if tool, _, _, explicit := f.Context(); tool != "" && !explicit {
		out = append(out, safe.Text(tool)+" asks whatever cluster is current: the command names none.")
	}
	for _, d := range a.view.run.dangers {
		out = append(out, "It changes production: "+safe.Text(d.Word)+" "+d.Why+".")
	}
	return out
}

// stepWords is what the runbook says to the current step's command: the words
// of its item.
func (a *App) stepWords() string {
	s, _, _ := a.panes.reader.Step()
	return a.shown().Doc.StepWords(s)
}

// boxed frames rows in a box of w cells.
func (a *App) boxed(title, right string, inner []string, w int) []string {
	edge := a.theme.RuleFocus
	left := " " + frame.Cut(title, max(0, w-8-frame.Width(right))) + " "
	right = " " + right + " "
	fill := max(0, w-4-frame.Width(left)-frame.Width(right))
	out := []string{edge.Paint("┌─") + a.theme.TitleFocus.Paint(left) + edge.Paint(strings.Repeat("─", fill)) + a.theme.Muted.Paint(right) + edge.Paint("─┐")}
	for _, l := range inner {
		out = append(out, edge.Paint("│ ")+frame.Pad(l, max(0, w-4))+edge.Paint(" │"))
	}
	return append(out, edge.Paint("└"+strings.Repeat("─", max(0, w-2))+"┘"))
}
