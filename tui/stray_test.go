package tui

import "testing"

// A key of another pane says where it is for; only one of none does nothing.
func TestKeysOfOtherPanesSayWhere(t *testing.T) {
	r := newRig(t, 80, 24, nil)
	r.snapshot(usual())
	r.key("2", "O")
	r.has("O is for pane 1, alerts: press 1, then O")
	r.key("1", "t")
	r.has("t is for pane 2, runbook: press 2, then t")
	r.key("Z")
	r.has("Z does nothing here; ? lists the keys")
}

// The guide below the overlay does not hide that there are more keys.
func TestHelpEndsAboveTheGuide(t *testing.T) {
	r := newRig(t, 80, 24, func(o *Options) {
		o.Guide = []Hint{{Text: "Press . for the next step, which is a text of more than one row of this screen."}}
	})
	r.snapshot(usual())
	r.key("?")
	r.has("GUIDE", "rows; the arrows go on, typing searches", "└───")
}

// What only another pane can do is found and done from here.
func TestHelpFindsKeysOfOtherPanes(t *testing.T) {
	r := newRig(t, 120, 40, nil)
	r.snapshot(usual())
	r.has("folded: 1 always firing")
	r.key("2", "?", "f", "o", "l", "d", "e", "d")
	r.has("pane 1: show what is folded")
	r.key("enter")
	r.lacks("folded: 1 always firing")
	r.has("Watchdog")
}

// What is not there is not offered.
func TestNothingFolded(t *testing.T) {
	r := newRig(t, 80, 24, nil)
	r.snapshot(snapshot())
	r.key("1")
	r.lacks("0 folded")
	r.key("0")
	r.has("nothing is folded")
	r.key("t")
	r.has("t does nothing here; ? lists the keys")
}
