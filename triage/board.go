package triage

import (
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Prefs are the settings of judgement. Use Defaults and change what differs.
type Prefs struct {
	SeverityLabel string                  // "severity"
	Ranks         map[string]SeverityRank // lower-case severity value to rank; any other value ranks as a warning
	// ServiceLabels are the label names that may name the service, best first.
	// While it is the default list, type and cluster count only when the
	// catalog knows their value: they mostly say something else.
	ServiceLabels []string
	// ExporterJobs are job values that name an exporter, not a service; DeadMen
	// names of alerts that fire all the time on purpose. Both add to the names
	// that are known anyway. * stands for any text, case is ignored, and a
	// leading ! takes a name out.
	ExporterJobs []string
	DeadMen      []string
	TeamLabels   []string
	RunbookKeys  []string      // annotation, then label names that may hold the link
	ResolvedFor  time.Duration // how long a resolved alert stays listed
	ChangeWindow time.Duration // how far back every change source sees
	// Me is the user, as schedules write them: names and addresses; case is
	// ignored. Nil: not said.
	Me    []string
	Links LinkPrefs // what is offered beside an alert's own links
	// Unseen are the kinds of change that no source tells.
	Unseen []sources.ChangeType
}

// SeverityRank orders severities; smaller is more urgent.
type SeverityRank int8

// The ranks. RankNone is folded away.
const (
	RankPage SeverityRank = iota + 1
	RankCritical
	RankWarning
	RankInfo
	RankOther // no severity label: last, but visible
	RankNone
)

// Severity is an alert's severity: the rank, and the value as written.
type Severity struct {
	Rank    SeverityRank
	Value   safe.Value // empty: no such label
	Unknown bool       // the value is not in Prefs.Ranks: shown as written
}

// Found is a name and what gave it: for a service the label's name, or
// "catalog:" and the label's name when the catalog knows the value; for an
// owner the label's name or "catalog". An empty Name means unknown.
type Found struct {
	Name safe.Value
	By   string
}

// Item is one alert with what triage knows of it.
type Item struct {
	sources.Alert
	Severity   Severity
	Service    Found
	Owner      Found
	Rule       *sources.Rule // nil: the server's rules are not known, or several fit
	Recordings Recordings    // of the cluster; nil: it has none
	Silenced   bool
	Inhibited  bool
	Group      GroupKey
	// Queries are those of the service's entry in the catalog. A board leaves
	// them out, a page has them.
	Queries []sources.HealthQuery
}

// GroupKey names a group across refreshes.
type GroupKey string

// Fold says why a group is not in the list.
type Fold string

// The reasons for folding.
const (
	NotFolded     Fold = ""
	FoldNone      Fold = "none"     // severity none
	FoldDeadMan   Fold = "watchdog" // meant to fire always, or to quiet others
	FoldSilenced  Fold = "silenced"
	FoldInhibited Fold = "inhibited"
)

// Group is alike alerts: same name, service and cluster. Its state and
// severity are those of its most urgent item.
type Group struct {
	Key      GroupKey
	Name     safe.Value
	Service  Found
	Cluster  string
	Severity Severity
	State    sources.State
	Since    time.Time // newest ActiveAt of its items; zero: not known
	Items    []Item    // most urgent first; never empty
	Differ   []string  // names of the labels whose values differ, alphabetical
	Spread   Spread    // over what the items spread; zero: over nothing that can be counted
	Fold     Fold
	// Parts are the groups that a row of Rows folds together, most urgent first;
	// nil for a plain group. Name, Service and Differ of such a row are what the
	// parts share: a row of one name has no service, a Rest neither.
	Parts []Group
	Rest  bool // the parts are of different names
}

// Spread is over how many different things of a kind the items of a group are:
// hosts, pods, services, rules.
type Spread struct {
	Label string // that names the thing: instance, pod, alertname
	N     int    // different values; the port of a host is left out
}

// Counts are numbers of rows, except ByFold and Alerts: a row that folds the
// groups of one name counts once, the rows in a Rest each.
type Counts struct {
	Page, Critical, Warning, Info, Other int // firing, by rank
	Pending, Resolved                    int
	Silenced, Inhibited, Watchdogs, None int // folded
	Alerts                               int // alerts behind the rows (Groups)
	// ByFold are numbers of alerts by why they are folded, NotFolded for those
	// behind the rows. Their sums are what the servers say: each alert is once in it.
	ByFold map[Fold]States
}

// States are numbers of alerts by state.
type States struct{ Firing, Pending, Resolved int }

// Total is the number of all.
func (t States) Total() int { return t.Firing + t.Pending + t.Resolved }

func (t *States) add(g *Group) {
	for i := range g.Parts {
		t.add(&g.Parts[i])
	}
	if len(g.Parts) > 0 {
		return
	}
	for i := range g.Items {
		switch g.Items[i].State {
		case sources.Pending:
			t.Pending++
		case sources.Resolved:
			t.Resolved++
		case sources.Firing:
			t.Firing++
		}
	}
}

// add counts one row.
func (c *Counts) add(g *Group) {
	if c.ByFold == nil {
		c.ByFold = map[Fold]States{}
	}
	t := c.ByFold[g.Fold]
	t.add(g)
	c.ByFold[g.Fold] = t
	switch g.Fold {
	case FoldSilenced:
		c.Silenced++
		return
	case FoldInhibited:
		c.Inhibited++
		return
	case FoldDeadMan:
		c.Watchdogs++
		return
	case FoldNone:
		c.None++
		return
	}
	c.Alerts += g.size()
	switch {
	case g.State == sources.Pending:
		c.Pending++
	case g.State == sources.Resolved:
		c.Resolved++
	case g.Severity.Rank == RankPage:
		c.Page++
	case g.Severity.Rank == RankCritical:
		c.Critical++
	case g.Severity.Rank == RankWarning:
		c.Warning++
	case g.Severity.Rank == RankInfo:
		c.Info++
	default:
		c.Other++
	}
}

// Board is a snapshot with judgement: what the screen and the commands show.
type Board struct {
	At       time.Time // the moment it was built for
	Groups   []Group   // rows in order of urgency, folded ones left out
	Folded   []Group
	Counts   Counts
	Changes  []sources.Change // of all sources, merged, newest first
	Snapshot sources.Snapshot
	Prefs    Prefs

	// Missing are dead-man switches that fired and are absent although their
	// server answers: silence is then not good news. By cluster and labels. Build
	// knows of those only that the snapshot still holds as resolved, Watch of all.
	Missing []DeadMan

	rows       []Group // what Rows gives without a filter
	index      map[sources.AlertID]at
	rotas      []Rota            // by team, in the order of the schedules
	deadMen    names             // the names of dead-man switches
	deadManIDs []sources.AlertID // those of the snapshot, in any state
	catalog    catalog
}

// at is where an item stands: Groups[group] or, when folded, Folded[group].
type at struct {
	folded      bool
	group, item int32
}
