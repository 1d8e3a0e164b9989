package tui

import (
	"context"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/alertlist"
	"github.com/firstpage-oncall/firstpage/tui/changes"
	"github.com/firstpage-oncall/firstpage/tui/health"
	"github.com/firstpage-oncall/firstpage/tui/jump"
	"github.com/firstpage-oncall/firstpage/tui/reader"
	"github.com/firstpage-oncall/firstpage/tui/services"
	"github.com/firstpage-oncall/firstpage/tui/theme"
	"github.com/firstpage-oncall/firstpage/tui/who"
	"github.com/firstpage-oncall/firstpage/tui/why"
)

// App is the root model. Make it with New.
type App struct {
	ctx   context.Context
	opts  Options
	theme theme.Theme
	w, h  int
	lay   layout

	board    *triage.Board
	filter   triage.Filter
	matching int // rows that pass the filter
	total    int // rows without a filter
	view     viewState
	page     opened
	changed  changedView
	services servicesView
	past     pastView
	first    firstRun
	panes    panes
	started  time.Time
	wanted   bool // the alert that the user named is still to be found
	overs    overs

	content string // what View returns while nothing is dirty
	dirty   bool
}

// panes are the components; the root decides which are on screen.
type panes struct {
	alerts   *alertlist.Model
	reader   *reader.Model
	changes  *changes.Model
	timeline *changes.Timeline
	suspect  *changes.Suspect
	health   *health.Model
	why      *why.Model
	services *services.List
	service  *services.One
	who      *who.Model
	jump     *jump.Model
}

// mode says who gets the keys.
type mode int8

const (
	normal mode = iota
	filtering
	helping
	searching // in the runbook
	following // the number of a link is typed
	outlining
	jumping    // an alert is chosen by letters
	linking    // a link is chosen
	previewing // a command that would be run, or what it printed
	naming     // the context of the command in the preview is typed
	sifting    // the filter of the changes is typed
)

// viewState is what the user has chosen to see.
type viewState struct {
	open       slot // the pane with the focus
	mode       mode
	showFolded bool
	order      triage.Order // of the list
	mouse      bool
	paused     bool
	touched    bool // a key was pressed: the selection is the user's
	message    message
	input      textinput.Model // the filter while it is typed
	inputErr   string
	outline    int // index of the chosen heading
	links      linksMenu
	help       helpState
	run        runState
	ran        map[string]time.Time // when a command was run, by runState.key
	unseen     string               // a command with invisible characters that has been warned of
	guide      guideState
	ticks      int    // since the start
	fresh      string // a new urgent page that was not looked at yet, in words
}

// maxFilter is the longest filter that can be typed or pasted, in runes.
const maxFilter = 500

// messageTicks is how long a message stands, in ticks of a second. They are
// counted, because the clock of a drill may go faster than anyone reads.
const messageTicks = 8

// message is the last thing worth saying, until it is old.
type message struct {
	text string
	bad  bool
	left int // ticks until it goes
}

// opened is the page on screen and what is under way for it.
type opened struct {
	page.Page
	ok      bool // there is one
	cancel  context.CancelFunc
	ctx     context.Context
	settled bool
	changed string            // path of the runbook on screen, when its file has changed since it was read
	asking  map[string]asking // the queries of its runbook
	visited []visit           // documents that links led to, the one on screen last
}

// New makes the screen. ctx ends every command it starts.
func New(ctx context.Context, o Options) *App {
	t := theme.New(o.Theme, true)
	a := &App{ctx: ctx, opts: o, theme: t, dirty: true, started: o.Now(), wanted: o.Wanted != "",
		panes: panes{alertlist.New(t), reader.New(t), changes.New(t), changes.NewTimeline(t), changes.NewSuspect(t), health.New(t), why.New(t, o.ASCII), services.New(t), services.NewOne(t), who.New(t), jump.New(t)}}
	a.view.open, a.view.order, a.view.ran = runbookSlot, triage.BySeverity, map[string]time.Time{}
	a.changed.known = map[string]described{}
	a.view.input = textinput.New()
	a.view.input.Prompt = ""
	a.view.input.CharLimit = maxFilter
	if f, err := triage.ParseFilter(o.Filter); err == nil {
		a.filter = f
	}
	return a
}

// Init asks the terminal for its background and waits for the first board.
func (a *App) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, a.waitBoard(), tick())
}

func (a *App) waitBoard() tea.Cmd {
	return waitBoard(a.ctx, a.opts.Feed.Box, &a.overs, a.opts.Prefs, a.opts.Watch, a.opts.Now)
}

