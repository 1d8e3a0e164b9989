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

// Compare asks both ways: GitLab does not say which revision is the older one.
// It lists all commits, and the files as far as it shows their differences.
func (c *client) Compare(ctx context.Context, project, from, to string) (sources.Diff, error) {
	there, err := c.comparison(ctx, project, from, to)
	if err != nil {
		return sources.Diff{}, err
	}
	back, err := c.comparison(ctx, project, to, from)
	if err != nil {
		return sources.Diff{}, err
	}
	out := sources.Diff{Dropped: len(back.Commits)}
	if len(there.Commits) == 0 && len(back.Commits) > 0 {
		out.Back, out.Dropped = true, 0
		there, from, to = back, to, from
	}
	if out.CompareURL = safe.Outside(there.WebURL); out.CompareURL.Empty() {
		out.CompareURL = safe.Outside(c.ComparePage(project, from, to))
	}
	size(there, &out)
	out.Total = len(there.Commits)
	for _, k := range there.Commits[:min(out.Total, maxCommits)] {
		out.Commits = append(out.Commits, sources.Commit{Revision: safe.Outside(k.ID), Title: safe.Outside(k.Title),
			Author: safe.Outside(k.AuthorName), At: first(k.CommittedDate, k.CreatedAt)})
	}
	return out, nil
}

// comparison asks one way. Merges are left out, the newest commit comes first.
func (c *client) comparison(ctx context.Context, project, from, to string) (*gitlab.Compare, error) {
	got, _, err := c.api.Repositories.Compare(project, &gitlab.CompareOptions{From: &from, To: &to}, gitlab.WithContext(ctx))
	if err == nil && got == nil {
		err = errors.New("it holds nothing")
	}
	if err != nil {
		return nil, c.fail(ctx, err)
	}
	got.Commits = slices.DeleteFunc(got.Commits, func(k *gitlab.Commit) bool { return k == nil || len(k.ParentIDs) > 1 })
	// Servers list them oldest first; the order of the other way round stays.
	if n := len(got.Commits); n > 1 && first(got.Commits[0].CommittedDate).Before(first(got.Commits[n-1].CommittedDate)) {
		slices.Reverse(got.Commits)
	}
	return got, nil
}

// size counts files and lines. With two lines of commits GitLab counts from
// where they part; a large difference it does not show.
func size(c *gitlab.Compare, out *sources.Diff) {
	out.NoLines = c.CompareTimeout || out.Dropped > 0
	for _, f := range c.Diffs {
		if f == nil {
			continue
		}
		out.Files++
		added, removed := lines(f.Diff)
		out.Added += added
		out.Removed += removed
		if f.Diff == "" && !f.RenamedFile && (f.AMode == f.BMode || f.NewFile || f.DeletedFile) {
			out.NoLines = true
		}
	}
	if out.Back {
		out.Added, out.Removed = out.Removed, out.Added
	}
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
