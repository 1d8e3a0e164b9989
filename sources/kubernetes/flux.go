package kubernetes

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// helmRelease is a HelmRelease of Flux (helm.toolkit.fluxcd.io, v2 and
// v2beta2; v2beta1 has no history).
type helmRelease struct {
	Metadata meta `json:"metadata"`
	Spec     struct {
		TargetNamespace string    `json:"targetNamespace"`
		KubeConfig      *struct{} `json:"kubeConfig"`
	} `json:"spec"`
	Status struct {
		Conditions          []condition    `json:"conditions"`
		History             []helmSnapshot `json:"history"`
		LastAppliedRevision string         `json:"lastAppliedRevision"`
	} `json:"status"`
}

// helmSnapshot is one release that was made.
type helmSnapshot struct {
	Version       int64  `json:"version"`
	ChartName     string `json:"chartName"`
	ChartVersion  string `json:"chartVersion"`
	AppVersion    string `json:"appVersion"`
	ConfigDigest  string `json:"configDigest"`
	FirstDeployed stamp  `json:"firstDeployed"`
	LastDeployed  stamp  `json:"lastDeployed"`
	Status        string `json:"status"`
}

func (h helmSnapshot) same(o helmSnapshot) bool {
	return h.ChartName == o.ChartName && h.ChartVersion == o.ChartVersion && h.AppVersion == o.AppVersion && h.ConfigDigest == o.ConfigDigest
}

// helm are the changes of a HelmRelease, oldest first.
func (s *Source) helm(h *helmRelease, now time.Time) []applied {
	m := &h.Metadata
	by := applier{"HelmRelease", m.Namespace, m.Name}
	history := slices.Clone(h.Status.History)
	slices.SortStableFunc(history, func(a, b helmSnapshot) int { return cmp.Compare(a.Version, b.Version) })
	var out []applied
	for i, r := range history {
		if r.LastDeployed.IsZero() {
			continue
		}
		c := s.change(m.service(s.opt.ServiceLabels), cmp.Or(h.Spec.TargetNamespace, m.Namespace), sources.Deploy)
		c.ID = sources.Digest(KindName, s.opt.Cluster, m.UID, "release", strconv.FormatInt(r.Version, 10), strconv.FormatInt(r.LastDeployed.Unix(), 10))
		c.StartedAt = r.LastDeployed.Time
		c.State = helmState(r.Status)
		c.Version = safe.Outside(cmp.Or(r.AppVersion, r.ChartVersion))
		first := fmt.Sprintf("Flux: HelmRelease %s/%s, release %d: chart %s %s", m.Namespace, m.Name, r.Version, r.ChartName, r.ChartVersion)
		if r.AppVersion != "" {
			first += ", app " + r.AppVersion
		}
		c.Evidence = say(clip(first) + ".")
		if i > 0 {
			against(&c, r, history[i-1], slices.ContainsFunc(history[:i], r.same))
		}
		if r.Status == "uninstalled" || r.Status == "uninstalling" {
			c.Kind, c.Title = sources.Infra, safe.Outside("release uninstalled")
		}
		if ready := find(h.Status.Conditions, "Ready"); i == len(history)-1 && c.State == sources.Failed && ready.Status == "False" {
			c.Evidence = append(c.Evidence, say("Flux says: "+shown(ready.Message))...)
		}
		out = append(out, applied{s.elsewhere(c, h.Spec.KubeConfig != nil), by})
	}
	if len(history) == 0 {
		base := s.elsewhere(s.change(m.service(s.opt.ServiceLabels), cmp.Or(h.Spec.TargetNamespace, m.Namespace), sources.Deploy), h.Spec.KubeConfig != nil)
		return s.lastApplied(base, m, h.Status.LastAppliedRevision, by, now)
	}
	return out
}

