package buildinfo

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

func unixAt(d time.Duration) float64 { return float64(t0.Add(d).Unix()) }

// ran is a process that was started at each of the times, the first before the
// history, and was away for a minute before each other.
func ran(h *promtest.History, job, instance string, starts ...time.Duration) {
	for i, at := range starts {
		from, to := max(at, 0), end
		if i > 0 {
			from += 30 * time.Second
		}
		if i+1 < len(starts) {
			to = starts[i+1] - 30*time.Second
		}
		h.Add(metricStart, from, to, unixAt(at), "job", job, "instance", instance)
	}
}

// fleet is six hours of services on hosts.
func fleet() *promtest.History {
	h := promtest.NewHistory(t0, 30*time.Second)
	const before = -100 * time.Hour
	// orders has three instances of which one crashes; its version stays.
	ran(h, "orders", "o0:80", before, 100*minute)
	ran(h, "orders", "o1:80", before)
	ran(h, "orders", "o2:80", before)
	for _, i := range []string{"o0:80", "o1:80", "o2:80"} {
		h.Add("orders_build_info", 0, end, 1, "job", "orders", "instance", i, "version", "3")
	}
	// ship is restarted one after the other, and one crashes again and again.
	ran(h, "ship", "s0:80", before, 130*minute, 180*minute, 183*minute, 186*minute)
	ran(h, "ship", "s1:80", before, 132*minute)
	// bill gets a new version: its restart is that.
	for i, at := range []time.Duration{200 * minute, 202 * minute} {
		instance := []string{"b0:80", "b1:80"}[i]
		ran(h, "bill", instance, before, at)
		h.Add("bill_build_info", 0, at-30*time.Second, 1, "job", "bill", "instance", instance, "version", "1")
		h.Add("bill_build_info", at+30*time.Second, end, 1, "job", "bill", "instance", instance, "version", "2")
	}
	// grow gets one instance more.
	ran(h, "grow", "g0:80", before)
	ran(h, "grow", "g1:80", 150*minute)
	// pods are replaced, all of them, by others of the same version.
	for i, at := range []time.Duration{50 * minute, 52 * minute} {
		for j, pod := range []string{"10.0.0." + string(rune('1'+i)), "10.0.1." + string(rune('1'+i))} {
			from, to, start := time.Duration(0), at, before
			if j == 1 {
				from, to, start = at, end, at
			}
			h.Add(metricStart, from, to, unixAt(start), "job", "pods", "instance", pod)
			h.Add("pods_build_info", from, to, 1, "job", "pods", "instance", pod, "version", "1")
		}
	}
	// n1 gets another kernel and is away for 10 minutes; n2's clock is put
	// right; n3 is new.
	for host, boots := range map[string][]time.Duration{"n1": {before, 240 * minute}, "n2": {before, 30*minute + before + time.Second}, "n3": {290 * minute}} {
		for i, at := range boots {
			from, to := max(at, 0), end
			switch {
			case host == "n2" && i == 0:
				to = 100 * minute
			case host == "n2":
				at, from = before+time.Second, 100*minute
			case host == "n1" && i == 0:
				to = 230 * minute
			case host == "n1":
				from += 30 * time.Second
			}
			release := "6.1." + []string{"0", "9"}[i]
			if host == "n2" {
				release = "6.1.0"
			}
			l := []string{"job", "node", "instance", host + ":9100"}
			h.Add(metricBoot, from, to, unixAt(at), l...)
			h.Add(metricUname, from, to, 1, append(l, "release", release, "nodename", host)...)
		}
	}
	ran(h, "node-exporter", "n1:9100", before, 241*minute)
	ran(h, "web", "n1:8080", before, 242*minute)
	ran(h, "web", "n2:8080", before)
	// k1 gets another kubelet.
	h.Add(metricNode, 0, 270*minute, 1, "node", "k1", "kubelet_version", "v1.30.1", "kernel_version", "6.1", "os_image", "Debian", "container_runtime_version", "containerd://1.7")
	h.Add(metricNode, 270*minute, end, 1, "node", "k1", "kubelet_version", "v1.31.0", "kernel_version", "6.1", "os_image", "Debian", "container_runtime_version", "containerd://1.7")
	h.Add("deploy_timestamp_seconds", 300*minute, end, unixAt(299*minute), "job", "pushgateway", "service", "legacy", "version", "9")
	h.Add("ci_deploys_total", 0, 310*minute, 4, "job", "ci", "service", "batch")
	h.Add("ci_deploys_total", 310*minute, end, 5, "job", "ci", "service", "batch")
	return h
}

