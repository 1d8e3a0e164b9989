package triage

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

type scoredSuspect struct {
	Suspect
	score  float64
	undone bool
	guilty bool // its version fails, the one before does not
	well   bool // its version ran well for a while before the trouble began
}

// compareSuspects orders by the score. How much a change brought breaks ties
// only: small ones break things, too.
func compareSuspects(a, b scoredSuspect) int {
	return cmp.Or(
		cmp.Compare(b.score, a.score),
		cmp.Compare(size(b).Total, size(a).Total),
		cmp.Compare(size(b).Files, size(a).Files),
		cmp.Compare(a.kin, b.kin),
		b.StartedAt.Compare(a.StartedAt),
		a.Service.Compare(b.Service),
		cmp.Compare(a.ID, b.ID),
	)
}

// rank orders by the verdict; what is not known to be related comes after
// what is, even if that was a fix, and every tag after every change that happened.
func (s scoredSuspect) rank() int {
	n := slices.Index([]Verdict{Likely, Possible, Unlikely, RuledOut}, s.Verdict)
	if s.kin == stranger {
		n += 4
	}
	if s.State == sources.Tagged {
		n += 8
	}
	return n
}

// size is what is known of a change's content; not known counts as nothing.
func size(s scoredSuspect) sources.Diff {
	if s.Diff == nil {
		return sources.Diff{}
	}
	return *s.Diff
}

// kin is how a change's service relates to the page's.
type kin int8

const (
	same kin = iota
	dependency
	dependent // another service that declares this one
	place
	stranger
)

// ranker holds what is the same for every change of one page.
type ranker struct {
	b        *Board
	it       Item
	at       time.Time
	known    bool // the onset
	over     bool // the alert is not active any more
	name     string
	names    map[string]bool // lower-case names of the page's service
	calls    map[string]bool // of its declared dependencies
	ns       safe.Value
	env      string // of the alert, by its labels; empty: not known
	hosts    map[string]bool
	evidence Evidence
	versions map[string][]int // service: indexes of its rollouts in b.Changes, newest first
}

func newRanker(b *Board, it Item, on Onset) *ranker {
	k := &ranker{b: b, it: it, at: on.At, known: !on.At.IsZero(), over: it.State == sources.Resolved,
		name: it.Service.Name.String(), names: make(map[string]bool), calls: make(map[string]bool),
		hosts: make(map[string]bool), versions: make(map[string][]int)}
	if !k.known {
		k.at = b.At
	}
	if n := it.Service.Name.Raw(); n != "" {
		k.addNames(k.names, it.Service.Name)
		if s, ok := b.catalog.find(n); ok {
			for _, d := range s.DependsOn {
				k.addNames(k.calls, d)
			}
		}
	}
	k.ns = it.Labels.Value("namespace")
	for _, l := range []string{"env", "environment"} {
		if v := it.Labels.Value(l).Raw(); k.env == "" {
			k.env = v
		}
	}
	for _, l := range []string{"instance", "node", "host", "hostname", "nodename"} {
		if v := it.Labels.Value(l).Raw(); v != "" {
			h, _, _ := strings.Cut(v, ":")
			k.hosts[strings.ToLower(h)] = true
		}
	}
	for i := range b.Changes {
		if c := &b.Changes[i]; rolledOut(c) {
			n := b.catalog.canonical(c.Service)
			k.versions[n] = append(k.versions[n], i)
		}
	}
	return k
}

// addNames adds a service's name and, when the catalog knows it, its aliases.
func (k *ranker) addNames(to map[string]bool, name safe.Value) {
	to[strings.ToLower(name.Raw())] = true
	if s, ok := k.b.catalog.find(name.Raw()); ok {
		to[strings.ToLower(s.Name.Raw())] = true
		for _, a := range s.Aliases {
			to[strings.ToLower(a.Raw())] = true
		}
	}
}

// suspect scores one change.
func (k *ranker) suspect(c *sources.Change) scoredSuspect {
	s := scoredSuspect{Suspect: Suspect{Change: *c, Before: k.at.Sub(c.StartedAt)}}
	weight, relation, because := k.relation(c, &s.kin)
	s.Relation = relation
	if s.Before < -afterTolerance {
		s.Verdict = RuledOut
		s.Reason = "Began " + sources.Span(s.Before) + " after the trouble"
		switch {
		case sign(*c):
			s.Reason += ": rather a sign of it."
		case s.kin == stranger:
			s.Reason += "."
		default:
			s.Reason += ": may be someone's fix."
		}
		s.score = -1
		return s
	}
	s.score = weight * decay(c.Kind, s.Before)
	s.Reason = k.began(s.Before) + " " + because
	if c.State == sources.Tagged {
		s.Reason = "Tagged, and no deploy of it was seen. " + because
		return s
	}
	if undone, words := k.undone(c); undone {
		s.undone = true
		s.score *= weightUndone
		s.Reason = words + " " + because
	} else if f := k.evidence.of(c.Service, s.kin).weigh(c); f.words != "" {
		s.score *= f.factor
		s.guilty, s.well = f.factor > 1, f.well && s.Before >= wellFor
		s.Reason += " " + f.words
	}
	if sign(*c) {
		s.Reason += " Rather a sign of trouble than its cause."
	}
	if !s.undone && c.State == sources.Running {
		s.Reason += " Still rolling out" + shareOf(c.Share) + "."
	}
	return s
}

// Callees are the services called by the page's that were rolled out before the
// trouble, likeliest first, each once, at most most: those whose errors by
// version tell something. Names are as the changes have them.
func (r Ranking) Callees(most int) []safe.Value {
	var out []safe.Value
	for _, s := range r.Suspects {
		if len(out) < most && s.kin == dependency && rollout(s.Kind) && s.Verdict != RuledOut && s.Before <= longAgo && !slices.Contains(out, s.Service) {
			out = append(out, s.Service)
		}
	}
	return out
}

func decay(kind sources.ChangeType, before time.Duration) float64 {
	half := slowHalfLife
	if kind == sources.Deploy || kind == sources.Rollback || kind == sources.Restart {
		half = fastHalfLife
	}
	return math.Pow(0.5, max(before, 0).Minutes()/half.Minutes())
}

// verdicts puts the words to the scores, which are in order.
func (k *ranker) verdicts(scored []scoredSuspect) {
	for i := range scored {
		s := &scored[i]
		switch {
		case s.Verdict == RuledOut:
		case s.State == sources.Tagged:
			s.Verdict = Unlikely
		case k.known && s.kin == same && !s.undone && !sign(s.Change) && (s.guilty || !s.well && s.score >= likelyScore && ahead(scored, i)):
			s.Verdict = Likely
		case s.score >= possibleScore && s.kin != stranger:
			s.Verdict = Possible
		default:
			s.Verdict = Unlikely
		}
	}
}

// ahead reports whether a suspect stands alone: no other change scores half
// as much or more. Scaling and restarts are no rivals: more often than not they
// answer a trouble, or are its first sign.
func ahead(scored []scoredSuspect, i int) bool {
	for k, r := range scored {
		rival := r.State != sources.Tagged && r.Kind != sources.Scale && r.Kind != sources.Restart
		if k != i && rival && r.score >= scored[i].score/2 {
			return false
		}
	}
	return true
}

// sign reports whether a change is rather a sign of trouble than its cause:
// some instances ended and began again, not all of them in turn.
func sign(c sources.Change) bool {
	return c.Kind == sources.Restart && (c.Share.All == 0 || c.Share.New < c.Share.All)
}
