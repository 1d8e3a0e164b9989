package sources

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// SourceID names one source on screen and in JSON.
type SourceID struct {
	Kind    string `json:"kind"` // prometheus, alertmanager, events, git, ...
	Name    string `json:"name"`
	Cluster string `json:"cluster"` // empty: not tied to one
}

// Feed is the last good items of one source plus how much to trust them.
// "None" may be said only when Err is nil and AsOf is recent; a Feed that was
// never answered has a zero AsOf.
type Feed[T any] struct {
	Source SourceID
	Items  []T       // of the last success; never mutated
	AsOf   time.Time // of the last success; zero: never
	Tried  time.Time // of the last attempt; zero: never
	Next   time.Time // when the next attempt is due; zero: not scheduled
	Since  time.Time // since when attempts have failed; zero: the last one succeeded
	Err    *Error    // of the last attempt; nil: it succeeded
	Every  time.Duration
	Notes  []safe.Value // "3 of 40 lines could not be read"
}

// Asked reports whether the source has been tried at all.
func (f Feed[T]) Asked() bool { return !f.Tried.IsZero() }

// Live reports whether the items may be shown as current: the last attempt
// succeeded within two intervals (and never less than 10 s) before now.
func (f Feed[T]) Live(now time.Time) bool {
	return f.Err == nil && !f.AsOf.IsZero() && now.Sub(f.AsOf) <= max(2*f.Every, 10*time.Second)
}

// Status is the part of a Feed that does not depend on its items.
type Status struct {
	Source                   SourceID
	What                     string // alerts, rules, silences, alertmanager, changes, services, teams, shifts
	AsOf, Tried, Next, Since time.Time
	Err                      *Error
	Every                    time.Duration
	Notes                    []safe.Value
	Count                    int
	Live                     bool
}

// Status describes the feed at the moment now.
func (f Feed[T]) Status(now time.Time) Status {
	return Status{Source: f.Source, AsOf: f.AsOf, Tried: f.Tried, Next: f.Next, Since: f.Since, Err: f.Err,
		Every: f.Every, Notes: f.Notes, Count: len(f.Items), Live: f.Live(now)}
}

// Cluster is everything known of one cluster.
type Cluster struct {
	Name     string
	Alerts   Feed[Alert]
	Rules    Feed[RuleGroup]
	Silences Feed[Silence] // Source.Kind is empty when no Alertmanager is configured
	AM       Feed[AMView]
}

// Snapshot is every feed at one moment. It is immutable.
type Snapshot struct {
	Seq      uint64 // grows with every snapshot of one poller
	Clusters []Cluster
	Changes  []Feed[Change]
	Services []Feed[Service]
	Teams    []Feed[Team]
	Shifts   []Feed[Shift]
}

// Statuses lists every configured feed of the snapshot in a fixed order:
// clusters (alerts, rules, silences, alertmanager), changes, services, teams, shifts.
func (s Snapshot) Statuses(now time.Time) []Status {
	var out []Status
	add := func(what string, st Status) {
		if st.Source.Kind != "" {
			st.What = what
			out = append(out, st)
		}
	}
	for _, c := range s.Clusters {
		add("alerts", c.Alerts.Status(now))
		add("rules", c.Rules.Status(now))
		add("silences", c.Silences.Status(now))
		add("alertmanager", c.AM.Status(now))
	}
	for _, f := range s.Changes {
		add("changes", f.Status(now))
	}
	for _, f := range s.Services {
		add("services", f.Status(now))
	}
	for _, f := range s.Teams {
		add("teams", f.Status(now))
	}
	for _, f := range s.Shifts {
		add("shifts", f.Status(now))
	}
	return out
}
