package page

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Page is everything about one alert as far as it is known. The facts of the
// board are there at once, the slots fill one by one.
type Page struct {
	Item       triage.Item
	Group      triage.Group // the row it stands in
	At         time.Time    // the moment of the newest board
	Statuses   []sources.Status
	AlertsFeed sources.Status // of the alert's cluster, Alertmanager's where only that tells of it; zero: no such cluster
	Who        Who
	// Over is true when the alert is resolved, or is not on the board any more
	// although its source answers.
	Over bool

	Runbook Slot[Runbook]
	Fetched Slot[Fetched]      // of the runbook; waiting where the network has no part in it
	Onset   Slot[triage.Onset] // Began until it was measured
	Why     Slot[triage.Why]   // without points until it was loaded
	Health  Slot[triage.Health]
	Callees Slot[[]triage.Callee] // how those do that the service calls, by the catalog
	// Evidence is how requests end by version; what Health found is asked.
	Evidence Slot[triage.Evidence]
	Last     Slot[LastChange]      // of the service, where the board has none; it is in Ranking, too
	Diffs    Slot[Diffs]           // of the top suspects; they are in Ranking, too
	PointsAt Slot[triage.PointsAt] // what the measured thing falls into
	History  Slot[triage.History]
	Host     Slot[triage.OnHost] // what runs on the alert's host, where no label names a service

	Ranking triage.Ranking // derived: again whenever board, onset, evidence or diffs are new

	board *triage.Board // the newest one: ranking needs its changes and statuses
	keys  []string
}

// Runbook is the document an alert's link leads to and the place in it. Ref is
// known at once, the rest when it was loaded.
type Runbook struct {
	Doc    runbook.Document
	Pos    runbook.Pos
	Ref    runbook.Ref
	Trail  runbook.Trail  // what was tried, in order
	Reason runbook.Reason // empty until it was loaded
	Stub   runbook.Stub   // where the missing text could be begun; zero: nowhere
}

// Open makes the page of an alert from what the board knows. It is pure and
// immediate. False: the board has no such alert. Keys are the annotation, then
// label names that may hold the runbook's link; nil means the board's own.
func Open(b *triage.Board, id sources.AlertID, keys []string) (Page, bool) {
	it, ok := b.Item(id)
	if !ok {
		return Page{}, false
	}
	if keys == nil {
		keys = b.Prefs.RunbookKeys
	}
	p := Page{Item: it, keys: keys, Over: it.State == sources.Resolved}
	p.Runbook = Slot[Runbook]{State: Waiting, Value: Runbook{Ref: p.ref()}}
	p.Fetched = Slot[Fetched]{State: Waiting}
	p.Onset = Slot[triage.Onset]{State: Waiting, Value: triage.Began(it)}
	p.Why = Slot[triage.Why]{State: Waiting, Value: triage.Explain(it)}
	p.Health = Slot[triage.Health]{State: Waiting, Value: triage.Health{Service: it.Service.Name}}
	p.Callees = Slot[[]triage.Callee]{State: Waiting}
	p.Evidence = Slot[triage.Evidence]{State: Waiting}
	p.Last = Slot[LastChange]{State: Waiting}
	p.Diffs = Slot[Diffs]{State: Waiting}
	p.PointsAt = Slot[triage.PointsAt]{State: Waiting}
	p.History = Slot[triage.History]{State: Waiting}
	p.Host = Slot[triage.OnHost]{State: Waiting}
	return p.stand(b).rank(), true
}

// Rebase puts the page on a newer board: facts are replaced, loaded parts kept
// with their age. An alert that is gone is over only if its source answers;
// while it does not, nothing is known to be resolved.
func (p Page) Rebase(b *triage.Board) Page {
	it, ok := b.Item(p.Item.ID)
	if ok {
		p = p.take(it)
		p.Why.Value = explain(it, p.Why.Value.Points, b.At)
	}
	p = p.stand(b)
	if !ok && !p.Over && p.AlertsFeed.Live {
		p.Over = true
		if p.Item.State != sources.Resolved {
			p.Item.State = sources.Resolved
			p.Item.ResolvedAt = p.AlertsFeed.AsOf
		}
	}
	return p.rank()
}

// stand takes everything from the board that is not the alert itself.
func (p Page) stand(b *triage.Board) Page {
	p.board = b
	p.At = b.At
	p.Statuses = b.Snapshot.Statuses(b.At)
	p.AlertsFeed = sources.Status{}
	for _, c := range b.Snapshot.Clusters {
		if c.Name == p.Item.Cluster {
			p.AlertsFeed = c.Alerts.Status(b.At)
			if p.Item.OnlyAM {
				p.AlertsFeed = c.AM.Status(b.At)
			}
		}
	}
	if g, ok := b.GroupOf(p.Item.ID); ok {
		p.Group = g
	}
	p.Who = who(b, p.Item)
	p.Item.Queries = nil
	if p.Who.Service != nil {
		p.Item.Queries = p.Who.Service.Health
	}
	return p
}

// take replaces the alert's facts and marks what they make out of date.
func (p Page) take(it triage.Item) Page {
	old, oldBasis := p.Item, historyBasis(p)
	p.Item = p.Host.Value.Guessed(it)
	it = p.Item
	p.Over = it.State == sources.Resolved
	if ref := p.ref(); ref.Link != p.Runbook.Value.Ref.Link || ref.Service != p.Runbook.Value.Ref.Service {
		p.Runbook.Value.Ref = ref
		p.Runbook.run.again = true
		p.Fetched.State = Waiting
	}
	if began := triage.Began(it); !began.At.Equal(triage.Began(old).At) {
		p.Onset.Value = began // it fired anew: another beginning
		p.Onset.State = Waiting
		p.Onset.Err = nil
	}
	if historyBasis(p) != oldBasis {
		p.History.run.again = true
	}
	if query(it) != query(old) {
		p.Onset.run.again = true
		p.Why.run.again = true
		p.PointsAt.Value, p.PointsAt.State = triage.PointsAt{}, Waiting
		p.Why.Value.Points = nil
		p.Why.Value.Trend = triage.NoTrend
	}
	if it.Service != old.Service {
		p.Health.run.again = true
		p.Health.Value = triage.Health{Service: it.Service.Name}
		p.Callees.Value, p.Callees.State = nil, Waiting
		p.Evidence.Value, p.Evidence.State = triage.Evidence{}, Waiting
		p.Last.Value, p.Last.State = LastChange{}, Waiting
	}
	return p
}

// rank derives the suspects from the board, the onset, the evidence and the
// diffs. A change that is new at the top makes the diffs due.
func (p Page) rank() Page {
	d := &p.Diffs
	p.Ranking = triage.Rank(d.Value.onto(p.Last.Value.onto(p.board)), p.Item, p.Onset.Value, p.Evidence.Value)
	if l := &p.Last; p.Ranking.Last == nil && l.State == Absent && l.Value.listed {
		l.run.again = true
	}
	if (d.State == OK || d.State == Absent) && d.Value.lacks(p.top()) {
		d.run.again = true
	}
	return p
}

func (p Page) ref() runbook.Ref {
	it := triage.Unguessed(p.Item) // a runbook of what is only guessed would mislead
	return runbook.FindRef(it.Alert, it.Service.Name, it.Owner.Name, p.keys)
}

func query(it triage.Item) safe.Value {
	if it.Rule == nil {
		return safe.Value{}
	}
	return it.Rule.Query
}
