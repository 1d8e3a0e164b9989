package buildinfo

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// thousand is six hours of 1,000 pods with version metrics on 100 hosts, as
// Prometheus and kube-state-metrics see them, with three deploys.
func thousand() string {
	h := promtest.NewHistory(t0, time.Minute)
	for d := range 100 {
		name, ns := fmt.Sprintf("svc%02d", d), fmt.Sprintf("ns%d", d%10)
		for old := range 5 {
			h.Add(metricReplicaSet, 0, end, 0, "namespace", ns, "replicaset", fmt.Sprintf("%s-old%d", name, old))
			h.Add(metricRSOwner, 0, end, 1, "namespace", ns, "replicaset", fmt.Sprintf("%s-old%d", name, old), "owner_kind", deployment, "owner_name", name)
		}
		h.Add(metricReplicas, 0, end, 10, "namespace", ns, "deployment", name)
		for c := range 3 {
			h.Add(metricConfigMap, 0, end, 100, "namespace", ns, "configmap", fmt.Sprintf("%s-%d", name, c))
		}
		runs := []struct {
			hash, image string
			from, to    time.Duration
		}{{"a1", "1.0", 0, end}}
		if d < 3 {
			runs[0].to = 3 * time.Hour
			runs = append(runs, runs[0])
			runs[1].hash, runs[1].image, runs[1].from, runs[1].to = "b2", "1.1", 3*time.Hour, end
		}
		for _, r := range runs {
			h.ReplicaSet(ns, name, r.hash, "acme/"+name+":"+r.image, 10, r.from, r.to)
			for i := range 10 {
				pod := fmt.Sprintf("%s-%s-%05d", name, r.hash, i)
				for _, phase := range []string{"Failed", "Succeeded"} {
					h.Add(metricPodPhase, r.from, r.to, 0, "namespace", ns, "pod", pod, "phase", phase)
				}
				h.Add(metricRestarts, r.from, r.to, 0, "namespace", ns, "pod", pod, "container", name)
				target := []string{"job", name, "namespace", ns, "pod", pod, "instance", fmt.Sprintf("10.0.%d.%d:80", d, i)}
				h.Add(metricStart, r.from, r.to, unixAt(r.from)-1000, target...)
				h.Add(strings.ReplaceAll(name, "-", "_")+"_build_info", r.from, r.to, 1, append(target, "version", r.image)...)
			}
		}
		host := fmt.Sprintf("n%02d", d)
		h.Add(metricBoot, 0, end, unixAt(-1000*time.Hour), "job", "node", "instance", host+":9100")
		h.Add(metricUname, 0, end, 1, "job", "node", "instance", host+":9100", "release", "6.1")
		h.Add(metricNode, 0, end, 1, "node", host, "kubelet_version", "v1.30", "kernel_version", "6.1", "os_image", "D", "container_runtime_version", "c")
	}
	return h.Text()
}

// BenchmarkThousand is the cost of a first look, and of those that follow while
// nothing changes, to a real Prometheus. x-versions is how many times as
// much of its processors it takes as one query over the versions of six hours.
func BenchmarkThousand(b *testing.B) {
	p := promtest.Start(b, promtest.Options{OpenMetrics: thousand()})
	now := t0.Add(end - 10*time.Second)
	q := &server{url: p.URL}
	fresh := func() *Source { return open(b, q, func() time.Time { return now }) }
	look := func(src *Source) {
		if _, err := src.Changes(b.Context(), now.Add(-end)); err != nil {
			b.Fatal(err)
		}
		if n := src.Notes(); len(n) > 0 {
			b.Fatalf("notes: %v", n)
		}
	}
	o := Defaults()
	reference := func() {
		if _, err := q.Query(b.Context(), o.versionCensus(o.anyVersion(), end), now); err != nil {
			b.Fatal(err)
		}
	}
	steady := fresh()
	look(steady)
	for name, run := range map[string]func(){"first look": func() { look(fresh()) }, "nothing changes": func() { look(steady) }} {
		b.Run(name, func(b *testing.B) {
			var real, ref float64
			q.asked()
			for range b.N {
				at := spent(b, p)
				run()
				between := spent(b, p)
				b.StopTimer()
				real += between - at
				b.ReportMetric(float64(len(q.asked())), "queries")
				reference()
				ref += spent(b, p) - between
				q.asked()
				b.StartTimer()
			}
			b.ReportMetric(real*1000/float64(b.N), "server-cpu-ms")
			b.ReportMetric(real/ref, "x-versions")
		})
	}
}

// spent is how many seconds of a processor a Prometheus has used.
func spent(b *testing.B, p *promtest.Server) float64 {
	b.Helper()
	for lines := bufio.NewScanner(bytes.NewReader(p.Get(b, "/metrics"))); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "process_cpu_seconds_total "); ok {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				b.Fatal(err)
			}
			return v
		}
	}
	b.Fatal("the server does not say")
	return 0
}
