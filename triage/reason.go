package triage

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// canonical is the lower-case name under which the catalog knows a service,
// its own name when it does not.
func (c catalog) canonical(name safe.Value) string {
	if s, ok := c.find(name.Raw()); ok {
		return strings.ToLower(s.Name.Raw())
	}
	return strings.ToLower(name.Raw())
}

// relation weighs how a change relates to the page's service, and says it in
// a phrase and in a sentence.
func (k *ranker) relation(c *sources.Change, kin *kin) (weight float64, phrase, sentence string) {
	*kin = stranger
	if c.Cluster != "" && k.it.Cluster != "" && c.Cluster != k.it.Cluster {
		where := safe.Text(c.Cluster)
		if k.names[strings.ToLower(c.Service.Raw())] {
			return weightOther, "same service, other cluster", "Same service, but in cluster " + where + "."
		}
		return weightOther, "other cluster", "In another cluster, " + where + "."
	}
	n := strings.ToLower(c.Service.Raw())
	if env := c.Env.String(); otherEnv(c.Env.Raw(), k.env) {
		if k.names[n] {
			return weightOther, "same service, other environment", "Same service, but in " + env + "."
		}
		return weightOther, "other environment", "In another environment, " + env + "."
	}
	switch {
	case n != "" && k.names[n] && k.it.Service.Guess():
		*kin = place
		return weightPlace, "same host, perhaps its service", "It runs on the alert's host; no label says that the alert is about it."
	case n != "" && k.names[n]:
		*kin = same
		return weightService, ownService, "Same service."
	case n != "" && k.calls[n]:
		*kin = dependency
		return weightDependency, "called by " + k.name, k.name + " calls it."
	case k.onHost(n):
		*kin = place
		return weightPlace, "same host", "Same host."
	case !c.Namespace.Empty() && c.Namespace == k.ns:
		*kin = place
		return weightPlace, "same namespace", "Same namespace, " + c.Namespace.String() + "."
	}
	if k.name == "" {
		return weightOther, "other", "It is not known which service this alert is about."
	}
	return weightOther, "other", "No known link to " + k.name + "."
}

// otherEnv reports whether two environments are known and not the same; prod
// and production are.
func otherEnv(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if a == "" || b == "" {
		return false
	}
	return !strings.HasPrefix(a, b) && !strings.HasPrefix(b, a)
}

// onHost reports whether a change is to the host that the alert names; a port
// does not count.
func (k *ranker) onHost(service string) bool {
	host, _, _ := strings.Cut(service, ":")
	return host != "" && k.hosts[host]
}

// began says when a change began. The clock is left to the screen.
func (k *ranker) began(before time.Duration) string {
	switch {
	case !k.known:
		return "Began " + sources.Span(before) + " ago; it is not known when the trouble began."
	case before < 5*time.Second:
		return "Began as the trouble began."
	}
	return "Began " + sources.Span(before) + " before the trouble."
}

// undone reports whether a change had been rolled back before the trouble
// began, or has been for a while and the trouble goes on.
func (k *ranker) undone(c *sources.Change) (bool, string) {
	if !rollout(c.Kind) || c.Version.Empty() && c.Revision.Empty() {
		return false, ""
	}
	var back *sources.Change
	for _, i := range k.versions[k.b.catalog.canonical(c.Service)] {
		later := &k.b.Changes[i]
		if !later.StartedAt.After(c.StartedAt) {
			break
		}
		if later.Cluster == c.Cluster && reverts(later, c) {
			back = later // the earliest after c
		}
	}
	if back == nil || back.State == sources.Failed || back.State == sources.Running {
		return false, ""
	}
	at := back.FinishedAt
	if at.IsZero() {
		at = back.StartedAt
	}
	if before := k.at.Sub(at); before > afterTolerance {
		return true, "Rolled back " + sources.Span(before) + " before the trouble began."
	}
	if since := k.b.At.Sub(at); !k.over && since >= undoneFor {
		return true, "Rolled back " + sources.Span(since) + " ago, and the trouble goes on."
	}
	return false, ""
}

// reverts reports whether later put back what c replaced.
func reverts(later, c *sources.Change) bool {
	if !c.FromVersion.Empty() && !later.Version.Empty() {
		return sameVersion(later.Version, c.FromVersion) && !sameVersion(later.Version, c.Version)
	}
	if !c.FromRevision.Empty() && !later.Revision.Empty() {
		return sameRevision(later.Revision, c.FromRevision)
	}
	if later.Kind != sources.Rollback {
		return false
	}
	return later.FromVersion.Empty() || c.Version.Empty() || sameVersion(later.FromVersion, c.Version)
}

func shareOf(s sources.Share) string {
	if s.All == 0 {
		return ""
	}
	return fmt.Sprintf(", %d of %d instances", s.New, s.All)
}

// baseRate says how often the service is deployed anyway, so that a deploy
// shortly before the trouble is not taken for proof. It takes two deploys in
// the window to speak of a rate.
func baseRate(b *Board, it Item) string {
	window := b.Prefs.ChangeWindow
	if it.Service.Name.Empty() || window <= 0 {
		return ""
	}
	name := b.catalog.canonical(it.Service.Name)
	n := 0
	for i := range b.Changes {
		c := &b.Changes[i]
		if rolledOut(c) && b.catalog.canonical(c.Service) == name && (c.Cluster == "" || c.Cluster == it.Cluster) &&
			b.At.Sub(c.StartedAt) <= window && !c.StartedAt.After(b.At) {
			n++
		}
	}
	if n < 2 {
		return ""
	}
	perDay := float64(n) / (window.Hours() / 24)
	how := fmt.Sprintf("deploys %.0f times a day", perDay)
	if perDay < 1.5 || window < 24*time.Hour { // a day is not guessed from a part of one
		how = fmt.Sprintf("was deployed %d times in %s", n, sources.Span(window))
	}
	return it.Service.Name.String() + " " + how + ": by chance, " + oneIn(1-math.Exp(-perDay/48)) + "."
}

// oneIn says in how many half hours a deploy falls by chance.
func oneIn(p float64) string {
	switch n := math.Round(1 / p); {
	case p > 0.75:
		return "nearly every half hour has one"
	case n < 2:
		return "most half hours have one"
	default:
		return fmt.Sprintf("1 half hour in %.0f has one", n)
	}
}
