package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// onBoard takes a new board: facts are replaced, what is being read stays.
func (a *App) onBoard(b *triage.Board) tea.Cmd {
	first := a.board == nil
	old := a.board
	a.board = b
	if !first {
		a.announce(old, b)
	}
	a.applyRows()
	if a.page.ok {
		a.page.Page = a.page.Rebase(b)
	}
	var cmd tea.Cmd
	switch {
	case a.wanted:
		cmd = a.selectWanted()
	case !a.page.ok || a.mayReselect(old):
		cmd = a.selectFirst()
	}
	a.relayout()
	a.giveNotice()
	return tea.Batch(cmd, a.loadDue(), a.seekLastPage())
}

// mayReselect reports whether the first screen is still being put together:
// nothing was touched and not every cluster had been asked when the selection
// was made, so the most urgent page may only now be known.
func (a *App) mayReselect(old *triage.Board) bool {
	return !a.view.touched && old != nil && !allAsked(old)
}

// applyRows gives the list the rows that pass the filter.
func (a *App) applyRows() {
	if a.board == nil {
		return
	}
	rows := a.board.Rows(a.filter, a.view.order)
	a.matching, a.total = len(rows), len(rows)
	folded, away := a.foldedWords(), 0
	for _, g := range a.board.Folded {
		switch {
		case !a.filter.Empty() && !slices.ContainsFunc(g.Items, a.filter.Match):
		case a.view.showFolded:
			rows = append(rows[:len(rows):len(rows)], g)
		default:
			away++
		}
	}
	if a.view.showFolded {
		folded = ""
	}
	empty := "nothing is active"
	if !a.filter.Empty() {
		a.total = len(a.board.Rows(triage.Filter{}, a.view.order))
		empty = fmt.Sprintf("none of %d rows matches the filter; esc clears it", a.total)
		if away > 0 {
			empty = fmt.Sprintf("none of %d rows matches, but folded ones do  (0 shows)", a.total)
		}
	}
	a.panes.alerts.SetGroups(rows, folded, empty, len(a.board.Snapshot.Clusters), a.opts.Now())
}

// foldWords say why alerts are folded away.
var foldWords = map[triage.Fold]string{
	triage.FoldDeadMan: "always firing", triage.FoldInhibited: "inhibited", triage.FoldSilenced: "silenced", triage.FoldNone: "severity none",
}

