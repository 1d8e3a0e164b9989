package buildinfo

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The metrics of kube-state-metrics that the watches of Kubernetes use.
const (
	metricContainer  = "kube_pod_container_info"
	metricPodOwner   = "kube_pod_owner"
	metricPodPhase   = "kube_pod_status_phase"
	metricReplicaSet = "kube_replicaset_spec_replicas"
	metricRSOwner    = "kube_replicaset_owner"
	metricRSCreated  = "kube_replicaset_created"
	metricSetSize    = "kube_daemonset_status_desired_number_scheduled"
	metricRevision   = "kube_statefulset_status_update_revision"
)

// longRollout is how long a rollout is followed that makes no progress.
const longRollout = time.Hour

const (
	deployment  = "Deployment"
	statefulSet = "StatefulSet"
	daemonSet   = "DaemonSet"
	podKind     = "Pod"
)

// images is which image runs in how many pods of a workload's container.
//
// The gate is for Prometheus servers that do not know the template of the
// kind's pods: it reads a series for each container and pod. Where the template
// is known, it says which workloads to look at (see readImages).
// The metric template is of it, exists one that every object of the kind has:
// where ReplicaSets are known and that is not there, there are none.
func (o Options) images(kind, template, exists string) *watch {
	w := &watch{name: watchImages, kind: kind, needs: []string{metricContainer, metricPodOwner},
		may: []string{template, exists, labelsMetric(kind)}, tell: tellImage, learn: learnWorkload, lasting: true}
	w.needless = func(has func(...string) bool) bool {
		return slices.Contains(o.Watch, watchTemplates) && (has(template) || has(metricReplicaSet) && !has(exists))
	}
	owner := kind
	if kind == deployment {
		owner = "ReplicaSet"
	}
	w.census = func(within time.Duration) string {
		owned := fmt.Sprintf("%s * on (namespace, pod) group_left (owner_name) group by (namespace, pod, owner_name) (%s)",
			o.perPod(last(metricContainer, within)), last(sel(metricPodOwner, "owner_kind=", owner), within))
		if kind == deployment {
			owned = fmt.Sprintf(`label_replace(%s, "owner_name", "$1", "owner_name", "(.+)-[^-]+")`, owned)
		}
		return fmt.Sprintf("count by (namespace, owner_name, container, %s) (%s)", o.byImage(), owned)
	}
	// Pods that ended stay listed, evicted ones for days: they run nothing.
	w.history = func(k key) string {
		ended := sel(metricPodPhase, "namespace=", k.namespace, "pod=~", podsOf(k), "phase=~", "Failed|Succeeded")
		return o.spell(fmt.Sprintf("count by (%s) (%s unless on (namespace, pod) (%s == 1))", o.byImage(), o.owned(k, "container=", 0), ended))
	}
	w.key = func(l labels) key {
		return key{watch: w, namespace: l.raw("namespace"), object: kind + "/" + l.raw("owner_name"), part: l.raw("container")}
	}
	w.thing = func(l labels) build { return imageBuild(first(l, o.ImageLabels)) }
	return w
}

// perPod is one row for each container of each pod: kube-state-metrics has
// another instance label after its own restart.
func (o Options) perPod(info string) string {
	return fmt.Sprintf("group by (namespace, pod, container, %s) (%s)", o.byImage(), info)
}

// podsOf matches the names of a workload's pods, and of some others.
func podsOf(k key) string { return regexp.QuoteMeta(k.objectName()) + "-.+" }

// owned is the containers of a workload's pods: one of them, or with another
// matcher than container= all.
func (o Options) owned(k key, container string, within time.Duration) string {
	info := sel(metricContainer, "namespace=", k.namespace, "pod=~", podsOf(k), container, k.part)
	owner := sel(metricPodOwner, "namespace=", k.namespace, "owner_kind=", k.objectKind(), "owner_name=", k.objectName())
	if k.objectKind() == deployment {
		owner = sel(metricPodOwner, "namespace=", k.namespace, "owner_kind=", "ReplicaSet", "owner_name=~", regexp.QuoteMeta(k.objectName())+"-[^-]+")
	}
	return fmt.Sprintf("%s and on (namespace, pod) %s", o.perPod(last(info, within)), last(owner, within))
}

// readImages reads the images of a workload whose pods' template changed:
// another image means another template.
func (s *Source) readImages(ctx context.Context, t *track, since, now time.Time) error {
	i := slices.IndexFunc(s.watches, func(w *watch) bool { return w.name == watchImages && w.kind == t.key.objectKind() })
	if i < 0 || !s.watching(watchImages) {
		return nil
	}
	v, err := s.q.Query(ctx, s.opt.spell(fmt.Sprintf("group by (container) (%s)", s.opt.owned(t.key, "container!=", now.Sub(since)))), now)
	if err != nil {
		return err
	}
	if t.images == nil {
		t.images = map[string]*track{}
	}
	for _, sm := range v {
		k := key{watch: s.watches[i], namespace: t.key.namespace, object: t.key.object, part: labels{sm.Labels, s.opt.Rename}.raw("container")}
		if t.images[k.part] == nil {
			t.images[k.part] = newTrack(k)
		}
	}
	for _, image := range t.images {
		image.facts = t.facts
		if err := s.read(ctx, image, nil, since, now); err != nil {
			return err
		}
	}
	return nil
}

// rolling reports whether the pods of a workload are still being brought to
// another image: of a StatefulSet or DaemonSet the gate does not see that.
func (t *track) rolling(now time.Time) bool {
	for _, image := range t.images {
		if n := len(image.coarse); n > 0 && len(image.coarse[n-1].count) > 1 && now.Sub(image.quietSince()) < longRollout {
			return true
		}
	}
	return false
}

