package kubernetes

import (
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// ahead and behind are how long before Argo CD or Flux say that they began,
	// and how long after they ended, a rollout that they cause may begin.
	ahead  = time.Minute
	behind = 10 * time.Minute
	// slack is ahead for a Kustomization, which says when it has ended.
	slack = 10 * time.Minute
)

// appliersOf says by the labels of an object who has applied it. Argo CD's
// are not used: which key holds them is a setting of it; what an Application
// lists is.
func appliersOf(m *meta) []applier {
	var out []applier
	for _, f := range []struct{ kind, prefix string }{
		{"HelmRelease", "helm.toolkit.fluxcd.io/"}, {"Kustomization", "kustomize.toolkit.fluxcd.io/"},
	} {
		if name := m.Labels[f.prefix+"name"]; name != "" {
			out = append(out, applier{f.kind, m.Labels[f.prefix+"namespace"], name})
		}
	}
	return out
}

// resource names an object in a cluster.
type resource struct{ kind, namespace, name string }

// owns adds an Application to the workloads that it lists.
func owns(ws []*workload, apps []application) {
	by := map[resource][]applier{}
	for i := range apps {
		if !apps[i].local() {
			continue
		}
		for _, r := range apps[i].Status.Resources {
			key := resource{r.Kind, r.Namespace, r.Name}
			by[key] = append(by[key], apps[i].applier())
		}
	}
	for _, w := range ws {
		w.appliers = append(slices.Clip(w.appliers), by[resource{w.kind, w.namespace, w.name}]...)
	}
}

// join makes one change of what a rollout and an Application, HelmRelease or
// Kustomization show of it: the rollout's, which knows the service and its
// images, with the revision, the author and the earlier beginning of the other.
// What caused several rollouts is told with each of them, and what caused none
// stays a change of its own.
func join(rollouts []rolled, told []applied) []sources.Change {
	used := make([]bool, len(told))
	byApplier := map[applier][]int{}
	for i, a := range told {
		byApplier[a.by] = append(byApplier[a.by], i)
	}
	out := make([]sources.Change, 0, len(rollouts)+len(told))
	for _, r := range rollouts {
		c := r.Change
		for _, by := range r.appliers {
			best := -1
			for _, i := range byApplier[by] {
				a := &told[i]
				if a.causes(&c) && (best < 0 || nearer(&a.Change, &told[best].Change, c.StartedAt)) {
					best = i
				}
			}
			if best >= 0 {
				used[best] = true
				c = together(c, told[best].Change)
			}
		}
		out = append(out, c)
	}
	for i, a := range told {
		if !used[i] {
			out = append(out, a.Change)
		}
	}
	return out
}

// causes reports whether a rollout began when a was being applied.
func (a *applied) causes(rollout *sources.Change) bool {
	from, to := a.StartedAt.Add(-ahead), a.StartedAt
	if a.by.kind == "Kustomization" {
		from = a.StartedAt.Add(-slack)
	}
	if a.FinishedAt.After(to) {
		to = a.FinishedAt
	}
	return a.Cluster == rollout.Cluster && !rollout.StartedAt.Before(from) && !rollout.StartedAt.After(to.Add(behind))
}

func nearer(a, b *sources.Change, at time.Time) bool {
	return a.StartedAt.Sub(at).Abs() < b.StartedAt.Sub(at).Abs()
}

// together is a rollout with what is told of it.
func together(c, a sources.Change) sources.Change {
	if a.Kind == sources.Rollback && c.Kind == sources.Deploy {
		c.Kind = sources.Rollback
	}
	evidence := slices.Concat(c.Evidence, a.Evidence)
	// The versions of a chart are not those of the images.
	a.Version, a.FromVersion, a.Share = c.Version, c.FromVersion, c.Share
	if strings.HasPrefix(a.Title.Raw(), "synced again") || strings.HasPrefix(a.Title.Raw(), "released again") {
		a.Title = c.Title
	}
	end := c.FinishedAt
	c.Adopt(a)
	c.FinishedAt = end // a sync ends when it has told the cluster, not when the cluster has done it
	if c.State != sources.Running && end.IsZero() && a.FinishedAt.After(c.StartedAt) {
		c.FinishedAt = a.FinishedAt
	}
	c.Evidence = evidence
	return c
}
