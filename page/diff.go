package page

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/sources"
)

// NamesTwo reports whether a change says between which two revisions or
// versions it is, so that a repository can be asked.
func NamesTwo(c sources.Change) bool {
	from, to := ends(c)
	return from != to
}

// ends are the revisions, or else the versions, that a change is between; twice
// the same text: it does not say.
func ends(c sources.Change) (from, to string) {
	from, to = c.FromRevision.Raw(), c.Revision.Raw()
	if from == "" || to == "" {
		from, to = c.FromVersion.Raw(), c.Version.Raw()
	}
	if from == "" || to == "" {
		return "", ""
	}
	return from, to
}

// Describe says what lies between the revisions, or else the versions, of a
// change: the first answer of Commits in their order. It is of kind NotFound
// when nobody knows the service or one of the two, with the first hint how to get
// it if there is one; another error of one source stands only when no other had
// an answer.
func (a *Assembler) Describe(ctx context.Context, c sources.Change) (sources.Diff, error) {
	from, to := ends(c)
	if from == to {
		return sources.Diff{}, sources.Errorf(sources.NotFound, "the change does not name two revisions")
	}
	var bad, missing error
	for _, s := range a.Commits {
		d, err := s.Between(ctx, c.Service.Raw(), from, to)
		if err == nil {
			return d, nil
		}
		if !sources.IsKind(err, sources.NotFound) {
			bad = errors.Join(bad, err)
		} else if missing == nil && sources.HintOf(err) != "" {
			missing = err
		}
	}
	switch {
	case bad != nil:
		return sources.Diff{}, bad
	case missing != nil:
		return sources.Diff{}, missing
	}
	return sources.Diff{}, sources.Errorf(sources.NotFound, "no connected repository has %s", c.Service)
}

// describing is how many changes are described at once: each is a few short
// programs.
const describing = 4

// DescribeAll is the changes with their Diff, where one is known. The list and
// the changes that it is given stay as they are.
func (a *Assembler) DescribeAll(ctx context.Context, cs []sources.Change) []sources.Change {
	out := append([]sources.Change(nil), cs...)
	if len(a.Commits) == 0 {
		return out
	}
	var g errgroup.Group
	g.SetLimit(describing)
	for i := range out {
		c := &out[i]
		if c.Diff != nil {
			continue
		}
		g.Go(func() error {
			if d, err := a.Describe(ctx, *c); err == nil {
				c.Diff = &d
			}
			return nil
		})
	}
	_ = g.Wait() // what is not known stays out
	return out
}

// DiffWords is what lies between two revisions in a few words: "3 commits, +142
// -18"; of a rollback "3 commits taken out, +18 -142".
func DiffWords(d sources.Diff) string {
	var b strings.Builder
	b.WriteString(commits(d.Total))
	switch {
	case d.Back:
		b.WriteString(" taken out")
	case d.Dropped > 0:
		fmt.Fprintf(&b, " and %d taken out", d.Dropped)
	}
	switch {
	case d.Files == 0:
	case d.NoLines:
		b.WriteString(files(d.Files))
	default:
		fmt.Fprintf(&b, ", +%d -%d", d.Added, d.Removed)
	}
	return b.String()
}

// DiffInFull is [DiffWords] with the number of files where that leaves it out.
func DiffInFull(d sources.Diff) string {
	if d.Files == 0 || d.NoLines {
		return DiffWords(d)
	}
	return DiffWords(d) + files(d.Files)
}

func files(n int) string { return " in " + Counted(n, "file") }

func commits(n int) string {
	if n == 0 {
		return "no commits"
	}
	return Counted(n, "commit")
}

// TitleWithDiff is [ChangeTitle] with what it brought at the end, if that is
// known: "checkout deploy 1.41.0 -> 1.42.0, 3 commits, +142 -18".
func TitleWithDiff(c sources.Change) string {
	if c.Diff == nil {
		return ChangeTitle(c)
	}
	return ChangeTitle(c) + ", " + DiffWords(*c.Diff)
}
