package page

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

// manyServices is two hours of services with metrics of every kind. In the last
// half hour checkout fails more often and cart is slower.
func manyServices(begin time.Time) string {
	h := promtest.NewHistory(begin, 30*time.Second)
	const all, late = 2*time.Hour + time.Minute, 90 * time.Minute
	count := func(metric string, before, after float64, labels ...string) {
		total := 0.0
		h.AddFunc(metric, 0, all, func(at time.Duration) float64 {
			rate := before
			if at >= late {
				rate = after
			}
			total += rate * 30
			return total
		}, labels...)
	}
	count("http_requests_total", 100, 90, "job", "checkout", "code", "200")
	count("http_requests_total", 0.1, 10, "job", "checkout", "code", "503")
	count("http_requests_total", 50, 50, "job", "shop/search", "status", "200") // no failure, another label
	for _, le := range []string{"0.1", "1", "+Inf"} {
		share := map[string]float64{"0.1": 0.5, "1": 0.9, "+Inf": 1}[le]
		count("http_request_duration_seconds_bucket", 40, 40*share, "job", "cart", "le", le)
	}
	count("http_request_duration_seconds_count", 40, 40, "job", "cart", "code", "200")
	count("grpc_server_handled_total", 5, 5, "service", "ledger", "grpc_code", "OK")
	count("grpc_server_handled_total", 1, 1, "service", "ledger", "grpc_code", "Internal")
	count("process_cpu_seconds_total", 0.2, 0.7, "job", "cart", "instance", "1")
	count("process_cpu_seconds_total", 0.4, 0.7, "job", "cart", "instance", "2")
	for _, job := range []string{"checkout", "shop/search", "cart", "node-exporter"} {
		h.Add("up", 0, all, 1, "job", job, "instance", "1")
	}
	h.AddFunc("up", 0, all, func(at time.Duration) float64 { return map[bool]float64{true: 0, false: 1}[at >= late] }, "job", "cart", "instance", "2")
	h.Add("kube_deployment_spec_replicas", 0, all, 1, "deployment", "mailer", "job", "kube-state-metrics")
	h.Add("kube_deployment_spec_replicas", 0, all, 1, "deployment", "Cart", "job", "kube-state-metrics")
	return h.Text()
}

// TestSweepIsHealthOf: what is asked for all services at once is what each
// answers by itself.
func TestSweepIsHealthOf(t *testing.T) {
	t.Parallel()
	at := time.Now().UTC().Truncate(time.Minute)
	server := promtest.Start(t, promtest.Options{OpenMetrics: manyServices(at.Add(-2 * time.Hour))})
	client, err := prometheus.Open(prometheus.Options{Cluster: "prod-eu", URL: server.URL, Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	s := sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod-eu", Alerts: feed[sources.Alert]("prometheus", at)}},
		Services: []sources.Feed[sources.Service]{feed("catalog", at, sources.Service{Name: safe.Outside("ledger")},
			sources.Service{Name: safe.Outside("find"), Aliases: []safe.Value{safe.Outside("search")}, Team: safe.Outside("team-x")})}}
	asked := &counting{Querier: client}
	a := &Assembler{Query: func(string) sources.Querier { return asked }, Now: func() time.Time { return at }}
	list := a.Services(t.Context(), build(s, at))
	names := ""
	for _, r := range list.Rows {
		names += r.Name.String() + " "
	}
	if want := "cart checkout find ledger mailer "; names != want || list.Errs != nil {
		t.Fatalf("services %q, want %q; %v", names, want, list.Errs)
	}
	asked.n.Store(0)
	of := a.Sweep(t.Context(), list.Rows)
	t.Logf("%d queries for %d services", asked.n.Load(), len(list.Rows))
	signals := 0
	for _, r := range list.Rows {
		if r.Name.Raw() == "mailer" { // by its pods: that is asked one at a time only
			continue
		}
		got, want := of[r.Key()], a.HealthOfService(t.Context(), r)
		if got.Err != nil || want.Err != nil {
			t.Fatalf("%s: %v, %v", r.Name, got.Err, want.Err)
		}
		if got.Health.Selector != want.Health.Selector || got.Health.Instances != want.Health.Instances || len(got.Health.Signals) != len(want.Health.Signals) {
			t.Errorf("%s:\n%+v\n%+v", r.Name, got.Health, want.Health)
			continue
		}
		for i, g := range got.Health.Signals {
			signals++
			w := want.Health.Signals[i]
			if g.Err != nil || g.Name != w.Name || g.Query != w.Query || g.HasNow != w.HasNow || g.HasBefore != w.HasBefore || g.Verdict != w.Verdict || !near(g.Now, w.Now) || !near(g.Before, w.Before) {
				t.Errorf("%s %s: at once %v %v %q %v, alone %v %v %q", r.Name, g.Name, g.Now, g.Before, g.Verdict, g.Err, w.Now, w.Before, w.Verdict)
			}
		}
	}
	if signals < 10 {
		t.Errorf("only %d signals were compared", signals)
	}
	for name, want := range map[string]triage.Condition{"checkout": triage.ServiceWorse, "find": triage.ServiceUsual, "cart": triage.ServiceWorse, "mailer": triage.ServiceUnknown} {
		r := build(s, at).FindServices(list.Rows, name)
		if len(r) != 1 {
			t.Fatalf("%s: %d rows", name, len(r))
		}
		if c, words := of[r[0].Key()].Condition(); c != want {
			t.Errorf("%s is %s (%s), want %s", name, c, words, want)
		}
	}
	if tally := TallyOf(list.Rows, of); tally.Usual != 2 || tally.Unknown != 1 || len(tally.Bad) != 2 {
		t.Errorf("tally %+v", tally)
	}
}

func near(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

func TestSweepSaysWhatFailed(t *testing.T) {
	t.Parallel()
	row := triage.ServiceRow{Name: safe.Outside("checkout"), Cluster: "prod-eu", By: "job", Labels: sources.NewLabels(map[string]string{"job": "checkout"})}
	a := assembler(&server{instant: func(_ context.Context, _ string, _ time.Time) (sources.Vector, error) {
		return nil, sources.Errorf(sources.Unauthorized, "401")
	}})
	h := a.Sweep(t.Context(), []triage.ServiceRow{row})[row.Key()]
	if c, _ := h.Condition(); c != triage.ServiceUnknown || !sources.IsKind(h.Err, sources.Unauthorized) {
		t.Errorf("%s, %v", c, h.Err)
	}
	if c, _ := (ServiceHealth{}).Condition(); c != triage.ServiceUnknown {
		t.Errorf("never asked, and it is %s", c)
	}
}

// counting counts instant queries.
type counting struct {
	sources.Querier
	n atomic.Int64
}

func (c *counting) Query(ctx context.Context, expr string, at time.Time) (sources.Vector, error) {
	c.n.Add(1)
	return c.Querier.Query(ctx, expr, at)
}
