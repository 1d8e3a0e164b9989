package triage

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// exporterKind says what a job's labels speak of.
type exporterKind int8

const (
	notExporter   exporterKind = iota
	plainExporter              // job, service, pod, instance, container name the exporter
	podExporter                // so do they, except that pod and container may name the thing (kube-state-metrics, kubelet, cadvisor)
)

// exported is before the names of labels that a metric has itself, where its
// target has labels of the same names and they are not honoured (Prometheus'
// honor_labels): the plain label is then the target's.
const exported = "exported_"

// maxSlots bounds how many label names may be asked for; design asks for 13.
const maxSlots = 32

// spellings are other names of labels that may name a service: the resource
// attributes of OpenTelemetry, as Prometheus writes them
// (opentelemetry.io/docs/specs/semconv/resource/k8s).
var spellings = map[string]string{
	"k8s_deployment_name": "deployment", "k8s_statefulset_name": "statefulset", "k8s_daemonset_name": "daemonset",
	"k8s_cronjob_name": "cronjob", "k8s_pod_name": "pod", "k8s_namespace_name": "namespace", "k8s_cluster_name": "cluster",
}

// underscored is a name of Prometheus 3 as earlier ones wrote it.
var underscored = strings.NewReplacer(".", "_", "/", "_", "-", "_")

// unnamedService begins the service.name that OpenTelemetry's libraries give to
// a program whose author gave none.
const unnamedService = "unknown_service"

// learnLabels gives each label name that may name a service its place. The
// pod comes right after the job, unless it is listed: a job that is no exporter
// is the better name.
func (j *judge) learnLabels() {
	names := slices.Clone(j.p.ServiceLabels)
	standard := slices.Equal(names, sources.ServiceLabels())
	if !slices.Contains(names, "pod") {
		at := slices.Index(names, "job") + 1
		if at == 0 {
			at = len(names)
		}
		names = slices.Insert(names, at, "pod")
	}
	if len(names) > maxSlots {
		names = names[:maxSlots]
	}
	j.label, j.weak, j.slots = names, make([]bool, len(names)), make(map[string]int8, len(names))
	for i, n := range names {
		if _, twice := j.slots[n]; !twice {
			j.slots[n] = int8(i)
		}
		j.weak[i] = standard && (n == "type" || n == "cluster")
	}
}

// service says what service an alert is about: the first label whose value the
// catalog knows, else the first label there is. Labels that name the exporter
// instead of the thing are passed over.
func (j *judge) service(it *Item) Found {
	var values [maxSlots]safe.Value
	var label [maxSlots]string // as the alert has it
	var own [maxSlots]bool     // the value is of the metric itself, by its exported label
	var job safe.Value
	for _, l := range it.Labels {
		name := l.Name.Raw()
		if name == "job" {
			job = l.Value
		}
		if i, of, ok := j.slot(name); ok && !own[i] {
			values[i], label[i], own[i] = l.Value, name, of
		}
	}
	kind := j.exporterKind(job)
	if kind != notExporter && j.aboutTarget(it.Rule) {
		kind = notExporter
	}
	var first Found
	for i, name := range j.label {
		v, by := values[i], label[i]
		if v.Empty() || templated(v) || strings.HasPrefix(v.Raw(), unnamedService) {
			continue
		}
		exporters := j.namesExporter(it, kind, name, v)
		if own[i] { // of an exporter, too, where a Prometheus was federated
			exporters = name != "namespace" && j.exporterKind(v) != notExporter
		}
		if exporters {
			continue
		}
		if name == "pod" {
			v = podOwner(v)
		}
		if name == "job" {
			v = jobName(v)
		}
		s, ok := j.catalog.find(v.Raw())
		if !ok && name == "job" {
			s, ok = j.catalog.find(beside(v.Raw()))
		}
		if ok {
			return Found{Name: s.Name, By: "catalog:" + by}
		}
		if first.Name.Empty() && !j.weak[i] {
			first = Found{Name: v, By: by}
		}
	}
	return first
}

// slot is the place of a label, and whether it is the metric's own beside one
// of the target. A name that the settings have goes first; Prometheus 3 writes
// service.name where others write service_name.
func (j *judge) slot(name string) (i int8, own, ok bool) {
	if i, ok = j.slots[name]; ok {
		return i, false, true
	}
	name, own = strings.CutPrefix(name, exported)
	if strings.ContainsAny(name, "./-") {
		name = underscored.Replace(name)
	}
	if as, other := spellings[name]; other {
		name = as
	}
	i, ok = j.slots[name]
	return i, own, ok
}

