package page

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// manyServices is two hours of services with metrics of every kind, and the
// same two hours of the day before of one, nightly. In the last half hour
// checkout and shop fail more often, cart is slower, mailer has lost a pod, and
// nightly fails as it did yesterday.
func manyServices(end time.Time) string {
	h := promtest.NewHistory(end.Add(-26*time.Hour), 30*time.Second)
	const all, late, today = 2*time.Hour + time.Minute, 90 * time.Minute, 24 * time.Hour
	countFrom := func(from time.Duration, metric string, before, after float64, labels ...string) {
		total := 0.0
		h.AddFunc(metric, from, from+all, func(at time.Duration) float64 {
			rate := before
			if at >= from+late {
				rate = after
			}
			total += rate * 30
			return total
		}, labels...)
	}
	count := func(metric string, before, after float64, labels ...string) {
		countFrom(today, metric, before, after, labels...)
	}
	gauge := func(metric string, before, after float64, labels ...string) {
		h.AddFunc(metric, today, today+all, func(at time.Duration) float64 {
			if at >= today+late {
				return after
			}
			return before
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
	for _, from := range []time.Duration{0, today} {
		countFrom(from, "http_requests_total", 100, 80, "job", "nightly", "code", "200")
		countFrom(from, "http_requests_total", 0, 20, "job", "nightly", "code", "500")
	}
	count("shop_http_requests_total", 10, 9, "job", "shop", "code", "200") // by a name of its own
	count("shop_http_requests_total", 0, 1, "job", "shop", "code", "500")
	count("istio_requests_total", 30, 30, "destination_workload", "meshed", "destination_workload_namespace", "a", "reporter", "destination", "response_code", "200")
	count("istio_requests_total", 0, 30, "destination_workload", "meshed", "destination_workload_namespace", "a", "reporter", "destination", "response_code", "503")
	for _, job := range []string{"checkout", "shop/search", "cart", "node-exporter", "nightly", "shop", "meshed"} {
		gauge("up", 1, 1, "job", job, "instance", "1")
	}
	gauge("up", 1, 0, "job", "cart", "instance", "2")
	gauge("queue_length", 3, 300, "queue", "ledger")
	for _, ns := range []string{"a", "b"} { // which of the two it is, nobody knows
		gauge("kube_deployment_spec_replicas", 1, 1, "deployment", "Cart", "namespace", ns, "job", "kube-state-metrics")
		gauge("kube_deployment_status_replicas_available", 1, 1, "deployment", "Cart", "namespace", ns, "job", "kube-state-metrics")
	}
	gauge("kube_deployment_spec_replicas", 2, 2, "deployment", "mailer", "namespace", "a", "job", "kube-state-metrics")
	gauge("kube_deployment_status_replicas_available", 2, 1, "deployment", "mailer", "namespace", "a", "job", "kube-state-metrics")
	return h.Text()
}

// TestSweepIsHealthOf: what is asked for all services at once is what each
// answers by itself.
func TestSweepIsHealthOf(t *testing.T) {
	t.Parallel()
	at := time.Now().UTC().Truncate(time.Minute)
	server := promtest.Start(t, promtest.Options{OpenMetrics: manyServices(at)})
	asked := counted(t, server.URL)
	s := sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod-eu", Alerts: feed[sources.Alert]("prometheus", at)}},
		Services: []sources.Feed[sources.Service]{feed("catalog", at, sources.Service{Name: safe.Outside("ledger"),
			Health: []sources.HealthQuery{{Signal: safe.Outside("queue"), Title: safe.Outside("queue"), Query: safe.Outside("queue_length"), Worse: safe.Outside("up")}}},
			sources.Service{Name: safe.Outside("find"), Aliases: []safe.Value{safe.Outside("search")}, Team: safe.Outside("team-x")})}}
	a := &Assembler{Query: func(string) sources.Querier { return asked }, Now: func() time.Time { return at }}
	list := a.Services(t.Context(), build(s, at))
	names := ""
	for _, r := range list.Rows {
		names += r.Name.String() + " "
	}
	if want := "cart checkout find ledger mailer meshed nightly shop "; names != want || list.Errs != nil {
		t.Fatalf("services %q, want %q; %v", names, want, list.Errs)
	}
	asked.asked = 0
	of := a.Sweep(t.Context(), list.Rows)
	t.Logf("%d queries for %d services", asked.asked, len(list.Rows))
	signals := 0
	for _, r := range list.Rows {
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
			if g.Err != nil || g.Name != w.Name || g.Query != w.Query || g.HasNow != w.HasNow || g.HasBefore != w.HasBefore || g.Why != w.Why || g.Verdict != w.Verdict || !alike(g.Now, w.Now) || !alike(g.Before, w.Before) {
				t.Errorf("%s %s: at once %v %v %q %v, alone %v %v %q", r.Name, g.Name, g.Now, g.Before, g.Verdict, g.Err, w.Now, w.Before, w.Verdict)
			}
		}
	}
	if signals < 20 {
		t.Errorf("only %d signals were compared", signals)
	}
	for name, want := range map[string]triage.Condition{"checkout": triage.ServiceWorse, "find": triage.ServiceUsual, "cart": triage.ServiceWorse,
		"mailer": triage.ServiceWorse, "ledger": triage.ServiceWorse, "shop": triage.ServiceWorse, "meshed": triage.ServiceWorse, "nightly": triage.ServiceUsual} {
		r := build(s, at).FindServices(list.Rows, name)
		if len(r) != 1 {
			t.Fatalf("%s: %d rows", name, len(r))
		}
		if c, words := of[r[0].Key()].Condition(); c != want {
			t.Errorf("%s is %s (%s), want %s", name, c, words, want)
		}
	}
	if tally := TallyOf(list.Rows, of); tally.Usual != 2 || tally.Unknown != 0 || len(tally.Bad) != 6 {
		t.Errorf("tally %+v", tally)
	}
}

// alike reports whether two numbers differ by the order of their sums only.
func alike(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

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

// TestSweepAsksTheCatalog: its queries one at a time, and of very many not all; a
// wrong one says so in its signal only.
func TestSweepAsksTheCatalog(t *testing.T) {
	t.Parallel()
	var rows []triage.ServiceRow
	for i := range 25 {
		r := triage.ServiceRow{Name: safe.Outside(fmt.Sprintf("s%02d", i)), Cluster: "prod-eu"}
		for j := range 10 {
			q := fmt.Sprintf("max(own_%d_%d)", i, j)
			if j == 1 {
				q = "several"
			}
			r.Queries = append(r.Queries, sources.HealthQuery{Signal: safe.Outside(fmt.Sprint(j)), Title: safe.Outside("own"), Query: safe.Outside(q)})
		}
		rows = append(rows, r)
	}
	q := &server{instant: func(_ context.Context, expr string, at time.Time) (sources.Vector, error) {
		switch {
		case strings.Contains(expr, "several"):
			return make(sources.Vector, 2), nil
		case strings.Contains(expr, "own_"):
			return sources.Vector{{Point: sources.Point{T: at, V: 7}}}, nil
		}
		return nil, nil
	}}
	of := assembler(q).Sweep(t.Context(), rows)
	good, several, late := 0, 0, 0
	for _, h := range of {
		for _, s := range h.Health.Signals {
			switch {
			case s.Err == nil && s.Now == 7 && s.Verdict == "same":
				good++
			case sources.IsKind(s.Err, sources.BadRequest):
				several++
			case sources.IsKind(s.Err, sources.TooLarge):
				late++
			default:
				t.Errorf("%+v", s)
			}
		}
	}
	if good != 180 || several != 20 || late != 50 {
		t.Errorf("%d answers, %d with several series, %d not asked", good, several, late)
	}
	if q.most > healthQueries {
		t.Errorf("%d questions at once", q.most)
	}
}