// Update is one case per message of the terminal, each one line to the method
// that knows; onAnswer has those of commands.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.dirty = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.w, a.h = msg.Width, msg.Height
		a.relayout()
	case tea.BackgroundColorMsg:
		a.setTheme(theme.New(a.opts.Theme, msg.IsDark()))
	case tea.FocusMsg:
		a.opts.Feed.Focus(true)
	case tea.BlurMsg:
		a.opts.Feed.Focus(false)
	case tea.MouseWheelMsg:
		return a, a.onWheel(msg)
	case tea.PasteMsg, tea.KeyPressMsg:
		return a, a.onInput(msg)
	default:
		return a, a.onAnswer(msg)
	}
	return a, nil
}

// onAnswer takes what the commands of the screen found out.
func (a *App) onAnswer(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case boardMsg:
		return tea.Batch(a.onBoard(msg.board), a.waitBoard())
	case oversListedMsg:
		return a.onOversListed(msg)
	case oversMsg:
		return a.onOvers(msg)
	case lastPageMsg:
		a.overs.last = msg.item
	case partLoadedMsg:
		return a.onPart(msg)
	case settledMsg:
		return a.onSettled(msg)
	case typedMsg:
		a.onTyped(msg)
	case tickMsg:
		return tea.Batch(a.onTick(), tick())
	case proposalMsg:
		a.onProposal(msg)
	case liveMsg:
		return a.onLive(msg)
	case changedMsg:
		a.onChanged(msg)
	case followedMsg:
		a.onFollowed(msg)
	case outputMsg:
		return a.onOutput(msg)
	case pastMsg:
		a.onPast(msg)
	case rolloutMsg:
		a.onRollout(msg)
	case describedMsg:
		a.onDescribed(msg)
	case servicesMsg:
		return a.onServices(msg)
	case sweptMsg:
		a.onSwept(msg)
	case serviceMsg:
		a.onService(msg)
	case kubeMsg:
		return a.onKube(msg)
	case copied:
		a.onCopied(msg)
	case doneMsg:
		a.say(msg.text, msg.err != nil)
	case editedMsg:
		return a.onEdited(msg)
	case allowedMsg:
		return a.onAllowed(msg)
	default:
		return a.onOther(msg)
	}
	return nil
}

// onOther passes what is not ours (the cursor's blinking) to the text input.
func (a *App) onOther(msg tea.Msg) tea.Cmd {
	if a.view.mode != filtering && a.onFirstRun() && a.first.asks != "" {
		return a.typeFirstRun(msg)
	}
	switch a.view.mode {
	case filtering, searching, following, naming, sifting:
	default:
		a.dirty = false
		return nil
	}
	var cmd tea.Cmd
	a.view.input, cmd = a.view.input.Update(msg)
	return cmd
}

func (a *App) setTheme(t theme.Theme) {
	a.theme = t
	a.panes.alerts.SetTheme(t)
	a.panes.reader.SetTheme(t)
	a.panes.changes.SetTheme(t)
	a.panes.timeline.SetTheme(t)
	a.panes.suspect.SetTheme(t)
	a.panes.health.SetTheme(t)
	a.panes.why.SetTheme(t)
	a.panes.services.SetTheme(t)
	a.panes.service.SetTheme(t)
	a.panes.who.SetTheme(t)
	a.panes.jump.SetTheme(t)
	a.refreshPanes()
}

// onTick lets ages move, forgets an old message and loads what has aged.
func (a *App) onTick() tea.Cmd {
	if a.view.message.left--; a.view.message.left <= 0 {
		a.view.message = message{}
	}
	a.guideResolved()
	a.panes.alerts.SetNow(a.opts.Now())
	if a.wanted && a.board != nil {
		return tea.Batch(a.selectWanted(), a.loadDue(), a.watch(), a.askQueries(), a.askSuspect(), a.askServices(), a.askPast())
	}
	return tea.Batch(a.loadDue(), a.watch(), a.askQueries(), a.askSuspect(), a.askServices(), a.askPast())
}

// say shows one line in the message row for a while.
func (a *App) say(text string, bad bool) {
	if text == "" {
		return
	}
	a.view.message = message{text: text, bad: bad, left: messageTicks}
}

// selected is the alert on screen; empty when there is none.
func (a *App) selected() sources.AlertID {
	if !a.page.ok {
		return ""
	}
	return a.page.Item.ID
}
