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
