package triage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestOrders(t *testing.T) {
	t.Parallel()
	over := alert("Aa", sources.Resolved, 1, "severity=page service=a")
	over.ResolvedAt = noon
	alerts := []sources.Alert{
		alert("Disk", sources.Firing, 50, "severity=warning service=mail"),
		alert("cpu", sources.Firing, 10, "severity=critical"),
		alert("Burn", sources.Pending, 2, "severity=page service=Checkout"),
		alert("Burn", sources.Firing, 30, "severity=info service=billing"),
		over,
	}
	b := Build(snapshot(alerts...), Defaults(), noon)
	want := map[Order]string{
		BySeverity: "Burn Checkout, cpu , Disk mail, Burn billing, Aa a",
		"":         "Burn Checkout, cpu , Disk mail, Burn billing, Aa a",
		ByNewest:   "Burn Checkout, cpu , Burn billing, Disk mail, Aa a",
		ByService:  "Burn billing, Burn Checkout, Disk mail, cpu , Aa a",
		ByName:     "Burn Checkout, Burn billing, cpu , Disk mail, Aa a",
	}
	for o, w := range want {
		var rows, items []string
		for _, g := range b.Rows(Filter{}, o) {
			rows = append(rows, g.Name.String()+" "+g.Service.Name.String())
		}
		sorted := b.Items(func(Item) bool { return true })
		SortItems(sorted, o)
		for _, it := range sorted {
			items = append(items, it.Name().String()+" "+it.Service.Name.String())
		}
		if d := cmp.Diff(w, strings.Join(rows, ", ")); d != "" {
			t.Errorf("rows by %q:\n%s", o, d)
		}
		if d := cmp.Diff(w, strings.Join(items, ", ")); d != "" {
			t.Errorf("items by %q:\n%s", o, d)
		}
	}
	o, seen := BySeverity, []Order{}
	for range Orders() {
		o = o.Next()
		seen = append(seen, o)
	}
	if d := cmp.Diff([]Order{ByNewest, ByService, ByName, BySeverity}, seen); d != "" {
		t.Errorf("one after the other:\n%s", d)
	}
}

// In another order than of urgency a storm has no rest; by service no row of
// many services either. No alert is lost or there twice.
func TestAStormInOtherOrders(t *testing.T) {
	t.Parallel()
	alerts := stormNight()
	b := Build(snapshot(alerts...), Defaults(), noon)
	before := rowText(b.Rows(Filter{}, BySeverity))
	for _, o := range []Order{ByNewest, ByService, ByName} {
		seen := map[sources.AlertID]bool{}
		n, rows := 0, b.Rows(Filter{}, o)
		for i, r := range rows {
			if r.Rest || o == ByService && len(r.Parts) > 0 || i > 0 && o.compare(keysOf(&rows[i-1]), keysOf(&r)) > 0 {
				t.Errorf("by %s, row %d: %v", o, i, rowText(rows[max(0, i-1):i+1]))
			}
			for k := range r.Items {
				seen[r.Items[k].ID] = true
				n++
			}
		}
		if n != len(alerts) || len(seen) != n {
			t.Errorf("by %s: %d alerts, %d different ones, of %d", o, n, len(seen), len(alerts))
		}
		if o == ByName && len(rows) != 40 {
			t.Errorf("by name: %d rows of 40 rules", len(rows))
		}
	}
	if d := cmp.Diff(before, rowText(b.Rows(Filter{}, BySeverity))); d != "" {
		t.Errorf("sorting changed the board:\n%s", d)
	}
}
