package github

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v93/github"
	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/forge"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	perPage  = 30
	maxPages = 5
	// lookBack is how many deployments of an environment before the time that
	// is asked for are looked at: one of them is what was replaced.
	lookBack = 3
	// maxAsked is how many deployments of a repository are asked for their
	// states in one refresh, newest first. The next refresh goes on.
	maxAsked = 40
	// atOnce is how many of them are asked at once.
	atOnce = 3
)

// client asks GitHub.
type client struct {
	web  *web.Client
	api  *github.Client
	page string // the address of repositories for people

	mu    sync.Mutex
	ended map[string]map[int64]ended // repository -> deployment
}

// ended is a deployment that needs no second look as long as GitHub says that
// nothing has been added to it.
type ended struct {
	updated time.Time
	told    forge.Deployment
}

var _ forge.Host = (*client)(nil)

func newClient(o web.Options) (*client, error) {
	w, err := web.New(o)
	if err != nil {
		return nil, err
	}
	base := strings.TrimRight(w.Address().Query(), "/")
	u, err := url.Parse(base)
	if err != nil {
		return nil, w.Fail(context.Background(), nil, err)
	}
	if u.Path == "" && !strings.HasPrefix(u.Host, "api.") {
		base += "/api/v3" // where every GitHub Enterprise server has it
	}
	slashed := base + "/"
	api, err := github.NewClient(github.WithHTTPClient(w.API()), github.WithURLs(&slashed, nil),
		github.WithUserAgent("firstpage"), github.WithDisableRateLimitCheck())
	if err != nil {
		return nil, w.Fail(context.Background(), nil, err)
	}
	return &client{web: w, api: api, page: pages(base), ended: map[string]map[int64]ended{}}, nil
}

// pages is where people look at what the API at base tells.
func pages(base string) string {
	if host, ok := strings.CutPrefix(base, "https://api."); ok {
		return "https://" + host
	}
	return strings.TrimSuffix(base, "/api/v3")
}

// fail is the *sources.Error of what the library gave back.
func (c *client) fail(ctx context.Context, err error) error {
	err = c.web.APIError(ctx, err)
	var e *sources.Error
	if errors.As(err, &e) && e.Kind == sources.NotFound {
		e.Hint = "check the name; a private repository that the token may not read is not found either"
	}
	return err
}

// Environments names those of the newest hundred deployments.
func (c *client) Environments(ctx context.Context, project string) ([]string, error) {
	owner, name, _ := strings.Cut(project, "/")
	got, _, err := c.api.Repositories.ListDeployments(ctx, owner, name,
		&github.DeploymentsListOptions{ListOptions: github.ListOptions{PerPage: 100}})
	if err != nil {
		return nil, c.fail(ctx, err)
	}
	var out []string
	seen := map[string]bool{}
	for _, d := range got {
		if n := d.GetEnvironment(); n != "" && !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out, nil
}

// Deployments lists those that were made since, and the rest of the page on
// which the oldest of them stands.
func (c *client) Deployments(ctx context.Context, project, env string, since time.Time) (forge.Deployments, error) {
	listed, cut, err := c.list(ctx, project, env, since)
	if err != nil {
		return forge.Deployments{}, err
	}
	out := forge.Deployments{Items: make([]forge.Deployment, len(listed)), Cut: cut}
	before := c.remembered(project)
	var g errgroup.Group
	g.SetLimit(atOnce)
	asked, older := 0, map[string]int{}
	for i, d := range listed {
		if e, ok := before[d.GetID()]; ok && e.updated.Equal(d.GetUpdatedAt().Time) {
			out.Items[i] = e.told
			continue
		}
		out.Items[i] = told(d, nil)
		if d.GetCreatedAt().Before(since) {
			if older[d.GetEnvironment()]++; older[d.GetEnvironment()] > lookBack {
				continue
			}
		}
		if asked++; asked > maxAsked {
			continue
		}
		g.Go(func() error {
			states, err := c.states(ctx, project, d.GetID())
			if err == nil {
				out.Items[i] = told(d, states)
			}
			return err
		})
	}
	err = g.Wait()
	// Also of a refresh that was cut short: the next one goes on from there.
	next := make(map[int64]ended, len(listed))
	for i, d := range listed {
		if t := out.Items[i]; !t.Finished.IsZero() {
			next[d.GetID()] = ended{d.GetUpdatedAt().Time, t}
		}
	}
	c.remember(project, next)
	if err != nil {
		return forge.Deployments{}, err
	}
	return out, nil
}

func (c *client) remembered(project string) map[int64]ended {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended[project]
}

func (c *client) remember(project string, e map[int64]ended) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended[project] = e
}

// list pages through the listing, newest first, until it is older than since.
func (c *client) list(ctx context.Context, project, env string, since time.Time) (all []*github.Deployment, cut bool, err error) {
	owner, name, _ := strings.Cut(project, "/")
	o := &github.DeploymentsListOptions{Environment: env, ListOptions: github.ListOptions{PerPage: perPage}}
	for page := 1; ; page++ {
		got, res, err := c.api.Repositories.ListDeployments(ctx, owner, name, o)
		if err != nil {
			return nil, false, c.fail(ctx, err)
		}
		for _, d := range got {
			if d != nil && !d.GetCreatedAt().IsZero() {
				all = append(all, d)
			}
		}
		switch {
		case res.NextPage == 0, len(all) > 0 && all[len(all)-1].GetCreatedAt().Before(since):
			return all, false, nil
		case page == maxPages:
			return all, true, nil
		}
		o.Page = res.NextPage
	}
}

// states are the statuses of a deployment, newest first.
func (c *client) states(ctx context.Context, project string, id int64) ([]*github.DeploymentStatus, error) {
	owner, name, _ := strings.Cut(project, "/")
	got, _, err := c.api.Repositories.ListDeploymentStatuses(ctx, owner, name, id, &github.ListOptions{PerPage: 100})
	err = c.fail(ctx, err)
	if sources.IsKind(err, sources.NotFound) { // deleted since it was listed
		return nil, nil
	}
	return got, err
}