// against says what a release changed. again: the same was released before.
func against(c *sources.Change, r, before helmSnapshot, again bool) {
	c.FromVersion = safe.Outside(cmp.Or(before.AppVersion, before.ChartVersion))
	if r.AppVersion == before.AppVersion && r.ChartVersion != before.ChartVersion { // the same program, packed anew
		c.Version, c.FromVersion = safe.Outside(r.ChartVersion), safe.Outside(before.ChartVersion)
	}
	what := "The chart was " + before.ChartName + " " + before.ChartVersion + " before."
	switch {
	case r.same(before):
		c.Kind, c.Title = sources.Config, safe.Outside("released again: the same chart and values")
		what = "Chart and values are those of the release before."
	case again:
		c.Kind = sources.Rollback
		what += " The same chart and values had been released earlier."
	case r.ChartVersion == before.ChartVersion && r.ChartName == before.ChartName:
		c.Kind, c.Title = sources.Config, safe.Outside("the values of the chart")
		what = "The chart is that of the release before; its values are not (config digest)."
	}
	c.Evidence = append(c.Evidence, say(clip(what))...)
}

func helmState(status string) sources.ChangeState {
	switch {
	case status == "deployed" || status == "superseded" || status == "uninstalled":
		return sources.Done
	case status == "failed":
		return sources.Failed
	case strings.HasPrefix(status, "pending") || status == "uninstalling":
		return sources.Running
	}
	return ""
}

// kustomization is a Kustomization of Flux (kustomize.toolkit.fluxcd.io, v1
// and v1beta2). The history came with Flux 2.7.
type kustomization struct {
	Metadata meta `json:"metadata"`
	Spec     struct {
		TargetNamespace string    `json:"targetNamespace"`
		KubeConfig      *struct{} `json:"kubeConfig"`
	} `json:"spec"`
	Status struct {
		Conditions          []condition         `json:"conditions"`
		LastAppliedRevision string              `json:"lastAppliedRevision"`
		History             []kustomizeSnapshot `json:"history"`
	} `json:"status"`
}

// kustomizeSnapshot is a set of manifests that was applied. The same set
// applied again is the same entry, with a later LastReconciled. Times are of the
// end: the objects are healthy then, if that is waited for.
type kustomizeSnapshot struct {
	Digest          string            `json:"digest"`
	FirstReconciled stamp             `json:"firstReconciled"`
	LastReconciled  stamp             `json:"lastReconciled"`
	Duration        string            `json:"lastReconciledDuration"`
	Total           int64             `json:"totalReconciliations"`
	Status          string            `json:"lastReconciledStatus"`
	Metadata        map[string]string `json:"metadata"`
}

// kustomize are the changes of a Kustomization, oldest first.
func (s *Source) kustomize(k *kustomization, now time.Time) []applied {
	m := &k.Metadata
	by := applier{"Kustomization", m.Namespace, m.Name}
	away := k.Spec.KubeConfig != nil
	if len(k.Status.History) == 0 {
		base := s.elsewhere(s.change(m.service(s.opt.ServiceLabels), k.Spec.TargetNamespace, sources.Deploy), away)
		return s.lastApplied(base, m, k.Status.LastAppliedRevision, by, now)
	}
	history := slices.Clone(k.Status.History)
	slices.SortStableFunc(history, func(a, b kustomizeSnapshot) int { return a.LastReconciled.Compare(b.LastReconciled.Time) })
	seen, _ := s.memory.see(m.UID, history[len(history)-1].Digest, -1, now)
	var out []applied
	for i, r := range history {
		began, ok := r.first()
		var before *kustomizeSnapshot
		if i > 0 {
			before = &history[i-1]
		}
		back := before != nil && r.FirstReconciled.Before(before.FirstReconciled.Time)
		if back {
			began, ok = s.memory.start(turnID{m.UID, r.Digest + before.Digest}, func() (moment, bool) { return r.again(*before, seen.since) })
		}
		if !ok {
			continue
		}
		c := s.change(m.service(s.opt.ServiceLabels), k.Spec.TargetNamespace, sources.Deploy)
		c.ID = sources.Digest(KindName, s.opt.Cluster, m.UID, r.Digest, strconv.FormatInt(began.at.Unix(), 10))
		c.StartedAt = began.at
		c.State = sources.Done
		if !back {
			c.FinishedAt = r.FirstReconciled.Time
		}
		if r.Status != "" && !strings.Contains(r.Status, "Succeeded") {
			c.State = sources.Failed
		}
		now := r.Metadata["revision"]
		c.Revision = safe.Outside(commit(now))
		what := ""
		if before != nil {
			was := before.Metadata["revision"]
			c.FromRevision = safe.Outside(commit(was))
			switch {
			case back:
				c.Kind, what = sources.Rollback, "The same manifests had been applied before."
			case was == now:
				c.Kind, c.Title = sources.Config, safe.Outside("the same revision gave other manifests")
			}
		}
		c.Evidence = say("Flux: Kustomization "+m.Namespace+"/"+m.Name+", revision "+clip(shortened(now))+".", what, began.how)
		if ready := find(k.Status.Conditions, "Ready"); c.State == sources.Failed && i == len(history)-1 && ready.Status == "False" {
			c.Evidence = append(c.Evidence, say("Flux says: "+shown(ready.Message))...)
		}
		out = append(out, applied{s.elsewhere(c, away), by})
	}
	return out
}

