package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// View draws the screen. While nothing has changed it returns the same string,
// which costs Bubble Tea nothing.
func (a *App) View() tea.View {
	if a.dirty {
		a.content = a.draw()
		a.dirty = false
	}
	v := tea.NewView(a.content)
	v.AltScreen = true
	v.ReportFocus = true
	v.WindowTitle = a.title()
	if a.view.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// title is the window's title. It is made of our own words and numbers only:
// the terminal takes it raw.
func (a *App) title() string {
	if a.board == nil || a.onFirstRun() {
		return "firstpage"
	}
	return "firstpage: " + a.countWords()
}

// relayout gives every pane its content and its place. It must run after
// anything that changes what is on screen or how large it is. How high a pane
// wants to be depends on its content, so that comes first; it is laid out again
// only if its place turns out to be another.
func (a *App) relayout() {
	a.refreshPanes()
	before := a.lay
	a.lay = layoutFor(a.w, a.h, a.view.open, len(a.bannerRows()), len(a.guideRows()), a.wants())
	for s := range slot(slots) {
		r := a.lay.panes[s]
		w, h := r.w, max(0, r.h-1)
		switch s {
		case alertsSlot:
			a.panes.alerts.SetSize(w, h)
			a.panes.alerts.SetFocused(a.view.open == s || a.lay.shape == one)
		case runbookSlot:
			a.panes.reader.SetSize(w, max(0, h-len(a.runbookHead(w))))
		case changesSlot:
			a.panes.changes.SetSize(w, h)
			a.panes.changes.SetFocused(a.view.open == s)
		case healthSlot:
			a.panes.health.SetSize(w, h)
		case whySlot:
			a.panes.why.SetSize(w, h)
		}
	}
	if a.lay != before {
		a.refreshPanes()
	}
}

// wants is how many rows the panes would fill at their present width. The
// list gets one more for what is folded.
func (a *App) wants() wanted {
	return wanted{alerts: a.panes.alerts.Len() + 1, changes: a.panes.changes.Len(), health: a.panes.health.Len(), who: a.whoWanted()}
}

// draw composes the whole screen: exactly h rows, none wider than w.
func (a *App) draw() string {
	if a.w <= 0 || a.h <= 0 {
		return ""
	}
	rows := make([]string, a.h)
	a.changed.seen = ""
	if a.onFirstRun() {
		a.drawFirstRun(rows)
		if a.view.mode == helping {
			a.drawHelp(rows)
		}
		return a.join(rows)
	}
	rows[0] = a.header()
	if a.lay.shape == tiny {
		a.drawTiny(rows)
		switch a.view.mode {
		case helping:
			a.drawHelp(rows)
		case previewing, naming:
			a.drawPreview(rows)
		case linking:
			a.drawLinks(rows)
		}
		return a.join(rows)
	}
	for i, r := range a.bannerRows() {
		if i < a.lay.banner {
			rows[1+i] = a.theme.WarningBold.Paint(frame.Cut(r, a.w))
		}
	}
	rows[a.lay.head] = a.sentence()
	if a.changed.full != noFull {
		a.drawFull(rows)
	} else {
		a.drawPanes(rows)
	}
	if a.view.mode == helping {
		a.drawHelp(rows)
	}
	switch a.view.mode {
	case previewing, naming:
		a.drawPreview(rows)
	case outlining:
		a.drawOutline(rows)
	case jumping:
		a.drawJump(rows)
	case linking:
		a.drawLinks(rows)
	}
	for i, r := range a.guideRows() {
		if i < a.lay.hints {
			rows[a.lay.guide+i] = r
		}
	}
	if a.lay.message >= 0 {
		rows[a.lay.message] = a.messageRow()
	}
	if a.lay.footer >= 0 {
		rows[a.lay.footer] = a.footer()
	}
	return a.join(rows)
}

// drawPanes draws the panes and, where only one fits, the rows above it.
func (a *App) drawPanes(rows []string) {
	if a.page.ok && a.lay.suspect >= 0 {
		rows[a.lay.suspect] = a.suspectRow()
	}
	if a.page.ok && a.lay.strip >= 0 {
		rows[a.lay.strip] = a.strip()
	}
	a.drawBody(rows)
}

// join closes the drawing: the last gate against a row that is too wide.
func (a *App) join(rows []string) string {
	for i := range rows {
		rows[i] = frame.Cut(rows[i], a.w)
	}
	return strings.Join(rows, "\n")
}

// drawTiny is the screen under 60x15: the page in one sentence, never less.
func (a *App) drawTiny(rows []string) {
	if len(rows) > 1 {
		rows[1] = a.sentence()
	}
	at := 2
	for _, t := range append(a.bannerRows(), "The runbook needs 60x15; firstpage show works in any size.") {
		for _, r := range frame.Wrap(t, a.w) {
			if at < len(rows) {
				rows[at] = a.theme.Muted.Paint(r)
				at++
			}
		}
	}
}

// drawBody joins the panes row by row.
func (a *App) drawBody(rows []string) {
	top := a.lay.head + 1
	bottom := a.bodyEnd()
	if !a.page.ok {
		for i, r := range a.emptyRows(a.w, bottom-top) {
			rows[top+i] = r
		}
		return
	}
	type column struct {
		rect
		rows []string
	}
	byX := map[int][]column{}
	var xs []int
	for s := range slot(slots) {
		r := a.lay.panes[s]
		if r.h <= 0 {
			continue
		}
		if len(byX[r.x]) == 0 {
			xs = insertSorted(xs, r.x)
		}
		byX[r.x] = append(byX[r.x], column{r, a.pane(s, r)})
	}
	if r := a.lay.who; r.h > 0 {
		byX[r.x] = append(byX[r.x], column{r, a.whoPane(r.w, r.h)})
	}
	for i, x := range xs {
		for _, c := range byX[x] {
			for j, r := range c.rows {
				y := c.y + j
				if i > 0 {
					rows[y] += a.divider(c.y == y, y == top)
				}
				rows[y] += frame.Pad(r, c.w)
			}
		}
	}
}

// bodyEnd is the row below the body.
func (a *App) bodyEnd() int {
	switch {
	case a.lay.guide >= 0:
		return a.lay.guide
	case a.lay.message >= 0:
		return a.lay.message
	}
	return a.h - 1
}

func insertSorted(xs []int, x int) []int {
	at := len(xs)
	for at > 0 && xs[at-1] > x {
		at--
	}
	xs = append(xs, 0)
	copy(xs[at+1:], xs[at:])
	xs[at] = x
	return xs
}

// divider fills the gutter between two columns.
func (a *App) divider(title, first bool) string {
	switch {
	case title && first:
		return a.theme.Rule.Paint("┬─")
	case title:
		return a.theme.Rule.Paint("├─")
	}
	return a.theme.Rule.Paint("│ ")
}

// pane is the title and the rows of one pane.
func (a *App) pane(s slot, r rect) []string {
	rows := make([]string, 0, r.h)
	rows = append(rows, a.paneTitle(s, r.w))
	switch s {
	case alertsSlot:
		rows = append(rows, a.panes.alerts.Rows()...)
	case runbookSlot:
		rows = append(rows, a.runbookRows(r.w, r.h-1)...)
	case changesSlot:
		rows = append(rows, a.panes.changes.Rows()...)
	case healthSlot:
		rows = append(rows, a.panes.health.Rows()...)
	case whySlot:
		rows = append(rows, a.panes.why.Rows()...)
	}
	return rows
}

// sentence is the page in one sentence: on every screen, the last thing to go.
func (a *App) sentence() string {
	if !a.page.ok {
		return a.quietSentence()
	}
	// With several clusters, which one is part of what is wrong: it is never
	// dropped, so that nobody acts on the other one.
	cluster := ""
	if len(a.board.Snapshot.Clusters) > 1 {
		cluster = safe.Text(a.page.Item.Cluster) + " "
	}
	line := a.page.Sentence(a.opts.Now(), a.opts.Loc).Line(max(0, a.w-1-frame.Width(cluster)))
	word, rest, _ := strings.Cut(line, " ")
	style := a.theme.Page
	switch {
	case a.page.Over:
		style = a.theme.OK
	case a.page.Item.Severity.Rank > triage.RankCritical || a.page.Item.State == sources.Pending:
		style = a.theme.WarningBold
	}
	return frame.Cut(" "+style.Paint(word)+" "+a.theme.AccentBold.Paint(cluster)+a.theme.Bold.Paint(rest), a.w)
}

// pick chooses a style by whether data is stale.
func (a *App) pick(stale bool, fresh theme.Style) theme.Style {
	if stale {
		return a.theme.Stale
	}
	return fresh
}
