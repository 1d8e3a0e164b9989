package buildinfo

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// The metrics of kube-state-metrics whose value is what changes.
const (
	metricReplicas      = "kube_deployment_spec_replicas"
	metricSetReplicas   = "kube_statefulset_replicas"
	metricAutoscaler    = "kube_horizontalpodautoscaler_info"
	metricGeneration    = "kube_daemonset_metadata_generation"
	metricConfigMap     = "kube_configmap_metadata_resource_version"
	metricRestarts      = "kube_pod_container_status_restarts_total"
	metricLastReason    = "kube_pod_container_status_last_terminated_reason"
	leaderElectionNames = "(.*[-.])?(leader|lock|election|lease)([-.].*)?|.*-(autoscaler-status|ca-bundle)|kube-root-ca.crt"
)

const (
	// sameScaling is how long a change of the replicas in one direction, and a
	// crash loop, may pause and still be the same.
	sameScaling = 10 * time.Minute
	// maxEdits is how often a ConfigMap changes in the window before it is
	// taken to be written by a program.
	maxEdits = 20
)

// changed is the value now where it changed in that time.
func changed(selector, by string, within time.Duration) string {
	return fmt.Sprintf("max by (%s) (%s and changes(%[2]s[%ds]) > 0)", by, selector, int(within.Round(time.Second)/time.Second))
}

// number makes a watch of a gauge of one Kubernetes object. label is the one
// that holds its name.
func (o Options) number(name, metric, kind, label string, pairs ...string) *watch {
	w := &watch{name: name, needs: []string{metric}, value: true, compare: transitions, thing: valueThing}
	w.census = func(within time.Duration) string {
		return changed(sel(metric, pairs...), "namespace, "+label, within)
	}
	w.history = func(k key) string {
		return o.spell(fmt.Sprintf(`count_values("value", max (%s))`, sel(metric, "namespace=", k.namespace, label+"=", k.objectName())))
	}
	w.key = func(l labels) key {
		return key{watch: w, namespace: l.raw("namespace"), object: kind + "/" + l.raw(label)}
	}
	return w
}

// valueThing reads the label that count_values writes.
func valueThing(l labels) build { return build{version: l.Value("value").Raw()} }

// transitions are the changes of a value, oldest first. A moment without it is
// none.
func transitions(tl []step) []rollout {
	var out []rollout
	var before build
	for _, s := range tl {
		for _, b := range sorted(s.count)[:min(1, len(s.count))] {
			if before != (build{}) && b != before {
				out = append(out, rollout{to: b, from: before, start: s.at, end: s.at, most: 1})
			}
			before = b
		}
	}
	return out
}

// number is the value as a number.
func (b build) number() float64 {
	v, err := strconv.ParseFloat(b.version, 64)
	if err != nil {
		return 0
	}
	return v
}

// scalings joins steps in one direction.
func scalings(tl []step) []rollout {
	var out []rollout
	for _, r := range transitions(tl) {
		if n := len(out) - 1; n >= 0 && r.start.Sub(out[n].end) <= sameScaling &&
			(r.to.number() > r.from.number()) == (out[n].to.number() > out[n].from.number()) {
			out[n].to, out[n].end = r.to, r.end
			continue
		}
		out = append(out, r)
	}
	return out
}

// scale is the wanted number of replicas of a workload.
func (o Options) scale(metric, kind string) *watch {
	w := o.number(watchScale, metric, kind, strings.ToLower(kind))
	w.may, w.compare, w.learn = []string{metricAutoscaler, labelsMetric(kind)}, scalings, learnAutoscaler
	w.tell = func(s *Source, t *track, r rollout) candidate {
		c := s.change(t, r)
		c.Kind, c.rank, c.State = sources.Scale, rankNumber, sources.Done
		c.Version, c.FromVersion, c.Share = safe.Value{}, safe.Value{}, sources.Share{}
		text := fmt.Sprintf("%s -> %s replicas", r.from.version, r.to.version)
		c.say(fmt.Sprintf("Prometheus saw %s go from %s to %s", metric, r.from.version, r.to.version))
		if a := t.facts.autoscaler; a != "" {
			text += ", by the autoscaler"
			c.say("the autoscaler " + a + " sets it")
		}
		c.Title = safe.Outside(text)
		return c
	}
	return w
}

// learnAutoscaler asks whether an autoscaler sets the replicas.
func learnAutoscaler(ctx context.Context, s *Source, t *track, now time.Time) error {
	if err := learnWorkload(ctx, s, t, now); err != nil || !s.has(metricAutoscaler) {
		return err
	}
	v, err := s.q.Query(ctx, s.opt.spell(sel(metricAutoscaler, "namespace=", t.key.namespace,
		"scaletargetref_kind=", t.key.objectKind(), "scaletargetref_name=", t.key.objectName())), now)
	for _, sm := range v {
		t.facts.autoscaler = labels{sm.Labels, s.opt.Rename}.raw("horizontalpodautoscaler")
	}
	return err
}

