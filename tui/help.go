package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"

	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// helpState is the help overlay, which is also the palette: every action with
// its key, filtered by what is typed.
type helpState struct {
	query  string
	items  []helpItem
	cursor int // index into items; -1: none chosen
}

// helpMinW and helpMinH are the smallest screen that holds the overlay, in cells.
const helpMinW, helpMinH = 20, 6

// helpMaxW is how wide the overlay is at most: two columns of what keys do, the
// longest of them whole but for a word or two.
const helpMaxW = 116

type helpItem struct {
	heading string // a heading when not empty
	binding keymap.Binding
	pane    string        // the key of the other pane that it belongs to; empty: it works here
	open    keymap.Action // and how one gets there
}

func (a *App) openHelp() {
	if a.w < helpMinW || a.h < helpMinH {
		return // no room to show it, so it must not take the keys
	}
	a.view.help = helpState{cursor: -1}
	a.filterHelp()
	a.view.mode = helping
}

// filterHelp lists this pane's keys first, then those that work anywhere; with
// a query, what matches it, best first.
func (a *App) filterHelp() {
	h := &a.view.help
	h.items, h.cursor = nil, -1
	pane := a.paneScope()
	if a.onFirstRun() {
		a.firstRunHelp()
		return
	}
	if h.query == "" {
		h.items = append(h.items, helpItem{heading: "IN THIS PANE"})
		for _, b := range a.bindings(pane) {
			h.items = append(h.items, helpItem{binding: b})
		}
		h.items = append(h.items, helpItem{heading: "ANYWHERE"})
		for _, b := range a.bindings(keymap.Global) {
			h.items = append(h.items, helpItem{binding: b})
		}
		return
	}
	all := a.helpItems(pane)
	texts := make([]string, len(all))
	for i, it := range all {
		texts[i] = it.binding.Help + " " + string(it.binding.Action) + " " + strings.Join(it.binding.Keys, " ")
	}
	for _, m := range fuzzy.Find(h.query, texts) {
		h.items = append(h.items, all[m.Index])
	}
	if len(h.items) > 0 {
		h.cursor = 0
	}
}

// bindings are a scope's keys; those of the guide only where there is one.
func (a *App) bindings(s keymap.Scope) []keymap.Binding {
	return slices.DeleteFunc(a.opts.Keys.In(s), func(b keymap.Binding) bool {
		return b.Action == keymap.Guide && len(a.opts.Guide) == 0
	})
}

// helpItems are the keys that are searched: those of this pane, those that work
// anywhere, and what only other panes can do.
func (a *App) helpItems(here keymap.Scope) []helpItem {
	var out []helpItem
	known := map[keymap.Action]bool{}
	for _, b := range append(a.bindings(here), a.bindings(keymap.Global)...) {
		known[b.Action] = true
		out = append(out, helpItem{binding: b})
	}
	for _, p := range numbered {
		for _, b := range a.bindings(p.scope) {
			if !known[b.Action] && a.hasPane(p.scope) {
				out = append(out, helpItem{binding: b, pane: p.key, open: p.open})
			}
		}
	}
	return out
}

func (a *App) doHelp(action keymap.Action) tea.Cmd {
	h := &a.view.help
	switch action {
	case keymap.Back:
		a.view.mode = normal
	case keymap.Down:
		a.moveHelp(1)
	case keymap.Up:
		a.moveHelp(-1)
	case keymap.Accept:
		a.view.mode = normal
		if h.cursor >= 0 {
			it := h.items[h.cursor]
			if it.pane != "" {
				return tea.Batch(a.do(it.open), a.do(it.binding.Action))
			}
			return a.do(it.binding.Action)
		}
	}
	return nil
}

// moveHelp moves to the next line that is not a heading.
func (a *App) moveHelp(step int) {
	h := &a.view.help
	for i := h.cursor + step; i >= 0 && i < len(h.items); i += step {
		if h.items[i].heading == "" {
			h.cursor = i
			return
		}
	}
}

func (a *App) typeHelp(msg tea.Msg) tea.Cmd {
	h := &a.view.help
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.String() == "backspace" && h.query != "":
			r := []rune(h.query)
			h.query = string(r[:len(r)-1])
		case key.Text != "":
			h.query += key.Text
		default:
			return nil
		}
		a.filterHelp()
	}
	return nil
}

