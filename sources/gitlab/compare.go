package gitlab

import (
	"context"
	"errors"
	"slices"
	"strings"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// maxCommits is how many commits a Diff lists.
const maxCommits = 50

// errNothing is an answer of null.
var errNothing = errors.New("it holds nothing")

// Compare asks once: GitLab lists all commits, and the files as far as it shows
// their differences.
func (c *client) Compare(ctx context.Context, project, from, to string) (sources.Diff, error) {
	got, _, err := c.api.Repositories.Compare(project, &gitlab.CompareOptions{From: &from, To: &to}, gitlab.WithContext(ctx))
	if err != nil {
		return sources.Diff{}, c.fail(ctx, err)
	}
	if got == nil {
		return sources.Diff{}, c.fail(ctx, errNothing)
	}
	commits := slices.DeleteFunc(got.Commits, func(k *gitlab.Commit) bool { return k == nil })
	out := sources.Diff{Total: len(commits), CompareURL: safe.Outside(got.WebURL)}
	if out.CompareURL.Empty() {
		out.CompareURL = safe.Outside(c.ComparePage(project, from, to))
	}
	for _, f := range got.Diffs {
		if f == nil {
			continue
		}
		added, removed := lines(f.Diff)
		out.Files++
		out.Added += added
		out.Removed += removed
	}
	// Servers list them oldest first; the order of the other way round stays.
	if n := len(commits); n > 1 && first(commits[0].CommittedDate).Before(first(commits[n-1].CommittedDate)) {
		slices.Reverse(commits)
	}
	for _, k := range commits[:min(len(commits), maxCommits)] {
		out.Commits = append(out.Commits, sources.Commit{Revision: safe.Outside(k.ID), Title: safe.Outside(k.Title),
			Author: safe.Outside(k.AuthorName), At: first(k.CommittedDate, k.CreatedAt)})
	}
	return out, nil
}

// lines counts what a unified diff of one file adds and removes.
func lines(diff string) (added, removed int) {
	in := false
	for line := range strings.SplitSeq(diff, "\n") {
		switch {
		case strings.HasPrefix(line, "@@"):
			in = true
		case in && strings.HasPrefix(line, "+"):
			added++
		case in && strings.HasPrefix(line, "-"):
			removed++
		}
	}
	return added, removed
}

// ComparePage is GitLab's page of the same.
func (c *client) ComparePage(project, from, to string) string {
	return c.page + "/" + project + "/-/compare/" + from + "..." + to
}
