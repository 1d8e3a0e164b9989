package tui

import (
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/page"
)

// trouble says of each cluster whose alerts cannot be trusted to be current, or
// to arrive, what is wrong with it: a list of sentences, the most important first.
func (a *App) trouble() [][]string {
	if a.board == nil {
		return nil
	}
	now := a.opts.Now()
	var out [][]string
	for _, c := range a.board.Snapshot.Clusters {
		f := c.Alerts
		if f.Err == nil {
			continue
		}
		first := c.Name + ": " + f.Err.Short()
		if !f.Since.IsZero() {
			first += ", since " + page.Clock(f.Since, now, a.opts.Loc)
		}
		says := []string{first + "."}
		if !f.AsOf.IsZero() {
			says = append(says, "Below is what it said at "+page.Clock(f.AsOf, now, a.opts.Loc)+"; newer alerts may be missing.")
		}
		if wait := f.Next.Sub(now); wait > time.Second {
			says = append(says, "Next try in "+page.Ago(wait)+"; r asks now.")
		}
		if f.Err.Hint != "" {
			says = append(says, sentence(f.Err.Hint))
		}
		out = append(out, says)
	}
	for _, s := range a.board.Missing {
		out = append(out, page.MissingWords(s, now, a.opts.Loc))
	}
	return out
}

// sentence makes a clause a sentence.
func sentence(s string) string {
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, ".") {
		return upperFirst(s)
	}
	return upperFirst(s) + "."
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
