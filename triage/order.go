package triage

import (
	"cmp"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

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
	over1, over2 := st1 == sources.Resolved, st2 == sources.Resolved
	if over1 != over2 {
		if over1 {
			return 1
		}
		return -1
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
