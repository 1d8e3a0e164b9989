package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Feed is the way to the poller.
type Feed struct {
	Box     <-chan sources.Snapshot // newest snapshot; closed never
	Refresh func()                  // ask every source again now
	Focus   func(bool)              // the terminal gained or lost the focus
	Pause   func(bool)              // stop or go on asking by itself
}

// Desktop is what the machine around the terminal can do. A nil function means
// that it cannot, and Why says so in words.
type Desktop struct {
	Open func(ctx context.Context, url string) error // in the browser
	// Copy copies to the native clipboard or, where there is none, into the file
	// CopyTo; the terminal's own clipboard is always tried too.
	Copy   func(text string) error
	CopyTo string // as it is shown, clean; empty: Copy fills the clipboard
	Edit   func(path string, line int) (tea.ExecCommand, error)
	// Changed reports whether a file is not the one that was read, by its
	// modification time then.
	Changed func(path string, asOf time.Time) bool
	// KubeContext looks a context up in the user's kubeconfig, for kubectl, oc or
	// helm; an empty name means the current one. It asks no program and no network.
	KubeContext func(tool, name string) (KubeContext, error)
}

// Actions are what changes something outside. A nil function means that the
// key is off, and Why says so in words.
type Actions struct {
	// Run runs a command of the runbook; the channel is closed at its end.
	Run func(ctx context.Context, c runbook.Filled, labels sources.Labels) <-chan Output
	// Propose gives the next step of an edited runbook's file on its way to the
	// others: a branch, then a push. It changes nothing; the proposal does.
	Propose func(ctx context.Context, path, alert string) (Proposal, error)
	// Begin offers to create a runbook that is not there. It changes nothing; the
	// proposal does.
	Begin   func(s runbook.Stub, text string) Proposal
	RunNote string // what running means here, for the preview; empty: it is run
	// Allow keeps that runbooks may be fetched from a host, and lets what has
	// failed there be tried again. An error: the yes holds for this run only.
	Allow func(ctx context.Context, host string) error
	Why   map[keymap.Action]string
}

// Proposal is something to confirm: exactly what would be done.
type Proposal struct {
	Title string                              // a question
	Lines []string                            // what it is about, clean
	Note  string                              // what y does, and what it does not
	Do    func(context.Context) <-chan Output // as Actions.Run
}

// Output is a piece of what a command printed.
type Output struct {
	Text string
	Err  error // how it ended, with the last piece; nil: well
}

// Hint is one line of a guide for somebody who sees the screen for the first
// time. It stands until its action was done.
type Hint struct {
	Text  string
	Short string        // for screens without room for Text
	Until keymap.Action // empty, or Resolved
	Step  int           // of the runbook, from 1, at which it counts; 0: any
	// Resolved hints stand until the page that was open when they came is over.
	Resolved bool
}

// Options is everything the screen is made of.
type Options struct {
	Feed      Feed
	Assembler *page.Assembler
	Prefs     triage.Prefs
	// Watch tells a new board what is known beyond its snapshot, off the screen's
	// goroutine; nil: nothing is.
	Watch    func(context.Context, *triage.Board)
	Keys     keymap.Table
	Theme    theme.Name
	Desktop  Desktop
	Actions  Actions
	ReadOnly bool
	Nameless []string // clusters that nobody has given a name: theirs is the address
	Banner   string   // a word in the header such as DEMO; empty: none
	Guide    []Hint
	GuideTo  string // the name of the alert that the guide is about
	Now      func() time.Time
	Loc      *time.Location // of the times on screen
	ASCII    bool           // the terminal has no other letters: graphs are drawn without
	Home     string         // the user's home folder, shown as ~; empty: not known

	Wanted string // the alert to open first, as the user named it; empty: the most urgent
	Filter string // the list's filter at the start
	Notice string // said once when every cluster was asked and one answers; empty: nothing is
	// FirstRun is offered while nothing answers; nil: somebody has said where
	// Prometheus is.
	FirstRun *FirstRun
	// Advice is what to do when no Prometheus answers, in words.
	Advice string
}
