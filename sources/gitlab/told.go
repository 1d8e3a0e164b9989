package gitlab

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/firstpage-oncall/firstpage/internal/forge"
	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// told is a deployment. The job that deploys knows when it began and ended; a
// deployment that was made by the API has none.
func (c *client) told(project string, d *gitlab.Deployment) forge.Deployment {
	job := d.Deployable
	out := forge.Deployment{
		ID: strconv.FormatInt(d.ID, 10), Ref: safe.Outside(d.Ref), SHA: safe.Outside(d.SHA), Tag: job.Tag,
		Started: first(job.StartedAt, d.CreatedAt), Log: safe.Outside(job.Pipeline.WebURL),
	}
	if d.Environment != nil {
		out.Env, out.Place = safe.Outside(d.Environment.Name), safe.Outside(d.Environment.ExternalURL)
	}
	if d.User != nil {
		out.Author = safe.Outside(d.User.Username)
	}
	if job.Commit != nil {
		out.Title = safe.Outside(strings.TrimSpace(job.Commit.Title))
	}
	if job.ID > 0 {
		out.Log = safe.Outside(fmt.Sprintf("%s/%s/-/jobs/%d", c.page, project, job.ID))
	}
	switch d.Status {
	case "running":
		out.State = forge.Running
	case "success":
		out.State = forge.Succeeded
	case "failed":
		out.State = forge.Failed
	case "canceled":
		out.State = forge.Failed
		if job.ID > 0 && job.StartedAt == nil {
			out.State = forge.Waiting // it was given up before it began
		}
	case "created", "blocked", "skipped":
		out.State = forge.Waiting
	}
	if out.State == forge.Succeeded || out.State == forge.Failed {
		out.Finished = first(job.FinishedAt, d.UpdatedAt)
	}
	return out
}

// first is the first time that is there, in UTC.
func first(ts ...*time.Time) time.Time {
	for _, t := range ts {
		if t != nil && !t.IsZero() {
			return t.UTC()
		}
	}
	return time.Time{}
}