// told is a change in one line with its title and share.
func told(cs []sources.Change) []string {
	var out []string
	for _, c := range cs {
		l := line(c)
		if !c.Title.Empty() {
			l = strings.Replace(l, " > ", " ["+c.Title.String()+"] ", 1)
		}
		out = append(out, l)
	}
	return out
}

func TestFleet(t *testing.T) {
	p := promtest.Start(t, promtest.Options{OpenMetrics: fleet().Text()})
	now := t0.Add(end - 10*time.Second)
	q := &server{url: p.URL}
	src := open(t, q, func() time.Time { return now }, func(o *Options) {
		o.DeployMetrics = []string{"deploy_timestamp_seconds", "ci_deploys_total"}
	})
	got, err := src.Changes(t.Context(), now.Add(-end))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"310.00 deploy /batch > done 0/0",
		"299.00 deploy /legacy >9 done 0/0",
		"270.00 infra /k1 [kubelet v1.30.1 -> v1.31.0] done 0/0",
		"242.00 restart /web [instance n1:8080] done 1/2; its host was changed at that time: kernel 6.1.0 -> 6.1.9, rebooted",
		"240.00 infra /n1 [kernel 6.1.0 -> 6.1.9, rebooted] done 0/0; Prometheus saw the host's boot time change",
		"200.00 deploy /bill 1>2 done 2/2",
		"180.00 restart /ship [instance s0:80] done 1/2; 3 starts in 6 min",
		"130.00 restart /ship [all instances] done 2/2",
		"100.00 restart /orders [instance o0:80] done 1/3",
		" 50.00 restart /pods [all instances] done 2/2",
	}
	if d := cmp.Diff(want, told(got)); d != "" {
		t.Error(d)
	}
	for i, want := range map[int]string{
		3: "Prometheus saw the process of n1:8080 start anew, with which version is not known",
		8: "Prometheus saw the process of o0:80 start anew, with the version of before",
	} {
		if e := got[i].Evidence[0].Raw(); e != want {
			t.Errorf("evidence %q, want %q", e, want)
		}
	}
	sourcetest.CheckChanges(t, got, now.Add(-end))
	if n := src.Notes(); len(n) != 0 {
		t.Errorf("notes: %v", n)
	}
	quiet(t, src, q, &now, got)
}

// quiet looks again a minute later: nothing changes, so only the gates are
// asked, and the answer is the same.
func quiet(t *testing.T, src *Source, q *server, now *time.Time, before []sources.Change) {
	t.Helper()
	gates := 0
	if src.versions != nil {
		gates++
	}
	if len(src.usable(*now)) > 0 {
		gates++
	}
	q.asked()
	for range 3 {
		*now = now.Add(time.Minute)
		again, err := src.Changes(t.Context(), now.Add(-end))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(ids(before), ids(again)); d != "" {
			t.Error("the changes got other IDs:", d)
		}
		if asked := q.asked(); len(asked) != gates {
			t.Errorf("while nothing changes it asks %d queries, want %d:\n%s", len(asked), gates, strings.Join(asked, "\n\n"))
		}
	}
}

// fleetOfPods is what kube-state-metrics says in numbers.
func fleetOfPods() *promtest.History {
	h := promtest.NewHistory(t0, 30*time.Second)
	value := func(metric string, values map[time.Duration]float64, labels ...string) {
		begins := append(slices.Sorted(maps.Keys(values)), end)
		for i, from := range begins[:len(values)] {
			h.Add(metric, from, begins[i+1], values[from], append(labels, "namespace", "shop")...)
		}
	}
	h.ReplicaSet("shop", "checkout", "5d4f", "acme/checkout:1", 3, 0, end)
	value(metricReplicas, map[time.Duration]float64{0: 3, 60 * minute: 5, 65 * minute: 9, 100 * minute: 3}, "deployment", "checkout")
	h.Add(metricAutoscaler, 0, end, 1, "namespace", "shop", "horizontalpodautoscaler", "checkout-hpa", "scaletargetref_kind", "Deployment", "scaletargetref_name", "checkout")
	value(metricSetReplicas, map[time.Duration]float64{0: 3, 110 * minute: 0}, "statefulset", "db")
	value(metricGeneration, map[time.Duration]float64{0: 7, 120 * minute: 8}, "daemonset", "proxy")
	value(metricConfigMap, map[time.Duration]float64{0: 100, 130 * minute: 170}, "configmap", "checkout-config")
	value(metricConfigMap, map[time.Duration]float64{0: 100, 131 * minute: 171}, "configmap", "flags")
	for name, every := range map[string]time.Duration{"ingress-leader": 2 * minute, "status-of-something": 5 * minute} {
		values := map[time.Duration]float64{}
		for at := time.Duration(0); at < end; at += every {
			values[at] = float64(1000 + at/minute)
		}
		value(metricConfigMap, values, "configmap", name)
	}
	value(metricRestarts, map[time.Duration]float64{0: 0, 200 * minute: 1, 203 * minute: 2, 208 * minute: 3}, "pod", "checkout-5d4f-00001", "container", "checkout")
	h.Add(metricLastReason, 200*minute, end, 1, "namespace", "shop", "pod", "checkout-5d4f-00001", "container", "checkout", "reason", "OOMKilled")
	return h
}

