package tui

import (
	"time"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// boardMsg: a new snapshot came and was judged.
type boardMsg struct{ board *triage.Board }

// partLoadedMsg: one part of a page was loaded.
type partLoadedMsg struct {
	id     sources.AlertID
	result page.Result
}

// settledMsg: the selection has rested on an alert for a moment.
type settledMsg struct{ id sources.AlertID }

// typedMsg: the filter has been this text for a moment.
type typedMsg struct{ text string }

// tickMsg: a second has passed; ages move.
type tickMsg time.Time

// doneMsg: something asked of the desktop is done, or not.
type doneMsg struct {
	text string // what was done, for the message row
	err  error
}

// editedMsg: the editor was left.
type editedMsg struct {
	path string
	err  error
}

// outputMsg: a command that runs has printed something, or has ended.
type outputMsg struct {
	run   int // number of the run
	out   Output
	more  bool // false: it has ended
	after <-chan Output
}

// followedMsg: a link inside a runbook was followed.
type followedMsg struct {
	alert sources.AlertID
	shown string // the link, clean
	to    page.Runbook
	err   error
}

// changedMsg: the file of the runbook on screen is another than what was read.
type changedMsg struct{ path string }

// proposalMsg: what would be done with an edited runbook is known.
type proposalMsg struct {
	alert sources.AlertID
	offer Proposal
	err   error
}
