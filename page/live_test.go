package page

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

const liveRules = `
groups:
- name: shop
  rules:
  - alert: ErrorBudgetBurn
    expr: sum by (service) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m])) > 0.05
    labels: {severity: critical}
    annotations: {summary: 'More than 5% of requests to {{ $labels.service }} fail'}
  - alert: InstanceErrors
    expr: rate(http_requests_total{code=~"5.."}[5m]) > 1
    labels: {severity: warning, instance: 'the {{ $labels.instance }}'}
  - alert: NobodyThere
    expr: absent(cart_orders_total)
    labels: {severity: warning, service: cart}
`

// history is two hours of requests to two services of three instances each,
// until the moment end. Errors of checkout began at the moment began.
func history(end, began time.Time) string {
	var b strings.Builder
	const step = 15
	start := end.Add(-2 * time.Hour).Unix()
	series := func(name, labels string, value func(t int64) float64) {
		for t := start; t <= end.Unix(); t += step {
			fmt.Fprintf(&b, "%s{%s} %g %d\n", name, labels, value(t), t)
		}
	}
	b.WriteString("# TYPE http_requests counter\n")
	for _, service := range []string{"checkout", "payments"} {
		for i := range 3 {
			labels := fmt.Sprintf(`service="%s",job="%s",instance="10.0.0.%d:8080"`, service, service, i)
			series("http_requests_total", labels+`,code="200"`, func(t int64) float64 { return 100 * float64(t-start) })
			series("http_requests_total", labels+`,code="500"`, func(t int64) float64 {
				n := 0.1 * float64(t-start)
				if service == "checkout" {
					n += 13 * max(0, float64(t-began.Unix()))
				}
				return n
			})
		}
	}
	b.WriteString("# TYPE up gauge\n")
	for i := range 3 {
		labels := fmt.Sprintf(`service="checkout",job="checkout",instance="10.0.0.%d:8080"`, i)
		series("up", labels, func(int64) float64 { return 1 })
	}
	return b.String()
}

// live is a running server and a page assembler on it.
type live struct {
	server     *promtest.Server
	client     *prometheus.Client
	board      *triage.Board
	a          *Assembler
	began, end time.Time
}

// load is the whole page of the first alert of that name.
func (l live) load(t *testing.T, name string) Page {
	t.Helper()
	items := l.board.Named(name)
	if len(items) == 0 {
		t.Fatalf("%s is not on the board", name)
	}
	p, _ := Open(l.board, items[0].ID, nil)
	return l.a.All(t.Context(), p)
}

func TestLiveServer(t *testing.T) {
	t.Parallel()
	end := time.Now().UTC().Truncate(time.Second)
	began := end.Add(-6 * time.Minute)
	server := promtest.Start(t, promtest.Options{Rules: []string{liveRules}, OpenMetrics: history(end, began)})
	server.WaitFor(`ALERTS{alertname="ErrorBudgetBurn",alertstate="firing"}`)
	server.WaitFor(`ALERTS{alertname="InstanceErrors",alertstate="firing"}`)
	server.WaitFor(`ALERTS{alertname="NobodyThere",alertstate="firing"}`)
	client, err := prometheus.Open(prometheus.Options{Cluster: "prod-eu", URL: server.URL, Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	alerts, err := client.Alerts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rules, err := client.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	b := build(sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod-eu", Alerts: feed("prometheus", at, alerts...),
		Rules: feed("rules", at, rules...)}}}, at)
	l := live{server: server, client: client, board: b, began: began, end: end}
	l.a = &Assembler{Query: func(string) sources.Querier { return client }, Now: time.Now, Deadline: time.Minute}
	t.Run("aggregated", l.aggregated)
	t.Run("one of many series", l.oneOfMany)
	t.Run("absent", l.absent)
	t.Run("narrowed on the server", l.narrowed)
	t.Run("walked back", l.walkedBack)
	t.Run("gone", l.gone)
}

