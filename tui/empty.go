package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// quietSentence stands where the page's sentence stands when there is no page.
func (a *App) quietSentence() string {
	switch {
	case a.board == nil:
		return a.theme.Muted.Paint(" Asking Prometheus for alerts ...")
	case !allAsked(a.board):
		return a.theme.Muted.Paint(" Asking for alerts ...")
	case a.overs.sought && a.wanted:
		return a.theme.Muted.Paint(frame.Cut(" "+safe.Text(a.opts.Wanted)+" is not active now. Looking for it in what fired before ...", a.w))
	case len(a.board.Silent()) > 0:
		return a.theme.Stale.Paint(frame.Cut(" No alert is known, but that is not good news: "+strings.Join(a.board.Silent(), ", ")+" did not answer.", a.w))
	case !a.filter.Empty():
		return a.theme.Muted.Paint(frame.Cut(" No alert matches the filter "+a.filter.String()+"  (esc clears it)", a.w))
	}
	return a.theme.OK.Paint(" Nothing is firing.")
}

// emptyRows is the body when no alert is on screen: what was asked, what it
// said, and what to do.
func (a *App) emptyRows(w, h int) []string {
	var rows []string
	add := func(text string) {
		for _, r := range frame.Wrap(text, max(10, w-2)) {
			rows = append(rows, " "+r)
		}
	}
	rows = append(rows, "")
	if a.board == nil {
		add("Asking. Nothing has answered yet; q quits.")
		return fit(rows, h)
	}
	now := a.opts.Now()
	if len(a.board.Silent()) > 0 {
		for _, c := range a.board.Snapshot.Clusters {
			if word, _ := freshness(c.Alerts, now); c.Alerts.Err == nil { // the others are said above
				add(c.Name + ": " + word)
			}
		}
		for _, l := range strings.Split(a.opts.Advice, "\n") {
			add(l)
		}
		return fit(rows, h)
	}
	add(fmt.Sprintf("%s answered. %s", clustersWord(len(a.board.Snapshot.Clusters)), a.watchdogWords()))
	if d := a.dutySentence(); d != "" {
		add(d)
	}
	rows = append(rows, "")
	if f := a.foldedWords(); f != "" {
		add("Folded     " + f)
	}
	if l := a.lastPageWords(); l != "" {
		add("Last page  " + l)
	}
	add("Health     " + a.healthLine())
	add("Changes    " + a.recentChanges(now) + "  (d)")
	add("Updates come by themselves. A new page opens here.")
	return fit(rows, h)
}

func clustersWord(n int) string {
	if n == 1 {
		return "1 of 1 clusters"
	}
	return fmt.Sprintf("%d of %d clusters", n, n)
}

// watchdogWords says whether an alert that always fires is there: without one,
// silence proves little.
func (a *App) watchdogWords() string {
	if len(a.board.Missing) > 0 {
		return "A watchdog that fired no longer does, so alerts may not arrive."
	}
	if a.board.Counts.Watchdogs > 0 {
		return "An always-firing watchdog is alive, so alerting works."
	}
	return "There is no watchdog alert, so whether alerting works is not known."
}

func (a *App) recentChanges(now time.Time) string {
	n := 0
	var last *sources.Change
	for i := range a.board.Changes {
		if now.Sub(a.board.Changes[i].StartedAt) <= time.Hour {
			n++
			if last == nil {
				last = &a.board.Changes[i]
			}
		}
	}
	if last == nil {
		return "none known in the last hour"
	}
	return fmt.Sprintf("%d in the last hour, the last %s %s", n, page.Clock(last.StartedAt, now, a.opts.Loc), page.ChangeTitle(*last))
}
