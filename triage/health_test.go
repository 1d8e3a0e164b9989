package triage

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestDetectors(t *testing.T) {
	t.Parallel()
	for _, d := range Detectors() {
		if d.Open() {
			d = d.of("x" + strings.TrimPrefix(d.For[0], "*"))
		}
		for _, selector := range []string{``, `job="checkout"`, `job="a",namespace=~"b|c"`} {
			q := d.Filled(selector)
			if e := Split(q); !e.Parsed || strings.Contains(q, "$sel") {
				t.Errorf("%s with %q is no PromQL: %s", d.Signal, selector, q)
			}
		}
		for _, m := range d.Needs {
			if !strings.Contains(d.Query+d.Total, m) {
				t.Errorf("%s needs %s and does not ask for it", d.Signal, m)
			}
		}
		if d.Why == "" || d.Worse != "" && d.Worse != "up" && d.Worse != "down" {
			t.Errorf("%+v", d)
		}
	}
	if _, err := parseDetectors([]byte("detectors:\n- signal: x\n  nonsense: y\n")); err == nil {
		t.Error("an unknown field is accepted")
	}
	if _, err := parseDetectors([]byte("detectors:\n- signal: x\n")); err == nil {
		t.Error("a detector without a query is accepted")
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	pick := func(metrics ...string) []string {
		var out []string
		for _, d := range Pick(Detectors(), map[string][]string{App: metrics}) {
			out = append(out, d.Signal+" "+d.Needs[0])
		}
		return out
	}
	if d := cmp.Diff([]string(nil), pick()); d != "" {
		t.Error(d)
	}
	want := []string{"errors http_requests_total", "latency http_request_duration_seconds_bucket", "traffic http_requests_total", "cpu process_cpu_seconds_total", "instances up"}
	if d := cmp.Diff(want, pick("up", "process_cpu_seconds_total", "http_requests_total", "http_request_duration_seconds_bucket",
		"http_request_duration_seconds_count", "container_cpu_usage_seconds_total")); d != "" {
		t.Error(d)
	}
}

// A name that has to be quoted in PromQL stands in no query.
func TestPickLeavesNamesThatNeedQuotes(t *testing.T) {
	t.Parallel()
	for _, metric := range []string{"my.app_http_requests_total", "x} or vector(1) or y_http_requests_total"} {
		if got := Pick(Detectors(), map[string][]string{App: {metric}}); len(got) > 0 {
			t.Errorf("%s: %s", metric, got[0].Query)
		}
	}
}

// TestDetectorsInPrometheus has promtool evaluate detectors on series as services
// expose them; page tests every one on whole expositions.
func TestDetectorsInPrometheus(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	query := func(signal, metric string) string {
		for _, d := range Detectors() {
			if d.Signal == signal && d.Needs[0] == metric {
				return d.Filled(`job="checkout"`)
			}
		}
		t.Fatalf("no detector %s for %s", signal, metric)
		return ""
	}
	otel, plain, timed, grpc := "http_server_request_duration_seconds", "http_requests_total", "http_request_duration_seconds", "grpc_server_handled_total"
	type test struct {
		series []string
		query  string
		want   string // the value; empty: no answer
	}
	// +6 a minute is 0.1 a second.
	counter := func(name, labels string, perMinute int) string {
		return fmt.Sprintf("%s{job=\"checkout\",%s} 0+%dx20", name, labels, perMinute)
	}
	buckets := func(name string) []string {
		return []string{counter(name, `le="0.1"`, 90), counter(name, `le="0.5"`, 100), counter(name, `le="+Inf"`, 100)}
	}
	tests := []test{
		{[]string{counter(plain, `code="200"`, 90), counter(plain, `code="503"`, 10)}, query("errors", plain), "0.1"},
		{[]string{counter(plain, `status="200",pod="a"`, 60), counter(plain, `status="500",pod="b"`, 20)}, query("errors", plain), "0.25"},
		{[]string{counter(plain, `status_code="404"`, 60)}, query("errors", plain), "0"},
		{[]string{counter(plain, `code="500",status="500"`, 60)}, query("errors", plain), "1"},
		// A counter without a status label says nothing of errors; that is not "no errors".
		{[]string{counter(plain, `path="/"`, 60)}, query("errors", plain), ""},
		{[]string{`http_requests_total{job="other",code="500"} 0+60x20`}, query("errors", plain), ""},
		{[]string{counter(plain, `code="200"`, 90), counter(plain, `code="503"`, 30)}, query("traffic", plain), "2"},
		{[]string{counter(otel+"_count", `http_response_status_code="200"`, 90), counter(otel+"_count", `http_response_status_code="502"`, 10)}, query("errors", otel+"_count"), "0.1"},
		{[]string{counter(otel+"_count", `http_response_status_code="200"`, 90)}, query("errors", otel+"_count"), "0"},
		{[]string{counter(otel+"_count", `http_response_status_code="200"`, 90)}, query("traffic", otel+"_count"), "1.5"},
		{buckets(otel + "_bucket"), query("latency", otel+"_bucket"), "0.46"},
		{[]string{counter(timed+"_count", `code="200"`, 90), counter(timed+"_count", `code="500"`, 30)}, query("errors", timed+"_count"), "0.25"},
		{[]string{counter(timed+"_count", `status="2xx"`, 90), counter(timed+"_count", `status="5xx"`, 30)}, query("errors", timed+"_count"), "0.25"},
		{[]string{counter(timed+"_count", `x="y"`, 90)}, query("traffic", timed+"_count"), "1.5"},
		{buckets(timed + "_bucket"), query("latency", timed+"_bucket"), "0.46"},
		{[]string{counter(grpc, `grpc_code="OK"`, 90), counter(grpc, `grpc_code="NotFound"`, 20), counter(grpc, `grpc_code="Internal"`, 10)}, query("errors", grpc), "0.083"},
		{[]string{counter(grpc, `grpc_code="OK"`, 90)}, query("errors", grpc), "0"},
		{[]string{counter(grpc, `grpc_code="OK"`, 90)}, query("traffic", grpc), "1.5"},
		{buckets("grpc_server_handling_seconds_bucket"), query("latency", "grpc_server_handling_seconds_bucket"), "0.46"},
		{[]string{counter("process_cpu_seconds_total", `pod="a"`, 30), counter("process_cpu_seconds_total", `pod="b"`, 6)}, query("cpu", "process_cpu_seconds_total"), "0.3"},
		{[]string{counter("container_cpu_usage_seconds_total", `container="app"`, 30), counter("container_cpu_usage_seconds_total", `container=""`, 30),
			`kube_pod_container_resource_limits{job="checkout",container="app",resource="cpu"} 2x20`}, query("cpu", "container_cpu_usage_seconds_total"), "0.25"},
		{[]string{`up{job="checkout",pod="a"} 1x20`, `up{job="checkout",pod="b"} 0x20`, `up{job="x"} 1x20`}, query("instances", "up"), "1"},
	}
	var doc strings.Builder
	doc.WriteString("evaluation_interval: 1m\ntests:\n")
	for _, tc := range tests {
		doc.WriteString("  - interval: 1m\n    input_series:\n")
		for _, s := range tc.series {
			i := strings.LastIndex(s, "} ") + 1
			fmt.Fprintf(&doc, "      - series: '%s'\n        values: '%s'\n", s[:i], s[i+1:])
		}
		fmt.Fprintf(&doc, "    promql_expr_test:\n      - expr: 'round(%s, 0.001)'\n        eval_time: 15m\n        exp_samples:", strings.ReplaceAll(strings.Join(strings.Fields(tc.query), " "), "'", "''"))
		if tc.want == "" {
			doc.WriteString(" []\n")
		} else {
			fmt.Fprintf(&doc, "\n          - {labels: '{}', value: %s}\n", tc.want)
		}
	}
	file := filepath.Join(t.TempDir(), "test.yaml")
	if err := os.WriteFile(file, []byte(doc.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(promtool, "test", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, doc.String())
	}
}

func TestJudgeSignal(t *testing.T) {
	t.Parallel()
	sig := func(u Unit, now, before float64) Signal {
		return Signal{Unit: u, Now: now, Before: before, HasNow: true, HasBefore: true}
	}
	gone, fresh := sig(Ratio, 0, 1), sig(Ratio, 1, 0)
	gone.HasNow, fresh.HasBefore = false, false
	for _, tc := range []struct {
		s           Signal
		worse, want string
		alarming    bool
	}{
		{sig(Ratio, 0.124, 0.001), "up", "up", true},
		{sig(Ratio, 0.001, 0.124), "up", "down", false},
		{sig(Ratio, 0.003, 0.001), "up", "same", false},
		{sig(Seconds, 1.9, 0.24), "up", "up", true},
		{sig(Seconds, 0.26, 0.24), "up", "same", false},
		{sig(PerSecond, 412, 398), "", "same", false},
		{sig(PerSecond, 100, 398), "", "down", false},
		{sig(PerSecond, 0, 398), "", "down", false},
		{sig(PerSecond, 0.4, 0.1), "", "same", false},
		{sig(Count, 2, 3), "down", "worse", true},
		{sig(Count, 3, 3), "down", "same", false},
		{sig(Count, 4, 3), "down", "better", false},
		{sig(Ratio, math.NaN(), 0.1), "up", "gone", true},
		{sig(Ratio, 0.1, math.NaN()), "up", "", false},
		{gone, "up", "gone", true},
		{fresh, "up", "", false},
		{Signal{}, "up", "", false},
	} {
		s := tc.s
		s.Worse, s.Verdict = tc.worse, JudgeSignal(tc.s, tc.worse)
		if s.Verdict != tc.want || s.Alarming() != tc.alarming {
			t.Errorf("%v now, %v before (%s): %q, alarming %v", s.Now, s.Before, s.Unit, s.Verdict, s.Alarming())
		}
		if h := (Health{Signals: []Signal{s}}); h.Alarming() != tc.alarming {
			t.Errorf("health of %+v", s)
		}
	}
}

func TestInfiniteAndMissingValuesAreNoNews(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	s := Signal{Unit: Seconds, Worse: "up", Now: inf, Before: inf, HasNow: true, HasBefore: true}
	if got := JudgeSignal(s, "up"); got != "same" {
		t.Errorf("infinite now and an hour ago is %q, want same", got)
	}
	s.Before = 0.2
	if got := JudgeSignal(s, "up"); got != "up" {
		t.Errorf("infinite now and 200 ms an hour ago is %q, want up", got)
	}
	s.Now, s.Before = 0.2, inf
	if got := JudgeSignal(s, "up"); got != "down" {
		t.Errorf("200 ms now and infinite an hour ago is %q, want down", got)
	}
}

func TestAGapInTheLastMinutesHidesNoEasing(t *testing.T) {
	t.Parallel()
	s := Signal{Unit: Ratio, Worse: "up", Verdict: "up", HasNow: true, Now: 0.08}
	for _, v := range []float64{0.001, 0.3, math.NaN(), 0.2, 0.08} {
		s.Points = append(s.Points, sources.Point{V: v})
	}
	if !s.Easing() {
		t.Error("8% after 30% is not easing when a minute between has no value")
	}
}