// daemonSets is the generation of a DaemonSet's specification. Nothing scales
// a DaemonSet, so another generation is a change by hand.
func (o Options) daemonSets() *watch {
	w := o.number(watchTemplates, metricGeneration, daemonSet, "daemonset")
	w.may, w.learn = []string{labelsMetric(daemonSet)}, learnWorkload
	w.tell = func(s *Source, t *track, r rollout) candidate {
		c := s.change(t, r)
		c.Kind, c.rank, c.Share = sources.Config, rankTemplate, sources.Share{}
		c.Version, c.FromVersion = safe.Value{}, safe.Value{}
		c.Title = safe.Outside("another specification, generation " + r.to.version)
		c.say(fmt.Sprintf("Prometheus saw generation %s of the DaemonSet in place of %s", r.to.version, r.from.version))
		return c
	}
	return w
}

// configMaps is the resource version of ConfigMaps, but for those that
// programs write all the time. The metric is experimental.
func (o Options) configMaps() *watch {
	w := o.number(watchConfigMaps, metricConfigMap, "ConfigMap", "configmap", "configmap!~", leaderElectionNames)
	w.quiet = true
	w.compare = func(tl []step) []rollout {
		edits := transitions(tl)
		if len(edits) > maxEdits {
			return nil
		}
		return edits
	}
	w.tell = func(s *Source, t *track, r rollout) candidate {
		c := s.change(t, r)
		c.Kind, c.rank, c.Share = sources.Config, rankNumber, sources.Share{}
		c.Version, c.FromVersion = safe.Value{}, safe.Value{}
		c.Title = safe.Outside("ConfigMap " + t.key.objectName())
		c.say(fmt.Sprintf("Prometheus saw the ConfigMap %s change", t.key.objectName()))
		if owner := s.workloadOf(t.key.namespace, t.key.objectName()); owner != "" {
			c.Service = safe.Outside(owner)
			c.say("by its name it belongs to " + owner)
		}
		return c
	}
	return w
}

// workloadOf is the workload whose name an object's name begins with; empty:
// none. Of several the longest.
func (s *Source) workloadOf(namespace, name string) string {
	best := ""
	for k := range s.last {
		if n := k.objectName(); k.namespace == namespace && (k.watch.name == watchImages || k.watch.name == watchTemplates) &&
			len(n) > len(best) && (n == name || strings.HasPrefix(name, n+"-")) {
			best = n
		}
	}
	return best
}

// podRestarts is how often the containers of a pod were restarted.
func (o Options) podRestarts() *watch {
	w := &watch{name: watchRestarts, needs: []string{metricRestarts}, may: []string{metricPodOwner, metricLastReason},
		value: true, compare: crashes, thing: valueThing, learn: learnPod}
	w.census = func(within time.Duration) string { return changed(metricRestarts, "namespace, pod, container", within) }
	w.history = func(k key) string {
		return o.spell(fmt.Sprintf(`count_values("value", max (%s))`, sel(metricRestarts, "namespace=", k.namespace, "pod=", k.objectName(), "container=", k.part)))
	}
	w.key = func(l labels) key {
		return key{watch: w, namespace: l.raw("namespace"), object: podKind + "/" + l.raw("pod"), part: l.raw("container")}
	}
	w.tell = func(s *Source, t *track, r rollout) candidate {
		c := s.change(t, r)
		c.Kind, c.rank, c.Share = sources.Restart, rankNumber, sources.Share{}
		c.Version, c.FromVersion = safe.Value{}, safe.Value{}
		text := "container " + t.key.part + " restarted"
		if r.most > 1 {
			text += fmt.Sprintf(" %d times", r.most)
		}
		c.say(fmt.Sprintf("Prometheus saw %s in pod %s", text, t.key.objectName()))
		if t.facts.reason != "" {
			text += ", " + t.facts.reason
			c.say("it was ended for the last time with reason " + t.facts.reason)
		}
		c.Title = safe.Outside(text)
		return c
	}
	return w
}

// crashes joins the restarts of a crash loop; most is their number.
func crashes(tl []step) []rollout {
	var out []rollout
	for _, r := range transitions(tl) {
		times := int(r.to.number() - r.from.number())
		if times <= 0 {
			continue // another pod of that name
		}
		if n := len(out) - 1; n >= 0 && r.start.Sub(out[n].end) <= sameScaling {
			out[n].to, out[n].end, out[n].most = r.to, r.end, out[n].most+times
			continue
		}
		r.most = times
		out = append(out, r)
	}
	return out
}

// learnPod asks for the workload of a pod and why its container ended.
func learnPod(ctx context.Context, s *Source, t *track, now time.Time) error {
	k := t.key
	if s.has(metricPodOwner) && !t.facts.asked {
		v, err := s.q.Query(ctx, s.opt.spell(last(sel(metricPodOwner, "namespace=", k.namespace, "pod=", k.objectName()), s.opt.Window)), now)
		if err != nil {
			return err
		}
		for _, sm := range v {
			l := labels{sm.Labels, s.opt.Rename}
			t.facts.service = l.raw("owner_name")
			if l.raw("owner_kind") == "ReplicaSet" {
				t.facts.service = reHash.ReplaceAllString(t.facts.service, "")
			}
		}
		t.facts.asked = true
	}
	if !s.has(metricLastReason) {
		return nil
	}
	v, err := s.q.Query(ctx, s.opt.spell(sel(metricLastReason, "namespace=", k.namespace, "pod=", k.objectName(), "container=", k.part)+" == 1"), now)
	for _, sm := range v {
		t.facts.reason = labels{sm.Labels, s.opt.Rename}.raw("reason")
	}
	return err
}

// reHash is what a ReplicaSet's name has beyond its Deployment's.
var reHash = regexp.MustCompile(`-[^-]+$`)
