package gitlab

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/firstpage-oncall/firstpage/internal/forge"
	"github.com/firstpage-oncall/firstpage/internal/web"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	perPage  = 50
	maxPages = 4
	// before is how many successful deployments of an environment are read to
	// know what ran before, and before that.
	before = 20
	// maxBefore is of how many environments that is asked: with all of them,
	// hundreds may be previews of branches.
	maxBefore = 5
)

// client asks GitLab.
type client struct {
	web  *web.Client
	api  *gitlab.Client
	page string // the address of projects for people
}

var _ forge.Host = (*client)(nil)

// noLimit keeps the library from slowing us down: internal/web heeds what the
// server says of its limit.
type noLimit struct{}

func (noLimit) Wait(context.Context) error { return nil }

func newClient(o web.Options) (*client, error) {
	w, err := web.New(o)
	if err != nil {
		return nil, err
	}
	base := strings.TrimRight(w.Address().Query(), "/")
	api, err := gitlab.NewAuthSourceClient(gitlab.Unauthenticated{}, // internal/web has the token
		gitlab.WithHTTPClient(w.API()), gitlab.WithBaseURL(base), gitlab.WithUserAgent("firstpage"), gitlab.WithoutRetries(),
		gitlab.WithCustomLimiter(noLimit{}), gitlab.WithURLWarningLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, w.Fail(context.Background(), nil, err)
	}
	return &client{web: w, api: api, page: strings.TrimSuffix(base, "/api/v4")}, nil
}

// fail is the *sources.Error of what the library gave back.
func (c *client) fail(ctx context.Context, err error) error {
	err = c.web.APIError(ctx, err)
	var e *sources.Error
	if errors.As(err, &e) && e.Kind == sources.NotFound {
		e.Hint = "check the path; a private project that the token may not read is not found either"
	}
	return err
}

// Environments names the first hundred.
func (c *client) Environments(ctx context.Context, project string) ([]string, error) {
	got, _, err := c.api.Environments.ListEnvironments(project,
		&gitlab.ListEnvironmentsOptions{ListOptions: gitlab.ListOptions{PerPage: 100}}, gitlab.WithContext(ctx))
	if err != nil {
		return nil, c.fail(ctx, err)
	}
	var out []string
	for _, e := range got {
		if e != nil {
			out = append(out, e.Name)
		}
	}
	return out, nil
}

// Deployments lists what was made or has moved since, whatever its state, and
// what succeeded last in the environment, or in those of the former.
//
// GitLab gives those of a time only by its last update with that order, or by
// the end of the successful ones: a deployment that runs or has failed is seen
// by the former alone (https://docs.gitlab.com/api/deployments/).
func (c *client) Deployments(ctx context.Context, project, env string, since time.Time) (forge.Deployments, error) {
	// By the hour, so that the address stays and its ETag with it.
	after := since.UTC().Truncate(time.Hour)
	o := gitlab.ListProjectDeploymentsOptions{OrderBy: gitlab.Ptr("updated_at"), Sort: gitlab.Ptr("desc"), UpdatedAfter: &after,
		ListOptions: gitlab.ListOptions{PerPage: perPage}}
	if env != "" {
		o.Environment = &env
	}
	recent, cut, err := c.pages(ctx, project, o)
	if err != nil {
		return forge.Deployments{}, err
	}
	out := forge.Deployments{Cut: cut}
	seen := map[int64]bool{}
	add := func(ds []*gitlab.Deployment) {
		for _, d := range ds {
			if d != nil && d.CreatedAt != nil && !seen[d.ID] {
				seen[d.ID] = true
				out.Items = append(out.Items, c.told(project, d))
			}
		}
	}
	add(recent)
	names := environments(recent)
	if env != "" || len(names) == 0 {
		names = []string{env} // also when it is quiet: the last one is told however old it is
	}
	for _, name := range names {
		o := gitlab.ListProjectDeploymentsOptions{OrderBy: gitlab.Ptr("id"), Sort: gitlab.Ptr("desc"), Status: gitlab.Ptr("success"),
			ListOptions: gitlab.ListOptions{PerPage: before}}
		if name != "" {
			o.Environment = &name
		}
		got, _, err := c.api.Deployments.ListProjectDeployments(project, &o, gitlab.WithContext(ctx))
		if err != nil {
			return forge.Deployments{}, c.fail(ctx, err)
		}
		add(got)
	}
	return out, nil
}

// environments are those of the deployments, the latest first, at most maxBefore.
func environments(ds []*gitlab.Deployment) []string {
	var out []string
	seen := map[string]bool{}
	for _, d := range ds {
		if d == nil || d.Environment == nil || seen[d.Environment.Name] || len(out) == maxBefore {
			continue
		}
		seen[d.Environment.Name] = true
		out = append(out, d.Environment.Name)
	}
	return out
}

// pages reads the pages of a listing. cut says that there are more.
func (c *client) pages(ctx context.Context, project string, o gitlab.ListProjectDeploymentsOptions) (all []*gitlab.Deployment, cut bool, err error) {
	options := []gitlab.RequestOptionFunc{gitlab.WithContext(ctx)}
	for range maxPages {
		got, res, err := c.api.Deployments.ListProjectDeployments(project, &o, options...)
		if err != nil {
			return nil, false, c.fail(ctx, err)
		}
		all = append(all, got...)
		next, more := gitlab.WithNext(res)
		if !more {
			return all, false, nil
		}
		options = []gitlab.RequestOptionFunc{gitlab.WithContext(ctx), next}
	}
	return all, true, nil
}
