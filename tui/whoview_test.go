package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// turn is a shift of the payments team, in hours from at.
func turn(who string, from, to float64) sources.Shift {
	hours := func(h float64) time.Time { return at.Add(time.Duration(h * float64(time.Hour))) }
	return sources.Shift{Team: safe.Outside("payments"), Person: safe.Outside(who), From: hours(from), To: hours(to)}
}

func withRota(s sources.Snapshot, shifts ...sources.Shift) sources.Snapshot {
	s.Shifts = []sources.Feed[sources.Shift]{{Source: sources.SourceID{Kind: "ical", Name: "payments"}, Items: shifts,
		AsOf: at.Add(-2 * time.Hour), Tried: at.Add(-2 * time.Hour), Every: 5 * time.Hour}}
	return s
}

// The header says until when the user is on call, or from when if that is soon;
// what else stands there goes first where there is little room.
func TestHeaderSaysDuty(t *testing.T) {
	for name, tc := range map[string]struct {
		w      int
		shifts []sources.Shift
		want   string
	}{
		"now":           {120, []sources.Shift{turn("Ada", -1, 2)}, ", on call until "},
		"by tomorrow":   {120, []sources.Shift{turn("Bo", -1, 23), turn("ada", 23, 30)}, ", on call from "},
		"later":         {120, []sources.Shift{turn("Ada", 25, 30)}, ""},
		"somebody else": {120, []sources.Shift{turn("Bo", -1, 2)}, ""},
		"little room":   {80, []sources.Shift{turn("Ada", -1, 2)}, ""},
	} {
		r := newRig(t, tc.w, 40, func(o *Options) { o.Prefs.Me = []string{"Ada"} })
		r.snapshot(withRota(usual(), tc.shifts...))
		head, _, _ := strings.Cut(r.screen(), "\n")
		if tc.want == "" && strings.Contains(head, "on call") || !strings.Contains(head, tc.want) || !strings.Contains(head, r.now.In(r.app.opts.Loc).Format("15:04")) {
			t.Errorf("%s: %q", name, head)
		}
	}
	r := newRig(t, 80, 24, func(o *Options) { o.Prefs.Me = []string{"Ada"} })
	r.snapshot(withRota(snapshot(), turn("Ada", -1, 2)))
	r.has("Nothing is firing.", "You are on call until ")
	r.now = at.Add(2 * time.Hour) // it ends with the clock, not with the next answer
	r.send(tickMsg(r.now))
	r.lacks("You are on call")
}

func TestWhoView(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 50}} {
		r := newRig(t, size[0], size[1], func(o *Options) { o.Prefs.Me = []string{"Ada"} })
		r.snapshot(withRota(usual(), turn("Bo Lind", 3, 5), turn("Ada", 5, 9)))
		r.key("w")
		r.has("Who can help: checkout", "Owner       payments", "On call     nobody until ", "next: Bo Lind", "Hand-overs")
		fits(t, r.app.View().Content, size[0], size[1], "who can help")
		r.key("G")
		r.has("On call: nobody until ")
		r.key("esc")
		r.lacks("Who can help:")
		r.has("KubePodCrashLooping")
		r.key("d", "w")
		r.has("Who can help:")
		r.key("w")
		r.lacks("Who can help:", "What changed?  ")
	}
}

func TestWhoPane(t *testing.T) {
	r := newRig(t, 120, 40, nil)
	r.snapshot(withRota(usual(), turn("Bo Lind", -1, 5)))
	r.has("─ Who ─", "schedule read 2 h ago", "On call     Bo Lind until ", "Stuck?      who can help, and a text to ask with  (w)")
	r = newRig(t, 120, 30, nil)
	r.snapshot(withRota(usual(), turn("Bo Lind", -1, 5)))
	r.has("Who: on call Bo Lind until ")
}

// Without a page the teams with a schedule are listed, and y has nothing to copy.
func TestWhoWithoutAPage(t *testing.T) {
	r := newRig(t, 100, 30, nil)
	r.snapshot(withRota(snapshot(), turn("Bo Lind", -1, 5)))
	r.key("w")
	r.has("Who can help", "payments", "Bo Lind until ")
	r.lacks("y copy the text")
	r.key("y")
	r.has("there is no page to ask about")
	r = newRig(t, 100, 30, nil)
	r.snapshot(snapshot())
	r.key("w")
	r.has("No schedule is connected")
}
