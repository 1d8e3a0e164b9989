package triage

import (
	"cmp"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Verdict is how likely a change is the cause, in a word.
type Verdict string

// The verdicts. They are a contract of the JSON output.
const (
	Likely   Verdict = "LIKELY"
	Possible Verdict = "POSSIBLE"
	Unlikely Verdict = "UNLIKELY"
	RuledOut Verdict = "RULED OUT"
)

// Suspect is a change ranked as a possible cause of one page.
type Suspect struct {
	sources.Change
	Verdict  Verdict
	Relation string        // to the page's service, in words: "same service", "called by checkout"
	Reason   string        // plain sentences, clean
	Before   time.Duration // from start to onset; negative: began after

	kin kin // how the two services relate
}

// Own reports whether the change is of the page's own service, in its cluster
// and environment.
func (s Suspect) Own() bool { return s.Relation == ownService }

// ownService is the relation of a change of the page's own service.
const ownService = "same service"

// Ranking is the answer to "what changed?" for one page.
type Ranking struct {
	Suspects []Suspect // the changes of the last day and of the service's before, most likely first
	// NoneFound: every change source answered without reservation, and none has a change of this
	// service, or of anything known to be related to it, from the day before the trouble.
	NoneFound bool
	BaseRate  string               // how often the service changes anyway; empty: too little is known
	Asked     []sources.Status     // change sources that answered
	Failed    []sources.Status     // those that did not, and those not asked yet
	Unseen    []sources.ChangeType // kinds of change that no source tells: they cannot be ruled out
	Last      *sources.Change      // the service's last change before the trouble, however old; nil: none known
}

// The weights of design section 6: order only, never shown as numbers.
const (
	weightService    = 1.0
	weightDependency = 0.5
	weightPlace      = 0.3 // same namespace or host
	weightOther      = 0.08
	weightUndone     = 0.1

	likelyScore   = 0.35
	possibleScore = 0.15

	// longAgo is how far back the changes of other services are listed. The
	// last one of the page's own is, however old.
	longAgo = 24 * time.Hour

	fastHalfLife = 30 * time.Minute // deploy, rollback, restart
	slowHalfLife = 4 * time.Hour    // config, flag, infra, scale

	// afterTolerance is how much later than the onset a change may be dated
	// and still be its cause: sources see a change a scrape late, and a rate
	// window blurs the onset.
	afterTolerance = time.Minute
	// wellFor is how long a version must have run well before the trouble to be
	// no more than a possible cause, even if it stands alone. In the simulation
	// of docs/ranking.md less spares few innocent ones and loses many guilty.
	wellFor = 15 * time.Minute
	// undoneFor is how long trouble must go on after a change was undone
	// before that speaks for the change's innocence.
	undoneFor = 10 * time.Minute
)

// Rank orders the board's changes as possible causes of an alert whose trouble
// began at on.At, with what is known of errors by version. An unknown onset
// counts as the moment of the board, and nothing is then more than possible.
func Rank(b *Board, it Item, on Onset, ev Evidence) Ranking {
	r := asked(b)
	r.BaseRate = baseRate(b, it)
	k := newRanker(b, it, on)
	k.evidence = ev
	scored := make([]scoredSuspect, 0, len(b.Changes))
	related := false
	for i := range b.Changes {
		s := k.suspect(&b.Changes[i])
		if s.kin != same && b.At.Sub(s.StartedAt) > longAgo {
			continue
		}
		counts := s.Verdict != RuledOut && s.State != sources.Tagged
		related = related || s.kin != stranger && counts && s.Before <= longAgo
		if s.kin == same && counts && r.Last == nil {
			r.Last = &b.Changes[i]
		}
		scored = append(scored, s)
	}
	r.NoneFound = !related && len(r.Failed) == 0 && len(r.Asked) > 0 && !slices.ContainsFunc(r.Asked, blind)
	slices.SortStableFunc(scored, compareSuspects)
	k.verdicts(scored)
	// A verdict may outrank a score: the words stand in order, too.
	slices.SortStableFunc(scored, func(a, b scoredSuspect) int { return cmp.Compare(a.rank(), b.rank()) })
	for _, s := range scored {
		r.Suspects = append(r.Suspects, s.Suspect)
	}
	return r
}

// asked is a ranking that says only which sources of changes answered.
func asked(b *Board) Ranking {
	r := Ranking{Unseen: b.Prefs.Unseen}
	for _, f := range b.Snapshot.Changes {
		st := f.Status(b.At)
		if st.Err == nil && !st.AsOf.IsZero() {
			r.Asked = append(r.Asked, st)
		} else {
			r.Failed = append(r.Failed, st)
		}
	}
	return r
}

// blind reports whether a source answered with nothing and a reservation, such
// as that it has no metric to see changes by: its nothing is not "none".
func blind(st sources.Status) bool { return st.Count == 0 && len(st.Notes) > 0 }
