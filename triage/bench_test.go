package triage

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// wireAlert is an alert as Prometheus' API sends it.
type wireAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	State       string            `json:"state"`
	ActiveAt    time.Time         `json:"activeAt"`
	Value       string            `json:"value"`
}

// stormy is n alerts of a bad day: a few names on many hosts, some of every
// other kind.
func stormy(n int) []wireAlert {
	out := make([]wireAlert, n)
	severities := []string{"critical", "warning", "warning", "info", "page"}
	for i := range out {
		name := i % 40
		out[i] = wireAlert{
			Labels: map[string]string{
				"alertname": fmt.Sprintf("Alert%02d", name), "severity": severities[name%5], "service": fmt.Sprintf("service-%d", i%97),
				"namespace": fmt.Sprintf("ns-%d", i%13), "job": "kube-state-metrics", "instance": fmt.Sprintf("10.0.%d.%d:9100", i/256, i%256),
				"pod": fmt.Sprintf("service-%d-7d9f8c6b5d-x%04d", i%97, i), "container": "app", "region": "eu-1",
			},
			Annotations: map[string]string{
				"summary":     fmt.Sprintf("Pod service-%d is not well", i%97),
				"description": "Pod has been in a state other than ready for longer than 15 minutes, which is longer than it should be.",
				"runbook_url": "https://github.com/acme/runbooks/blob/main/pods.md#not-well",
			},
			State: "firing", ActiveAt: noon.Add(-time.Duration(i) * time.Second), Value: "1e+00",
		}
	}
	return out
}

func decoded(ws []wireAlert) sources.Snapshot {
	as := make([]sources.Alert, len(ws))
	for i, w := range ws {
		ls := sources.NewLabels(w.Labels)
		as[i] = sources.Alert{ID: sources.NewAlertID("eu", ls), Cluster: "eu", Labels: ls, Annotations: sources.NewLabels(w.Annotations),
			State: sources.Firing, ActiveAt: w.ActiveAt, Value: 1}
	}
	s := snapshot(as...)
	var rules []sources.Rule
	for i := range 2000 {
		rules = append(rules, sources.Rule{Name: safe.Outside(fmt.Sprintf("Alert%02d", i)), Query: safe.Outside("kube_pod_status_ready == 0")})
	}
	s.Clusters[0].Rules.Items = []sources.RuleGroup{{Rules: rules}}
	var services []sources.Service
	for i := range 97 {
		services = append(services, sources.Service{Name: safe.Outside(fmt.Sprintf("service-%d", i))})
	}
	s.Services = catalogOf(services...)
	return s
}

// BenchmarkBuild10k compares Build with encoding/json decoding the same
// 10,000 alerts in the same run; the bar is 0.4.
func BenchmarkBuild10k(b *testing.B) {
	ws := stormy(10_000)
	doc, err := json.Marshal(ws)
	if err != nil {
		b.Fatal(err)
	}
	s := decoded(ws)
	reference, took := time.Duration(1<<62), time.Duration(1<<62)
	for range 3 {
		start := time.Now()
		var back []wireAlert
		if err := json.Unmarshal(doc, &back); err != nil || len(back) != len(ws) {
			b.Fatal(err)
		}
		reference = min(reference, time.Since(start))
	}
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if board := Build(s, Defaults(), noon); board.Counts.Alerts != len(ws) {
			b.Fatalf("%+v", board.Counts)
		}
		took = min(took, time.Since(start))
	}
	b.ReportMetric(float64(took)/float64(reference), "x-encoding/json")
}

// BenchmarkFilter10k narrows 10,000 alerts, as every key in the filter does,
// side by side with Build.
func BenchmarkFilter10k(b *testing.B) {
	board := Build(decoded(stormy(10_000)), Defaults(), noon)
	f, err := ParseFilter(`service-13 severity=~"crit.*|warn.*"`)
	if err != nil {
		b.Fatal(err)
	}
	reference := time.Duration(1 << 62)
	for range 3 {
		start := time.Now()
		Build(board.Snapshot, board.Prefs, noon)
		reference = min(reference, time.Since(start))
	}
	b.ReportAllocs()
	took := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		if len(board.Rows(f, BySeverity)) == 0 {
			b.Fatal("nothing left")
		}
		took = min(took, time.Since(start))
	}
	b.ReportMetric(float64(took)/float64(reference), "x-Build")
}

// BenchmarkSplitCorpus takes apart the 2,049 rules of the corpus.
func BenchmarkSplitCorpus(b *testing.B) {
	qs := corpusQueries(b)
	for b.Loop() {
		for _, q := range qs {
			Split(q)
		}
	}
}
