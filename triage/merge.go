package triage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// sameWithin is how far apart two sources may date the same change.
const sameWithin = 10 * time.Minute

// mergeChanges is the changes of all sources, newest first, with one row for a
// change that several of them saw. A tag whose version was deployed is no row: it
// says of the deploy which commit it was, and not when.
func mergeChanges(feeds []sources.Feed[sources.Change]) []sources.Change {
	n := 0
	for _, f := range feeds {
		n += len(f.Items)
	}
	if n == 0 {
		return nil
	}
	all := make([]merged, 0, n)
	var tags []merged
	for order, f := range feeds {
		for _, c := range f.Items {
			if c.Source == (sources.SourceID{}) {
				c.Source = f.Source
			}
			m := merged{Change: c, order: order, first: c.StartedAt}
			if c.State == sources.Tagged {
				tags = append(tags, m)
				continue
			}
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b merged) int { return a.StartedAt.Compare(b.StartedAt) })
	open := make(map[string][]int) // service: indexes of rows that may still take part
	rows := all[:0]
	for _, c := range all {
		key := strings.ToLower(c.Service.Raw())
		recent := slices.DeleteFunc(open[key], func(i int) bool { return c.StartedAt.Sub(rows[i].first) > sameWithin })
		joined := false
		for _, i := range recent {
			if rows[i].same(&c) {
				rows[i].join(&c)
				joined = true
				break
			}
		}
		if !joined {
			rows = append(rows, c)
			recent = append(recent, len(rows)-1)
		}
		open[key] = recent
	}
	rows = withTags(rows, tags)
	out := make([]sources.Change, len(rows))
	for i := range rows {
		out[len(rows)-1-i] = rows[i].finish()
	}
	return out
}

// withTags gives each tag to the rows that deployed its version, whenever that
// was, and makes rows of the others. Rows are, and stay, oldest first.
func withTags(rows, tags []merged) []merged {
	if len(tags) == 0 {
		return rows
	}
	of := make(map[string][]int) // service: indexes of its rows
	for i := range rows {
		key := strings.ToLower(rows[i].Service.Raw())
		of[key] = append(of[key], i)
	}
	// Commits first: a second tag of the same commit is then of that deploy, too.
	for _, t := range tags {
		for _, i := range of[strings.ToLower(t.Service.Raw())] {
			if r := &rows[i]; r.alike(&t) {
				r.Revision = cmp.Or(r.Revision, t.Revision)
			} else if r.replaces(&t) {
				r.FromRevision = cmp.Or(r.FromRevision, t.Revision)
			}
		}
	}
	for _, t := range tags {
		deployed := false
		for _, i := range of[strings.ToLower(t.Service.Raw())] {
			if r := &rows[i]; r.alike(&t) {
				deployed = true
				r.Evidence = joined(r.Evidence, t.Evidence)
			} else if r.replaces(&t) {
				deployed = true // before what is known
			}
		}
		if !deployed {
			rows = append(rows, t)
		}
	}
	slices.SortStableFunc(rows, func(a, b merged) int { return a.StartedAt.Compare(b.StartedAt) })
	return rows
}

// merged is a row in the making.
type merged struct {
	sources.Change
	order int // of the feed that gave the base fields
	first time.Time
	seen  []sources.SourceID // beyond Change.Source
}

// same reports whether c is the change of this row, seen by another source.
func (m *merged) same(c *merged) bool {
	return m.Source != c.Source && !slices.Contains(m.seen, c.Source) && m.alike(c)
}

// alike reports whether c and this row are about the same version of the same
// service in the same place.
func (m *merged) alike(c *merged) bool {
	if c.Service.Empty() {
		return false
	}
	if rollout(m.Kind) != rollout(c.Kind) || !rollout(m.Kind) && m.Kind != c.Kind {
		return false
	}
	if m.Cluster != c.Cluster && m.Cluster != "" && c.Cluster != "" ||
		differ(m.Namespace, c.Namespace) || differ(m.Env, c.Env) {
		return false
	}
	switch {
	case !m.Revision.Empty() && !c.Revision.Empty():
		return sameRevision(m.Revision, c.Revision)
	case !m.Version.Empty() && !c.Version.Empty() && sameVersion(m.Version, c.Version):
		return true
	}
	return sameRevision(m.Version, c.Revision) || sameRevision(m.Revision, c.Version)
}

// replaces reports whether t is the version that ran before this rollout.
func (m *merged) replaces(t *merged) bool {
	return rollout(m.Kind) && (!m.FromVersion.Empty() && sameVersion(m.FromVersion, t.Version) || sameRevision(m.FromRevision, t.Revision))
}

// join takes in what another source knows of the same change. Fields of the
// feed that is configured first win; the earliest start, a rollback over a
// deploy and the latest end count whoever says so.
func (m *merged) join(c *merged) {
	base, other := m.Change, c.Change
	seen, order, first := append(m.seen, other.Source), m.order, m.first
	if c.order < m.order {
		base, other = c.Change, m.Change
		seen, order = append(m.seen, m.Source), c.order
	}
	fill(&base, other)
	*m = merged{Change: base, order: order, first: first, seen: seen}
}

func fill(to *sources.Change, from sources.Change) {
	if from.FinishedAt.After(to.FinishedAt) {
		to.FinishedAt = from.FinishedAt
	}
	if from.Kind == sources.Rollback {
		to.Kind = sources.Rollback
	}
	if from.State == sources.Failed {
		to.State = from.State
	}
	to.Adopt(from)
	to.Evidence = joined(to.Evidence, from.Evidence)
}

// joined is a new list: those of a snapshot are not written to.
func joined(a, b []safe.Value) []safe.Value {
	out := slices.Clone(a)
	for _, e := range b {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// finish says in the evidence who saw the change when several did.
func (m *merged) finish() sources.Change {
	c := m.Change
	if len(m.seen) == 0 {
		return c
	}
	names := []string{sourceName(c.Source)}
	for _, s := range m.seen {
		names = append(names, sourceName(s))
	}
	c.Evidence = append(slices.Clone(c.Evidence), safe.Outside("Seen by "+enumerate(names)+"."))
	return c
}

func sourceName(id sources.SourceID) string {
	if id.Name != "" {
		return id.Name
	}
	return id.Kind
}

// enumerate writes a, b and c.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func rollout(k sources.ChangeType) bool { return k == sources.Deploy || k == sources.Rollback }

// rolledOut reports whether a version went out: that of a tag may never have.
func rolledOut(c *sources.Change) bool { return rollout(c.Kind) && c.State != sources.Tagged }

func differ(a, b safe.Value) bool { return a != b && !a.Empty() && !b.Empty() }

func sameVersion(a, b safe.Value) bool {
	trim := func(v safe.Value) string { return strings.TrimPrefix(strings.TrimSpace(v.Raw()), "v") }
	return trim(a) == trim(b)
}

// sameRevision compares revisions of which one may be abbreviated to 7 digits
// or more.
func sameRevision(a, b safe.Value) bool {
	x, y := strings.ToLower(a.Raw()), strings.ToLower(b.Raw())
	if x == "" || y == "" {
		return false
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	return x == y || len(x) >= 7 && strings.HasPrefix(y, x) && strings.Trim(x, "0123456789abcdef") == ""
}
