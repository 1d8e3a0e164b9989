package triage

import (
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// usualInterval is Prometheus' default of global.evaluation_interval.
	usualInterval = time.Minute
	// graceIntervals is for how many evaluations a dead-man switch may be absent:
	// a rule that is moved to another group, or a server that starts again, has
	// none for one of them.
	graceIntervals = 2
	// RememberFor is for how long one that is absent is missed.
	RememberFor = 7 * 24 * time.Hour
)

// DeadMan is a dead-man switch that was seen firing: an alert that proves, as
// long as it fires, that alerts arrive.
type DeadMan struct {
	Cluster     string
	Labels      sources.Labels
	First, Last time.Time     // when it was seen firing
	Every       time.Duration // evaluation interval of its rule; 0: not known
}

// Name is the alert's name.
func (s *DeadMan) Name() safe.Value { return s.Labels.Value("alertname") }

// grace is for how long it may be absent without a word.
func (s *DeadMan) grace() time.Duration {
	if s.Every == 0 {
		return graceIntervals * usualInterval
	}
	return graceIntervals * s.Every
}

// Watch sets b.Missing by what was seen of dead-man switches before, also in
// earlier runs and in any order, and returns what to remember for the next board, sorted by
// cluster and labels. It must be called before the board is shared.
//
// One is missing when its server answers and the alert has been neither firing
// nor pending for longer than its grace. It is no longer missed when it is back,
// when one of the same name that had not been seen while it fired has taken its
// place (its labels were changed), after RememberFor, and when the settings say that
// it is none (a leading ! in Prefs.DeadMen).
func (b *Board) Watch(seen []DeadMan) []DeadMan {
	all := map[sources.AlertID]DeadMan{}
	for _, s := range seen {
		if s.Last.Sub(b.At) > usualInterval {
			continue // by a clock that is wrong: until then nothing would be missed
		}
		id := sources.NewAlertID(s.Cluster, s.Labels)
		if o, twice := all[id]; twice {
			s = o.and(s)
		}
		if !b.deadMen.refuses(s.Name().Raw()) {
			all[id] = s
		}
	}
	b.Missing = nil
	for i := range b.Snapshot.Clusters {
		if c := &b.Snapshot.Clusters[i]; c.Alerts.Live(b.At) {
			b.sight(c, all)
			b.miss(c, all)
		}
	}
	out := make([]DeadMan, 0, len(all))
	for _, s := range all {
		out = append(out, s)
	}
	slices.SortFunc(out, compareDeadMen)
	slices.SortFunc(b.Missing, compareDeadMen)
	return out
}

// and is one of two accounts of the same.
func (s DeadMan) and(o DeadMan) DeadMan {
	if o.First.Before(s.First) {
		s.First = o.First
	}
	if o.Last.After(s.Last) {
		s.Last, s.Every = o.Last, o.Every
	}
	return s
}

func compareDeadMen(x, y DeadMan) int {
	if x.Cluster != y.Cluster {
		if x.Cluster < y.Cluster {
			return -1
		}
		return 1
	}
	return x.Labels.Compare(y.Labels)
}

// sight adds to all what fires in a cluster, and what the poller saw firing.
func (b *Board) sight(c *sources.Cluster, all map[sources.AlertID]DeadMan) {
	for _, id := range b.deadManIDs {
		it, ok := b.Item(id)
		if !ok || it.Cluster != c.Name || it.OnlyAM {
			continue
		}
		s, known := all[id]
		if !known {
			s = DeadMan{Cluster: c.Name, Labels: it.Labels, First: c.Alerts.AsOf, Last: it.ResolvedAt}
		}
		if every := interval(c.Rules.Items, it.Rule); every > 0 {
			s.Every = every
		}
		switch it.State {
		case sources.Firing:
			s.Last = c.Alerts.AsOf
		case sources.Resolved:
			if !known {
				s.First = it.ResolvedAt
			}
		case sources.Pending:
			if !known {
				continue
			}
		}
		all[id] = s
	}
}

// miss says which of a cluster's are missing, and forgets those of which nothing
// is to be expected any more.
func (b *Board) miss(c *sources.Cluster, all map[sources.AlertID]DeadMan) {
	for id, s := range all {
		if s.Cluster != c.Name || s.Last.Equal(c.Alerts.AsOf) {
			continue
		}
		absent := c.Alerts.AsOf.Sub(s.Last)
		it, listed := b.Item(id)
		switch {
		case absent > RememberFor || replaced(s, all, c.Alerts.AsOf):
			delete(all, id)
		case absent <= s.grace() || listed && it.State == sources.Pending || unproven(c.Rules.Items, s.Name()):
		default:
			b.Missing = append(b.Missing, s)
		}
	}
}

// replaced reports whether another of the same name fires now that was first
// seen after this one was seen last.
func replaced(s DeadMan, all map[sources.AlertID]DeadMan, now time.Time) bool {
	for _, o := range all {
		if o.Cluster == s.Cluster && o.Name() == s.Name() && o.Last.Equal(now) && o.First.After(s.Last) {
			return true
		}
	}
	return false
}

// unproven reports whether a rule of that name has not been evaluated yet, as
// when the server has just started.
func unproven(groups []sources.RuleGroup, name safe.Value) bool {
	return slices.ContainsFunc(groups, func(g sources.RuleGroup) bool {
		return g.LastEvaluation.IsZero() && slices.ContainsFunc(g.Rules, func(r sources.Rule) bool { return r.Name == name })
	})
}

// interval is the evaluation interval of the group that has a rule; 0: not known.
func interval(groups []sources.RuleGroup, r *sources.Rule) time.Duration {
	for i := range groups {
		for k := range groups[i].Rules {
			if &groups[i].Rules[k] == r {
				return groups[i].Interval
			}
		}
	}
	return 0
}
