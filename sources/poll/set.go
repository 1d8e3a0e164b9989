package poll

import (
	"context"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Set is everything there is to ask, in the order of the configuration; the
// snapshot keeps that order.
type Set struct {
	Clusters []ClusterSet
	Changes  []ChangeSet
	Catalogs []CatalogSet
	Shifts   []ScheduleSet
}

// ClusterSet is how to ask one cluster. A nil function means that the cluster
// has no such feed; its Source.Kind is then empty in the snapshot.
type ClusterSet struct {
	Name              string
	AlertsID, RulesID sources.SourceID
	Alerts            func(context.Context) ([]sources.Alert, error)
	Rules             func(context.Context) ([]sources.RuleGroup, error)
	// AM is asked as often as the alerts and with them: which of them are
	// silenced decides what is on screen.
	AMID     sources.SourceID
	AM       func(context.Context) ([]sources.AMView, error)
	Silences func(context.Context) ([]sources.Silence, error)
}

// ChangeSet is one change source. If Source is a [sources.Noter], its notes
// are asked for after each successful call.
type ChangeSet struct {
	ID     sources.SourceID
	Source sources.ChangeSource
	Window time.Duration // how far back it is asked for at most; 0: as far as the Pace says
}

// CatalogSet is one catalog of services and teams, two feeds. It is on this
// machine: it is asked with the alerts, so that the first rows already say whose
// they are.
type CatalogSet struct {
	ID     sources.SourceID
	Source sources.Catalog
}

// ScheduleSet is one on-call schedule. If Source is a [sources.Noter], its notes
// are asked for after each call that gave shifts. The shifts that come with an
// error are shown with their age, unless newer ones are known.
type ScheduleSet struct {
	ID     sources.SourceID
	Source sources.Schedule
}

// Pace says how often to ask and how long to wait. A zero duration means the
// value of [DefaultPace].
type Pace struct {
	Alerts, Rules, Changes, Catalogs, Shifts, Silences time.Duration // between the beginnings of two requests
	// Deadline is for one request for alerts. Start gives rules and changes,
	// whose answers are large or take many queries, up to three times as much.
	Deadline time.Duration
	Window   time.Duration // how far back changes are asked for
	// ResolvedFor is how long an alert that is gone stays listed as resolved.
	ResolvedFor time.Duration

	Now func() time.Time // nil: time.Now
	// Speed is how fast Now goes against the machine's clock, for a drill that
	// is played faster than it happened: the intervals are on Now's clock. 0: 1.
	Speed float64

	// Save is called with the newest snapshot in a goroutine of its own, at
	// most every 30 s, and once at the end. Nil: nothing is saved.
	Save func(sources.Snapshot)
	// Last is the snapshot that the previous run saved. Its items are shown
	// until the first answer, as not asked yet. Nil: there is none.
	Last *sources.Snapshot
}

// DefaultPace returns the intervals of the design: alerts 5 s, rules 5 min,
// changes, catalogs and silences 30 s, shifts 5 min, deadline 5 s, a window of 24 h, resolved alerts kept 1 h.
func DefaultPace() Pace {
	return Pace{
		Alerts: 5 * time.Second, Rules: 5 * time.Minute, Changes: 30 * time.Second, Catalogs: 30 * time.Second, Shifts: 5 * time.Minute, Silences: 30 * time.Second,
		Deadline: 5 * time.Second, Window: 24 * time.Hour, ResolvedFor: time.Hour,
		Now: time.Now,
	}
}

func (p Pace) filled() Pace {
	d := DefaultPace()
	for _, f := range []struct{ v, def *time.Duration }{
		{&p.Alerts, &d.Alerts}, {&p.Rules, &d.Rules}, {&p.Changes, &d.Changes}, {&p.Catalogs, &d.Catalogs}, {&p.Shifts, &d.Shifts}, {&p.Silences, &d.Silences},
		{&p.Deadline, &d.Deadline}, {&p.Window, &d.Window}, {&p.ResolvedFor, &d.ResolvedFor},
	} {
		if *f.v <= 0 {
			*f.v = *f.def
		}
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Speed <= 0 {
		p.Speed = 1
	}
	return p
}

// moment is the present in UTC without the monotonic clock, which stands
// still while a laptop sleeps: with it an hour-old answer would pass as live.
func (p Pace) moment() time.Time { return p.Now().UTC().Round(0) }

// slowFactor is how much longer the intervals are while nobody looks.
const slowFactor = 4

// patience is how much longer than alerts rules and changes may take.
const patience = 3

// jobs lists the feeds to poll and the snapshot before any answer, which
// holds the items of the last run.
func jobs(set Set, p Pace) ([]feeder, sources.Snapshot) {
	start := sources.Snapshot{
		Clusters: make([]sources.Cluster, len(set.Clusters)),
		Changes:  make([]sources.Feed[sources.Change], len(set.Changes)),
		Services: make([]sources.Feed[sources.Service], len(set.Catalogs)),
		Teams:    make([]sources.Feed[sources.Team], len(set.Catalogs)),
		Shifts:   make([]sources.Feed[sources.Shift], len(set.Shifts)),
	}
	var out []feeder
	for i, c := range set.Clusters {
		old := lastCluster(p.Last, c.Name)
		cl := &start.Clusters[i]
		cl.Name = c.Name
		if c.Alerts != nil {
			cl.Alerts = carried(c.AlertsID, old.Alerts)
			out = append(out, &job[sources.Alert]{
				id: c.AlertsID, feed: cl.Alerts, every: p.Alerts, deadline: p.Deadline, first: true, now: p.moment,
				ask: withoutNotes(c.Alerts),
				keep: func(old sources.Feed[sources.Alert], answer []sources.Alert, at time.Time) []sources.Alert {
					return withResolved(old.Items, old.AsOf, answer, at, p.ResolvedFor)
				},
				put: func(s *sources.Snapshot, f sources.Feed[sources.Alert]) { s.Clusters[i].Alerts = f },
			})
		}
		if c.Rules != nil {
			cl.Rules = carried(c.RulesID, old.Rules)
			out = append(out, &job[sources.RuleGroup]{
				id: c.RulesID, feed: cl.Rules, every: p.Rules, deadline: patience * p.Deadline, now: p.moment,
				ask: withoutNotes(c.Rules),
				put: func(s *sources.Snapshot, f sources.Feed[sources.RuleGroup]) { s.Clusters[i].Rules = f },
			})
		}
	}
	for i, c := range set.Clusters {
		out = append(out, alertmanagerJobs(i, c, p, &start)...)
	}
	for i, c := range set.Changes {
		start.Changes[i] = carried(c.ID, lastFeed(p.Last, c.ID, func(s *sources.Snapshot) []sources.Feed[sources.Change] { return s.Changes }))
		out = append(out, &job[sources.Change]{
			id: c.ID, feed: start.Changes[i], every: p.Changes, deadline: patience * p.Deadline, now: p.moment,
			ask: changesOf(c, p),
			put: func(s *sources.Snapshot, f sources.Feed[sources.Change]) { s.Changes[i] = f },
		})
	}
	for i, c := range set.Catalogs {
		out = append(out, catalogJobs(i, c, p, &start)...)
	}
	for i, c := range set.Shifts {
		start.Shifts[i] = carried(c.ID, lastFeed(p.Last, c.ID, func(s *sources.Snapshot) []sources.Feed[sources.Shift] { return s.Shifts }))
		out = append(out, &job[sources.Shift]{
			id: c.ID, feed: start.Shifts[i], every: p.Shifts, deadline: patience * p.Deadline, now: p.moment,
			ask: shiftsOf(c),
			put: func(s *sources.Snapshot, f sources.Feed[sources.Shift]) { s.Shifts[i] = f },
		})
	}
	return out, start
}

func withoutNotes[T any](ask func(context.Context) ([]T, error)) asker[T] {
	return func(ctx context.Context) (reply[T], error) {
		items, err := ask(ctx)
		return reply[T]{items: items}, err
	}
}

func changesOf(c ChangeSet, p Pace) asker[sources.Change] {
	src, window := c.Source, p.Window
	if c.Window > 0 {
		window = min(window, c.Window)
	}
	return func(ctx context.Context) (reply[sources.Change], error) {
		items, err := src.Changes(ctx, p.moment().Add(-window))
		return withNotes(src, items, err)
	}
}

// alertmanagerJobs are the feeds of the i-th cluster's Alertmanager.
func alertmanagerJobs(i int, c ClusterSet, p Pace, start *sources.Snapshot) []feeder {
	old, cl := lastCluster(p.Last, c.Name), &start.Clusters[i]
	var out []feeder
	if c.AM != nil {
		cl.AM = carried(c.AMID, old.AM)
		out = append(out, &job[sources.AMView]{
			id: c.AMID, feed: cl.AM, every: p.Alerts, deadline: p.Deadline, first: true, now: p.moment, ask: withoutNotes(c.AM),
			put: func(s *sources.Snapshot, f sources.Feed[sources.AMView]) { s.Clusters[i].AM = f },
		})
	}
	if c.Silences != nil {
		cl.Silences = carried(c.AMID, old.Silences)
		out = append(out, &job[sources.Silence]{
			id: c.AMID, feed: cl.Silences, every: p.Silences, deadline: p.Deadline, now: p.moment, ask: withoutNotes(c.Silences),
			put: func(s *sources.Snapshot, f sources.Feed[sources.Silence]) { s.Clusters[i].Silences = f },
		})
	}
	return out
}

// catalogJobs are the feeds of the i-th catalog.
func catalogJobs(i int, c CatalogSet, p Pace, start *sources.Snapshot) []feeder {
	start.Services[i] = carried(c.ID, lastFeed(p.Last, c.ID, func(s *sources.Snapshot) []sources.Feed[sources.Service] { return s.Services }))
	start.Teams[i] = carried(c.ID, lastFeed(p.Last, c.ID, func(s *sources.Snapshot) []sources.Feed[sources.Team] { return s.Teams }))
	return []feeder{
		&job[sources.Service]{
			id: c.ID, feed: start.Services[i], every: p.Catalogs, deadline: patience * p.Deadline, first: true, now: p.moment,
			ask: func(ctx context.Context) (reply[sources.Service], error) {
				items, err := c.Source.Services(ctx)
				return withNotes(c.Source, items, err)
			},
			put: func(s *sources.Snapshot, f sources.Feed[sources.Service]) { s.Services[i] = f },
		},
		&job[sources.Team]{
			id: c.ID, feed: start.Teams[i], every: p.Catalogs, deadline: patience * p.Deadline, first: true, now: p.moment,
			ask: withoutNotes(c.Source.Teams),
			put: func(s *sources.Snapshot, f sources.Feed[sources.Team]) { s.Teams[i] = f },
		},
	}
}

func shiftsOf(c ScheduleSet) asker[sources.Shift] {
	return func(ctx context.Context) (reply[sources.Shift], error) {
		got, err := c.Source.Shifts(ctx)
		r, _ := withNotes(c.Source, got.Items, nil)
		r.asOf = got.AsOf
		return r, err
	}
}

// withNotes adds what a source says of its answer.
func withNotes[T any](src any, items []T, err error) (reply[T], error) {
	r := reply[T]{items: items}
	if n, ok := src.(sources.Noter); ok && err == nil {
		r.notes = n.Notes()
	}
	return r, err
}

// carried is the feed before its first answer in this run. Tried, Every and
// Err are zero: it was not asked yet, and it counts as live only if it was
// saved a moment ago.
func carried[T any](id sources.SourceID, last sources.Feed[T]) sources.Feed[T] {
	return sources.Feed[T]{Source: id, Items: last.Items, AsOf: last.AsOf, Notes: last.Notes}
}

func lastCluster(s *sources.Snapshot, name string) sources.Cluster {
	if s != nil {
		for _, c := range s.Clusters {
			if c.Name == name {
				return c
			}
		}
	}
	return sources.Cluster{}
}

// lastFeed is the feed of a source among some of the last snapshot.
func lastFeed[T any](s *sources.Snapshot, id sources.SourceID, among func(*sources.Snapshot) []sources.Feed[T]) sources.Feed[T] {
	if s != nil {
		for _, f := range among(s) {
			if f.Source == id {
				return f
			}
		}
	}
	return sources.Feed[T]{}
}
