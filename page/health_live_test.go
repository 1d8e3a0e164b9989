package page

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

// counting is a Querier that remembers the largest answer.
type counting struct {
	sources.Querier
	mu   sync.Mutex
	most int
}

func (c *counting) saw(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most = max(c.most, n)
}

func (c *counting) Query(ctx context.Context, expr string, at time.Time) (sources.Vector, error) {
	v, err := c.Querier.Query(ctx, expr, at)
	c.saw(len(v))
	return v, err
}

func (c *counting) QueryRange(ctx context.Context, expr string, r sources.Range) (sources.Matrix, error) {
	m, err := c.Querier.QueryRange(ctx, expr, r)
	c.saw(len(m))
	return m, err
}

func counted(t *testing.T, url string) *counting {
	t.Helper()
	c, err := prometheus.Open(prometheus.Options{Cluster: "x", URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &counting{Querier: c}
}

// exposition is one file of testdata/health: what a target says, and which
// service is asked for.
type exposition struct {
	name  string
	item  triage.Item
	lines []string // with the target's labels
}

func expositions(t *testing.T) []exposition {
	t.Helper()
	files, err := filepath.Glob("testdata/health/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var out []exposition
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		x := exposition{name: strings.TrimSuffix(filepath.Base(file), ".txt")}
		x.item.Service = triage.Found{Name: safe.Outside(x.name), By: "service"}
		target := ""
		for s := bufio.NewScanner(f); s.Scan(); {
			line := s.Text()
			words := strings.Fields(line)
			switch {
			case strings.HasPrefix(line, "# target "):
				target = words[2]
			case strings.HasPrefix(line, "# service ") && len(words) == 4:
				x.item.Labels = sources.NewLabels(map[string]string{"namespace": words[3]})
			case strings.HasPrefix(line, "# instance "):
				x.item.Service = triage.Found{}
				x.item.Labels = sources.NewLabels(map[string]string{"instance": words[2]})
			case strings.HasPrefix(line, "#"):
			case strings.Contains(line, "{"):
				x.lines = append(x.lines, strings.Replace(line, "{", "{"+target+",", 1))
			default:
				x.lines = append(x.lines, words[0]+"{"+target+"} "+words[1])
			}
		}
		_ = f.Close()
		out = append(out, x)
	}
	return out
}

// growth is how long counters took to their value in the exposition.
const growth = 100 * time.Second

// stored is a day and an hour of the expositions: counters grow by their value
// in each growth, the rest stands still.
func stored(xs []exposition, end time.Time) string {
	byMetric := map[string][]string{}
	for _, x := range xs {
		for _, line := range x.lines {
			i := strings.LastIndexByte(line, ' ')
			v, _ := strconv.ParseFloat(line[i+1:], 64)
			metric := line[:strings.IndexByte(line, '{')]
			counter := false
			for _, s := range []string{"_total", "_bucket", "_count", "_sum", "_requests", "_rq_xx"} {
				counter = counter || strings.HasSuffix(metric, s)
			}
			for _, span := range [][2]time.Duration{{24*time.Hour + 15*time.Minute, 24*time.Hour - time.Minute}, {75 * time.Minute, 0}} {
				for ago := span[0]; ago >= span[1]; ago -= time.Minute {
					at, y := end.Add(-ago), v
					if counter {
						y = v * float64(25*time.Hour-ago) / float64(growth)
					}
					byMetric[metric] = append(byMetric[metric], fmt.Sprintf("%s %s %d", line[:i], strconv.FormatFloat(y, 'f', -1, 64), at.Unix()))
				}
			}
		}
	}
	var b strings.Builder
	for _, lines := range byMetric {
		b.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return b.String() + "# EOF\n"
}

// wantHealth are queries written by hand for what the expositions hold, and
// the number that they give. By exposition and signal.
var wantHealth = map[string]map[string]struct {
	query string
	value float64 // NaN: only the query says
}{
	"otel": {
		"errors":       {`sum(rate(http_server_request_duration_seconds_count{job="otel",http_response_status_code="503"}[5m])) / sum(rate(http_server_request_duration_seconds_count{job="otel"}[5m]))`, 0.5},
		"latency":      {`histogram_quantile(0.99, sum(rate(http_server_request_duration_seconds_bucket{job="otel"}[5m])) by (le))`, 0.5},
		"traffic":      {`sum(rate(http_server_request_duration_seconds_count{job="otel"}[5m]))`, 2},
		"call_errors":  {`sum(rate(http_client_request_duration_seconds_count{job="otel",error_type="503"}[5m])) / sum(rate(http_client_request_duration_seconds_count{job="otel"}[5m]))`, 0.5},
		"call_latency": {`histogram_quantile(0.99, sum(rate(http_client_request_duration_seconds_bucket{job="otel"}[5m])) by (le))`, 0.5},
		"instances":    {`count(up{job="otel"} == 1)`, 1},
	},
	"otelms": {
		"errors":       {`sum(rate(http_server_duration_milliseconds_count{http_status_code="500"}[5m])) / sum(rate(http_server_duration_milliseconds_count[5m]))`, 0.5},
		"latency":      {`histogram_quantile(0.99, sum(rate(http_server_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic":      {`sum(rate(http_server_duration_milliseconds_count[5m]))`, 2},
		"call_latency": {`histogram_quantile(0.99, sum(rate(http_client_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
	},
	"plain": {
		"errors":     {`sum(rate(http_requests_total{job="plain",code="500"}[5m])) / sum(rate(http_requests_total{job="plain"}[5m]))`, 0.1},
		"latency":    {`histogram_quantile(0.99, sum(rate(http_request_duration_seconds_bucket{job="plain"}[5m])) by (le))`, 0.5},
		"traffic":    {`sum(rate(http_requests_total{job="plain"}[5m]))`, 10},
		"cpu":        {`rate(process_cpu_seconds_total{job="plain"}[5m])`, 0.3},
		"memory":     {`process_resident_memory_bytes{job="plain"}`, 5e7},
		"goroutines": {`go_goroutines{job="plain"}`, 42},
		"files":      {`process_open_fds{job="plain"} / 100`, 0.2},
	},
	"timed": {
		"errors":  {`sum(rate(http_request_duration_seconds_count{job="timed",status="5xx"}[5m])) / sum(rate(http_request_duration_seconds_count{job="timed"}[5m]))`, 0.5},
		"traffic": {`sum(rate(http_request_duration_seconds_count{job="timed"}[5m]))`, 2},
	},
	"spring": {
		"errors":  {`sum(rate(http_server_requests_seconds_count{job="spring",status="500"}[5m])) / sum(rate(http_server_requests_seconds_count{job="spring"}[5m]))`, 0.2},
		"latency": {`sum(rate(http_server_requests_seconds_sum{job="spring"}[5m])) / sum(rate(http_server_requests_seconds_count{job="spring"}[5m]))`, 0.2},
		"traffic": {`sum(rate(http_server_requests_seconds_count{job="spring"}[5m]))`, 1},
		"cpu":     {`process_cpu_usage`, 0.25},
		"heap":    {`sum(jvm_memory_used_bytes{job="spring"}) / 8e8`, 0.5},
		"gc":      {`sum(rate(jvm_gc_pause_seconds_sum[5m]))`, 0.05},
	},
	"springhist": {"latency": {`histogram_quantile(0.99, sum(rate(http_server_requests_seconds_bucket[5m])) by (le))`, 0.5}},
	"meantime": {
		"latency": {`sum(rate(http_request_duration_seconds_sum{job="meantime"}[5m])) / sum(rate(http_request_duration_seconds_count{job="meantime"}[5m]))`, 0.3},
		"heap":    {`jvm_memory_bytes_used / jvm_memory_bytes_max`, 0.75},
		"gc":      {`rate(jvm_gc_collection_seconds_sum[5m])`, 0.05},
	},
	"oteljvm": {
		"heap": {`jvm_memory_used_bytes{job="oteljvm"} / 8e8`, 0.25},
		"gc":   {`rate(jvm_gc_duration_seconds_sum[5m])`, 0.05},
	},
	"grpc": {
		"errors":       {`sum(rate(grpc_server_handled_total{grpc_code="Internal"}[5m])) / sum(rate(grpc_server_handled_total[5m]))`, 0.05},
		"latency":      {`histogram_quantile(0.99, sum(rate(grpc_server_handling_seconds_bucket[5m])) by (le))`, 0.5},
		"traffic":      {`sum(rate(grpc_server_handled_total[5m]))`, 1},
		"call_errors":  {`sum(rate(grpc_client_handled_total{grpc_code="Unavailable"}[5m])) / sum(rate(grpc_client_handled_total[5m]))`, 0.25},
		"call_latency": {`histogram_quantile(0.99, sum(rate(grpc_client_handling_seconds_bucket[5m])) by (le))`, 0.5},
	},
	"rpc": {
		"errors":       {`sum(rate(rpc_server_duration_milliseconds_count{rpc_grpc_status_code="13"}[5m])) / sum(rate(rpc_server_duration_milliseconds_count[5m]))`, 0.5},
		"latency":      {`histogram_quantile(0.99, sum(rate(rpc_server_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic":      {`sum(rate(rpc_server_duration_milliseconds_count[5m]))`, 2},
		"call_latency": {`histogram_quantile(0.99, sum(rate(rpc_client_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
	},
	"rpcnew": {
		"errors":  {`sum(rate(rpc_server_call_duration_seconds_count{rpc_response_status_code="INTERNAL"}[5m])) / sum(rate(rpc_server_call_duration_seconds_count[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(rpc_server_call_duration_seconds_bucket[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(rpc_server_call_duration_seconds_count[5m]))`, 2},
	},
	"meshed": {
		"errors":  {`sum(rate(istio_requests_total{reporter="destination",response_code="503"}[5m])) / sum(rate(istio_requests_total{reporter="destination"}[5m]))`, 0.3},
		"latency": {`histogram_quantile(0.99, sum(rate(istio_request_duration_milliseconds_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic": {`sum(rate(istio_requests_total{reporter="destination"}[5m]))`, 1},
	},
	"ingressed": {
		"errors":  {`sum(rate(nginx_ingress_controller_requests{exported_namespace="shop",status="502"}[5m])) / sum(rate(nginx_ingress_controller_requests{exported_namespace="shop"}[5m]))`, 0.04},
		"latency": {`histogram_quantile(0.99, sum(rate(nginx_ingress_controller_request_duration_seconds_bucket{exported_namespace="shop"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(nginx_ingress_controller_requests{exported_namespace="shop"}[5m]))`, 1},
	},
	"nginxapp": {
		"errors":  {`sum(rate(nginx_ingress_controller_requests{job="nginxapp",status="502"}[5m])) / sum(rate(nginx_ingress_controller_requests{job="nginxapp"}[5m]))`, 0.04},
		"latency": {`histogram_quantile(0.99, sum(rate(nginx_ingress_controller_request_duration_seconds_bucket{job="nginxapp"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(nginx_ingress_controller_requests{job="nginxapp"}[5m]))`, 1},
	},
	"routed": {
		"errors":  {`sum(rate(traefik_service_requests_total{service="shop-routed-80@kubernetes",code="500"}[5m])) / sum(rate(traefik_service_requests_total{service="shop-routed-80@kubernetes"}[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(traefik_service_request_duration_seconds_bucket{service="shop-routed-80@kubernetes"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(traefik_service_requests_total{service="shop-routed-80@kubernetes"}[5m]))`, 1},
	},
	"filed": {
		"errors":  {`sum(rate(traefik_service_requests_total{service="filed@file",code="500"}[5m])) / sum(rate(traefik_service_requests_total{service="filed@file"}[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(traefik_service_request_duration_seconds_bucket{service="filed@file"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(traefik_service_requests_total{service="filed@file"}[5m]))`, 1},
	},
	"traefikapp": {
		"errors":  {`sum(rate(traefik_service_requests_total{job="traefikapp",code="500"}[5m])) / sum(rate(traefik_service_requests_total{job="traefikapp"}[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(traefik_service_request_duration_seconds_bucket{job="traefikapp"}[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(traefik_service_requests_total{job="traefikapp"}[5m]))`, 1},
	},
	"upstreamed": {
		"errors":  {`sum(rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}[5m])) / sum(rate(envoy_cluster_upstream_rq_xx[5m]))`, 0.2},
		"latency": {`histogram_quantile(0.99, sum(rate(envoy_cluster_upstream_rq_time_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic": {`sum(rate(envoy_cluster_upstream_rq_xx[5m]))`, 1},
	},
	"edge": {
		"errors":  {`sum(rate(envoy_http_downstream_rq_xx{envoy_response_code_class="5"}[5m])) / sum(rate(envoy_http_downstream_rq_xx[5m]))`, 0.2},
		"latency": {`histogram_quantile(0.99, sum(rate(envoy_http_downstream_rq_time_bucket[5m])) by (le)) * 0.001`, 0.5},
		"traffic": {`sum(rate(envoy_http_downstream_rq_xx[5m]))`, 1},
	},
	"prefixed": {
		"errors":  {`sum(rate(myapp_http_requests_total{code="500"}[5m])) / sum(rate(myapp_http_requests_total[5m]))`, 0.25},
		"traffic": {`sum(rate(myapp_http_requests_total[5m]))`, 1},
	},
	"prefixtimed": {
		"errors":  {`sum(rate(myapp_http_request_duration_seconds_count{code="500"}[5m])) / sum(rate(myapp_http_request_duration_seconds_count[5m]))`, 0.5},
		"latency": {`histogram_quantile(0.99, sum(rate(myapp_http_request_duration_seconds_bucket[5m])) by (le))`, 0.5},
		"traffic": {`sum(rate(myapp_http_request_duration_seconds_count[5m]))`, 2},
	},
	"nginx":  {"traffic": {`rate(nginx_http_requests_total[5m])`, 1}, "connections": {`nginx_connections_active`, 7}},
	"probed": {"probe": {`probe_success`, 1}, "latency": {`probe_duration_seconds`, 0.25}, "certificate": {`probe_ssl_earliest_cert_expiry - time()`, math.NaN()}},
	"node": {
		"cpu":    {`rate(node_cpu_seconds_total{mode="user"}[5m])`, 0.25},
		"memory": {`(node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes) / node_memory_MemTotal_bytes`, 0.6},
		"disk":   {`1 - node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"}`, 0.7},
		"load":   {`node_load5`, 0.5},
	},
	"podded": {
		"cpu":       {`sum(rate(container_cpu_usage_seconds_total{namespace="shop",pod=~"podded-5d8f.*"}[5m])) / 4`, 5},
		"throttled": {`sum(rate(container_cpu_cfs_throttled_periods_total{namespace="shop",pod=~"podded-5d8f.*"}[5m])) / sum(rate(container_cpu_cfs_periods_total{namespace="shop",pod=~"podded-5d8f.*"}[5m]))`, 0.3},
		"memory":    {`max(container_memory_working_set_bytes{namespace="shop",pod=~"podded-5d8f.*"}) / 4e8`, 0.75},
		"restarts":  {`round(sum(increase(kube_pod_container_status_restarts_total{namespace="shop",pod=~"podded-5d8f.*"}[1h])))`, 7200},
		"replicas":  {`kube_deployment_status_replicas_available{deployment="podded"} / kube_deployment_spec_replicas{deployment="podded"}`, 0.5},
	},
	"stateful": {"replicas": {`kube_statefulset_status_replicas_ready / kube_statefulset_replicas`, 0.75}},
}

func TestHealthOfExpositions(t *testing.T) {
	t.Parallel()
	end := time.Now().Truncate(time.Minute)
	xs := expositions(t)
	srv := promtest.Start(t, promtest.Options{OpenMetrics: stored(xs, end)})
	q := counted(t, srv.URL)
	covered := map[string]bool{}
	for _, x := range xs {
		h, err := HealthOf(t.Context(), q, x.item, "", end)
		if err != nil || len(h.Signals) == 0 {
			t.Errorf("%s: %v %s", x.name, err, h.Note)
			continue
		}
		d, err := detect(t.Context(), q, x.item, "", end)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range d.picked {
			if h.Signals[i].HasNow {
				covered[p.Filled("")] = true
			}
		}
		for signal, want := range wantHealth[x.name] {
			i := slices.IndexFunc(h.Signals, func(s triage.Signal) bool { return s.Name == signal })
			if i < 0 {
				t.Errorf("%s: no %s", x.name, signal)
				continue
			}
			s := h.Signals[i]
			theirs, err := q.Query(t.Context(), want.query, end)
			if err != nil || len(theirs) != 1 || !s.HasNow || !near(s.Now, theirs[0].V) || !math.IsNaN(want.value) && !near(s.Now, want.value) {
				t.Errorf("%s: %s is %v (%v), by hand %v, want %v, %v\n%s", x.name, signal, s.Now, s.HasNow, theirs, want.value, err, s.Query)
			}
			if signal != "certificate" && (!s.HasBefore || !s.HasDay || !near(s.Now, s.Before) && signal != "restarts" || !near(s.Now, s.Day) && signal != "restarts") {
				t.Errorf("%s: %s is %v, before %v, a day ago %v (%v)", x.name, signal, s.Now, s.Before, s.Day, s.HasDay)
			}
		}
	}
	if q.most > 100 { // far below 2,000: everything is aggregated by the server
		t.Errorf("an answer of %d series", q.most)
	}
	for _, d := range triage.Detectors() {
		native := d.Native || strings.Contains(d.Query, "histogram_count") || strings.Contains(d.Query, "0.99, sum(rate")
		if !d.Open() && !native && !covered[d.Filled("")] { // native ones: TestNativeHistograms; open ones: by name above
			t.Errorf("no exposition for %s of %s in %s", d.Signal, d.For[0], d.Where[0])
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 0.01*math.Max(math.Abs(a), math.Abs(b)) }

// TestNativeHistograms scrapes client_golang itself, with classic buckets and
// with native ones.
func TestNativeHistograms(t *testing.T) {
	t.Parallel()
	var scrape strings.Builder
	names := map[string]string{"otelnative": "http_server_request_duration_seconds", "plainnative": "http_request_duration_seconds",
		"springnative": "http_server_requests_seconds", "grpcnative": "grpc_server_handling_seconds", "ownnative": "shop_http_request_duration_seconds", "classic": "http_request_duration_seconds"}
	for job, metric := range names {
		reg := client.NewRegistry()
		opts := client.HistogramOpts{Name: metric, Help: "x", Buckets: []float64{0.1, 0.5, 1}}
		if job != "classic" {
			opts.Buckets, opts.NativeHistogramBucketFactor = nil, 1.1
		}
		label := "code"
		if job == "otelnative" {
			label = "http_response_status_code"
		}
		vec := client.NewHistogramVec(opts, []string{label})
		reg.MustRegister(vec)
		stop := make(chan struct{})
		go func() { // three good requests and a bad one, again and again
			for tick := time.NewTicker(20 * time.Millisecond); ; {
				select {
				case <-stop:
					tick.Stop()
					return
				case <-tick.C:
					for range 3 {
						vec.WithLabelValues("200").Observe(0.3)
					}
					vec.WithLabelValues("500").Observe(0.3)
				}
			}
		}()
		target := httptest.NewServer(promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
		t.Cleanup(func() { close(stop); target.Close() })
		fmt.Fprintf(&scrape, "- job_name: %s\n  static_configs: [{targets: [%q]}]\n", job, strings.TrimPrefix(target.URL, "http://"))
	}
	srv := promtest.Start(t, promtest.Options{Scrape: scrape.String(), Args: []string{"--enable-feature=native-histograms"}})
	for job := range names {
		srv.WaitFor(fmt.Sprintf(`count_over_time(up{job=%q}[1m]) >= 5`, job))
	}
	q := counted(t, srv.URL)
	for job, metric := range names {
		now := time.Now()
		h, err := HealthOf(t.Context(), q, triage.Item{Service: triage.Found{Name: safe.Outside(job), By: "job"}}, "", now)
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]triage.Signal{}
		for _, s := range h.Signals {
			by[s.Name] = s
		}
		hand := `histogram_count(sum(rate(` + metric + `{job="` + job + `"}[5m])))`
		if job == "classic" {
			hand = `sum(rate(` + metric + `_count{job="classic"}[5m]))`
		}
		theirs, err := q.Query(t.Context(), hand, now)
		if err != nil || len(theirs) != 1 {
			t.Fatalf("%s: %v %v", job, theirs, err)
		}
		if job != "grpcnative" { // it has a counter of its own for these
			if s := by["errors"]; !near(s.Now, 0.25) {
				t.Errorf("%s: errors %v, %v\n%s", job, s.Now, s.Err, s.Query)
			}
			if s := by["traffic"]; !near(s.Now, theirs[0].V) || s.Now < 1 {
				t.Errorf("%s: traffic %v, by hand %v", job, s.Now, theirs[0].V)
			}
		}
		if s := by["latency"]; s.Now < 0.25 || s.Now > 0.5 {
			t.Errorf("%s: p99 %v, %v\n%s", job, s.Now, s.Err, s.Query)
		}
	}
}

func TestCatalogQueries(t *testing.T) {
	t.Parallel()
	srv := promtest.Start(t, promtest.Options{OpenMetrics: stored([]exposition{{lines: []string{
		`http_requests_total{job="checkout",code="200"} 90`, `http_requests_total{job="checkout",code="500"} 10`, `orders{job="checkout",kind="a"} 3`, `orders{job="checkout",kind="b"} 4`,
	}}}, time.Now().Truncate(time.Minute))})
	v := safe.Outside
	it := triage.Item{Service: triage.Found{Name: v("checkout"), By: "job"}, Queries: []sources.HealthQuery{
		{Signal: v("orders"), Title: v("orders"), Query: v("sum(orders) # open"), Worse: v("down")},
		{Signal: v("errors"), Title: v("lost"), Query: v("scalar(sum(orders)) / 100"), Unit: v("ratio")},
		{Signal: v("wrong"), Title: v("wrong"), Query: v("sum(orders")},
		{Signal: v("many"), Title: v("many"), Query: v("orders")},
	}}
	h, err := HealthOf(t.Context(), counted(t, srv.URL), it, "", time.Now().Truncate(time.Minute))
	if err != nil || len(h.Signals) != 5 {
		t.Fatalf("%v %+v", err, h.Signals)
	}
	s := h.Signals
	if s[0].Now != 7 || s[0].Verdict != "same" || s[1].Title != "lost" || s[1].Now != 0.07 || s[4].Name != "traffic" {
		t.Errorf("%+v", s)
	}
	if s[2].Err == nil || !strings.Contains(s[2].Err.Error(), "parse error") || s[3].Err == nil || !strings.Contains(s[3].Err.Error(), "several series") {
		t.Errorf("%v, %v", s[2].Err, s[3].Err)
	}
}
