package github

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/go-github/v93/github"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// maxCommits is how many commits a Diff lists.
const maxCommits = 50

// comparePage is the largest page of commits that is asked for.
const comparePage = 100

// maxFiles is how many files GitHub tells of; there may be more.
const maxFiles = 300

// Compare asks what to has and from has not, and the other way round when that
// is nothing: then to is the older one.
func (c *client) Compare(ctx context.Context, project, from, to string) (sources.Diff, error) {
	first, err := c.comparison(ctx, project, from, to, 1)
	if err != nil {
		return sources.Diff{}, err
	}
	out := sources.Diff{}
	if first.GetAheadBy() == 0 && first.GetBehindBy() > 0 {
		out.Back, from, to = true, to, from
		if first, err = c.comparison(ctx, project, from, to, 1); err != nil {
			return sources.Diff{}, err
		}
	} else {
		out.Dropped = first.GetBehindBy()
	}
	out.CompareURL, out.Files = safe.Outside(first.GetHTMLURL()), len(first.Files)
	// With two lines of commits GitHub counts from where they part.
	out.NoLines = out.Files >= maxFiles || out.Dropped > 0
	for _, f := range first.Files {
		out.Added += f.GetAdditions()
		out.Removed += f.GetDeletions()
	}
	if out.Back {
		out.Added, out.Removed = out.Removed, out.Added
	}
	return out, c.commits(ctx, project, from, to, first, &out)
}

// commits fills in the commits. They come oldest first, so that the newest are
// on the last page; the first one is there.
func (c *client) commits(ctx context.Context, project, from, to string, first *github.CommitsComparison, out *sources.Diff) (err error) {
	out.Total = max(first.GetTotalCommits(), len(first.Commits))
	for page := (out.Total + comparePage - 1) / comparePage; page >= 1; page-- {
		at := first
		if page > 1 {
			if len(out.Commits) >= maxCommits {
				break
			}
			if at, err = c.comparison(ctx, project, from, to, page); err != nil {
				return err
			}
		}
		for _, k := range slices.Backward(at.Commits) {
			switch {
			case len(k.Parents) > 1: // a merge
				out.Total--
			case len(out.Commits) < maxCommits:
				out.Commits = append(out.Commits, commit(k))
			}
		}
	}
	return nil
}

// comparison is one page. Only the first has the files.
func (c *client) comparison(ctx context.Context, project, from, to string, page int) (*github.CommitsComparison, error) {
	owner, name, _ := strings.Cut(project, "/")
	got, _, err := c.api.Repositories.CompareCommits(ctx, owner, name, from, to, &github.ListOptions{Page: page, PerPage: comparePage})
	if err == nil && got == nil {
		err = errors.New("it holds nothing")
	}
	if err != nil {
		return nil, c.fail(ctx, err)
	}
	got.Commits = slices.DeleteFunc(got.Commits, func(k *github.RepositoryCommit) bool { return k == nil })
	return got, nil
}

func commit(k *github.RepositoryCommit) sources.Commit {
	title, _, _ := strings.Cut(k.GetCommit().GetMessage(), "\n")
	return sources.Commit{Revision: safe.Outside(k.GetSHA()), Title: safe.Outside(strings.TrimSpace(title)),
		Author: safe.Outside(k.GetCommit().GetAuthor().GetName()), At: k.GetCommit().GetCommitter().GetDate().UTC()}
}

// ComparePage is GitHub's page of the same.
func (c *client) ComparePage(project, from, to string) string {
	return c.page + "/" + project + "/compare/" + from + "..." + to
}
