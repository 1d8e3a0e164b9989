// Package keymap declares every key once. Dispatch, the footer, the help
// overlay, docs/keys.md and config overrides all read this table, so a key
// cannot exist in one of them only.
//
// Imported by tui, its panes and cmd; it imports nothing of ours. The table is
// never changed after [Default] made it.
package keymap

import "slices"

// Action is something a key can ask for. Its text is the name that the
// configuration and the documentation use.
type Action string

// The actions.
const (
	Down        Action = "down"
	Up          Action = "up"
	Top         Action = "top"
	Bottom      Action = "bottom"
	HalfDown    Action = "half-page-down"
	HalfUp      Action = "half-page-up"
	PageDown    Action = "page-down"
	PageUp      Action = "page-up"
	Left        Action = "left"
	Right       Action = "right"
	NextAlert   Action = "next-alert"
	PrevAlert   Action = "previous-alert"
	Urgent      Action = "most-urgent"
	Open        Action = "open"
	Back        Action = "back"
	NextPane    Action = "next-pane"
	PrevPane    Action = "previous-pane"
	PaneAlerts  Action = "pane-alerts"
	PaneRunbook Action = "pane-runbook"
	PaneChanges Action = "pane-changes"
	PaneHealth  Action = "pane-health"
	PaneWhy     Action = "pane-why"
	Changed     Action = "what-changed"
	NextStep    Action = "next-step"
	PrevStep    Action = "previous-step"
	Run         Action = "run"
	Confirm     Action = "confirm"
	Guide       Action = "guide"
	Tick        Action = "tick"
	CopyCommand Action = "copy-command"
	CopySource  Action = "copy-as-written"
	Outline     Action = "outline"
	Search      Action = "search"
	NextHit     Action = "next-hit"
	PrevHit     Action = "previous-hit"
	Follow      Action = "follow-link"
	NextHeading Action = "next-heading"
	PrevHeading Action = "previous-heading"
	Filter      Action = "filter"
	Wider       Action = "look-further-back"
	Narrower    Action = "look-closer"

	CopyRollback Action = "copy-rollback"
	CopyQuery    Action = "copy-query"
	AllServices  Action = "every-service"

	Who            Action = "who-can-help"
	CopyEscalation Action = "copy-escalation"

	Folded    Action = "folded"
	Sort      Action = "sort"
	Jump      Action = "jump"
	CopyLink  Action = "copy-link"
	OpenLink  Action = "open-link"
	Edit      Action = "edit"
	Propose   Action = "propose"
	Fetch     Action = "fetch"
	Refresh   Action = "refresh"
	Pause     Action = "pause"
	Mouse     Action = "mouse"
	Help      Action = "help"
	Quit      Action = "quit"
	QuitNow   Action = "quit-now"
	Accept    Action = "accept"
	FirstURL  Action = "first-run-url"
	FirstInit Action = "first-run-init"
	FirstFile Action = "first-run-file"
	FirstDemo Action = "first-run-demo"
)

// Scope is where a key means something. A key never means two things in one
// scope.
type Scope string

// The scopes. Global keys work from every pane; lines that are typed in,
// overlays, the preview of a command and the screen that is shown while there is
// no Prometheus take all keys to themselves.
const (
	Global      Scope = "anywhere"
	List        Scope = "alerts"
	Reader      Scope = "runbook"
	Health      Scope = "health"
	Why         Scope = "why is it firing"
	Changes     Scope = "what changed"
	Timeline    Scope = "every change"
	Change      Scope = "one change"
	Services    Scope = "every service"
	Service     Scope = "one service"
	Helpers     Scope = "who can help"
	SiftEntry   Scope = "filter of the changes, the services"
	FilterEntry Scope = "filter"
	Preview     Scope = "preview of a command"
	SearchEntry Scope = "searching in the runbook"
	LinkEntry   Scope = "the number of a link"
	NameEntry   Scope = "the name of another cluster's context"
	OutlineList Scope = "outline"
	JumpList    Scope = "jump to an alert"
	LinkList    Scope = "links"
	HelpOverlay Scope = "help"
	FirstRun    Scope = "no Prometheus yet"
	FirstEntry  Scope = "typing an address or a path"
)

