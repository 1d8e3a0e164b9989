package page

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
)

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

// TestInstrumentedHandler scrapes a program that is instrumented as
// client_golang's documentation says: promhttp around its handlers and around
// their calls, its own collectors, promhttp's page.
func TestInstrumentedHandler(t *testing.T) {
	t.Parallel()
	reg := client.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	requests := client.NewCounterVec(client.CounterOpts{Name: "http_requests_total", Help: "x"}, []string{"code", "method"})
	took := client.NewHistogramVec(client.HistogramOpts{Name: "http_request_duration_seconds", Help: "x", Buckets: client.DefBuckets}, []string{"handler", "method"})
	flying := client.NewGauge(client.GaugeOpts{Name: "http_requests_in_flight", Help: "x"})
	reg.MustRegister(requests, took, flying)
	var served atomic.Int64
	pay := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if served.Add(1)%5 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	mux := http.NewServeMux()
	mux.Handle("/pay", promhttp.InstrumentHandlerInFlight(flying, promhttp.InstrumentHandlerDuration(took.MustCurryWith(client.Labels{"handler": "/pay"}),
		promhttp.InstrumentHandlerCounter(requests, pay))))
	mux.Handle("/metrics", promhttp.InstrumentMetricHandler(reg, promhttp.HandlerFor(reg, promhttp.HandlerOpts{})))
	target := httptest.NewServer(mux)
	t.Cleanup(target.Close)
	var g sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(func() { stop(); g.Wait() })
	g.Go(func() {
		for ctx.Err() == nil {
			for range 5 { // a scrape rarely falls between a good answer and the bad one
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, target.URL+"/pay", nil)
				if res, err := target.Client().Do(req); err == nil {
					_ = res.Body.Close()
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	srv := promtest.Start(t, promtest.Options{Scrape: fmt.Sprintf("- job_name: pay\n  static_configs: [{targets: [%q]}]\n", strings.TrimPrefix(target.URL, "http://"))})
	srv.WaitFor(`count_over_time(up{job="pay"}[1m]) >= 6`)
	q, now := counted(t, srv.URL), time.Now()
	h, err := HealthOf(t.Context(), q, triage.Item{Service: triage.Found{Name: safe.Outside("pay"), By: "job"}}, "", now)
	if err != nil || h.Instances != "1 of 1" {
		t.Fatalf("%v, %q, %s", err, h.Instances, h.Note)
	}
	hand := map[string]string{
		"errors":     `sum(rate(http_requests_total{code="500"}[5m])) / sum(rate(http_requests_total[5m]))`,
		"traffic":    `sum(rate(http_requests_total[5m]))`,
		"latency":    `histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))`,
		"cpu":        `rate(process_cpu_seconds_total[5m])`,
		"memory":     `process_resident_memory_bytes`,
		"goroutines": `go_goroutines`,
		"files":      `process_open_fds / process_max_fds`,
	}
	for _, s := range h.Signals {
		if s.Name == "instances" {
			continue
		}
		theirs, err := q.Query(t.Context(), hand[s.Name], now)
		if err != nil || len(theirs) != 1 || !s.HasNow || !near(s.Now, theirs[0].V) {
			t.Errorf("%s is %v (%v, %v), by hand %v, %v", s.Name, s.Now, s.HasNow, s.Err, theirs, err)
		}
		if s.Name == "errors" && math.Abs(s.Now-0.2) > 0.02 {
			t.Errorf("one of five requests fails, errors are %v", s.Now)
		}
		delete(hand, s.Name)
	}
	if len(hand) > 0 {
		t.Errorf("not found: %v", hand)
	}
}
