package tui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// FirstRun is what the screen offers while nobody has said where Prometheus is
// and it does not answer where it usually is.
type FirstRun struct {
	Tried string // the address and who named it, in words
	// CheckURL and CheckFile say what is wrong with what was typed; empty:
	// nothing.
	CheckURL, CheckFile func(typed string) string
}

// ChoiceKind is a way out of the first-run screen.
type ChoiceKind int8

// The choices.
const (
	NoChoice  ChoiceKind = iota
	ChoseURL             // Text is an address that CheckURL has nothing against
	ChoseInit            // ask the questions of init
	ChoseFile            // Text is a path that CheckFile has nothing against
	ChoseDemo
)

// Choice is what the user chose on the first-run screen; the program that runs
// the screen acts on it after the screen has ended.
type Choice struct {
	Kind ChoiceKind
	Text string
}

// Choice is NoChoice unless the first-run screen was left by one of its keys.
func (a *App) Choice() Choice { return a.first.choice }

// firstRun is the state of the first-run screen.
type firstRun struct {
	choice Choice
	asks   keymap.Action // what is being typed; empty: nothing is
	input  textinput.Model
	err    string

	noticed bool // the notice was given
}

// maxTyped is the longest address or path that can be typed, in runes.
const maxTyped = 1000

// onFirstRun reports whether the first-run screen is what is shown. It goes
// away by itself when there is an answer, but not under what is being typed.
func (a *App) onFirstRun() bool {
	if a.opts.FirstRun == nil || a.board == nil || a.page.ok {
		return false
	}
	return a.first.asks != "" || len(a.board.Snapshot.Clusters) == 1 && a.board.Snapshot.Clusters[0].Alerts.Err != nil
}

// giveNotice says what there is to say after the first-run screen was left.
func (a *App) giveNotice() {
	if !a.first.noticed && allAsked(a.board) && !a.onFirstRun() {
		a.first.noticed = true
		a.say(a.opts.Notice, false)
	}
}

func (a *App) doFirstRun(action keymap.Action) tea.Cmd {
	switch action {
	case keymap.Quit:
		return tea.Quit
	case keymap.Help:
		a.openHelp()
	case keymap.FirstURL:
		return a.startTyping(action, "")
	case keymap.FirstFile:
		return a.startTyping(action, "")
	case keymap.FirstInit:
		return a.choose(Choice{Kind: ChoseInit})
	case keymap.FirstDemo:
		return a.choose(Choice{Kind: ChoseDemo})
	case keymap.Back:
		a.first.asks, a.first.err = "", ""
	case keymap.Accept:
		return a.acceptTyped()
	}
	return nil
}

func (a *App) choose(c Choice) tea.Cmd {
	a.first.choice = c
	return tea.Quit
}

func (a *App) startTyping(what keymap.Action, start string) tea.Cmd {
	a.first.asks, a.first.err = what, ""
	a.first.input = textinput.New()
	a.first.input.Prompt = ""
	a.first.input.CharLimit = maxTyped
	a.first.input.SetValue(start)
	a.first.input.CursorEnd()
	return a.first.input.Focus()
}

func (a *App) typeFirstRun(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	a.first.input, cmd = a.first.input.Update(msg)
	if _, key := msg.(tea.KeyPressMsg); key {
		a.first.err = ""
	}
	return cmd
}

// acceptTyped takes what was typed if nothing is wrong with it.
func (a *App) acceptTyped() tea.Cmd {
	text := strings.TrimSpace(a.first.input.Value())
	kind, check := ChoseFile, a.opts.FirstRun.CheckFile
	if a.first.asks == keymap.FirstURL {
		kind, check = ChoseURL, a.opts.FirstRun.CheckURL
		if text != "" && !strings.Contains(text, "://") && !strings.ContainsAny(text, " @") {
			text = scheme(text) + "://" + text
			a.first.input.SetValue(text)
			a.first.input.CursorEnd()
		}
	}
	if a.first.err = safe.Text(check(text)); a.first.err != "" {
		return nil
	}
	return a.choose(Choice{kind, text})
}

// scheme is what an address without one most likely has: this machine, a
// number and a port speak plain HTTP, as a port-forward does.
func scheme(address string) string {
	host, _, _ := strings.Cut(address, "/")
	name, _, port := strings.Cut(host, ":")
	last := name[strings.LastIndex(name, ".")+1:]
	if port || name == "localhost" || last != "" && strings.Trim(last, "0123456789") == "" {
		return "http"
	}
	return "https"
}

