package sources

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// ChangeType says what was altered.
type ChangeType string

// The kinds of change. They are a contract of the JSON output.
const (
	Deploy   ChangeType = "deploy"
	Rollback ChangeType = "rollback"
	Config   ChangeType = "config"
	Flag     ChangeType = "flag"
	Infra    ChangeType = "infra"
	Scale    ChangeType = "scale"
	Restart  ChangeType = "restart"
)

// ChangeTypes lists every kind, in the order of the documentation.
func ChangeTypes() []ChangeType {
	return []ChangeType{Deploy, Rollback, Config, Flag, Infra, Scale, Restart}
}

// ChangeTypeOf reads a kind as somebody wrote it, the words that deploy tools use
// for one included. ok is false if it is none.
func ChangeTypeOf(word string) (k ChangeType, ok bool) {
	k = ChangeType(strings.ToLower(strings.TrimSpace(word)))
	switch k {
	case "deployment", "deployed", "release":
		return Deploy, true
	case "rolledback", "rolled_back", "rolled-back":
		return Rollback, true
	case "feature_flag", "feature-flag":
		return Flag, true
	}
	return k, slices.Contains(ChangeTypes(), k)
}

// ChangeState is how far a change has come.
type ChangeState string

// The states of a change. Empty means not known.
const (
	Running ChangeState = "running"
	Done    ChangeState = "done"
	Failed  ChangeState = "failed"
	// Tagged: there is a version to deploy, and nothing says that it was. It
	// is the sign of a change, not one that could have done harm.
	Tagged ChangeState = "tagged"
)

// Change is anything that was altered and could be the cause of a page.
type Change struct {
	ID      string // unique within its source
	Source  SourceID
	Kind    ChangeType
	Cluster string // configured name; empty: not tied to one

	Service      safe.Value
	Namespace    safe.Value // empty: not known
	Env          safe.Value
	Version      safe.Value
	FromVersion  safe.Value
	Revision     safe.Value // of the source code, usually a git commit
	FromRevision safe.Value

	StartedAt  time.Time // when it could first do harm; never zero
	FinishedAt time.Time // zero: not finished or not known
	State      ChangeState
	Share      Share // of instances that run it; zero: not known
	// Selector is the PromQL selector of the series, one for each instance, whose labels hold the
	// version; empty: it was not seen in a Prometheus. Cluster says in which.
	Selector safe.Value

	Author   safe.Value
	Title    safe.Value
	URL      safe.Value
	Evidence []safe.Value // plain sentences: how we know
	Diff     *Diff        // nil: not looked up
}

// Adopt takes over from o, which speaks of the same change, what c does not
// say: texts, cluster, end, state, share and diff; of two beginnings the
// earlier. ID, Source, Kind, Service and Evidence stay c's.
func (c *Change) Adopt(o Change) {
	for _, f := range []struct{ to, from *safe.Value }{
		{&c.Namespace, &o.Namespace}, {&c.Env, &o.Env}, {&c.Version, &o.Version}, {&c.FromVersion, &o.FromVersion},
		{&c.Revision, &o.Revision}, {&c.FromRevision, &o.FromRevision}, {&c.Author, &o.Author},
		{&c.Title, &o.Title}, {&c.URL, &o.URL}, {&c.Selector, &o.Selector},
	} {
		if f.to.Empty() {
			*f.to = *f.from
		}
	}
	if o.StartedAt.Before(c.StartedAt) {
		c.StartedAt = o.StartedAt
	}
	if c.FinishedAt.IsZero() {
		c.FinishedAt = o.FinishedAt
	}
	c.State = cmp.Or(c.State, o.State)
	c.Cluster = cmp.Or(c.Cluster, o.Cluster)
	c.Share = cmp.Or(c.Share, o.Share)
	c.Diff = cmp.Or(c.Diff, o.Diff)
}

// Since is what began at or after since and, of each service, the last change
// before it: however old, that one belongs to the answer to "what changed?".
// cs is newest first; so is the result, which shares nothing with it.
func Since(cs []Change, since time.Time) []Change {
	var out []Change
	older := map[[4]string]bool{}
	for _, c := range cs {
		if c.StartedAt.Before(since) {
			key := [4]string{c.Cluster, c.Env.Raw(), c.Namespace.Raw(), c.Service.Raw()}
			if older[key] {
				continue
			}
			older[key] = true
		}
		c.Evidence = slices.Clone(c.Evidence)
		out = append(out, c)
	}
	return out
}

// Share is how many of a service's instances run the new version.
type Share struct{ New, All int }

// Diff is what lies between two revisions.
type Diff struct {
	// Commits are those that the newer revision has and the older has not,
	// without merges, newest first, at most 50.
	Commits []Commit
	Total   int // number of commits
	// Back: the second revision is the older one, so that the commits are those
	// that were taken out again.
	Back bool
	// Dropped is how many commits of the first revision the second has not, when
	// neither is the older one; Commits and Total do not count them.
	Dropped        int
	Files          int
	Added, Removed int        // lines, from the first to the second revision
	NoLines        bool       // Added and Removed are not known
	CompareURL     safe.Value // page of the forge; empty: not known
}

// Commit is one revision of a repository.
type Commit struct {
	Revision, Title, Author safe.Value
	At                      time.Time
}