// foldedWords says what is not in the list, so that it is never forgotten.
func (a *App) foldedWords() string {
	c := a.board.Counts
	var parts []string
	for _, f := range []triage.Fold{triage.FoldDeadMan, triage.FoldInhibited, triage.FoldSilenced, triage.FoldNone} {
		if t := c.ByFold[f]; t.Total() > 0 {
			parts = append(parts, statesWords(t, foldWords[f]))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "  (0 shows)"
}

// statesWords is how many alerts of some kind there are, and which of them do
// not fire.
func statesWords(t triage.States, word string) string {
	text := fmt.Sprintf("%d %s", t.Total(), word)
	var parts []string
	if t.Pending > 0 {
		parts = append(parts, fmt.Sprintf("%d pending", t.Pending))
	}
	if t.Resolved > 0 {
		parts = append(parts, fmt.Sprintf("%d over", t.Resolved))
	}
	if len(parts) == 0 {
		return text
	}
	return text + " (" + strings.Join(parts, ", ") + ")"
}

// announce says in the message row which page is new. It never moves anything.
func (a *App) announce(old, b *triage.Board) {
	fired := map[sources.AlertID]bool{}
	for _, g := range old.Groups {
		for _, it := range g.Items {
			fired[it.ID] = it.State == sources.Firing
		}
	}
	var fresh []triage.Group
	for _, g := range b.Groups {
		before := slices.ContainsFunc(g.Items, func(it triage.Item) bool { return fired[it.ID] })
		if g.State == sources.Firing && !before {
			fresh = append(fresh, g)
		}
	}
	if len(fresh) == 0 || !allAsked(old) {
		return
	}
	text := "new: " + fresh[0].Severity.Word() + " " + fresh[0].Name.String()
	if s := fresh[0].Service.Name.String(); s != "" {
		text += ", " + s
	}
	if n := len(fresh) - 1; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	if fresh[0].Severity.Rank <= triage.RankCritical {
		a.view.fresh = text + "  (! opens it)" // stands until it was opened: this is what nobody may miss
		return
	}
	a.say(text+"  (1: the list)", false)
}

// openUrgent opens the most urgent page.
func (a *App) openUrgent() tea.Cmd {
	if a.board == nil || len(a.board.Groups) == 0 {
		a.say("nothing is firing", false)
		return nil
	}
	id := a.board.Groups[0].Items[0].ID
	if id == a.selected() {
		a.say("this is the most urgent page", false)
	}
	return a.open(id)
}

func allAsked(b *triage.Board) bool {
	for _, c := range b.Snapshot.Clusters {
		if !c.Alerts.Asked() {
			return false
		}
	}
	return true
}

// wantedPatience is how long a named alert waits for clusters that have not
// answered before it is opened from those that have.
const wantedPatience = time.Second

// selectWanted opens the alert that the user named. While clusters are still
// being asked it waits; then it asks what fired before, and where that knows of
// none either it says so and opens the most urgent.
func (a *App) selectWanted() tea.Cmd {
	found := a.board.Named(a.opts.Wanted)
	if !allAsked(a.board) && (len(found) == 0 || a.opts.Now().Sub(a.started) < wantedPatience) {
		return nil // another cluster may have it too, and it must not depend on who answers first
	}
	if len(found) > 0 {
		a.view.touched, a.wanted = true, false
		if n := len(found) - 1; n > 0 {
			where := "J: next"
			if found[0].Group == found[n].Group {
				where = "1, enter: all of them"
			}
			a.say(fmt.Sprintf("%d more match %s; this is the most urgent  (%s)", n, safe.Text(a.opts.Wanted), where), false)
		}
		return a.open(found[0].ID)
	}
	if !rulesAsked(a.board) {
		return nil
	}
	return a.seekOver()
}

// selectFirst opens the most urgent page that passes the filter.
func (a *App) selectFirst() tea.Cmd {
	rows := a.board.Rows(a.filter, triage.BySeverity)
	if len(rows) == 0 {
		return nil
	}
	return a.open(rows[0].Items[0].ID)
}

// open puts an alert on screen: its page from the board at once, the runbook
// from disk right behind it, what asks the network after the selection has
// rested.
func (a *App) open(id sources.AlertID) tea.Cmd {
	if a.page.ok && a.page.Item.ID == id {
		return nil
	}
	p, ok := page.Open(a.board, id, a.opts.Assembler.RunbookKeys)
	if !ok {
		return nil
	}
	if a.page.cancel != nil {
		a.page.cancel()
	}
	ctx, cancel := context.WithCancel(a.ctx)
	a.page = opened{Page: p, ok: true, ctx: ctx, cancel: cancel, asking: map[string]asking{}}
	a.panes.alerts.Select(id)
	if len(a.board.Groups) > 0 && a.board.Groups[0].Items[0].ID == id {
		a.view.fresh = ""
	}
	a.refreshPanes()
	return tea.Batch(a.loadDue(), waitSettled(id))
}

func (a *App) onSettled(msg settledMsg) tea.Cmd {
	if msg.id != a.selected() {
		a.dirty = false
		return nil
	}
	a.page.settled = true
	return tea.Batch(a.loadDue(), a.askQueries())
}

// loadDue starts a command for each part that is missing or has aged and is
// not under way.
func (a *App) loadDue() tea.Cmd {
	if !a.page.ok {
		return nil
	}
	var cmds []tea.Cmd
	for _, part := range a.opts.Assembler.Due(a.page.Page) {
		if !a.page.settled && part != page.PartRunbook {
			continue
		}
		cmds = append(cmds, a.load(part))
	}
	return tea.Batch(cmds...)
}

// load starts the command that loads one part.
func (a *App) load(part page.Part) tea.Cmd {
	a.page.Page = a.page.Begin(part)
	return loadPart(a.page.ctx, a.opts.Assembler, a.page.Page, part)
}

func (a *App) onPart(msg partLoadedMsg) tea.Cmd {
	if msg.id != a.selected() {
		a.dirty = false
		return nil
	}
	before := a.page.Runbook.Value
	a.page.Page = a.page.With(msg.result)
	if msg.result.Part == page.PartFetch {
		a.announceText(before)
	}
	a.relayout()
	return tea.Batch(a.loadDue(), a.askQueries())
}

// refreshPanes hands the page to the panes that draw it.
func (a *App) refreshPanes() {
	if !a.page.ok {
		return
	}
	a.refreshLinks()
	now, loc := a.opts.Now(), a.opts.Loc
	a.panes.changes.SetPage(a.page.Page, a.lay.shape == two && a.view.open != changesSlot, now, loc)
	a.panes.health.Focus(a.view.open == healthSlot)
	a.panes.health.SetPage(a.page.Page, loc)
	if a.lay.panes[whySlot].h > 0 {
		a.panes.why.SetPage(a.page.Page, now, loc)
	}
	if rb := a.shown(); !rb.Doc.Empty() {
		a.panes.reader.SetValues(string(a.page.Item.ID), a.values())
		a.panes.reader.SetDocument(string(a.page.Item.ID)+" "+rb.Doc.Where.Path+rb.Doc.Where.URL, rb.Doc, rb.Pos)
	}
}