// first is when manifests were applied for the first time.
func (r kustomizeSnapshot) first() (moment, bool) {
	end := r.FirstReconciled.Time
	if took, err := time.ParseDuration(r.Duration); err == nil && took > 0 && r.Total == 1 {
		return moment{at: end.Add(-took)}, !end.IsZero()
	}
	return moment{end, "It began before " + clock(end) + " UTC, when Flux had first applied these manifests."}, !end.IsZero()
}

// again is when manifests were applied that had been applied before.
func (r kustomizeSnapshot) again(before kustomizeSnapshot, seen span) (moment, bool) {
	switch {
	case seen.near():
		return moment{seen.from, "Seen " + seen.String() + "."}, true
	case before.LastReconciled.IsZero():
		return moment{}, false
	}
	at := before.LastReconciled.Time
	return moment{at, "It began after " + clock(at) + " UTC, when Flux had last applied the manifests before it, and not later than " + clock(r.LastReconciled.Time) + "."}, true
}

// lastApplied is the change of an object without a history, seen between two
// polls. Its condition Ready says nothing of when: it is written anew with each
// reconciliation. c is what is known without.
func (s *Source) lastApplied(c sources.Change, m *meta, revision string, by applier, now time.Time) []applied {
	if revision == "" {
		return nil
	}
	seen, _ := s.memory.see(m.UID, revision, -1, now)
	if seen.since.from.IsZero() {
		return nil
	}
	c.ID = sources.Digest(KindName, s.opt.Cluster, m.UID, revision, strconv.FormatInt(seen.since.from.Unix(), 10))
	c.StartedAt, c.State = seen.since.from, sources.Done
	if by.kind == "HelmRelease" { // of the chart
		c.Version, c.FromVersion = safe.Outside(revision), safe.Outside(seen.before)
	} else {
		c.Revision, c.FromRevision = safe.Outside(commit(revision)), safe.Outside(commit(seen.before))
	}
	c.Evidence = append(say("Flux: "+by.kind+" "+m.Namespace+"/"+m.Name+", revision "+clip(shortened(revision))+".", "Seen "+seen.since.String()+"."), c.Evidence...)
	return []applied{{c, by}}
}

// elsewhere marks a change that is of another cluster, whose name here is not
// known.
func (s *Source) elsewhere(c sources.Change, away bool) sources.Change {
	if away {
		c.Cluster = ""
		c.Evidence = append(c.Evidence, say("It deploys to another cluster.")...)
	}
	return c
}

// commit is the commit in a revision as Flux writes it: main@sha1:0a1b, or
// before Flux 2 main/0a1b. Anything else is as it is.
func commit(revision string) string {
	if _, c, ok := strings.Cut(revision, "@sha1:"); ok {
		return c
	}
	if i := strings.LastIndexByte(revision, '/'); i >= 0 && len(revision)-i-1 == 40 {
		return revision[i+1:]
	}
	return revision
}

// shortened is a revision of Flux with its commit short.
func shortened(revision string) string {
	c := commit(revision)
	return strings.TrimSuffix(revision, c) + sources.ShortRevision(c)
}