// firstRunHelp lists the keys of this screen alone: no other does anything.
func (a *App) firstRunHelp() {
	h := &a.view.help
	for _, b := range a.opts.Keys.In(keymap.FirstRun) {
		text := strings.ToLower(b.Help + " " + strings.Join(b.Keys, " "))
		if strings.Contains(text, strings.ToLower(h.query)) {
			h.items = append(h.items, helpItem{binding: b})
		}
	}
	if h.query != "" && len(h.items) > 0 {
		h.cursor = 0
	}
}

// option is one line of the first-run screen.
type option struct {
	action      keymap.Action
	label, says string
}

var firstRunOptions = []option{
	{keymap.FirstURL, "I have a URL", "type or paste it here"},
	{keymap.FirstInit, "Ask me a few things", "firstpage init, 2 minutes, writes one file"},
	{keymap.FirstFile, "My team has a config", "give its path, it is included"},
	{keymap.FirstDemo, "Just show me", "demo: an incident on this laptop, no network"},
}

// firstRunWidth is how wide the text runs at most, in cells.
const firstRunWidth = 84

// drawFirstRun fills the screen: what was tried, that nothing is broken, and
// the ways on. Blank rows go first where there is no room.
func (a *App) drawFirstRun(rows []string) {
	title := "─ firstpage: no Prometheus yet "
	rows[0] = a.theme.RuleFocus.Paint("─") + a.theme.TitleFocus.Paint(frame.Cut(strings.TrimPrefix(title, "─"), a.w-1)) +
		a.theme.RuleFocus.Paint(strings.Repeat("─", max(0, a.w-frame.Width(title))))
	w := min(a.w-2, firstRunWidth)
	var blocks [][]string
	blocks = append(blocks, a.paragraph("Tried "+a.opts.FirstRun.Tried+": "+a.firstRunReason()+". Nothing is broken: firstpage needs to know where to look.", w, false))
	var options []string
	for _, o := range firstRunOptions {
		options = append(options, a.optionRows(o, w)...)
	}
	blocks = append(blocks, options,
		a.paragraph(`Paged right now and no URL? Ask in your team channel for "the Prometheus URL".`, w, false),
		a.paragraph("firstpage keeps asking there: this goes away by itself when a Prometheus answers.", w, true))
	total := len(blocks) - 1
	for _, b := range blocks {
		total += len(b)
	}
	bottom := len(rows) - 1
	gap, at := min(1, max(0, bottom-1-total+1)), 1
	for i, b := range blocks {
		if i > 0 {
			at += gap
		}
		for _, r := range b {
			if at < bottom {
				rows[at] = r
			}
			at++
		}
	}
	if bottom > 0 {
		rows[bottom] = " " + strings.Join(a.footerKeys(a.w-1), "   ")
	}
	if at < bottom && a.view.message.text != "" {
		rows[bottom-1] = a.messageRow()
	}
}

func (a *App) paragraph(text string, w int, muted bool) []string {
	var out []string
	for _, r := range frame.Wrap(safe.Text(text), max(10, w)) {
		if muted {
			r = a.theme.Muted.Paint(r)
		}
		out = append(out, " "+r)
	}
	return out
}

// firstRunReason is what went wrong, without what the screen itself says to do.
func (a *App) firstRunReason() string {
	e := a.board.Snapshot.Clusters[0].Alerts.Err
	switch {
	case e == nil:
		return "it answers now"
	case strings.HasPrefix(e.Hint, "nothing listens there"):
		return "nothing listens there"
	}
	return e.Short()
}

// labelWidth is the column of the labels in cells: the longest and a gap.
const labelWidth = 23

// optionRows is one choice; the one that is being typed has its input, and
// below it what is wrong with it.
func (a *App) optionRows(o option, w int) []string {
	key := ""
	for _, b := range a.opts.Keys.In(keymap.FirstRun) {
		if b.Action == o.action {
			key = keymap.KeyLabel(b.Keys[0])
		}
	}
	head := "   " + a.theme.Key.Paint(key) + "  " + a.theme.Bold.Paint(frame.Pad(o.label, labelWidth))
	indent := frame.Width(head)
	if a.first.asks == o.action {
		a.first.input.SetWidth(max(8, w-indent-1))
		out := []string{head + a.first.input.View()}
		if a.first.err != "" {
			for _, r := range frame.Wrap(a.first.err, max(10, w-6)) {
				out = append(out, frame.Blank(6)+a.theme.Warning.Paint(r))
			}
		}
		return out
	}
	if indent+frame.Width(o.says) <= a.w {
		return []string{head + o.says}
	}
	out := []string{strings.TrimRight(head, " ")}
	for _, r := range frame.Wrap(o.says, max(10, w-6)) {
		out = append(out, frame.Blank(6)+a.theme.Muted.Paint(r))
	}
	return out
}
