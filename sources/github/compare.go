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

// Compare asks for the first page, which alone has the files (at most 300, as
// GitHub counts), and, as commits come oldest first, for the last.
func (c *client) Compare(ctx context.Context, project, from, to string) (sources.Diff, error) {
	owner, name, _ := strings.Cut(project, "/")
	ask := func(page int) (*github.CommitsComparison, error) {
		got, _, err := c.api.Repositories.CompareCommits(ctx, owner, name, from, to, &github.ListOptions{Page: page, PerPage: comparePage})
		if err == nil && got == nil {
			err = errors.New("it holds nothing")
		}
		return got, c.fail(ctx, err)
	}
	first, err := ask(1)
	if err != nil {
		return sources.Diff{}, err
	}
	out := sources.Diff{Total: max(first.GetTotalCommits(), len(first.Commits)), Files: len(first.Files), CompareURL: safe.Outside(first.GetHTMLURL())}
	for _, f := range first.Files {
		out.Added += f.GetAdditions()
		out.Removed += f.GetDeletions()
	}
	last := (out.Total + comparePage - 1) / comparePage
	for page := last; page >= 1 && len(out.Commits) < maxCommits; page-- {
		at := first
		if page > 1 {
			if at, err = ask(page); err != nil {
				return sources.Diff{}, err
			}
			if len(at.Commits) == 0 {
				break // it counts otherwise than it lists
			}
		}
		for _, k := range slices.Backward(at.Commits) {
			if len(out.Commits) < maxCommits {
				out.Commits = append(out.Commits, commit(k))
			}
		}
	}
	return out, nil
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
