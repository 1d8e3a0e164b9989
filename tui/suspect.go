package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/changes"
)

// described is what repositories said to a change.
type described struct {
	diff *sources.Diff // nil without an error: they are being asked
	err  error
}

// rolling is the rollout of the change on screen, by instance.
type rolling struct {
	key    string
	asked  time.Time
	asking bool
	last   page.Rollout
	err    error
}

// undone is how a change is taken back, and what that was found for: a long
// runbook is not searched again for every frame.
type undone struct {
	of    undoneFor
	found page.Undo
}

type undoneFor struct {
	change string
	alert  sources.AlertID
	board  *triage.Board
	text   *byte // the runbook's first
}

// rolloutEvery is how old the rollout on screen may become.
const rolloutEvery = 10 * time.Second

// rolloutMsg: which instances run a change is known.
type rolloutMsg struct {
	key     string
	rollout page.Rollout
	err     error
}

// describedMsg: what a change contains is known.
type describedMsg struct {
	key  string
	diff sources.Diff
	err  error
}

// openSuspect shows the page of one change.
func (a *App) openSuspect(s triage.Suspect, ok bool) tea.Cmd {
	if !ok {
		a.say("there is no change to open", false)
		return nil
	}
	if a.changed.full != suspectFull {
		a.changed.from = a.changed.full
	}
	a.changed.full, a.changed.key, a.changed.toUndo = suspectFull, changes.Key(s.Change), false
	a.panes.timeline.Select(a.changed.key)
	a.panes.suspect.Scroll(-1 << 20)
	a.forgetUnknown()
	return a.askSuspect()
}

// forgetUnknown lets repositories be asked again for what they did not know: a
// clone may have been fetched since.
func (a *App) forgetUnknown() {
	if d := a.changed.known[a.changed.key]; d.err != nil {
		delete(a.changed.known, a.changed.key)
	}
}

// suspect is the change on its page, as it stands now; false: it is listed no
// more.
func (a *App) suspect() (triage.Suspect, bool) {
	for _, s := range a.subject().Ranking.Suspects {
		if changes.Key(s.Change) == a.changed.key {
			if r := a.changed.run; r.key == a.changed.key && r.last.All > 0 {
				s.Share = sources.Share{New: r.last.New, All: r.last.All} // newer than what the source saw
			}
			return s, true
		}
	}
	return triage.Suspect{}, false
}

// askSuspect asks what is not known of the change on screen, or has aged.
func (a *App) askSuspect() tea.Cmd {
	if a.changed.full != suspectFull {
		return nil
	}
	s, ok := a.suspect()
	if !ok {
		a.changed.full = a.changed.from
		a.say("that change is listed no more", false)
		return nil
	}
	var cmds []tea.Cmd
	key, c, ctx, assembler := a.changed.key, s.Change, a.ctx, a.opts.Assembler
	if r := &a.changed.run; r.key != key {
		*r = rolling{key: key}
	}
	if r := &a.changed.run; !r.asking && !c.Selector.Empty() && (r.asked.IsZero() || a.opts.Now().Sub(r.asked) >= rolloutEvery) {
		r.asking, r.asked = true, a.opts.Now()
		cmds = append(cmds, func() tea.Msg { return askRollout(ctx, assembler, key, c) })
	}
	if _, have := a.changed.known[key]; !have && c.Diff == nil && page.NamesTwo(c) {
		a.changed.known[key] = described{}
		cmds = append(cmds, func() tea.Msg {
			d, err := assembler.Describe(ctx, c)
			return describedMsg{key, d, err}
		})
	}
	return tea.Batch(cmds...)
}

func askRollout(ctx context.Context, a *page.Assembler, key string, c sources.Change) tea.Msg {
	r, err := a.Rollout(ctx, c)
	return rolloutMsg{key, r, err}
}

func (a *App) onRollout(msg rolloutMsg) {
	r := &a.changed.run
	if r.key != msg.key {
		return
	}
	r.asking, r.err = false, msg.err
	if msg.err == nil {
		r.last = msg.rollout
	}
}

func (a *App) onDescribed(msg describedMsg) {
	d := described{err: msg.err}
	if msg.err == nil {
		d.diff = &msg.diff
	}
	a.changed.known[msg.key] = d
}

// detail is everything known of the change on screen.
func (a *App) detail(s triage.Suspect) changes.Detail {
	known, run := a.changed.known[a.changed.key], a.changed.run
	d := changes.Detail{Suspect: s, Subject: a.subject(), Diff: s.Diff, DiffErr: known.err}
	if d.Diff == nil {
		d.Diff = known.diff
	}
	if run.key == a.changed.key {
		d.Rollout, d.RolloutErr = run.last, run.err
	}
	if a.page.ok {
		d.Evidence = a.page.Evidence.Value
		d.Undo = a.undoOf(s)
		d.Ask = a.whomToAsk()
	}
	return d
}

// openChange opens where the change can be read: the comparison, else its link.
func (a *App) openChange() tea.Cmd {
	s, ok := a.chosen()
	if !ok {
		a.say("there is no change to open", false)
		return nil
	}
	link := s.URL
	diff := s.Diff
	if diff == nil {
		diff = a.changed.known[changes.Key(s.Change)].diff
	}
	if diff != nil && !diff.CompareURL.Empty() {
		link = diff.CompareURL
	}
	if link.Empty() {
		a.say("no link is known for this change", true)
		return nil
	}
	return a.browse(triage.WebLink(triage.OtherLink, link, ""))
}

// copyRollback copies the team's own command that takes the change back, once
// it is on screen. It is never run from here.
func (a *App) copyRollback() tea.Cmd {
	s, ok := a.chosen()
	if !ok || !a.page.ok {
		a.say("no page is open, so there is no runbook with a rollback", true)
		return nil
	}
	u := a.undoOf(s)
	if u.Why != "" {
		a.say(safe.Text(u.Why), true)
		return nil
	}
	if a.changed.full == suspectFull && a.changed.seen == u.Command.Text {
		return a.copyFilled(u.Command)
	}
	cmd := a.openSuspect(s, true)
	a.changed.toUndo = true
	a.refreshFull()
	a.say("this is the runbook's command: read it, then y copies it", false)
	return cmd
}

// undoOf is how a change is taken back by the runbook on screen.
func (a *App) undoOf(s triage.Suspect) page.Undo {
	rb := a.shown()
	of := undoneFor{change: changes.Key(s.Change), alert: a.selected(), board: a.board}
	if len(rb.Doc.Source) > 0 {
		of.text = &rb.Doc.Source[0]
	}
	if a.changed.undo.of != of {
		a.changed.undo = undone{of, a.page.UndoOf(s, rb)}
	}
	return a.changed.undo.found
}
