package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/page"
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
	servicesFull      // every service
	serviceFull       // one service
	whoFull           // who can help
)

// changedView is the state of "what changed?" beyond its pane.
type changedView struct {
	full  full
	from  full   // where the page of a change was opened
	key   string // the change on that page
	known map[string]described
	run   rolling
	undo  undone
	// toUndo keeps the rollback in view while what stands above it still loads.
	toUndo bool
	seen   string // the rollback that was on screen when it was last drawn
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
	switch a.changed.full {
	case suspectFull:
		a.changed.full = a.changed.from
	case serviceFull:
		a.changed.full = servicesFull
	default:
		a.changed.full = noFull
	}
	return nil
}

// doFull carries out what is asked while the timeline or the page of a change
// fills the body; false: it is for somebody else.
func (a *App) doFull(action keymap.Action) (tea.Cmd, bool) {
	a.refreshFull() // more may be known than when it was drawn
	if full, _ := a.showsServices(); full {
		return a.doServices(action)
	}
	if a.changed.full == whoFull {
		return a.doWho(action)
	}
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
	switch a.changed.full {
	case timelineFull:
		height = a.panes.timeline.Page()
	case servicesFull:
		height = a.panes.services.Page()
	}
	n, ok := steps(action, height)
	switch {
	case !ok:
	case a.changed.full == timelineFull:
		a.panes.timeline.Move(n)
	case a.changed.full == servicesFull:
		a.panes.services.Move(n)
	case a.changed.full == serviceFull:
		a.panes.service.Scroll(n)
	case a.changed.full == whoFull:
		a.panes.who.Scroll(n)
	default:
		a.changed.toUndo = false
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

// refreshFull gives what fills the body its content and its size.
func (a *App) refreshFull() {
	h := max(0, a.bodyEnd()-a.lay.head-2)
	switch a.changed.full {
	case servicesFull:
		a.panes.services.SetSize(a.w, h)
		a.panes.services.Set(a.servicesSubject())
	case serviceFull:
		a.panes.service.SetSize(a.w, h)
		a.panes.service.Set(a.serviceDetails())
	case whoFull:
		a.refreshWho()
	case timelineFull:
		a.panes.timeline.SetSize(a.w, h)
		a.panes.timeline.Set(a.subject())
	case suspectFull:
		if s, ok := a.suspect(); ok {
			a.panes.suspect.SetSize(a.w, h)
			a.panes.suspect.Set(a.detail(s))
			if a.changed.toUndo {
				a.panes.suspect.ShowUndo()
			}
		}
	}
}

// drawFull draws it over the body.
func (a *App) drawFull(rows []string) {
	a.refreshFull()
	top, bottom := a.lay.head+1, a.bodyEnd()
	if a.changed.full == whoFull {
		for i, r := range append([]string{a.whoTitle()}, a.panes.who.Rows()...) {
			if top+i < bottom {
				rows[top+i] = r
			}
		}
		return
	}
	var body []string
	right, stale := a.changesFresh(a.subject().Ranking)
	left := "What changed?  " + a.panes.timeline.Counts()
	switch a.changed.full {
	case timelineFull:
		body = a.panes.timeline.Rows()
	case servicesFull:
		left, right, stale = "Services", a.servicesAge(), false
		if n, of := a.panes.services.Matches(); of > 0 {
			left = fmt.Sprintf("Services  %d, worst first", of)
			if n < of {
				left = fmt.Sprintf("Services  %d of %d hold %q", n, of, a.panes.services.Words())
			}
		}
		body = a.panes.services.Rows()
	case serviceFull:
		r, _ := a.service()
		left, right, stale = "Service: "+r.Name.String(), a.servicesAge(), false
		body = a.panes.service.Rows()
	default:
		s, _ := a.suspect()
		left, right, stale = "Change: "+page.ChangeTitle(s.Change), "", false
		body = a.panes.suspect.Rows()
		if a.panes.suspect.UndoSeen() {
			a.changed.seen = a.undoOf(s).Command.Text
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
		a.siftBy(a.view.input.Value())
	}
	return cmd
}

func (a *App) doSift(action keymap.Action) tea.Cmd {
	if action == keymap.Back {
		a.siftBy("")
	}
	a.endEntry()
	return nil
}

// siftBy filters what fills the body.
func (a *App) siftBy(text string) {
	if a.changed.full == servicesFull {
		a.panes.services.Filter(text)
		return
	}
	a.panes.timeline.Filter(text)
}
