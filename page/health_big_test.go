package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// bigCluster is what a service may expose that nobody has tidied up, beside
// thousands of others: about 13,000 series.
func bigCluster(end time.Time) string {
	h := promtest.NewHistory(end.Add(-10*time.Minute), time.Minute)
	const all = 11 * time.Minute
	count := func(metric string, perSecond float64, labels ...string) {
		h.AddFunc(metric, 0, all, func(at time.Duration) float64 { return perSecond * (3600 + at.Seconds()) }, labels...)
	}
	for handler := range 60 { // one for each customer
		for code, share := range map[string]float64{"200": 0.9, "404": 0.05, "500": 0.04, "503": 0.01} {
			for le, faster := range map[string]float64{"0.005": 0.1, "0.01": 0.2, "0.025": 0.3, "0.05": 0.4, "0.1": 0.5, "0.25": 0.6, "0.5": 0.7, "1": 0.8, "2.5": 0.995, "5": 1, "10": 1, "+Inf": 1} {
				count("http_request_duration_seconds_bucket", share*faster, "job", "big", "handler", fmt.Sprint(handler), "code", code, "le", le)
			}
			count("http_request_duration_seconds_count", share, "job", "big", "handler", fmt.Sprint(handler), "code", code)
		}
	}
	for i := range 2500 {
		h.Add("up", 0, all, 1, "job", fmt.Sprintf("job%04d", i), "instance", "a")
		count(fmt.Sprintf("tenant%04d_http_requests_total", i), 1, "job", "odd", "code", "200")
	}
	for i := range 250 { // instances of one job
		h.Add("up", 0, all, float64(i%2), "job", "big", "instance", fmt.Sprint(i))
		h.Add("go_goroutines", 0, all, 7, "job", "big", "instance", fmt.Sprint(i))
	}
	for i := range 500 { // a namespace for each pull request
		ns := fmt.Sprintf("pr-%d", i)
		for _, name := range []string{"big", "preview"} {
			for _, metric := range []string{"kube_deployment_status_replicas_available", "kube_deployment_spec_replicas"} {
				h.Add(metric, 0, all, 1, "job", "kube-state-metrics", "namespace", ns, "deployment", name)
			}
		}
		count("istio_requests_total", 1, "job", "mesh", "destination_workload", "big", "destination_workload_namespace", ns, "reporter", "destination", "response_code", "200")
		count("container_cpu_usage_seconds_total", 1, "job", "kubelet", "namespace", ns, "pod", "big-5d8f7c9b6d-x2x7q", "container", "app")
	}
	return h.Text()
}

// TestNoAnswerIsLarge: whatever a cluster exposes, no question about health has
// an answer of more than 2,000 series.
func TestNoAnswerIsLarge(t *testing.T) {
	t.Parallel()
	end := time.Now().UTC().Truncate(time.Minute)
	q := counted(t, promtest.Start(t, promtest.Options{OpenMetrics: bigCluster(end)}).URL)
	h, err := HealthOf(t.Context(), q, triage.Item{Service: triage.Found{Name: safe.Outside("big"), By: "job"}}, "", end)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]triage.Signal{}
	for _, s := range h.Signals {
		got[s.Name] = s
	}
	if !near(got["errors"].Now, 0.05) || !near(got["traffic"].Now, 60) || !near(got["latency"].Now, 2.5*0.9923) || h.Instances != "125 of 250" {
		t.Errorf("errors %v, traffic %v, p99 %v, instances %q", got["errors"].Now, got["traffic"].Now, got["latency"].Now, h.Instances)
	}
	if _, have := got["replicas"]; have {
		t.Error("a name in 500 namespaces was taken for one")
	}
	odd, err := HealthOf(t.Context(), q, triage.Item{Service: triage.Found{Name: safe.Outside("odd"), By: "job"}}, "", end)
	if err != nil || len(odd.Signals) != 0 {
		t.Errorf("of 2,500 metrics that fit one was taken: %+v, %v", odd.Signals, err)
	}

	a := &Assembler{Query: func(string) sources.Querier { return q }, Now: func() time.Time { return end }}
	list := a.Services(t.Context(), build(sources.Snapshot{Clusters: []sources.Cluster{{Name: "x", Alerts: feed[sources.Alert]("prometheus", end)}}}, end))
	if len(list.Rows) < 2000 || len(list.Notes) != 1 || len(list.Errs) != 0 {
		t.Errorf("%d services, %q, %v", len(list.Rows), list.Notes, list.Errs)
	}
	rows := list.Rows[:MaxSwept-3]
	for _, name := range []string{"big", "odd", "preview"} {
		label := map[string]string{"preview": "deployment"}[name]
		if label == "" {
			label = "job"
		}
		rows = append(rows, triage.ServiceRow{Name: safe.Outside(name), Cluster: "x", By: label, Labels: sources.NewLabels(map[string]string{label: name})})
	}
	q.asked = 0
	of := a.Sweep(t.Context(), rows)
	t.Logf("%d questions for %d services, the largest answer has %d series", q.asked, len(rows), q.most)
	for _, r := range rows {
		if of[r.Key()].Err != nil {
			t.Fatalf("%s: %v", r.Name, of[r.Key()].Err)
		}
	}
	if big := of[rows[len(rows)-3].Key()].Health; len(big.Signals) != len(h.Signals) || !near(big.Signals[0].Now, 0.05) {
		t.Errorf("swept: %+v", big)
	}
	if q.most > 2000 {
		t.Errorf("an answer of %d series for %s", q.most, strings.Join(strings.Fields(q.largest), " "))
	}
	if q.most < 1000 {
		t.Errorf("the largest answer has %d series: this cluster is too small to tell", q.most)
	}
}