// Binding is one row of the table.
type Binding struct {
	Action Action
	Keys   []string // as Bubble Tea names them: "j", "ctrl+d", "shift+tab"
	Scope  Scope
	Help   string // what it does, in a few plain words
	Footer string // shorter, for the footer; empty: not shown there
}

// Table is every binding, in the order of the documentation.
type Table []Binding

// Default is the table of design section 7, as far as it is built.
func Default() Table {
	return slices.Concat(motions(List, "alert"), listKeys(), motions(Reader, "line"), readerKeys(), motions(Changes, "change"), changesKeys(),
		motions(Timeline, "change"), timelineKeys(), motions(Change, "line"), changeKeys(), motions(Services, "service"), servicesKeys(), motions(Service, "line"), serviceKeys(),
		motions(Helpers, "line"), whoKeys(), motions(Health, "signal"), healthKeys(), motions(Why, "line"), whyKeys(),
		globalKeys(), entryKeys(), overlayKeys(), firstRunKeys())
}

func listKeys() Table {
	return Table{
		{Open, []string{"enter"}, List, "open the group, or read the runbook", "enter open"},
		{Filter, []string{"/"}, List, "filter: words or matchers such as severity=\"critical\"", "/ filter"},
		{Folded, []string{"0"}, List, "show what is folded: silenced, inhibited, watchdogs", "0 folded"},
		{Sort, []string{"O"}, List, "sort by severity, newest, service, name", "O sort"},
		{CopyLink, []string{"y"}, List, "copy the runbook's link", ""},
	}
}

func readerKeys() Table {
	return Table{
		{Left, []string{"left", "h"}, Reader, "scroll long commands left", ""},
		{Right, []string{"right", "l"}, Reader, "scroll long commands right", ""},
		{NextHeading, []string{"]"}, Reader, "next heading", "] next heading"},
		{PrevHeading, []string{"["}, Reader, "previous heading", ""},
		{Outline, []string{"t"}, Reader, "outline: every heading", "t outline"},
		{Search, []string{"/"}, Reader, "search in the runbook", "/ search"},
		{NextHit, []string{"n"}, Reader, "next hit of the search", ""},
		{PrevHit, []string{"N"}, Reader, "previous hit", ""},
		{Follow, []string{"f"}, Reader, "follow a numbered link; esc goes back", ""},
		{CopyCommand, []string{"y"}, Reader, "copy the step's command", "y copy"},
		{CopySource, []string{"Y"}, Reader, "copy it exactly as written", ""},
	}
}