func (o Options) byImage() string { return strings.Join(o.ImageLabels, ", ") }

// reCommit is a tag that is a commit, as docker/metadata-action writes it too.
var reCommit = regexp.MustCompile(`^(?:sha-|git-)?([0-9a-f]{7,40})$`)

// imageBuild is what runs in an image: its tag is the version, and the revision
// too if it is a commit's hash. Without a tag the digest is, cut to 12 digits.
func imageBuild(ref string) build {
	b := build{name: ref}
	rest, digest, _ := strings.Cut(ref, "@")
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, '/') {
		b.version = rest[i+1:]
	} else if algo, hex, ok := strings.Cut(digest, ":"); ok {
		b.version = algo + ":" + hex[:min(len(hex), 12)]
	}
	if m := reCommit.FindStringSubmatch(b.version); m != nil && strings.ContainsAny(m[1], "0123456789") && strings.ContainsAny(m[1], "abcdef") {
		b.revision = m[1]
	}
	return b
}

// repository is an image without tag and digest.
func repository(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		return ref[:i]
	}
	return ref
}

// replicaSets is which ReplicaSets of a Deployment have replicas, and how many.
func (o Options) replicaSets() *watch {
	w := &watch{name: watchTemplates, needs: []string{metricReplicaSet, metricRSOwner}, may: []string{metricRSCreated, labelsMetric(deployment)},
		tell: tellTemplate, learn: learnReplicaSets}
	owned := func(within time.Duration, replicas, owner string) string {
		return fmt.Sprintf("(max by (namespace, replicaset) (%s) > 0) * on (namespace, replicaset) group_left (owner_name) group by (namespace, replicaset, owner_name) (%s)",
			most(replicas, within), last(owner, within))
	}
	w.census = func(within time.Duration) string {
		return fmt.Sprintf(`label_replace(sum by (namespace, owner_name, replicaset) (%s), "owner", "Deployment/$1", "owner_name", "(.+)")`,
			owned(within, metricReplicaSet, sel(metricRSOwner, "owner_kind=", deployment)))
	}
	w.history = func(k key) string {
		return o.spell(fmt.Sprintf("sum by (replicaset) (%s)", owned(0,
			sel(metricReplicaSet, "namespace=", k.namespace, "replicaset=~", regexp.QuoteMeta(k.objectName())+"-.+"),
			sel(metricRSOwner, "namespace=", k.namespace, "owner_kind=", deployment, "owner_name=", k.objectName()))))
	}
	w.key = func(l labels) key { return key{watch: w, namespace: l.raw("namespace"), object: l.raw("owner")} }
	w.thing = func(l labels) build { return build{name: l.raw("replicaset")} }
	return w
}

// labelsMetric is the metric with the labels of a kind's objects.
func labelsMetric(kind string) string { return "kube_" + strings.ToLower(kind) + "_labels" }

// facts is what was learned of a key beyond its history.
type facts struct {
	asked   bool
	service string               // the workload's label that names its service; empty: none
	created map[string]time.Time // of ReplicaSets

	autoscaler string // that sets the replicas; empty: none
	reason     string // for which a container ended; empty: not known
}

// learnWorkload asks by which name the workload's own labels call it.
func learnWorkload(ctx context.Context, s *Source, t *track, now time.Time) error {
	if t.facts.asked {
		return nil
	}
	kind, metric := strings.ToLower(t.key.objectKind()), labelsMetric(t.key.objectKind())
	if !s.has(metric) {
		return nil
	}
	v, err := s.q.Query(ctx, s.opt.spell(sel(metric, "namespace=", t.key.namespace, kind+"=", t.key.objectName())), now)
	if err != nil {
		return err
	}
	t.facts.asked = true
	for _, sm := range v {
		t.facts.service = first(labels{sm.Labels, s.opt.Rename}, s.opt.ServiceLabels)
	}
	return nil
}

// learnReplicaSets asks when those were made that came: exact to the second,
// but only the first time. One that comes back is as old as ever.
func learnReplicaSets(ctx context.Context, s *Source, t *track, now time.Time) error {
	if err := learnWorkload(ctx, s, t, now); err != nil {
		return err
	}
	if !s.has(metricRSCreated) {
		return nil
	}
	expr := sel(metricRSCreated, "namespace=", t.key.namespace, "replicaset=~", regexp.QuoteMeta(t.key.objectName())+"-[^-]+")
	v, err := s.q.Query(ctx, s.opt.spell(expr+fmt.Sprintf(" > %d", now.Add(-s.opt.Window).Unix())), now)
	if err != nil {
		return err
	}
	if t.facts.created == nil {
		t.facts.created = map[string]time.Time{}
	}
	for _, sm := range v {
		t.facts.created[labels{sm.Labels, s.opt.Rename}.raw("replicaset")] = unix(sm.V)
	}
	return nil
}

// statefulSets is which revision a StatefulSet is brought to.
func (o Options) statefulSets() *watch {
	w := &watch{name: watchTemplates, needs: []string{metricRevision}, may: []string{labelsMetric(statefulSet)}, tell: tellTemplate, learn: learnWorkload}
	w.census = func(within time.Duration) string {
		return fmt.Sprintf(`label_replace(group by (namespace, statefulset, revision) (%s), "owner", "StatefulSet/$1", "statefulset", "(.+)")`,
			last(metricRevision, within))
	}
	w.history = func(k key) string {
		return o.spell(fmt.Sprintf("group by (revision) (%s)", sel(metricRevision, "namespace=", k.namespace, "statefulset=", k.objectName())))
	}
	w.key = func(l labels) key { return key{watch: w, namespace: l.raw("namespace"), object: l.raw("owner")} }
	w.thing = func(l labels) build { return build{name: l.raw("revision")} }
	return w
}
