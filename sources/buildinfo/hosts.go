package buildinfo

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	metricBoot  = "node_boot_time_seconds"
	metricUname = "node_uname_info"
	metricNode  = "kube_node_info"
)

// nodeKind is the kind of a host's object.
const nodeKind = "Node"

// hostKey names a host as alerts about it do: by the label node, else by the
// instance without its port.
func hostKey(w *watch, metric string, l labels) key {
	instance := l.raw("instance")
	return key{watch: w, metric: metric, job: l.raw("job"), object: nodeKind + "/" + cmp.Or(l.raw("node"), hostOf(instance)), part: instance}
}

// hostOf is an instance without its port.
func hostOf(instance string) string {
	if host, _, err := net.SplitHostPort(instance); err == nil {
		return host
	}
	return instance
}

// boots is when hosts were started.
func (o Options) boots() *watch {
	w := &watch{name: watchHosts, needs: []string{metricBoot}, value: true, gather: gatherBoots}
	w.census = func(within time.Duration) string { return sinceExpr(metricBoot, "job, instance, node", within) }
	w.key = func(l labels) key { return hostKey(w, metricBoot, l) }
	w.tell = func(s *Source, t *track, r rollout) candidate {
		c := s.change(t, r)
		c.Kind, c.rank, c.Version, c.Share, c.State = sources.Infra, rankNumber, safe.Value{}, sources.Share{}, sources.Done
		c.Title = safe.Outside("rebooted")
		c.say("Prometheus saw the host's boot time change")
		return c
	}
	return w
}

// gatherBoots takes the moment that the gate saw if the host had been there
// before: a new one was not rebooted.
func gatherBoots(ctx context.Context, s *Source, t *track, v visit, now time.Time) error {
	boot := sel(metricBoot, "job=", t.key.job, "instance=", t.key.part)
	// A boot time moves by a second or two when the clock is put right.
	old, err := s.q.Query(ctx, t.key.watch.spell(fmt.Sprintf("%s - %s > 60", over("max", boot, s.opt.Window), over("min", boot, s.opt.Window))), now)
	if err != nil || len(old) == 0 {
		return err
	}
	return gatherMoment(ctx, s, t, v, now)
}

// several is the number of things of each key in that time, where that is more
// than one: a host is away for a while when its kernel changes.
func several(selector, by, what string, within time.Duration) string {
	return fmt.Sprintf("count by (%[1]s) (group by (%[1]s, %[2]s) (%[3]s)) > 1", by, what, last(selector, max(within, late)))
}

// kernels is the release that a host runs.
func (o Options) kernels() *watch {
	w := &watch{name: watchHosts, needs: []string{metricUname}, value: true, compare: diff, tell: tellHost}
	w.census = func(within time.Duration) string {
		return several(metricUname, "job, instance, node", "release", within)
	}
	w.history = func(k key) string {
		return o.spell(fmt.Sprintf("group by (release) (%s)", sel(metricUname, "job=", k.job, "instance=", k.part)))
	}
	w.key = func(l labels) key { return hostKey(w, metricUname, l) }
	w.thing = func(l labels) build { return build{name: parts("kernel", l.raw("release"))} }
	return w
}

// nodes is what a node of Kubernetes runs.
func (o Options) nodes() *watch {
	w := &watch{name: watchHosts, needs: []string{metricNode}, value: true, compare: diff, tell: tellHost}
	const what = "kubelet_version, kernel_version, os_image, container_runtime_version"
	w.census = func(within time.Duration) string { return several(metricNode, "node", what, within) }
	w.history = func(k key) string {
		return o.spell(fmt.Sprintf("group by (%s) (%s)", what, sel(metricNode, "node=", k.objectName())))
	}
	w.key = func(l labels) key { return key{watch: w, metric: metricNode, object: nodeKind + "/" + l.raw("node")} }
	w.thing = func(l labels) build {
		return build{name: parts("kernel", l.raw("kernel_version"), "kubelet", l.raw("kubelet_version"), "system", l.raw("os_image"), "runtime", l.raw("container_runtime_version"))}
	}
	return w
}

// parts are the programs of a host and their versions, to be told apart by
// differing.
func parts(pairs ...string) string { return strings.Join(pairs, "\x00") }

// differing says in words what is not the same in two texts of parts.
func differing(from, to string) []string {
	a, b := strings.Split(from, "\x00"), strings.Split(to, "\x00")
	var out []string
	for i := 1; i < len(a) && i < len(b); i += 2 {
		if a[i] != b[i] {
			out = append(out, fmt.Sprintf("%s %s -> %s", a[i-1], a[i], b[i]))
		}
	}
	return out
}

func tellHost(s *Source, t *track, r rollout) candidate {
	c := s.change(t, r)
	words := strings.Join(differing(r.from.name, r.to.name), ", ")
	c.Kind, c.rank, c.Share, c.State, c.FinishedAt = sources.Infra, rankHost, sources.Share{}, sources.Done, time.Time{}
	c.Title = safe.Outside(words)
	c.say(fmt.Sprintf("Prometheus saw %s in %s", words, t.key.metric))
	return c
}