func globalKeys() Table {
	return Table{
		{NextAlert, []string{"J"}, Global, "next alert", "J next alert"},
		{PrevAlert, []string{"K"}, Global, "previous alert", ""},
		{Jump, []string{"'"}, Global, "jump to any alert by letters", "' jump"},
		{Urgent, []string{"!"}, Global, "the most urgent page", ""},
		{NextStep, []string{"."}, Global, "next step of the runbook", ". next step"},
		{PrevStep, []string{","}, Global, "previous step", ""},
		{Tick, []string{"space"}, Global, "tick the step, or take the tick away", ""},
		{Run, []string{"x"}, Global, "run this step: shows it, waits for y", "x run it"},
		{NextPane, []string{"tab"}, Global, "next pane", "tab next pane"},
		{PrevPane, []string{"shift+tab"}, Global, "previous pane", ""},
		{PaneAlerts, []string{"1"}, Global, "alerts", ""},
		{PaneRunbook, []string{"2"}, Global, "runbook", ""},
		{PaneChanges, []string{"3"}, Global, "what changed", ""},
		{PaneHealth, []string{"4"}, Global, "health of the service", ""},
		{PaneWhy, []string{"5"}, Global, "why is it firing", "5 why is it firing"},
		{Changed, []string{"d"}, Global, "what changed?", "d what changed"},
		{Who, []string{"w"}, Global, "who can help: owner, on call, escalation", "w who can help"},
		{AllServices, []string{"S"}, Global, "every service, worst first", "S every service"},
		{OpenLink, []string{"o"}, Global, "open a link: runbook, dashboard, logs, traces", "o links"},
		{Fetch, []string{"F"}, Global, "fetch the linked page", ""},
		{Edit, []string{"e"}, Global, "edit the runbook at this line, or begin a missing one", ""},
		{Propose, []string{"P"}, Global, "propose the edited runbook: a branch, then a push", ""},
		{Refresh, []string{"r"}, Global, "ask every source again now", "r ask again"},
		{Pause, []string{"R"}, Global, "pause, go on", ""},
		{Mouse, []string{"m"}, Global, "mouse wheel on, off", ""},
		{Guide, []string{"H"}, Global, "hide, show the guide", ""},
		{Back, []string{"esc", "backspace"}, Global, "close, clear the filter, back to the runbook", ""},
		{Help, []string{"?"}, Global, "all keys", "? all keys"},
		{Quit, []string{"q"}, Global, "quit", "q quit"},
		{QuitNow, []string{"ctrl+c"}, Global, "quit at once", ""},
	}
}

// entryKeys are those of the lines that are typed in.
func entryKeys() Table {
	return Table{
		{Accept, []string{"enter"}, FilterEntry, "keep the filter", "enter keep"},
		{Back, []string{"esc"}, FilterEntry, "clear the filter", "esc clear"},
		{QuitNow, []string{"ctrl+c"}, FilterEntry, "quit at once", ""},
		{Accept, []string{"enter"}, SiftEntry, "keep the filter", "enter keep"},
		{Back, []string{"esc"}, SiftEntry, "clear the filter", "esc clear"},
		{QuitNow, []string{"ctrl+c"}, SiftEntry, "quit at once", ""},
		{Accept, []string{"enter"}, SearchEntry, "keep it; n and N go on", "enter keep"},
		{Back, []string{"esc"}, SearchEntry, "end the search", "esc end"},
		{QuitNow, []string{"ctrl+c"}, SearchEntry, "quit at once", ""},
		{Accept, []string{"enter"}, LinkEntry, "go there", "enter go"},
		{Back, []string{"esc"}, LinkEntry, "stay", "esc stay"},
		{QuitNow, []string{"ctrl+c"}, LinkEntry, "quit at once", ""},
		{Accept, []string{"enter"}, NameEntry, "run it there, if the name is right", "enter run it there"},
		{Back, []string{"esc"}, NameEntry, "back to the preview", "esc back"},
		{QuitNow, []string{"ctrl+c"}, NameEntry, "quit at once", ""},
	}
}

