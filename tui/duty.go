package tui

import (
	"time"

	"github.com/firstpage-oncall/firstpage/page"
)

// dutySoon is how long before a shift of the user's the header says so.
const dutySoon = 24 * time.Hour

func (a *App) when(t time.Time) string { return page.When(t, a.opts.Now(), a.opts.Loc) }

// duty is until when the user is on call, or from when if that is soon; empty:
// neither, or they have not said who they are.
func (a *App) duty() string {
	if a.board == nil {
		return ""
	}
	now := a.opts.Now()
	switch s, ok := a.board.Duty(); {
	case !ok || !now.Before(s.To):
		return ""
	case !now.Before(s.From):
		return "on call until " + a.when(s.To)
	case s.From.Sub(now) <= dutySoon:
		return "on call from " + a.when(s.From)
	}
	return ""
}

// dutySentence is the same on the screen of a quiet time; empty: nothing.
func (a *App) dutySentence() string {
	if d := a.duty(); d != "" {
		return "You are " + d + "."
	}
	return ""
}
