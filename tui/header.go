package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// header is the first row: how fresh each cluster is, how many rows there are
// of each kind, the time and its zone.
func (a *App) header() string {
	now := a.opts.Now()
	banner := ""
	clock := now.In(a.opts.Loc).Format("15:04 MST")
	if a.opts.ReadOnly {
		clock = "READ-ONLY  " + clock
	}
	if b := a.opts.Banner; b != "" {
		banner = a.theme.Danger.Paint(" " + b + " ")
	}
	counts := ""
	if a.board != nil {
		counts = a.countStyled()
	}
	left := " "
	if a.lay.shape == two || a.lay.shape == three {
		left += a.theme.AccentBold.Paint("firstpage") + "  "
	}
	if banner != "" {
		left += banner + "  "
	}
	tail := clock
	if counts != "" {
		tail = counts + "   " + clock
	}
	if d := a.duty(); d != "" { // where the clusters leave room for it
		if more := tail + ", " + d; frame.Width(left)+frame.Width(a.clusterWords(now, a.w))+frame.Width(more)+2 <= a.w {
			tail = more
		}
	}
	if frame.Width(tail)+20 > a.w {
		tail = counts
	}
	left += a.clusterWords(now, a.w-frame.Width(left)-frame.Width(tail)-1)
	return frame.Ends(left, tail, a.w)
}

// clusterWords says of each cluster how old its alerts are in at most w cells:
// troubled ones first, the others only counted when there is no room for each.
// What is wrong with a troubled one is said in the banner.
func (a *App) clusterWords(now time.Time, w int) string {
	if a.board == nil {
		return a.theme.Muted.Paint("asking Prometheus ...")
	}
	var bad, good []string
	for _, c := range a.board.Snapshot.Clusters {
		word, stale := freshness(c.Alerts, now)
		text := a.pick(stale, a.theme.OK).Paint(safe.Text(c.Name) + " " + word)
		if stale {
			bad = append(bad, text)
		} else {
			good = append(good, text)
		}
	}
	all := strings.Join(append(bad[:len(bad):len(bad)], good...), "   ")
	if frame.Width(all) <= w || len(good) == 0 {
		return all
	}
	return strings.Join(append(bad, a.theme.OK.Paint(fmt.Sprintf("%d live", len(good)))), "   ")
}

// freshness is how old a feed is, in words, and whether it is not to be taken
// as current.
func freshness[T any](f sources.Feed[T], now time.Time) (word string, stale bool) {
	switch {
	case f.Live(now):
		return "live, " + page.Ago(now.Sub(f.AsOf)) + " ago", false
	case !f.AsOf.IsZero():
		return page.Ago(now.Sub(f.AsOf)) + " old", true
	case f.Err != nil:
		return "no answer", true
	}
	return "asking ...", true
}

// countWords are the numbers of rows, most urgent first, and of alerts that are
// in none, as plain text.
func (a *App) countWords() string {
	var parts []string
	for _, c := range a.countList() {
		parts = append(parts, fmt.Sprintf("%d %s", c.n, c.word))
	}
	if len(parts) == 0 {
		return "nothing known to fire"
	}
	return strings.Join(parts, " ")
}

type count struct {
	n    int
	word string
}

func (a *App) countList() []count {
	c := a.board.Counts
	var out []count
	for _, x := range []count{{c.Page, "PAGE"}, {c.Critical, "CRIT"}, {c.Warning, "WARN"}, {c.Info, "info"},
		{c.Other, "other"}, {c.Pending, "pending"}, {c.ByFold[triage.FoldSilenced].Total(), "silenced"}, {c.ByFold[triage.FoldInhibited].Total(), "inhibited"}} {
		if x.n > 0 {
			out = append(out, x)
		}
	}
	return out
}

