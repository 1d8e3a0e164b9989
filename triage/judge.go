package triage

import (
	"regexp"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// judge knows what is said of single alerts. It remembers what repeats over
// the alerts of one Build; it is not shared.
type judge struct {
	p         Prefs
	catalog   catalog
	constants names // alerts that fire all the time
	exporters names
	slots     map[string]int8 // label name to its place in label
	label     []string        // ServiceLabels, then the labels of subject
	weak      []bool          // of label: counts with a catalog hit only
	severity  map[safe.Value]Severity
	exporter  map[safe.Value]exporterKind
	always    map[safe.Value]Fold // by alertname
	constant  map[*sources.Rule]bool
	target    map[*sources.Rule]bool
	teams     map[safe.Value]safe.Value
	rules     rulebook
	reAlways  *regexp.Regexp // an expression that is a constant
	reTarget  *regexp.Regexp // one that speaks of up
}

func newJudge(s sources.Snapshot, p Prefs) *judge {
	j := &judge{
		p: p, catalog: newCatalog(s.Services),
		constants: namesOf(p.DeadMen, append(knownDeadMen(), knownInhibitors()...)...), exporters: namesOf(p.ExporterJobs, knownExporters()...),
		severity: make(map[safe.Value]Severity), exporter: make(map[safe.Value]exporterKind),
		always: make(map[safe.Value]Fold), constant: make(map[*sources.Rule]bool), target: make(map[*sources.Rule]bool),
		teams: make(map[safe.Value]safe.Value),
		// vector(1), with or without a comparison. Anything that names a metric or the time is no constant.
		reAlways: regexp.MustCompile(`^[\s(]*vector\s*\(\s*[0-9.]+\s*\)[\s)]*([=!<>]=?\s*(bool\s+)?[0-9.]+[\s)]*)?$`),
		reTarget: regexp.MustCompile(`(^|[^a-zA-Z0-9_:])up\s*($|[{=!<>)\[])`),
	}
	j.learnLabels()
	return j
}

// cluster makes the judge ready for the alerts of one cluster.
func (j *judge) cluster(c *sources.Cluster) { j.rules = newRulebook(c.Rules.Items) }

// judge fills what triage knows of an item and says whether it is folded.
func (j *judge) judge(it *Item) Fold {
	v := it.Labels.Value(j.p.SeverityLabel)
	sev, ok := j.severity[v]
	if !ok {
		sev = severity(j.p.Ranks, v)
		j.severity[v] = sev
	}
	it.Severity = sev
	it.Rule = j.rules.of(&it.Alert)
	it.Service = j.service(it)
	it.Owner = j.owner(it)
	if it.AM != nil {
		it.Silenced, it.Inhibited = len(it.AM.SilencedBy) > 0, len(it.AM.InhibitedBy) > 0
	}
	return j.fold(it)
}

// fold says why an item is not among the rows. A dead-man switch that is over
// is not folded: its silence means something.
func (j *judge) fold(it *Item) Fold {
	if it.State != sources.Resolved && j.alwaysFires(it) {
		return FoldDeadMan
	}
	switch {
	case it.Severity.Rank == RankNone:
		return FoldNone
	case it.Silenced:
		return FoldSilenced
	case it.Inhibited:
		return FoldInhibited
	}
	return NotFolded
}

// alwaysFires reports whether an alert is a dead-man switch or an inhibitor:
// by its name, or because its rule is a constant, as in vector(1). Names that
// only contain "heartbeat" are no proof: most are alerts about a heartbeat
// that was missed.
func (j *judge) alwaysFires(it *Item) bool {
	name := it.Name()
	f, ok := j.always[name]
	if !ok {
		if j.constants.has(name.Raw()) {
			f = FoldDeadMan
		}
		j.always[name] = f
	}
	if f != NotFolded || it.Rule == nil {
		return f != NotFolded
	}
	c, ok := j.constant[it.Rule]
	if !ok {
		c = j.reAlways.MatchString(it.Rule.Query.Raw())
		j.constant[it.Rule] = c
	}
	return c
}

// rulebook finds the rule of an alert among the rules of one cluster.
type rulebook map[string][]*sources.Rule

func newRulebook(groups []sources.RuleGroup) rulebook {
	n := 0
	for i := range groups {
		n += len(groups[i].Rules)
	}
	b := make(rulebook, n)
	for i := range groups {
		for k := range groups[i].Rules {
			r := &groups[i].Rules[k]
			b[r.Name.Raw()] = append(b[r.Name.Raw()], r)
		}
	}
	return b
}

// of finds the rule that made an alert: same name, every static label there
// with the rule's value. Of several that fit, the one with the most static
// labels, then the one whose annotations read like the alert's. Nil when none
// fits or several equally well that ask different things.
func (b rulebook) of(a *sources.Alert) *sources.Rule {
	var best *sources.Rule
	most, ties := -1, 0
	candidates := b[a.Name().Raw()]
	for _, r := range candidates {
		n := staticFit(r.Labels, a.Labels)
		switch {
		case n < 0:
		case n > most:
			best, most, ties = r, n, 0
		case n == most && r.Query != best.Query:
			ties++
		}
	}
	if ties == 0 {
		return best
	}
	best, ties = nil, 0
	for _, r := range candidates {
		if staticFit(r.Labels, a.Labels) != most || !readsLike(r.Annotations, a.Annotations) {
			continue
		}
		if best != nil && best.Query != r.Query {
			ties++
		}
		best = r
	}
	if ties > 0 {
		return nil
	}
	return best
}

// staticFit counts the rule's labels without templates; -1 when the alert has
// another value for one of them. A rule may set a label to the empty value,
// which takes it away.
func staticFit(rule, alert sources.Labels) int {
	n := 0
	for _, l := range rule {
		if templated(l.Value) {
			continue
		}
		if alert.Value(l.Name.Raw()) != l.Value {
			return -1
		}
		n++
	}
	return n
}

func templated(v safe.Value) bool { return strings.Contains(v.Raw(), "{{") }

// readsLike reports whether every annotation of the alert holds the fixed
// text of the rule's, in order.
func readsLike(rule, alert sources.Labels) bool {
	for _, l := range rule {
		rest := alert.Value(l.Name.Raw()).Raw()
		for i, part := range strings.Split(l.Value.Raw(), "{{") {
			if i > 0 {
				_, part, _ = strings.Cut(part, "}}")
			}
			k := strings.Index(rest, strings.TrimSpace(part))
			if k < 0 {
				return false
			}
			rest = rest[k+len(strings.TrimSpace(part)):]
		}
	}
	return true
}
