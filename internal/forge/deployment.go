package forge

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// State is how far a deployment has come.
type State string

// The states of a deployment.
const (
	Unknown   State = ""          // the forge was not asked, or does not say
	Waiting   State = "waiting"   // nothing has begun: queued, or somebody must approve
	Running   State = "running"   // begun and not ended
	Succeeded State = "succeeded" // it was what ran then; by now something else may
	Failed    State = "failed"    // begun and given up: it may have changed something
)

// Deployment is one deployment as a forge tells it.
type Deployment struct {
	ID       string // unique within its project
	Env      safe.Value
	Ref, SHA safe.Value // what was asked for (a branch, a tag, a revision), and which revision that was
	Tag      bool       // Ref is known to be a tag
	State    State
	Started  time.Time // when it could first do harm; never zero
	Finished time.Time // zero: not finished
	Author   safe.Value
	Title    safe.Value // what it says of itself; may be empty
	Log      safe.Value // the page of the run
	Place    safe.Value // the page of what was deployed
}

// Deployments is an answer of a Host.
type Deployments struct {
	Items []Deployment // in any order
	Cut   bool         // there are older ones in the time that was asked for
}

// Host asks one forge. Its errors are *sources.Error. It is safe for concurrent
// use.
type Host interface {
	// Deployments lists the deployments of a project to one environment (as
	// the forge writes it; empty: to all) that may have begun at or after
	// since, and some that came before.
	Deployments(ctx context.Context, project, env string, since time.Time) (Deployments, error)
	// Environments lists the names of a project's environments.
	Environments(ctx context.Context, project string) ([]string, error)
	// Compare tells what lies between two revisions, newest commit first.
	// NotFound: the project does not have one of them.
	Compare(ctx context.Context, project, from, to string) (sources.Diff, error)
	// ComparePage is where people see that.
	ComparePage(project, from, to string) string
}

// history turns the deployments of a project into changes: what each replaced,
// and whether that goes back to a revision that had run before. A deployment
// that has not begun is none. It sorts items by their beginning.
func (s *Source) history(p Project, items []Deployment) []sources.Change {
	type past struct {
		current *Deployment     // what runs before the next one
		ran     map[string]bool // revisions that have run before current
	}
	envs := map[string]*past{}
	out := make([]sources.Change, 0, len(items))
	slices.SortStableFunc(items, func(a, b Deployment) int { return a.Started.Compare(b.Started) })
	for i := range items {
		d := &items[i]
		if d.State == Waiting {
			continue
		}
		h := envs[d.Env.Raw()]
		if h == nil {
			h = &past{ran: map[string]bool{}}
			envs[d.Env.Raw()] = h
		}
		back := h.current != nil && h.current.SHA != d.SHA && h.ran[d.SHA.Raw()]
		out = append(out, s.change(p, d, h.current, back))
		if d.State == Succeeded || d.State == Unknown {
			if h.current != nil {
				h.ran[h.current.SHA.Raw()] = true
			}
			h.current = d
		}
	}
	return out
}

// change is one deployment as a change. from is what it replaced; nil: not known.
func (s *Source) change(p Project, d, from *Deployment, back bool) sources.Change {
	c := sources.Change{
		ID: safe.Text(p.Path + "/" + d.ID), Source: s.id, Kind: sources.Deploy, Service: p.Service, Env: d.Env,
		Version: d.version(), Revision: d.SHA, StartedAt: d.Started, FinishedAt: d.Finished, State: stateOf(d.State),
		Author: d.Author, Title: d.Title, URL: d.Log,
	}
	if c.Title.Empty() {
		c.Title = d.Ref
	}
	if c.FinishedAt.Before(c.StartedAt) {
		c.FinishedAt = time.Time{}
	}
	if back {
		c.Kind = sources.Rollback
	}
	if from != nil {
		c.FromRevision, c.FromVersion = from.SHA, from.version()
		if c.URL.Empty() && from.SHA != d.SHA && isRevision(from.SHA.Raw()) && isRevision(d.SHA.Raw()) {
			c.URL = safe.Outside(s.host.ComparePage(p.Path, from.SHA.Raw(), d.SHA.Raw()))
		}
	}
	if c.URL.Empty() {
		c.URL = d.Place
	}
	c.Evidence = s.evidence(p, d, from, back)
	return c
}

func stateOf(s State) sources.ChangeState {
	switch s {
	case Running:
		return sources.Running
	case Succeeded:
		return sources.Done
	case Failed:
		return sources.Failed
	}
	return ""
}

// evidence says how we know.
func (s *Source) evidence(p Project, d, from *Deployment, back bool) []safe.Value {
	text := "deployment " + d.ID + " of " + p.Path
	if env := d.Env.String(); env != "" {
		text += " to " + env
	}
	if ref := d.Ref.String(); ref != "" && ref != d.SHA.String() {
		text += ", from " + ref
	}
	out := []safe.Value{safe.Outside(text)}
	switch {
	case back:
		out = append(out, safe.Outside("this revision had run before the one that it replaced"))
	case from != nil && from.SHA == d.SHA:
		out = append(out, safe.Outside("the same revision was deployed again"))
	}
	return out
}

// versionLike are names as versions have them, not branches: two numbers with a
// dot between them, or nothing but a number.
var versionLike = regexp.MustCompile(`[0-9]\.[0-9]|^v?[0-9]+$`)

// version is the tag that was deployed; empty when it was a branch or a revision.
func (d *Deployment) version() safe.Value {
	ref := d.Ref.Raw()
	name, tagged := strings.CutPrefix(ref, "refs/tags/")
	switch {
	case tagged, d.Tag:
		return safe.Outside(name)
	case strings.HasPrefix(ref, "refs/"), ref == d.SHA.Raw(), !versionLike.MatchString(ref):
		return safe.Value{}
	}
	return d.Ref
}

// maxRevision is longer than any hash or name of a tag that people write, in
// bytes.
const maxRevision = 128

// isRevision reports whether a text may be asked about: what other sources say
// is a revision is outside text.
func isRevision(s string) bool {
	return len(s) <= maxRevision && isWord(s, "._/+@-") && !strings.Contains(s, "..") && s[0] != '-' && s[0] != '/'
}
