package tui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/changes"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// full is what fills the whole body instead of the panes.
type full int8

const (
	noFull       full = iota
	timelineFull      // every change on one axis
	suspectFull       // one change
)

// changedView is the state of "what changed?" beyond its pane.
type changedView struct {
	full  full
	from  full   // where the page of a change was opened
	key   string // the change on that page
	known map[string]described
	run   rolling
	seen  string // the change whose rollback was on screen when it was last drawn
}

// described is what repositories said to a change.
type described struct {
	asking bool
	diff   *sources.Diff
	err    error
}

// rolling is the rollout of the change on screen, by instance.
type rolling struct {
	key    string
	asked  time.Time
	asking bool
	last   page.Rollout
	err    error
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

// subject is what the timeline is about now.
func (a *App) subject() changes.Subject {
	now, loc := a.opts.Now(), a.opts.Loc
	if a.page.ok {
		return changes.OfPage(a.page.Page, now, loc)
	}
	s := changes.Subject{Now: now, Loc: loc}
	if a.board != nil {
		s.Ranking = triage.Timeline(a.board)
	}
	return s
}

// toggleTimeline opens the timeline, or goes back to the panes.
func (a *App) toggleTimeline() tea.Cmd {
	if a.changed.full != noFull {
		return a.closeFull()
	}
	if a.board == nil {
		a.say("nothing is known yet: Prometheus is being asked", false)
		return nil
	}
	a.changed.full = timelineFull
	a.refreshFull()
	return nil
}

// closeFull goes one back: from the page of a change to where it was opened.
func (a *App) closeFull() tea.Cmd {
	if a.changed.full == suspectFull {
		a.changed.full = a.changed.from
	} else {
		a.changed.full = noFull
	}
	return nil
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
	a.changed.full, a.changed.key = suspectFull, changes.Key(s.Change)
	a.panes.timeline.Select(a.changed.key)
	a.panes.suspect.Scroll(-1 << 20)
	return a.askSuspect()
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
		a.changed.known[key] = described{asking: true}
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
		d.Undo = a.page.UndoOf(s, a.shown())
		d.Ask = a.page.Item.Owner.Name.String()
	}
	return d
}

// doFull carries out what is asked while the timeline or the page of a change
// fills the body; false: it is for somebody else.
func (a *App) doFull(action keymap.Action) (tea.Cmd, bool) {
	a.refreshFull() // more may be known than when it was drawn
	t := a.panes.timeline
	switch action {
	case keymap.Back, keymap.Changed:
		if a.changed.full == timelineFull && t.Words() != "" && action == keymap.Back {
			t.Filter("")
			return nil, true
		}
		return a.closeFull(), true
	case keymap.OpenLink:
		return a.openChange(), true
	case keymap.CopyRollback:
		return a.copyRollback(), true
	}
	if a.changed.full != timelineFull {
		return nil, false
	}
	switch action {
	case keymap.Open:
		return a.openSuspect(t.Selected()), true
	case keymap.Filter:
		return a.startEntry(sifting, t.Words()), true
	case keymap.Wider, keymap.Narrower:
		n := map[keymap.Action]int{keymap.Wider: 1, keymap.Narrower: -1}[action]
		if !t.Stretch(n) {
			a.say("it shows "+t.Range(), false)
		}
		return nil, true
	}
	return nil, false
}

// fullMotion moves in what fills the body.
func (a *App) fullMotion(action keymap.Action) {
	a.refreshFull()
	height := a.bodyEnd() - a.lay.head - 2
	if a.changed.full == timelineFull {
		height = a.panes.timeline.Page()
	}
	n, ok := steps(action, height)
	switch {
	case !ok:
	case a.changed.full == timelineFull:
		a.panes.timeline.Move(n)
	default:
		a.panes.suspect.Scroll(n)
	}
}

// chosen is the change that the keys speak of.
func (a *App) chosen() (triage.Suspect, bool) {
	if a.changed.full == suspectFull {
		return a.suspect()
	}
	return a.panes.timeline.Selected()
}

// anyChange reports whether the timeline lists a change.
func (a *App) anyChange() bool {
	_, of := a.panes.timeline.Matches()
	return of > 0
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
	return a.browse(link)
}

// copyRollback copies the team's own command that takes the change back, once
// it is on screen. It is never run from here.
func (a *App) copyRollback() tea.Cmd {
	s, ok := a.chosen()
	if !ok || !a.page.ok {
		a.say("no page is open, so there is no runbook with a rollback", true)
		return nil
	}
	u := a.page.UndoOf(s, a.shown())
	if u.Why != "" {
		a.say(safe.Text(u.Why), true)
		return nil
	}
	if a.changed.full == suspectFull && a.changed.seen == a.changed.key {
		return a.copyFilled(u.Command)
	}
	cmd := a.openSuspect(s, true)
	a.refreshFull()
	a.panes.suspect.ShowUndo()
	a.say("this is the runbook's command: read it, then y copies it", false)
	return cmd
}

// refreshFull gives what fills the body its content and its size.
func (a *App) refreshFull() {
	h := max(0, a.bodyEnd()-a.lay.head-2)
	switch a.changed.full {
	case timelineFull:
		a.panes.timeline.SetSize(a.w, h)
		a.panes.timeline.Set(a.subject())
	case suspectFull:
		if s, ok := a.suspect(); ok {
			a.panes.suspect.SetSize(a.w, h)
			a.panes.suspect.Set(a.detail(s))
		}
	}
}

// drawFull draws it over the body.
func (a *App) drawFull(rows []string) {
	a.refreshFull()
	top, bottom := a.lay.head+1, a.bodyEnd()
	var body []string
	right, stale := a.changesFresh(a.subject().Ranking)
	left := "What changed?  " + a.panes.timeline.Counts()
	if a.changed.full == timelineFull {
		body = a.panes.timeline.Rows()
	} else {
		s, _ := a.suspect()
		left, right, stale = "Change: "+page.ChangeTitle(s.Change), "", false
		body = a.panes.suspect.Rows()
		a.changed.seen = ""
		if a.panes.suspect.UndoSeen() {
			a.changed.seen = a.changed.key
		}
		if n := a.panes.suspect.Below(); n > 0 {
			right = fmt.Sprintf("%d more below (j)", n)
		}
	}
	all := append([]string{a.ruleTitle(left, right, stale, true, a.w)}, body...)
	for i, r := range all {
		if top+i < bottom {
			rows[top+i] = r
		}
	}
}

// sift filters the changes as it is typed.
func (a *App) sift(msg tea.Msg) tea.Cmd {
	before := a.view.input.Value()
	var cmd tea.Cmd
	if a.view.input, cmd = a.view.input.Update(msg); a.view.input.Value() != before {
		a.panes.timeline.Filter(a.view.input.Value())
	}
	return cmd
}

func (a *App) doSift(action keymap.Action) tea.Cmd {
	if action == keymap.Back {
		a.panes.timeline.Filter("")
	}
	a.endEntry()
	return nil
}
