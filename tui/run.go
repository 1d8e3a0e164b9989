package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// runState is the command in the preview, and what it printed.
type runState struct {
	key     string // of the command: what was run once is said when it is to run again
	number  int    // grows with every preview; output of an older one is dropped
	command runbook.Filled
	dangers []runbook.Danger // what the command changes
	aims    aims             // where it goes
	ask     int              // grows with every question to the kubeconfig
	asking  bool             // the kubeconfig was asked where it goes, and has not answered
	// confirmed: it is to start when the kubeconfig has said the same again.
	confirmed bool
	offer     *Proposal // instead of a command; nil: there is a command
	drawn     bool      // the preview was on screen: only then can it be confirmed
	stage     runStage
	output    string
	failed    bool
	scroll    int
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
	case !a.lay.visible(runbookSlot) || a.changed.full != noFull:
		a.say(fmt.Sprintf("step %d of %d: %s  (2: the runbook)", at+n, of, a.stepWords()), false)
	}
}

// preview shows the current step's command as it would be run. Nothing is done
// before y.
func (a *App) preview() tea.Cmd {
	if a.opts.Actions.Run == nil {
		a.say(a.whyOff(keymap.Run), true)
		return nil
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
		a.view.run = runState{number: a.view.run.number + 1, command: c, key: key, aims: a.aimsOf(c),
			dangers: a.shown().Doc.Codes()[s.Code].Changes()}
		a.view.mode = previewing
		return a.askKube()
	}
	return nil
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
	case keymap.Back:
		a.view.mode = normal
		r.asking, r.confirmed = false, false
		r.ask++ // an answer that is under way starts nothing
		if r.stage == asked {
			a.guideUndone(keymap.Run)
		}
	case keymap.Down:
		r.scroll++
	case keymap.Up:
		r.scroll = max(0, r.scroll-1)
	case keymap.Confirm:
		return a.confirm()
	}
	return nil
}

// confirm takes y for a yes, if all was seen and the command goes to the page's
// cluster. To go to another one takes its name.
func (a *App) confirm() tea.Cmd {
	r := &a.view.run
	switch {
	case r.stage != asked:
	case !r.drawn:
		a.say("see all of it first: j scrolls down", true)
	case r.asking:
		a.say("a moment: the kubeconfig is being read", true)
	case r.aims.wrong() != "":
		return a.startEntry(naming, "")
	default:
		return a.goAhead()
	}
	return nil
}

// start does what was confirmed.
func (a *App) start() tea.Cmd {
	r := &a.view.run
	r.stage, r.scroll = running, 0
	a.guideDone(keymap.Confirm)
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