// drawHelp lays the overlay over the body; the page's sentence stays visible.
func (a *App) drawHelp(rows []string) {
	top := a.lay.head + 1
	bottom := a.bodyEnd()
	w := min(a.w, helpMaxW)
	inner := w - 4
	lines := a.helpLines(inner, max(1, bottom-top-2))
	x := (a.w - w) / 2
	title := "Keys: " + a.paneName(a.view.open)
	switch a.changed.full {
	case timelineFull:
		title = "Keys: every change"
	case suspectFull:
		title = "Keys: one change"
	case servicesFull:
		title = "Keys: every service"
	case serviceFull:
		title = "Keys: one service"
	}
	if a.onFirstRun() {
		title = "Keys"
	}
	hint := "type to search"
	if q := a.view.help.query; q != "" {
		hint = "search: " + q
	}
	for i, l := range a.boxed(title, hint, lines, w) {
		if top+i < bottom {
			rows[top+i] = frame.Blank(x) + l
		}
	}
}

// helpLines are the overlay's rows: two columns where there is room and no
// search, else one, scrolled to the chosen line.
func (a *App) helpLines(w, h int) []string {
	items := a.view.help.items
	if len(items) == 0 {
		return []string{"Nothing matches."}
	}
	if a.view.help.query == "" && w >= 72 {
		split := 0
		for i, it := range items {
			if it.heading == "ANYWHERE" {
				split = i
			}
		}
		if split == 0 {
			return a.windowAround(a.helpColumn(items, 0, w), max(0, a.view.help.cursor), h)
		}
		left, right := a.helpColumn(items[:split], 0, w/2-1), a.helpColumn(items[split:], split, w-w/2)
		var out []string
		for i := range max(len(left), len(right)) {
			l, r := "", ""
			if i < len(left) {
				l = left[i]
			}
			if i < len(right) {
				r = right[i]
			}
			out = append(out, frame.Pad(l, w/2)+r)
		}
		at := max(0, a.view.help.cursor)
		if at >= split {
			at -= split // its row in the right column
		}
		return a.windowAround(out, at, h)
	}
	return a.windowAround(a.helpColumn(items, 0, w), max(0, a.view.help.cursor), h)
}

func (a *App) helpColumn(items []helpItem, offset, w int) []string {
	var out []string
	for i, it := range items {
		if it.heading != "" {
			out = append(out, a.theme.Muted.Paint(it.heading))
			continue
		}
		r := a.theme.Key.Paint(frame.Pad(helpKeys(it.binding), helpKeyWidth)) + " "
		if it.binding.Action == keymap.Run && a.opts.Actions.Run == nil {
			r += a.theme.Muted.Paint(it.binding.Help + "  OFF: " + a.whyOff(keymap.Run))
		} else {
			if it.pane != "" {
				r += "pane " + it.pane + ": "
			}
			r += it.binding.Help
		}
		if offset+i == a.view.help.cursor {
			r = a.theme.Row.Over(frame.Pad(r, w))
		}
		out = append(out, frame.Cut(r, w))
	}
	return out
}

// helpKeyWidth is the column of the keys in cells: "shift-tab".
const helpKeyWidth = 9

// helpKeys are a binding's keys, as many as have room.
func helpKeys(b keymap.Binding) string {
	text := keymap.KeyLabel(b.Keys[0])
	for _, k := range b.Keys[1:] {
		if more := text + " " + keymap.KeyLabel(k); frame.Width(more) <= helpKeyWidth {
			text = more
		}
	}
	return text
}

// windowAround is the rows around one of them, and a last row that says how many
// there are above and below.
func (a *App) windowAround(rows []string, at, h int) []string {
	if len(rows) <= h || h <= 0 {
		return rows
	}
	h--
	start := clamp(at-h/2, 0, len(rows)-h)
	more := fmt.Sprintf("%d to %d of %d rows; the arrows go on, typing searches", start+1, start+h, len(rows))
	return append(rows[start:start+h:start+h], a.theme.Accent.Paint(more))
}
