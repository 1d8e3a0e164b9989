package buildinfo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const identity = "__name__, job, namespace, service, app"

// goBuildInfo describes the Go module of a program, which is its version only
// if nothing better says it.
const goBuildInfo = "go_build_info"

// versions is the watch of build_info metrics. Its gate has no combined query:
// some backends refuse it, and it is then asked metric by metric.
func (o Options) versions() *watch {
	w := &watch{name: watchVersions, thing: o.build, tell: tellVersion}
	w.key = func(l labels) key {
		return key{watch: w, metric: l.raw("__name__"), job: l.raw("job"), namespace: l.raw("namespace"),
			serviceLabel: l.raw("service"), app: l.raw("app")}
	}
	w.history = func(k key) string { return fmt.Sprintf("count by (%s) (%s)", o.byVersion(), o.selector(k)) }
	return w
}

// byVersion is the label list of versions and revisions.
func (o Options) byVersion() string {
	return strings.Join(slices.Concat(o.VersionLabels, o.RevisionLabels), ", ")
}

// build reads version and revision.
func (o Options) build(l labels) build {
	return build{version: first(l, o.VersionLabels), revision: first(l, o.RevisionLabels)}
}

// first is the value of the first label that is not empty.
func first(l labels, names []string) string {
	for _, n := range names {
		if v, ok := l.Get(n); ok {
			return v.Raw()
		}
	}
	return ""
}

// selector matches exactly the series of a version's key: an empty matcher
// also says that the label is absent.
func (o Options) selector(k key) string {
	return sel("", "__name__=", k.metric, "job=", k.job, "namespace=", k.namespace, "service=", k.serviceLabel, "app=", k.app)
}

// versionCensus counts the instances of each key and version in that time. It
// groups by __name__, as two such metrics in one job are no two versions, and
// uses last_over_time, which keeps that name.
func (o Options) versionCensus(selector string, within time.Duration) string {
	return fmt.Sprintf("count by (%s, %s) (%s)", identity, o.byVersion(), last(selector, within))
}

func (o Options) anyVersion() string { return "{__name__=~" + strconv.Quote(o.Metrics) + "}" }