func (a *App) countStyled() string {
	list := a.countList()
	if len(list) == 0 {
		if len(a.board.Silent()) == 0 {
			return a.theme.OK.Paint("nothing firing")
		}
		return a.theme.Stale.Paint("unknown")
	}
	var parts []string
	for _, c := range list {
		text := fmt.Sprintf("%d %s", c.n, c.word)
		switch c.word {
		case "PAGE", "CRIT":
			text = a.theme.Critical.Paint(text)
		case "WARN":
			text = a.theme.WarningBold.Paint(text)
		default:
			text = a.theme.Muted.Paint(text)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "  ")
}

// bannerRows are the rows under the header that say which cluster does not
// answer, why, since when, and what that means for what is below. On a low
// screen each cluster has two rows at most and the lesser sentences go.
func (a *App) bannerRows() []string {
	rowsEach := 3
	if a.h < 30 {
		rowsEach = 2
	}
	var out []string
	for _, says := range a.trouble() {
		var rows []string
		for n := len(says); n > 0; n-- {
			rows = frame.Wrap(safe.Text(strings.Join(says[:n], " ")), max(10, a.w-3))
			if len(rows) <= rowsEach {
				break
			}
		}
		for _, r := range rows[:min(len(rows), rowsEach)] {
			out = append(out, "!! "+r)
		}
	}
	return out
}

// alertsState is the right end of the list's title: how many alerts behind how
// many rows, and how fresh.
func (a *App) alertsState() (string, bool) {
	if a.board == nil {
		return "", false
	}
	stale := len(a.board.Silent()) > 0
	word := "live"
	if stale {
		word = "not current"
	}
	if !a.filter.Empty() {
		return fmt.Sprintf("%d of %s · %s", a.matching, page.Counted(a.total, "row"), word), stale
	}
	return fmt.Sprintf("%d in %s · %s", a.board.Counts.Alerts, page.Counted(a.matching, "row"), word), stale
}

// alertsStates is alertsState with the alerts by state, as the servers count
// them, for where there is room: the fullest first. That it is live the header
// says, too, and the rows can be seen.
func (a *App) alertsStates() []string {
	short, _ := a.alertsState()
	if a.board == nil || !a.filter.Empty() {
		return nil
	}
	t := a.board.Counts.ByFold[triage.NotFolded]
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{t.Firing, "firing"}, {t.Pending, "pending"}, {t.Resolved, "over"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	_, rest, _ := strings.Cut(short, " ")
	states := strings.Join(parts, ", ")
	long := states + " " + rest
	if !strings.HasSuffix(long, " · live") {
		return []string{long}
	}
	return []string{long, strings.TrimSuffix(long, " · live"), states}
}

func (a *App) changesState() (string, bool) {
	word, stale := a.changesFresh(a.page.Ranking)
	if at := a.page.Onset.Value.At; !at.IsZero() {
		word = "before " + page.Clock(at, a.opts.Now(), a.opts.Loc) + " · " + word
	}
	return word, stale
}

// changesFresh is how many of the sources of changes answered, and how fresh
// what they are held against is.
func (a *App) changesFresh(r triage.Ranking) (word string, stale bool) {
	switch f := a.page.AlertsFeed; {
	case len(r.Failed) > 0:
		return fmt.Sprintf("%d of %d sources", len(r.Asked), len(r.Asked)+len(r.Failed)), true
	case !f.Live && !f.AsOf.IsZero():
		return page.Ago(a.opts.Now().Sub(f.AsOf)) + " old", false
	}
	return "live", false
}

// slotState is how fresh a page part is.
func (a *App) slotState(s page.State, asOf time.Time) (string, bool) {
	age := a.opts.Now().Sub(asOf)
	switch {
	case s == page.Waiting && asOf.IsZero():
		return "asking", false
	case s == page.Absent:
		return "", false
	case s == page.Failed && asOf.IsZero():
		return "failed", true
	case s == page.Failed || s == page.Stale || age > 45*time.Second || !a.page.AlertsFeed.Live:
		return page.Ago(age) + " old", true
	}
	return "live", false
}