// beside is the service that an exporter of one service stands beside, by its
// job's name: redis of redis-exporter. Only a catalog can tell whether there is
// such a service. Empty: the name is no exporter's.
func beside(job string) string {
	for _, suffix := range []string{"-exporter", "_exporter"} {
		if base, ok := strings.CutSuffix(job, suffix); ok {
			return base
		}
	}
	return ""
}

// namesExporter reports whether a label's value is the exporter and not the
// thing. A label that the rule itself sets is always the thing.
func (j *judge) namesExporter(it *Item, kind exporterKind, name string, v safe.Value) bool {
	if kind == notExporter {
		return false
	}
	switch name {
	case "job", "service", "service_name", "app", "app_kubernetes_io_name", "instance", "container", "pod", "namespace":
	default:
		return false
	}
	if it.Rule != nil && it.Rule.Labels.Value(name) == v {
		return false
	}
	switch name {
	case "namespace": // that of the exporter's own pod
		pod := it.Labels.Value("pod")
		return !pod.Empty() && j.namesExporter(it, kind, "pod", pod)
	case "service_name", "app", "app_kubernetes_io_name":
		return j.exporterKind(v) != notExporter
	case "pod", "container":
		if kind != podExporter {
			return true
		}
		owner := podOwner(v)
		return j.exporterKind(owner) != notExporter || owner == it.Labels.Value("service") || owner == it.Labels.Value("job")
	}
	return true
}

// exporterKind classes a job by its name. Values of the form namespace/name
// count by their name.
func (j *judge) exporterKind(job safe.Value) exporterKind {
	if job.Empty() {
		return notExporter
	}
	k, ok := j.exporter[job]
	if ok {
		return k
	}
	raw := sources.JobName(job.Raw())
	if j.exporters.has(raw) {
		k = plainExporter
		low := strings.ToLower(raw)
		for _, s := range []string{"kube-state-metrics", "kubelet", "cadvisor"} {
			if strings.Contains(low, s) {
				k = podExporter
			}
		}
	}
	j.exporter[job] = k
	return k
}

// aboutTarget reports whether a rule is about the target itself (up, absent
// up): its job is then the thing even if it is an exporter.
func (j *judge) aboutTarget(r *sources.Rule) bool {
	if r == nil {
		return false
	}
	t, ok := j.target[r]
	if !ok {
		t = j.reTarget.MatchString(r.Query.Raw())
		j.target[r] = t
	}
	return t
}

func jobName(v safe.Value) safe.Value { return safe.Outside(sources.JobName(v.Raw())) }

// podOwner is the workload's name in a pod's name.
func podOwner(v safe.Value) safe.Value { return safe.Outside(podBase(v.Raw())) }

// podBase cuts what Kubernetes appends to a workload's name: a ReplicaSet's
// hash and five letters (deployment), five letters (daemonset, job), a
// number (statefulset), or a cronjob's time and five letters.
func podBase(pod string) string {
	base, tail, ok := cutLast(pod)
	switch {
	case !ok:
		return pod
	case allDigits(tail) && len(tail) <= 4:
		return base
	case len(tail) != 5 || !isHash(tail):
		return pod
	}
	if b, hash, ok := cutLast(base); ok {
		// A hash without a digit looks like a word; ten letters of that
		// alphabet, without vowels, are no word.
		if len(hash) >= 8 && len(hash) <= 10 && isHash(hash) || len(hash) >= 5 && len(hash) < 8 && isHash(hash) && strings.ContainsAny(hash, "2456789") {
			return b
		}
		if len(hash) >= 8 && allDigits(hash) {
			return b
		}
	}
	return base
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i <= 0 || i+1 == len(s) {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isHash reports whether s is made of the letters that Kubernetes uses for
// generated names (k8s.io/apimachinery/pkg/util/rand: no vowels, no 0, 1, 3);
// older ReplicaSets have a decimal number.
func isHash(s string) bool {
	return strings.Trim(s, "bcdfghjklmnpqrstvwxz2456789") == "" || allDigits(s)
}
