package promtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// History writes what a Prometheus has scraped, for [Options.OpenMetrics].
// Times are counted from its beginning. Series that end have no stale marker:
// they linger for the lookback of 5 minutes.
type History struct {
	begin time.Time
	every time.Duration
	lines map[string][]string // by metric
}

// NewHistory begins one with a scrape interval.
func NewHistory(begin time.Time, every time.Duration) *History {
	return &History{begin: begin, every: every, lines: map[string][]string{}}
}

// Add is a series with one value from a time until, not including, another.
// Labels are name and value in turn.
func (h *History) Add(metric string, from, to time.Duration, value float64, labels ...string) {
	h.AddFunc(metric, from, to, func(time.Duration) float64 { return value }, labels...)
}

// AddFunc is Add with the value of each sample; it is asked for them in order.
func (h *History) AddFunc(metric string, from, to time.Duration, value func(at time.Duration) float64, labels ...string) {
	var b strings.Builder
	for i := 0; i+1 < len(labels); i += 2 {
		fmt.Fprintf(&b, ",%s=%q", labels[i], labels[i+1])
	}
	series := metric + "{" + strings.TrimPrefix(b.String(), ",") + "} "
	for at := from; at < to; at += h.every {
		h.lines[metric] = append(h.lines[metric], fmt.Sprintf("%s%s %d", series, strconv.FormatFloat(value(at), 'f', -1, 64), h.begin.Add(at).Unix()))
	}
}

// Text is the history in OpenMetrics form: the samples of a metric together.
func (h *History) Text() string {
	metrics := make([]string, 0, len(h.lines))
	for m := range h.lines {
		metrics = append(metrics, m)
	}
	slices.Sort(metrics)
	var b strings.Builder
	for _, m := range metrics {
		b.WriteString(strings.Join(h.lines[m], "\n"))
		b.WriteByte('\n')
	}
	b.WriteString("# EOF\n")
	return b.String()
}

// ReplicaSet is what kube-state-metrics says in that time of a ReplicaSet of a
// Deployment, scaled to n, and of its pods: one container, named like the
// Deployment.
func (h *History) ReplicaSet(namespace, deployment, hash, image string, n int, from, to time.Duration) {
	rs := deployment + "-" + hash
	h.Add("kube_replicaset_spec_replicas", from, to, float64(n), "namespace", namespace, "replicaset", rs)
	h.Add("kube_replicaset_owner", from, to, 1, "namespace", namespace, "replicaset", rs, "owner_kind", "Deployment", "owner_name", deployment)
	for i := range n {
		h.Pod(namespace, fmt.Sprintf("%s-%05d", rs, i), "ReplicaSet", rs, deployment, image, from, to)
	}
}

// Pod is what kube-state-metrics says in that time of a running pod.
func (h *History) Pod(namespace, pod, ownerKind, owner, container, image string, from, to time.Duration) {
	h.Add("kube_pod_container_info", from, to, 1, "namespace", namespace, "pod", pod, "container", container,
		"image", "docker.io/"+image, "image_spec", image, "image_id", "sha256:0")
	h.Add("kube_pod_owner", from, to, 1, "namespace", namespace, "pod", pod, "owner_kind", ownerKind, "owner_name", owner)
	h.Add("kube_pod_status_phase", from, to, 1, "namespace", namespace, "pod", pod, "phase", "Running")
}
