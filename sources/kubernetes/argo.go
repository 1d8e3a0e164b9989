package kubernetes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// application is an Application of Argo CD (argoproj.io/v1alpha1).
type application struct {
	Metadata meta `json:"metadata"`
	Spec     struct {
		Destination struct {
			Server    string `json:"server"`
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"destination"`
	} `json:"spec"`
	Status struct {
		History        []argoDeploy `json:"history"`
		OperationState struct {
			Phase     string `json:"phase"`
			Message   string `json:"message"`
			StartedAt stamp  `json:"startedAt"`
			Finished  stamp  `json:"finishedAt"`
			Operation struct {
				InitiatedBy initiator `json:"initiatedBy"`
			} `json:"operation"`
			SyncResult struct {
				Revision  string          `json:"revision"`
				Revisions []string        `json:"revisions"`
				Source    json.RawMessage `json:"source"`
				Sources   json.RawMessage `json:"sources"`
			} `json:"syncResult"`
		} `json:"operationState"`
		Summary struct {
			Images []string `json:"images"`
		} `json:"summary"`
		Resources []struct {
			Kind      string `json:"kind"`
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
		} `json:"resources"`
	} `json:"status"`
}

// argoDeploy is one entry of an Application's history.
type argoDeploy struct {
	ID          int64           `json:"id"`
	Revision    string          `json:"revision"`
	Revisions   []string        `json:"revisions"` // of an Application with several sources
	DeployedAt  stamp           `json:"deployedAt"`
	StartedAt   stamp           `json:"deployStartedAt"`
	InitiatedBy initiator       `json:"initiatedBy"`
	Source      json.RawMessage `json:"source"`
	Sources     json.RawMessage `json:"sources"`
}

type initiator struct {
	Username  string `json:"username"`
	Automated bool   `json:"automated"`
}

func (i initiator) String() string {
	if i.Username == "" && i.Automated {
		return "Argo CD (automated sync)"
	}
	return i.Username
}

// argoSource is where the manifests come from.
type argoSource struct {
	RepoURL string `json:"repoURL"`
	Chart   string `json:"chart"`
	Path    string `json:"path"`
}

func (d argoDeploy) sources() []argoSource {
	var list []argoSource
	if json.Unmarshal(d.Sources, &list) == nil && len(list) > 0 {
		return list
	}
	var one argoSource
	if json.Unmarshal(d.Source, &one) == nil && one.RepoURL != "" {
		return []argoSource{one}
	}
	return nil
}

// revisions are those of all sources, in their order.
func (d argoDeploy) revisions() []string {
	if len(d.Revisions) > 0 {
		return d.Revisions
	}
	if d.Revision != "" {
		return []string{d.Revision}
	}
	return nil
}

// state is what was deployed: sources with their settings, and revisions.
func (d argoDeploy) state() string {
	return string(d.Source) + "\x00" + string(d.Sources) + "\x00" + strings.Join(d.revisions(), "\x00")
}

// local reports whether an Application deploys to the cluster that it is in.
func (a *application) local() bool {
	d := a.Spec.Destination
	return d.Server == "https://kubernetes.default.svc" || d.Server == "" && (d.Name == "in-cluster" || d.Name == "")
}

// applied is a change that Argo CD or Flux tells of.
type applied struct {
	sources.Change
	by applier
}

// argo are the changes of an Application, oldest first.
func (s *Source) argo(a *application) []applied {
	history := slices.Clone(a.Status.History)
	slices.SortStableFunc(history, func(x, y argoDeploy) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), x.DeployedAt.Compare(y.DeployedAt.Time))
	})
	var out []applied
	states := map[string]bool{}
	for i, d := range history {
		began := cmp.Or(d.StartedAt.Time, d.DeployedAt.Time)
		var before *argoDeploy
		if i > 0 {
			before = &history[i-1]
		}
		again := states[d.state()]
		states[d.state()] = true
		if began.IsZero() {
			continue
		}
		c := s.argoChange(a, d, before, again)
		c.ID = sources.Digest(KindName, s.opt.Cluster, a.Metadata.UID, "history", strconv.FormatInt(d.ID, 10), strconv.FormatInt(began.Unix(), 10))
		c.StartedAt, c.State = began, sources.Done
		if !d.DeployedAt.Before(began) {
			c.FinishedAt = d.DeployedAt.Time
		}
		if i == len(history)-1 && c.Version.Empty() {
			c.Version = safe.Outside(a.version())
		}
		out = append(out, applied{c, a.applier()})
	}
	if c, ok := s.argoOperation(a, history); ok {
		out = append(out, applied{c, a.applier()})
	}
	return out
}

func (a *application) applier() applier {
	return applier{"Application", a.Metadata.Namespace, a.Metadata.Name}
}

// argoChange is what an entry of the history says, but for its times. again:
// the same had been deployed before.
func (s *Source) argoChange(a *application, d argoDeploy, before *argoDeploy, again bool) sources.Change {
	m := &a.Metadata
	c := s.change(m.service(s.opt.ServiceLabels), a.Spec.Destination.Namespace, sources.Deploy)
	c.Author = safe.Outside(d.InitiatedBy.String())
	set := func(revision string, chart bool, version, rev *safe.Value) {
		if chart {
			*version = safe.Outside(revision)
		} else {
			*rev = safe.Outside(revision)
		}
	}
	var old []string
	if before != nil {
		old = before.revisions()
	}
	i, chart := d.leading(old)
	if now := d.revisions(); i < len(now) {
		set(now[i], chart, &c.Version, &c.Revision)
	}
	if i < len(old) {
		set(old[i], chart, &c.FromVersion, &c.FromRevision)
	}
	what := ""
	switch {
	case before == nil:
	case before.state() == d.state():
		c.Kind, c.Title = sources.Config, safe.Outside("synced again: what was changed by hand is undone")
		what = "The revision and the settings are those of the sync before."
	case again:
		c.Kind = sources.Rollback
		what = "The same had been deployed before."
	case slices.Equal(old, d.revisions()):
		c.Kind, c.Title = sources.Config, safe.Outside("settings of the Application's source")
		what = "The revision is that of the sync before; the settings of the source are not."
	}
	c.Evidence = say("Argo CD: Application "+m.Namespace+"/"+m.Name+", "+d.where()+".", what)
	if !a.local() {
		c.Cluster = "" // it deploys to another one, whose name here is not known
		c.Env = safe.Outside(shown(cmp.Or(a.Spec.Destination.Name, a.Spec.Destination.Server)))
		c.Evidence = append(c.Evidence, say("It deploys to another cluster.")...)
	}
	return c
}

// leading is the source whose revision says most: the first that changed, else
// the first; and whether it is a chart of Helm, which has versions.
func (d argoDeploy) leading(old []string) (int, bool) {
	now, at := d.revisions(), 0
	for i := range now {
		if i < len(old) && old[i] != now[i] {
			at = i
			break
		}
	}
	list := d.sources()
	return at, at < len(list) && list[at].Chart != ""
}

// where names the sources and their revisions.
func (d argoDeploy) where() string {
	var out []string
	list := d.sources()
	for i, r := range d.revisions() {
		from := ""
		if i < len(list) {
			from = " of " + shown(strings.TrimSuffix(list[i].RepoURL, ".git"))
			if list[i].Chart != "" {
				from = " of chart " + list[i].Chart
			}
		}
		out = append(out, sources.ShortRevision(r)+from)
	}
	if len(out) == 0 {
		return "no revision"
	}
	return "revision " + enumerate(out, maxDiffers)
}

// version is the tag of the image that is the Application's own.
func (a *application) version() string {
	images := a.Status.Summary.Images
	for _, i := range images {
		name, _, _ := strings.Cut(short(i), ":")
		if name[strings.LastIndexByte(name, '/')+1:] == a.Metadata.Name {
			return tag(i)
		}
	}
	if len(images) == 1 {
		return tag(images[0])
	}
	return ""
}

// argoOperation is a sync that is running or has failed: it is not in the
// history.
func (s *Source) argoOperation(a *application, history []argoDeploy) (sources.Change, bool) {
	op := a.Status.OperationState
	state := map[string]sources.ChangeState{
		"Running": sources.Running, "Terminating": sources.Running, "Failed": sources.Failed, "Error": sources.Failed,
	}[op.Phase]
	d := argoDeploy{Revision: op.SyncResult.Revision, Revisions: op.SyncResult.Revisions,
		Source: op.SyncResult.Source, Sources: op.SyncResult.Sources, InitiatedBy: op.Operation.InitiatedBy}
	if state == "" || op.StartedAt.IsZero() || len(d.revisions()) == 0 {
		return sources.Change{}, false
	}
	var before *argoDeploy
	again := false
	if n := len(history); n > 0 {
		before = &history[n-1]
		again = slices.ContainsFunc(history, func(h argoDeploy) bool { return h.state() == d.state() })
	}
	c := s.argoChange(a, d, before, again)
	c.ID = sources.Digest(KindName, s.opt.Cluster, a.Metadata.UID, "operation", op.StartedAt.Format(time.RFC3339))
	c.StartedAt, c.State = op.StartedAt.Time, state
	if state == sources.Failed && !op.Finished.Before(op.StartedAt.Time) {
		c.FinishedAt = op.Finished.Time
	}
	if op.Message != "" {
		c.Evidence = append(c.Evidence, say(fmt.Sprintf("Argo CD says: %s", shown(op.Message)))...)
	}
	return c, true
}
