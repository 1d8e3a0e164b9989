package tui

import (
	"slices"
	"strings"
	"testing"
)

func TestTheListIsSortedInFourWays(t *testing.T) {
	r := newRig(t, 120, 40, nil)
	r.snapshot(usual())
	before := r.app.selected()
	r.key("1")
	for _, step := range []struct{ title, order string }{
		{"1 Alerts by newest ", "Cart Kube Node Cert"}, {"1 Alerts by service ", "Cart Kube Cert Node"},
		{"1 Alerts by name ", "Cart Cert Kube Node"}, {"1 Alerts ━", "Kube Node Cert Cart"},
	} {
		r.key("O")
		r.has(step.title)
		var order []string
		for _, l := range strings.Split(r.screen(), "\n")[2:] {
			if f := strings.Fields(strings.TrimPrefix(l, ">")); len(f) > 1 && slices.Contains([]string{"CRIT", "WARN", "pending"}, f[0]) {
				order = append(order, f[1][:4])
			}
		}
		if got := strings.Join(order, " "); got != step.order {
			t.Errorf("%q: %s:\n%s", step.title, got, r.screen())
		}
		if r.app.selected() != before {
			t.Errorf("%q: sorting moved the selection", step.title)
		}
	}
	// A refresh keeps the order.
	r.key("O")
	r.snapshot(usual())
	r.has("1 Alerts by newest ")
}
