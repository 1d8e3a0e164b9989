package kubernetes

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Annotations of a ReplicaSet. Those of Argo Rollouts are the same with
// another prefix.
const (
	changeCause     = "kubernetes.io/change-cause"
	revisionKey     = "deployment.kubernetes.io/revision"
	historyKey      = "deployment.kubernetes.io/revision-history"
	argoRevisionKey = "rollout.argoproj.io/revision"
)

// Reasons of the condition Progressing of a Deployment.
const (
	complete = "NewReplicaSetAvailable"
	stuck    = "ProgressDeadlineExceeded"
)

// workload is a Deployment, StatefulSet or DaemonSet (or a Rollout of Argo)
// and the revisions of it that are kept.
type workload struct {
	kind, namespace, name, uid string
	service                    string
	appliers                   []applier
	revisions                  []*revision

	read    bool // the object itself was read; else nothing below is known
	settled bool // the newest revision has replaced all others
	paused  bool
	wanted  int // replicas
	share   sources.Share
	// progress is the condition Progressing; a Deployment has it.
	progress condition

	written time.Time // when the pod template was last written; zero: not known
	writer  string
	scaled  time.Time // the same of the replicas
	scaler  string
}

// revision is one ReplicaSet or ControllerRevision: a pod template with the
// number that it has at present.
type revision struct {
	kind, name string // ReplicaSet, checkout-6d4b
	uid        string
	number     int64
	past       []int64 // numbers that it had before, ascending
	created    time.Time
	cause      string
	tpl        template
	owner      *workload
	touched    time.Time // when the controller last wrote more than its status
	exact      bool      // touched is when it got its number
}

// applier is who has applied an object: an Application, HelmRelease or
// Kustomization.
type applier struct{ kind, namespace, name string }

// readWorkload reads a Deployment, StatefulSet or DaemonSet.
func readWorkload(kind string, o *workloadObject, labels []string) *workload {
	m, st := &o.Metadata, &o.Status
	w := &workload{kind: kind, namespace: m.Namespace, name: m.Name, uid: m.UID, read: true,
		service: m.service(labels), appliers: appliersOf(m), paused: o.Spec.Paused,
		wanted: 1, // the default of the API
		share:  sources.Share{New: st.UpdatedReplicas, All: st.Replicas}, progress: find(st.Conditions, "Progressing")}
	w.written, w.writer = m.written(func(f managed) bool { return f.Fields.Spec.Template != nil })
	w.scaled, w.scaler = m.written(func(f managed) bool { return f.Fields.Spec.Replicas != nil })
	if o.Spec.Replicas != nil {
		w.wanted = *o.Spec.Replicas
	}
	available := st.AvailableReplicas
	if kind == "DaemonSet" {
		w.wanted, available = st.Desired, st.Available
		w.share = sources.Share{New: st.Updated, All: st.Desired}
	}
	replaced := st.ObservedGeneration >= m.Generation && w.share.New == w.share.All
	if w.progress.Type == "" {
		w.settled = replaced && w.share.New >= w.wanted && available >= w.wanted
	} else { // it knows better: pods that fail later are no rollout
		w.settled = replaced && w.progress.Reason == complete
	}
	return w
}

// readReplicaSet reads a revision of a Deployment. Others are nobody's rollout.
func readReplicaSet(o *replicaSetObject, labels []string) (*revision, bool) {
	m := &o.Metadata
	number, err := strconv.ParseInt(cmp.Or(m.Annotations[revisionKey], m.Annotations[argoRevisionKey]), 10, 64)
	r := readRevision(m, "ReplicaSet", number, labels)
	if err != nil || r.owner == nil {
		return nil, false
	}
	r.tpl = readTemplate(o.Spec.Template)
	for _, old := range strings.Split(m.Annotations[historyKey], ",") {
		if n, err := strconv.ParseInt(strings.TrimSpace(old), 10, 64); err == nil && n < number {
			r.past = append(r.past, n)
		}
	}
	slices.Sort(r.past)
	r.past = slices.Compact(r.past)
	return r, true
}

// readControllerRevision reads a revision of a StatefulSet or DaemonSet.
func readControllerRevision(o *controllerRevisionObject, labels []string) (*revision, bool) {
	r := readRevision(&o.Metadata, "ControllerRevision", o.Revision, labels)
	r.tpl, r.exact = readTemplate(o.Data.Spec.Template), true
	return r, r.owner != nil
}

func readRevision(m *meta, kind string, number int64, labels []string) *revision {
	r := &revision{kind: kind, name: m.Name, uid: m.UID, number: number,
		created: m.CreationTimestamp.Time, cause: m.Annotations[changeCause]}
	for _, o := range m.OwnerReferences {
		if o.Controller {
			named := meta{Name: o.Name, Labels: m.Labels}
			r.owner = &workload{kind: o.Kind, namespace: m.Namespace, name: o.Name, uid: o.UID,
				service: named.service(labels), appliers: appliersOf(m)}
		}
	}
	r.touched, _ = m.written(func(f managed) bool {
		return f.Subresource == "" && (f.Manager == controllers || f.Manager == "rollouts-controller")
	})
	return r
}

// gather puts revisions to their workloads. One whose workload could not be
// read has what its newest revision knows of it. In order of kind, namespace
// and name.
func gather(objects []*workload, revisions []*revision) []*workload {
	byUID := make(map[string]*workload, len(objects))
	for _, w := range objects {
		byUID[w.uid] = w
	}
	slices.SortFunc(revisions, func(a, b *revision) int {
		return cmp.Or(cmp.Compare(a.number, b.number), a.created.Compare(b.created), cmp.Compare(a.uid, b.uid))
	})
	for _, r := range slices.Backward(revisions) { // the newest is the first to name a workload
		if byUID[r.owner.uid] == nil {
			byUID[r.owner.uid] = r.owner
		}
	}
	for _, r := range revisions {
		r.owner = byUID[r.owner.uid]
		r.owner.revisions = append(r.owner.revisions, r)
	}
	out := slices.Collect(maps.Values(byUID))
	slices.SortFunc(out, func(a, b *workload) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name), cmp.Compare(a.uid, b.uid))
	})
	return out
}

// String is the workload in a sentence.
func (w *workload) String() string { return w.kind + " " + w.namespace + "/" + w.name }

func (r *revision) String() string { return r.kind + " " + r.name }
