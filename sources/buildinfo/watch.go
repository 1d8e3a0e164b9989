package buildinfo

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// What the option watch may name.
const (
	watchVersions   = "versions"
	watchImages     = "images"
	watchTemplates  = "templates"
	watchScale      = "scale"
	watchRestarts   = "restarts"
	watchHosts      = "hosts"
	watchConfigMaps = "configmaps"
	watchPushed     = "pushed"
)

// Watches lists what can be watched, in the order of the documentation.
func Watches() []string {
	return []string{watchVersions, watchImages, watchTemplates, watchScale, watchRestarts, watchHosts, watchConfigMaps}
}

// watch is one thing that metrics tell: who runs what. A gate asks it about
// all keys at once, a history about one.
type watch struct {
	name  string   // as the option watch has it; several may share one
	needs []string // the metrics that must all be there
	may   []string // further metrics that are of use
	// rename is what metrics and labels are called in this Prometheus.
	rename map[string]string
	kind   string // of the objects, where there is a watch for each; else empty
	// needless: whether another gate says the same. Nil: none does.
	needless func(has func(...string) bool) bool

	// census is one row for each key and what it ran in that time before.
	census func(within time.Duration) string
	// history is what one key runs at a moment, by thing; the value counts.
	history func(key) string
	key     func(labels) key
	thing   func(labels) build
	// tell makes the change out of a rollout.
	tell func(*Source, *track, rollout) candidate
	// learn asks for more about a key whose history was read. Nil: nothing is
	// left to ask.
	learn func(context.Context, *Source, *track, time.Time) error
	// value: the gate shows only what changed in that time, each with its
	// value, which is no count.
	value bool
	// lasting: no instance is there for seconds only.
	lasting bool
	// quiet: what changes all the time is not read again and again.
	quiet bool
	// compare finds the changes in a timeline. Nil: diff.
	compare func([]step) []rollout
	// gather reads the changes of one key in place of its history.
	gather func(context.Context, *Source, *track, visit, time.Time) error
}

// key names whom a watch speaks of. Texts are raw; what does not apply or is
// absent is empty.
type key struct {
	watch *watch

	metric, job, namespace, serviceLabel, app string

	object string // kind and name: Deployment/checkout, Node/n1
	part   string // of the object: a container; the instance of a host
	build  build  // of a deploy that a pipeline pushed
}

// service is the name of the service: its label, else the name in the job.
func (k key) service() string {
	switch {
	case k.object != "":
		return k.objectName()
	case k.serviceLabel != "":
		return k.serviceLabel
	case k.app != "":
		return k.app
	}
	return sources.JobName(k.job)
}

// id is a text that no other key has.
func (k key) id() string {
	return sources.Digest(k.watch.name, k.metric, k.job, k.namespace, k.serviceLabel, k.app, k.object, k.part, k.build.version, k.build.revision)
}

func (k key) objectKind() string { kind, _, _ := strings.Cut(k.object, "/"); return kind }
func (k key) objectName() string { _, name, _ := strings.Cut(k.object, "/"); return name }

// labels reads a row by the usual names of labels, whatever they are called
// in this Prometheus.
type labels struct {
	sources.Labels
	rename map[string]string
}

func (l labels) raw(name string) string { return l.Value(word(l.rename, name)).Raw() }

// word is the name that a metric or label has here.
func word(rename map[string]string, name string) string {
	if to := rename[name]; to != "" {
		return to
	}
	return name
}

// reWord finds names in PromQL, and texts to pass them over.
var reWord = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|[a-zA-Z_:][a-zA-Z0-9_:]*")

// spell writes an expression with the names that metrics and labels have here.
func (o Options) spell(expr string) string { return spell(expr, o.Rename) }

func (w *watch) spell(expr string) string { return spell(expr, w.rename) }

func spell(expr string, rename map[string]string) string {
	if len(rename) == 0 {
		return expr
	}
	return reWord.ReplaceAllStringFunc(expr, func(w string) string { return word(rename, w) })
}

// sel writes a selector: pairs are matchers without their value ("job=") and
// values.
func sel(metric string, pairs ...string) string {
	var b strings.Builder
	b.WriteString(metric)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(pairs[i] + strconv.Quote(pairs[i+1]))
	}
	if len(pairs) > 0 {
		b.WriteByte('}')
	}
	return b.String()
}

// last is the newest sample of each series in that time, most the largest; at
// the moment itself when within is 0.
func last(selector string, within time.Duration) string { return over("last", selector, within) }
func most(selector string, within time.Duration) string { return over("max", selector, within) }

func over(what, selector string, within time.Duration) string {
	if within == 0 {
		return selector
	}
	return fmt.Sprintf("%s_over_time(%s[%ds])", what, selector, int(within.Round(time.Second)/time.Second))
}

// watches are those that the options ask for.
func (o Options) watches() []*watch {
	own := o // what services and hosts say themselves has the usual labels
	own.Rename = maps.Clone(o.Rename)
	maps.DeleteFunc(own.Rename, func(name, _ string) bool {
		return !slices.Contains([]string{metricStart, metricBoot, metricUname}, name)
	})
	all := []*watch{own.starts(), own.boots(), own.kernels()}
	for _, w := range all {
		w.rename = own.Rename
	}
	kube := []*watch{
		o.images(deployment, metricRSOwner, metricReplicaSet), o.images(statefulSet, metricRevision, metricSetReplicas),
		o.images(daemonSet, metricGeneration, metricSetSize),
		o.replicaSets(), o.statefulSets(), o.daemonSets(),
		o.scale(metricReplicas, deployment), o.scale(metricSetReplicas, statefulSet),
		o.podRestarts(), o.nodes(), o.configMaps(),
	}
	for _, w := range kube {
		w.rename = o.Rename
	}
	all = append(all, kube...)
	all = slices.DeleteFunc(all, func(w *watch) bool { return !slices.Contains(o.Watch, w.name) })
	for _, m := range o.DeployMetrics {
		all = append(all, own.pushed(m, strings.HasSuffix(m, "_total")))
	}
	return all
}