func TestNumbers(t *testing.T) {
	p := promtest.Start(t, promtest.Options{OpenMetrics: fleetOfPods().Text()})
	now := t0.Add(end - 10*time.Second)
	q := &server{url: p.URL}
	src := open(t, q, func() time.Time { return now })
	got, err := src.Changes(t.Context(), now.Add(-end))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"200.00 restart shop/checkout [container checkout restarted 3 times, OOMKilled] done 0/0; it was ended for the last time with reason OOMKilled",
		"131.00 config shop/flags [ConfigMap flags] done 0/0",
		"130.00 config shop/checkout [ConfigMap checkout-config] done 0/0; by its name it belongs to checkout",
		"120.00 config shop/proxy [another specification, generation 8] done 0/0",
		"110.00 scale shop/db [3 -> 0 replicas] done 0/0",
		"100.00 scale shop/checkout [9 -> 3 replicas, by the autoscaler] done 0/0; the autoscaler checkout-hpa sets it",
		" 60.00 scale shop/checkout [3 -> 9 replicas, by the autoscaler] done 0/0; the autoscaler checkout-hpa sets it",
	}
	if d := cmp.Diff(want, told(got)); d != "" {
		t.Error(d)
	}
	sourcetest.CheckChanges(t, got, now.Add(-end))
	if n := src.Notes(); len(n) != 0 {
		t.Errorf("notes: %v", n)
	}
	quiet(t, src, q, &now, got)

	t.Run("switched off", func(t *testing.T) {
		src := open(t, q, func() time.Time { return now }, func(o *Options) { o.Watch = []string{watchScale} })
		got, err := src.Changes(t.Context(), now.Add(-end))
		if err != nil || len(got) != 3 {
			t.Errorf("%v, %v", told(got), err)
		}
	})
	t.Run("a history that can be read only later", func(t *testing.T) {
		q := &server{url: p.URL, broken: "max (" + metricReplicas}
		src := open(t, q, func() time.Time { return now })
		for looks, missing := range []int{2, 0} {
			got, err := src.Changes(t.Context(), now.Add(-end))
			if err != nil || len(got) != len(want)-missing || len(src.Notes()) != missing/2 {
				t.Errorf("look %d: %v, %v, %v", looks, told(got), src.Notes(), err)
			}
			q.broken = ""
		}
	})
	t.Run("a gate that is refused", func(t *testing.T) {
		src := open(t, &server{url: p.URL, broken: metricConfigMap}, func() time.Time { return now })
		got, err := src.Changes(t.Context(), now.Add(-end))
		if err != nil || len(got) != len(want)-2 {
			t.Errorf("%v, %v", told(got), err)
		}
		for _, n := range src.Notes() {
			if !strings.HasPrefix(n.Raw(), "configmaps could not be asked: ") {
				t.Errorf("note: %v", n)
			}
		}
		if len(src.Notes()) == 0 {
			t.Error("nothing says so")
		}
	})
	t.Run("a gate that takes too long", func(t *testing.T) {
		q := &server{url: p.URL, slow: mark}
		src := open(t, q, func() time.Time { return now })
		for range 2 {
			got, err := src.Changes(t.Context(), now.Add(-end))
			if err != nil || len(got) != 0 {
				t.Errorf("%v, %v", told(got), err)
			}
			if slow := slices.ContainsFunc(src.Notes(), func(n safe.Value) bool { return strings.HasPrefix(n.Raw(), "only versions were looked at: ") }); !slow {
				t.Errorf("notes: %v", src.Notes())
			}
		}
		asked := 0
		for _, e := range q.asked() {
			if strings.Contains(e, mark) {
				asked++
			}
		}
		if asked != 2 { // of the window and of the last minutes, and not at the second look
			t.Errorf("the slow gate was asked %d times", asked)
		}
	})
}
