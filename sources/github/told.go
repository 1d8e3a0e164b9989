package github

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v93/github"

	"github.com/firstpage-oncall/firstpage/internal/forge"
	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// told is a deployment with its statuses, newest first; nil: they were not
// asked for. It began with the first that says in_progress, or when it was
// made: tools that report only the end say no more.
func told(d *github.Deployment, statuses []*github.DeploymentStatus) forge.Deployment {
	out := forge.Deployment{
		ID: strconv.FormatInt(d.GetID(), 10), Env: safe.Outside(d.GetEnvironment()),
		Ref: safe.Outside(d.GetRef()), SHA: safe.Outside(d.GetSHA()), Started: d.GetCreatedAt().UTC(),
		Author: safe.Outside(d.GetCreator().GetLogin()), Title: safe.Outside(strings.TrimSpace(d.GetDescription())),
	}
	begun := false
	for _, s := range slices.Backward(statuses) {
		at, state := s.GetCreatedAt().UTC(), s.GetState()
		if state == "in_progress" && !begun {
			begun, out.Started = true, at
		}
		out.State, out.Finished = after(out.State, out.Finished, state, at)
		if u := cmp.Or(s.GetLogURL(), s.GetTargetURL()); u != "" {
			out.Log = safe.Outside(u)
		}
		if u := s.GetEnvironmentURL(); u != "" {
			out.Place = safe.Outside(u)
		}
	}
	return out
}

// after is the state and the end of a deployment once a status is added. What
// has succeeded stays so: "inactive" only says that something came after it.
func after(old forge.State, end time.Time, status string, at time.Time) (forge.State, time.Time) {
	if old == forge.Succeeded {
		return old, end
	}
	switch status {
	case "queued", "waiting":
		if old == forge.Unknown {
			return forge.Waiting, time.Time{}
		}
	case "pending", "in_progress":
		return forge.Running, time.Time{}
	case "success":
		return forge.Succeeded, at
	case "failure", "error":
		return forge.Failed, at
	case "inactive":
		if old == forge.Running || old == forge.Unknown {
			return forge.Unknown, at
		}
	}
	return old, end
}
