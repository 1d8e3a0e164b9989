package triage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Order is how a list of alerts is sorted. Whatever it is, what is over comes
// last, and what is equal stands in order of urgency.
type Order string

// The orders.
const (
	BySeverity Order = "severity" // order of urgency; the zero Order means the same
	ByNewest   Order = "since"    // what began last first, what began at an unknown time last
	ByService  Order = "service"  // by name, case ignored, alerts of no known service last
	ByName     Order = "name"     // of the alert, case ignored
)

// Orders lists the orders, the usual one first.
func Orders() []Order { return []Order{BySeverity, ByNewest, ByService, ByName} }

// Next is the order after o; after the last one the first.
func (o Order) Next() Order {
	all := Orders()
	return all[(max(0, slices.Index(all, o))+1)%len(all)]
}

// urgency reports whether o is the order in which a board has its rows.
func (o Order) urgency() bool { return o != ByNewest && o != ByService && o != ByName }

// SortItems sorts items, which are in order of urgency, in place.
func SortItems(items []Item, o Order) {
	if o.urgency() {
		return
	}
	slices.SortStableFunc(items, func(x, y Item) int {
		return o.compare(orderKeys{x.State, x.ActiveAt, x.Service.Name, x.Name()}, orderKeys{y.State, y.ActiveAt, y.Service.Name, y.Name()})
	})
}

// orderKeys are what the orders other than urgency go by.
type orderKeys struct {
	state         sources.State
	since         time.Time
	service, name safe.Value
}

func keysOf(g *Group) orderKeys { return orderKeys{g.State, g.Since, g.Service.Name, g.Name} }

func (o Order) compare(a, b orderKeys) int {
	if c := compareOver(a.state, b.state); c != 0 {
		return c
	}
	switch o {
	case ByNewest:
		return b.since.Compare(a.since)
	case ByService:
		if none := a.service.Empty(); none != b.service.Empty() {
			if none {
				return 1
			}
			return -1
		}
		return compareFold(a.service, b.service)
	case ByName:
		return compareFold(a.name, b.name)
	case BySeverity:
	}
	return 0
}

func compareFold(a, b safe.Value) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a.Raw()), strings.ToLower(b.Raw())), a.Compare(b))
}

// compareOver puts what is over behind what goes on.
func compareOver(a, b sources.State) int {
	over1, over2 := a == sources.Resolved, b == sources.Resolved
	switch {
	case over1 == over2:
		return 0
	case over1:
		return 1
	}
	return -1
}

// The order of urgency: what goes on before what is over, then severity, then
// firing before pending, then the newest, then the name. What is over comes
// last whatever its severity, so that it never hides what goes on.

func compareItems(a, b *Item) int {
	if c := compareUrgency(a.Severity, a.State, a.ActiveAt, b.Severity, b.State, b.ActiveAt); c != 0 {
		return c
	}
	if c := a.Name().Compare(b.Name()); c != 0 {
		return c
	}
	return a.Labels.Compare(b.Labels)
}

func compareGroups(a, b *Group) int {
	if c := compareUrgency(a.Severity, a.State, a.Since, b.Severity, b.State, b.Since); c != 0 {
		return c
	}
	if c := a.Name.Compare(b.Name); c != 0 {
		return c
	}
	if c := a.Service.Name.Compare(b.Service.Name); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Fold, b.Fold))
}

func compareUrgency(s1 Severity, st1 sources.State, t1 time.Time, s2 Severity, st2 sources.State, t2 time.Time) int {
	if c := compareOver(st1, st2); c != 0 {
		return c
	}
	if c := cmp.Compare(s1.Rank, s2.Rank); c != 0 {
		return c
	}
	if c := cmp.Compare(stateRank(st1), stateRank(st2)); c != 0 {
		return c
	}
	return t2.Compare(t1)
}

func stateRank(s sources.State) int {
	switch s {
	case sources.Firing:
		return 0
	case sources.Pending:
		return 1
	}
	return 2
}
