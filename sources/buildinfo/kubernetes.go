package buildinfo

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// The metrics of kube-state-metrics that the watches of Kubernetes use.
const (
	metricContainer         = "kube_pod_container_info"
	metricPodOwner          = "kube_pod_owner"
	metricPodPhase          = "kube_pod_status_phase"
	metricReplicaSet        = "kube_replicaset_spec_replicas"
	metricRSOwner           = "kube_replicaset_owner"
	metricRSCreated         = "kube_replicaset_created"
	metricDeploymentLabels  = "kube_deployment_labels"
	metricStatefulSetLabels = "kube_statefulset_labels"
	metricDaemonSetLabels   = "kube_daemonset_labels"
	metricRevision          = "kube_statefulset_status_update_revision"
)

const (
	deployment  = "Deployment"
	statefulSet = "StatefulSet"
	daemonSet   = "DaemonSet"
)

// images is which image runs in how many pods of a workload's container.
//
// Pods that ended stay listed, evicted ones for days: they run nothing.
func (o Options) images() *watch {
	w := &watch{name: watchImages, needs: []string{metricContainer, metricPodOwner},
		may: []string{metricDeploymentLabels, metricStatefulSetLabels, metricDaemonSetLabels}, tell: tellImage, learn: learnWorkload}
	pods := func(within time.Duration, info, owner string) string {
		return fmt.Sprintf("group by (namespace, pod, container, %s) (%s) * on (namespace, pod) group_left (owner_kind, owner_name) "+
			"group by (namespace, pod, owner_kind, owner_name) (%s) unless on (namespace, pod) (%s == 1)",
			o.byImage(), last(info, within), last(owner, within), last(sel(metricPodPhase, "phase=~", "Failed|Succeeded"), within))
	}
	w.census = func(within time.Duration) string {
		owned := pods(within, sel(metricContainer), sel(metricPodOwner, "owner_kind=~", "ReplicaSet|StatefulSet|DaemonSet"))
		return fmt.Sprintf(`count by (namespace, owner, container, %s) (label_replace(label_join(%s, "owner", "/", "owner_kind", "owner_name"), "owner", "Deployment/$1", "owner", "ReplicaSet/(.+)-[^-]+"))`,
			o.byImage(), owned)
	}
	w.history = func(k key) string {
		info := sel(metricContainer, "namespace=", k.namespace, "container=", k.part, "pod=~", regexp.QuoteMeta(k.objectName())+"-.+")
		owner := sel(metricPodOwner, "namespace=", k.namespace, "owner_kind=", k.objectKind(), "owner_name=", k.objectName())
		if k.objectKind() == deployment {
			owner = sel(metricPodOwner, "namespace=", k.namespace, "owner_kind=", "ReplicaSet", "owner_name=~", regexp.QuoteMeta(k.objectName())+"-[^-]+")
		}
		return o.spell(fmt.Sprintf("count by (%s) (%s)", o.byImage(), pods(0, info, owner)))
	}
	w.key = func(l labels) key {
		return key{watch: w, namespace: l.raw("namespace"), object: l.raw("owner"), part: l.raw("container")}
	}
	w.thing = func(l labels) build { return imageBuild(first(l, o.ImageLabels)) }
	return w
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
	w := &watch{name: watchTemplates, needs: []string{metricReplicaSet, metricRSOwner}, may: []string{metricRSCreated, metricDeploymentLabels},
		tell: tellTemplate, learn: learnReplicaSets}
	owned := func(within time.Duration, replicas, owner string) string {
		return fmt.Sprintf("(max by (namespace, replicaset) (%s) > 0) * on (namespace, replicaset) group_left (owner_name) group by (namespace, replicaset, owner_name) (%s)",
			most(replicas, within), last(owner, within))
	}
	w.census = func(within time.Duration) string {
		return fmt.Sprintf(`label_replace(group by (namespace, owner_name, replicaset) (%s), "owner", "Deployment/$1", "owner_name", "(.+)")`,
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

// facts is what was learned of a key beyond its history.
type facts struct {
	asked   bool
	service string               // the workload's label that names its service; empty: none
	created map[string]time.Time // of ReplicaSets
}

// learnWorkload asks by which name the workload's own labels call it.
func learnWorkload(ctx context.Context, s *Source, t *track, now time.Time) error {
	if t.facts.asked {
		return nil
	}
	kind := strings.ToLower(t.key.objectKind())
	metric := "kube_" + kind + "_labels"
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
		t.facts.created[labels{sm.Labels, s.opt.Rename}.raw("replicaset")] = time.UnixMilli(int64(sm.V * 1000)).UTC()
	}
	return nil
}

// statefulSets is which revision a StatefulSet is brought to.
func (o Options) statefulSets() *watch {
	w := &watch{name: watchTemplates, needs: []string{metricRevision}, may: []string{metricStatefulSetLabels}, tell: tellTemplate, learn: learnWorkload}
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