func (l live) aggregated(t *testing.T) {
	p := l.load(t, "ErrorBudgetBurn")
	if p.Onset.State != OK || p.Why.State != OK || p.Health.State != OK {
		t.Fatalf("onset %v %v, why %v %v, health %v %v", p.Onset.State, p.Onset.Err, p.Why.State, p.Why.Err, p.Health.State, p.Health.Err)
	}
	if p.Item.Service.Name.Raw() != "checkout" {
		t.Errorf("service %v", p.Item.Service)
	}
	if n := len(p.Why.Value.Points); n < 100 {
		t.Errorf("%d points", n)
	}
	// All requests grow by 100 a second, errors by 13.1 since began; the
	// rate window has seen all of it, or part of it, by now.
	if v := p.Why.Value.Value; v < 0.05 || v > 0.12 {
		t.Errorf("value %v", v)
	}
	h := p.Health.Value
	if h.Selector != `service="checkout"` || h.Instances != "3 of 3" || len(h.Signals) != 3 {
		t.Errorf("selector %q, instances %q, signals %+v", h.Selector, h.Instances, h.Signals)
	}
	errs := h.Signals[0]
	if errs.Err != nil || !errs.HasNow || !errs.HasBefore || math.Abs(errs.Before-0.001) > 0.0002 || errs.Now < 0.05 || errs.Verdict != "up" {
		t.Errorf("errors %+v", errs)
	}
	s := p.Sentence(time.Now(), time.UTC).Full()
	if !strings.HasPrefix(s, "CRIT ErrorBudgetBurn  More than 5% of requests to checkout fail, now ") {
		t.Errorf("%s", s)
	}
	var text bytes.Buffer
	if err := WriteText(&text, p, TextOptions{}); err != nil || !strings.Contains(text.String(), "Fires when that is above 5%.") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func (l live) oneOfMany(t *testing.T) {
	p := l.load(t, "InstanceErrors")
	if p.Why.State != OK || len(p.Why.Value.Points) < 100 {
		t.Fatalf("why %v %v, %d points", p.Why.State, p.Why.Err, len(p.Why.Value.Points))
	}
	// The rule overwrites the instance, so three alerts look alike to the
	// labels that are left; any of them is a true one.
	if last := p.Why.Value.Points[len(p.Why.Value.Points)-1]; last.V < 1 {
		t.Errorf("the last point is %v: another series", last)
	}
}

func (l live) absent(t *testing.T) {
	p := l.load(t, "NobodyThere")
	if p.Onset.State != OK || p.Onset.Value.Method != triage.MethodActiveAt || len(p.Why.Value.Points) != 0 || !p.Why.Value.Absent {
		t.Errorf("onset %+v, why %+v", p.Onset, p.Why.Value)
	}
	if p.Health.State != Absent || !strings.Contains(p.Health.Value.Note, `is "cart"`) {
		t.Errorf("health %v %q", p.Health.State, p.Health.Value.Note)
	}
}

func (l live) narrowed(t *testing.T) {
	it := l.load(t, "ErrorBudgetBurn").Item
	q, names := narrow(it, triage.Split(it.Rule.Query.Raw()).Measured)
	m, err := l.client.QueryRange(t.Context(), q, span(time.Now().Add(-time.Hour), time.Now()))
	if err != nil || len(m) != 1 || len(names) != 1 || m[0].Labels.Value("service").Raw() != "checkout" {
		t.Errorf("%v, %v: %v", names, err, m)
	}
	it.Labels = sources.NewLabels(map[string]string{"service": `no "such" \ thing` + "\n€"})
	q, _ = narrow(it, "http_requests_total")
	if m, err = l.client.QueryRange(t.Context(), q, span(time.Now().Add(-time.Hour), time.Now())); err != nil || len(m) != 0 {
		t.Errorf("%v: %v", err, m)
	}
}

func (l live) walkedBack(t *testing.T) {
	p, _ := Open(l.board, l.board.Named("ErrorBudgetBurn")[0].ID, nil)
	points, err := measured(t.Context(), l.client, p.Item, p.Why.Value.Expr, span(l.began.Add(-time.Hour), time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	on := triage.WalkBack(triage.Onset{At: l.end}, points, p.Why.Value.Expr)
	if on.Method != triage.MethodWalked || on.At.Sub(l.began).Abs() > time.Minute {
		t.Errorf("%+v, the errors began at %v", on, l.began)
	}
}

func (l live) gone(t *testing.T) {
	p := l.load(t, "ErrorBudgetBurn")
	l.server.Kill()
	if p = p.With(l.a.Load(t.Context(), p, PartHealth)); p.Health.State != Stale || p.Health.Err == nil || len(p.Health.Value.Signals) != 3 {
		t.Errorf("health %v: %v", p.Health.State, p.Health.Err)
	}
	if s := p.Health.Err.Error(); s != safe.Text(s) {
		t.Errorf("%q is not clean", s)
	}
}
