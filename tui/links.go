package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

// linksMenu is the links to choose from. When more is known the list grows, and
// the chosen link stays the chosen one.
type linksMenu struct {
	of     sources.AlertID
	list   []triage.Link
	chosen int
}

// menuWidth is how wide the menu is at most, in cells, and kindWidth its first
// column.
const (
	menuWidth = 110
	kindWidth = 10
)

// allLinks are the page's links; the runbook's is that of the text on screen,
// which a link may have led to.
func (a *App) allLinks() []triage.Link {
	list := page.Links(a.page.Page)
	ref := a.shown().Ref
	if len(a.page.visited) == 0 || ref.State != runbook.LinkOK || ref.Link.Empty() {
		return list
	}
	here := triage.WebLink(triage.RunbookLink, ref.Link, "the text on screen")
	if len(list) > 0 && list[0].Kind == triage.RunbookLink {
		list = list[1:]
	}
	return append([]triage.Link{here}, list...)
}

// openLinks opens the page's link, or shows them where there is a choice, or no
// browser to open it in.
func (a *App) openLinks() tea.Cmd {
	list := a.allLinks()
	switch {
	case len(list) == 0:
		a.say("no link: neither the alert, nor the catalog, nor the configuration has one", true)
		return nil
	case len(list) == 1 && a.opts.Desktop.Open != nil && !list[0].URL.Empty(), a.w < helpMinW || a.h < helpMinH:
		return a.browse(list[0])
	}
	a.view.mode = linking
	a.view.links = linksMenu{of: a.page.Item.ID, list: list}
	if a.view.open == whySlot || a.view.open == healthSlot {
		isDashboard := func(l triage.Link) bool { return l.Kind == triage.DashboardLink && !l.URL.Empty() }
		a.view.links.chosen = max(0, slices.IndexFunc(list, isDashboard))
	}
	return nil
}

// refreshLinks takes into the menu what is known now of the alert that it was
// opened for. Its times may be others; what leads where stays.
func (a *App) refreshLinks() {
	m := &a.view.links
	if a.view.mode != linking || m.of != a.page.Item.ID {
		return
	}
	list, chosen := a.allLinks(), m.list[m.chosen]
	at := slices.Index(list, chosen)
	if at < 0 {
		at = slices.IndexFunc(list, func(l triage.Link) bool {
			return l.Kind == chosen.Kind && l.Title == chosen.Title && l.From == chosen.From
		})
	}
	if at >= 0 { // else it would be another one that enter opens
		m.list, m.chosen = list, at
	}
}

func (a *App) doLinks(action keymap.Action) tea.Cmd {
	m := &a.view.links
	switch action {
	case keymap.Down:
		m.chosen++
	case keymap.Up:
		m.chosen--
	case keymap.Top:
		m.chosen = 0
	case keymap.Bottom:
		m.chosen = len(m.list) - 1
	case keymap.Back:
		a.view.mode = normal
	}
	m.chosen = clamp(m.chosen, 0, len(m.list)-1)
	l := m.list[m.chosen]
	switch action {
	case keymap.Accept:
		switch {
		case l.URL.Empty():
		case a.opts.Desktop.Open == nil:
			a.say("no browser here: the address stands below the list, y copies it", false)
			return nil
		default:
			a.view.mode = normal
		}
		return a.browse(l)
	case keymap.CopyLink:
		if l.URL.Empty() {
			a.say(l.Title.String()+" "+page.AddressWords(l), true)
			return nil
		}
		return a.toClipboard(copied{text: l.URL.String(), what: "link copied", sent: "link sent to the terminal's clipboard", shown: l.Shown()})
	}
	return nil
}

// browse opens a link in the browser.
func (a *App) browse(l triage.Link) tea.Cmd {
	switch {
	case l.URL.Empty():
		a.say(l.Title.String()+" "+page.AddressWords(l), true)
	case a.opts.Desktop.Open == nil:
		a.say("no browser here. The link: "+l.Shown(), false)
	default:
		return openLink(a.ctx, a.opts.Desktop.Open, l.URL.String(), l.Shown())
	}
	return nil
}

// drawLinks lays the menu over the body, and below it the whole address of the
// chosen one from the left edge on, so that the terminal's own selection takes
// it as it is.
func (a *App) drawLinks(rows []string) {
	top, bottom := a.lay.head+1, a.bodyEnd()
	m, w := a.view.links, min(a.w, menuWidth)
	address := a.addressRows(m.list[m.chosen])
	titles, hosts := 0, 0
	for _, l := range m.list {
		titles = max(titles, frame.Width(page.LinkTitle(l)))
		if !l.URL.Empty() {
			hosts = max(hosts, frame.Width(hostOf(l)))
		}
	}
	titles, hosts = min(titles, max(12, 2*w/5)), min(hosts, w/3)
	var lines []string
	for i, l := range m.list {
		style := a.theme.Muted
		if l.URL.Empty() {
			style = a.theme.Warning
		}
		r := frame.Pad(string(l.Kind), kindWidth) + frame.Pad(frame.Cut(page.LinkTitle(l), titles), titles+1) + " "
		r += style.Paint(frame.Cut(a.origin(l, hosts), max(0, w-4-frame.Width(r))))
		if r = frame.Pad(r, w-4); i == m.chosen {
			r = a.theme.Row.Over(r)
		}
		lines = append(lines, r)
	}
	room := max(1, bottom-top-2-len(address))
	lines = a.windowAround(lines, m.chosen, room)
	hint := fmt.Sprintf("%d links", len(m.list))
	if len(m.list) == 1 {
		hint = "1 link"
	}
	all := append(a.boxed("Open a link", hint, lines, w), address...)
	for i, l := range all {
		if top+i < bottom {
			rows[top+i] = l
		}
	}
}

// origin is the host that a link leads to, whole, in a column of that many
// cells, and who gave it.
func (a *App) origin(l triage.Link, hosts int) string {
	if l.URL.Empty() {
		return l.From + "; cannot be opened"
	}
	host := hostOf(l)
	return host + frame.Blank(hosts-frame.Width(host)) + "  " + l.From
}

// addressRows are the whole address of a link, cut by the width only, or why
// there is none; and an empty row after it.
func (a *App) addressRows(l triage.Link) []string {
	if l.URL.Empty() {
		return append(frame.Wrap(page.AddressWords(l), a.w), "")
	}
	out := frame.Chop(l.Shown(), a.w)
	if most := max(3, (a.bodyEnd()-a.lay.head)/2); len(out) > most {
		out = append(out[:most:most], a.theme.Muted.Paint("... y copies it whole"))
	}
	return append(out, "")
}

// hostOf is the host of a link's address.
func hostOf(l triage.Link) string {
	_, rest, _ := strings.Cut(l.Shown(), "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}