func overlayKeys() Table {
	return Table{
		{Down, []string{"j", "down"}, OutlineList, "next heading", ""},
		{Up, []string{"k", "up"}, OutlineList, "previous heading", ""},
		{Top, []string{"g", "home"}, OutlineList, "the first", ""},
		{Bottom, []string{"G", "end"}, OutlineList, "the last", ""},
		{Accept, []string{"enter"}, OutlineList, "go there", "enter go"},
		{Back, []string{"esc", "t", "q"}, OutlineList, "close", "esc close"},
		{QuitNow, []string{"ctrl+c"}, OutlineList, "quit at once", ""},
		{Back, []string{"esc", "backspace"}, JumpList, "a letter back", "a-z choose   esc back"},
		{QuitNow, []string{"ctrl+c"}, JumpList, "quit at once", ""},
		{Down, []string{"j", "down"}, LinkList, "next link", ""},
		{Up, []string{"k", "up"}, LinkList, "previous link", ""},
		{Top, []string{"g", "home"}, LinkList, "the first", ""},
		{Bottom, []string{"G", "end"}, LinkList, "the last", ""},
		{Accept, []string{"enter", "o"}, LinkList, "open it in the browser, or print it where there is none", "enter open"},
		{CopyLink, []string{"y"}, LinkList, "copy its address", "y copy"},
		{Back, []string{"esc", "q"}, LinkList, "close", "esc close"},
		{QuitNow, []string{"ctrl+c"}, LinkList, "quit at once", ""},
		{Confirm, []string{"y"}, Preview, "do it", "y do it"},
		{Back, []string{"esc", "n", "q"}, Preview, "do not run it, close", "esc close"},
		{Down, []string{"j", "down"}, Preview, "next line", ""},
		{Up, []string{"k", "up"}, Preview, "previous line", ""},
		{QuitNow, []string{"ctrl+c"}, Preview, "quit at once", ""},
		{Down, []string{"down"}, HelpOverlay, "next line", ""},
		{Up, []string{"up"}, HelpOverlay, "previous line", ""},
		{Accept, []string{"enter"}, HelpOverlay, "do the chosen one", "enter does the chosen one"},
		{Back, []string{"esc", "?"}, HelpOverlay, "close", "esc close"},
		{QuitNow, []string{"ctrl+c"}, HelpOverlay, "quit at once", ""},
	}
}

func firstRunKeys() Table {
	return Table{
		{FirstURL, []string{"1"}, FirstRun, "type the address of your Prometheus", "1-4 choose"},
		{FirstInit, []string{"2"}, FirstRun, "answer a few questions: firstpage init", ""},
		{FirstFile, []string{"3"}, FirstRun, "type the path of your team's configuration", ""},
		{FirstDemo, []string{"4"}, FirstRun, "see an incident on this machine, no network", ""},
		{Quit, []string{"q"}, FirstRun, "quit", "q quit"},
		{Help, []string{"?"}, FirstRun, "all keys", "? all keys"},
		{QuitNow, []string{"ctrl+c"}, FirstRun, "quit at once", ""},
		{Accept, []string{"enter"}, FirstEntry, "take it", "enter take it"},
		{Back, []string{"esc"}, FirstEntry, "back to the choices", "esc back"},
		{QuitNow, []string{"ctrl+c"}, FirstEntry, "quit at once", ""},
	}
}

func motions(s Scope, unit string) Table {
	return Table{
		{Down, []string{"j", "down"}, s, "next " + unit, ""},
		{Up, []string{"k", "up"}, s, "previous " + unit, ""},
		{HalfDown, []string{"ctrl+d"}, s, "half a screen down", ""},
		{HalfUp, []string{"ctrl+u"}, s, "half a screen up", ""},
		{PageDown, []string{"pgdown"}, s, "a screen down", ""},
		{PageUp, []string{"pgup"}, s, "a screen up", ""},
		{Top, []string{"g", "home"}, s, "to the top", ""},
		{Bottom, []string{"G", "end"}, s, "to the bottom", ""},
	}
}

// Lookup finds what a key means: in the first scope of the list that binds it.
func (t Table) Lookup(key string, scopes ...Scope) (Action, bool) {
	for _, s := range scopes {
		for _, b := range t {
			if b.Scope == s && slices.Contains(b.Keys, key) {
				return b.Action, true
			}
		}
	}
	return "", false
}

// In lists the bindings of one scope, in table order.
func (t Table) In(s Scope) []Binding {
	var out []Binding
	for _, b := range t {
		if b.Scope == s {
			out = append(out, b)
		}
	}
	return out
}

// KeyLabel is how a key is written for people.
func KeyLabel(key string) string {
	switch key {
	case "ctrl+d", "ctrl+u", "ctrl+c":
		return "ctrl-" + key[len("ctrl+"):]
	case "shift+tab":
		return "shift-tab"
	case "pgdown":
		return "PgDn"
	case "pgup":
		return "PgUp"
	}
	return key
}
