package engine

import (
	"slices"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
)

const clientRules = `
groups:
- name: shop
  interval: 30s
  rules:
  - {record: job:up:sum, expr: sum by (job) (up)}
  - {alert: Down, expr: up == 0, for: 1m, labels: {severity: page}, annotations: {summary: "{{ $labels.instance }} is {{ $value }}", runbook_url: "https://run/down"}}
  - {alert: Slow, expr: up == 0, for: 1h}
  - {alert: Broken, expr: up * on(job) up}
`

// TestOrdinaryClient talks to the engine with the client that talks to real
// servers.
func TestOrdinaryClient(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(30 * time.Second)
	e := open(t, Options{Rules: []RuleFile{{Name: "shop.yml", Data: []byte(clientRules)}}})
	for _, in := range [][2]string{{`up{job="api",instance="a"}`, "1x10 0x10"}, {`up{job="api",instance="b"}`, "1x20"}} {
		s, err := ParseSeries(in[0], in[1], now.Add(-10*time.Minute), 30*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Append(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Replay(t.Context(), now.Add(-10*time.Minute), now); err != nil {
		t.Fatal(err)
	}
	c, err := prometheus.Open(prometheus.Options{Cluster: "drill", URL: serving(t, e)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx := t.Context()

	alerts, err := c.Alerts(ctx)
	if err != nil || len(alerts) != 2 {
		t.Fatalf("alerts: %v, %v", alerts, err)
	}
	down := alerts[0]
	if down.Labels.Value("alertname") != safe.Outside("Down") || down.State != sources.Firing || down.Value != 0 ||
		down.Annotations.Value("summary") != safe.Outside("a is 0") || !down.ActiveAt.Equal(now.Add(-270*time.Second)) {
		t.Errorf("alert: %+v, active %s before now", down, now.Sub(down.ActiveAt))
	}
	if alerts[1].State != sources.Pending {
		t.Errorf("alert: %+v", alerts[1])
	}
	groups, err := c.Rules(ctx)
	if err != nil || len(groups) != 1 || groups[0].Name != safe.Outside("shop") {
		t.Fatalf("rules: %+v, %v", groups, err)
	}
	v, err := c.Query(ctx, "job:up:sum", now)
	if err != nil || len(v) != 1 || v[0].V != 1 {
		t.Errorf("query: %v, %v", v, err)
	}
	m, err := c.QueryRange(ctx, "sum(up)", sources.Range{Start: now.Add(-9 * time.Minute), End: now, Step: time.Minute})
	if err != nil || len(m) != 1 || len(m[0].Points) != 10 || m[0].Points[0].V != 2 || m[0].Points[9].V != 1 {
		t.Errorf("range: %v, %v", m, err)
	}
	if m, err = c.Samples(ctx, `up{instance="a"}`, sources.Range{Start: now.Add(-2 * time.Minute), End: now}); err != nil || len(m) != 1 || len(m[0].Points) == 0 {
		t.Errorf("samples: %v, %v", m, err)
	}
	names, err := c.LabelValues(ctx, "__name__", "")
	if err != nil || !slices.Equal(names, []safe.Value{safe.Outside("ALERTS"), safe.Outside("ALERTS_FOR_STATE"), safe.Outside("job:up:sum"), safe.Outside("up")}) {
		t.Errorf("names: %v, %v", names, err)
	}
	some, err := c.LabelValues(ctx, "instance", `ALERTS{alertname="Down"}`)
	if err != nil || !slices.Equal(some, []safe.Value{safe.Outside("a")}) {
		t.Errorf("instances: %v, %v", some, err)
	}
	if _, err := c.Query(ctx, "sum(", now); !sources.IsKind(err, sources.BadRequest) {
		t.Errorf("bad query: %v", err)
	}
	if _, err := c.Info(ctx); err != nil {
		t.Errorf("info: %v", err)
	}
}
