package triage

import (
	"regexp"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// judge knows what is said of single alerts. It remembers what repeats over
// the alerts of one Build; it is not shared.
type judge struct {
	p          Prefs
	catalog    catalog
	deadMen    names // alerts that fire all the time
	inhibitors names // alerts that fire to quiet others
	exporters  names
	dogs       []sources.AlertID // dead-man switches, in any state
	slots      map[string]int8   // label name to its place in label
	label      []string          // ServiceLabels, then the labels of subject
	weak       []bool            // of label: counts with a catalog hit only
	severity   map[safe.Value]Severity
	exporter   map[safe.Value]exporterKind
	standing   map[safe.Value]standing // by alertname
	constant   map[*sources.Rule]bool
	target     map[*sources.Rule]bool
	teams      map[safe.Value]safe.Value
	rules      rulebook
	recordings Recordings
	silences   []silence      // those that hold
	reAlways   *regexp.Regexp // an expression that is a constant
	reTarget   *regexp.Regexp // one that speaks of up
}

func newJudge(s sources.Snapshot, p Prefs) *judge {
	j := &judge{
		p: p, catalog: newCatalog(s.Services),
		deadMen: namesOf(p.DeadMen, knownDeadMen()...), inhibitors: namesOf(notOnly(p.DeadMen), knownInhibitors()...), exporters: namesOf(p.ExporterJobs, knownExporters()...),
		severity: make(map[safe.Value]Severity), exporter: make(map[safe.Value]exporterKind),
		standing: make(map[safe.Value]standing), constant: make(map[*sources.Rule]bool), target: make(map[*sources.Rule]bool),
		teams: make(map[safe.Value]safe.Value),
		// vector(1), with or without a comparison. Anything that names a metric or the time is no constant.
		reAlways: regexp.MustCompile(`^[\s(]*vector\s*\(\s*[0-9.]+\s*\)[\s)]*([=!<>]=?\s*(bool\s+)?[0-9.]+[\s)]*)?$`),
		reTarget: regexp.MustCompile(`(^|[^a-zA-Z0-9_:])up\s*($|[{=!<>)\[])`),
	}
	j.learnLabels()
	return j
}

// cluster makes the judge ready for the alerts of one cluster.
func (j *judge) cluster(c *sources.Cluster, now time.Time) {
	j.rules, j.recordings = newRulebook(c.Rules.Items), newRecordings(c.Rules.Items)
	j.silences = active(c.Silences.Items, now)
}

// judge fills what triage knows of an item and says whether it is folded.
func (j *judge) judge(it *Item) Fold {
	v := it.Labels.Value(j.p.SeverityLabel)
	sev, ok := j.severity[v]
	if !ok {
		sev = severity(j.p.Ranks, v)
		j.severity[v] = sev
	}
	it.Severity = sev
	it.Rule, it.Recordings = j.rules.of(&it.Alert), j.recordings
	it.Service = j.service(it)
	it.Owner = j.owner(it)
	if it.AM != nil {
		it.Silenced, it.Inhibited = len(it.AM.SilencedBy) > 0, len(it.AM.InhibitedBy) > 0
	} else if it.State != sources.Firing { // Alertmanager does not hold it, but it will be silent, or it was
		it.Silenced = slices.ContainsFunc(j.silences, func(s silence) bool { return s.holds(it.Labels) })
	}
	return j.fold(it)
}

// fold says why an item is not among the rows. A dead-man switch that is over
// is not folded, whatever its severity: its silence means something.
func (j *judge) fold(it *Item) Fold {
	st := j.standingOf(it)
	if st == deadMan {
		j.dogs = append(j.dogs, it.ID)
	}
	switch {
	case st == deadMan && it.State == sources.Resolved:
		return NotFolded
	case st != passing:
		return FoldDeadMan
	case it.Severity.Rank == RankNone:
		return FoldNone
	case it.Silenced:
		return FoldSilenced
	case it.Inhibited:
		return FoldInhibited
	}
	return NotFolded
}

// standing says whether an alert is meant to fire without anything being wrong.
type standing int8

const (
	passing   standing = iota // an alert like any other
	deadMan                   // fires always, to prove that alerting works
	inhibitor                 // fires to quiet others
)

// standingOf goes by the name, or by a rule that is a constant, as in
// vector(1), of an alert that is not urgent: to hide a critical alert is worse
// than to show a watchdog. Names that only contain "heartbeat" are no proof:
// most are alerts about a heartbeat that was missed.
func (j *judge) standingOf(it *Item) standing {
	name := it.Name()
	st, ok := j.standing[name]
	if !ok {
		switch {
		case j.inhibitors.has(name.Raw()):
			st = inhibitor
		case j.deadMen.has(name.Raw()):
			st = deadMan
		}
		j.standing[name] = st
	}
	if st != passing || it.Rule == nil || it.Severity.Rank <= RankWarning {
		return st
	}
	c, ok := j.constant[it.Rule]
	if !ok {
		c = j.reAlways.MatchString(it.Rule.Query.Raw())
		j.constant[it.Rule] = c
	}
	if c && !j.deadMen.refuses(name.Raw()) {
		return deadMan
	}
	return passing
}
