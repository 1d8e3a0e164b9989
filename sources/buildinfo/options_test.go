package buildinfo

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func TestIsInfra(t *testing.T) {
	t.Parallel()
	tests := []struct {
		k    key
		want bool
	}{
		{key{metric: "checkout_build_info", job: "checkout"}, false},
		{key{metric: "build_info", job: "checkout"}, false},
		{key{metric: "go_build_info", job: "checkout"}, false},
		{key{metric: "target_info", job: "shop/checkout"}, false},
		{key{metric: "app_build_info", job: "kubernetes-pods", app: "checkout"}, false},
		{key{metric: "checkout_build_info", job: "prometheus-pods", serviceLabel: "checkout"}, false},
		{key{metric: "prometheus_build_info", job: "prometheus-k8s"}, true},
		{key{metric: "build_info", job: "kube-prometheus-stack-prometheus"}, true},
		{key{metric: "alertmanager_build_info", job: "am"}, true},
		{key{metric: "node_exporter_build_info", job: "hosts"}, true},
		{key{metric: "redis_exporter_build_info", job: "checkout"}, true},
		{key{metric: "kube_state_metrics_build_info", job: "ksm"}, true},
		{key{metric: "kubernetes_build_info", job: "nodes"}, true},
		{key{metric: "grafana_build_info", job: "kubernetes-pods", app: "grafana"}, true},
		{key{metric: "target_info", job: "monitoring/blackbox"}, true},
		{key{metric: "go_build_info", job: "monitoring/node-exporter"}, true},
		{key{metric: "own_build_info", job: "my-proxy"}, true}, // by configuration
	}
	for _, tt := range tests {
		if got := isInfra(tt.k, []string{"my-proxy"}); got != tt.want {
			t.Errorf("%+v: %v", tt.k, got)
		}
	}
}

// What a name from outside does to a query: nothing.
func TestQueriesParse(t *testing.T) {
	t.Parallel()
	o := Defaults()
	o.DeployMetrics = []string{"pushed_seconds", "pushed_total"}
	o.Rename = map[string]string{metricStart: "my_start", "namespace": "exported_namespace", metricPodOwner: "my:pod_owner"}
	const odd = "a\"} or vector(1) #\n\x1b\u202e`\\"
	p := parser.NewParser(parser.Options{})
	var exprs []string
	for _, w := range append(o.watches(), o.versions()) {
		k := key{watch: w, metric: odd, job: odd + "\xff", namespace: odd, app: odd, object: "Deployment/" + odd, part: odd}
		if w.history != nil {
			exprs = append(exprs, w.history(k))
		}
		if w.census != nil {
			exprs = append(exprs, w.spell(w.census(time.Hour)))
		}
	}
	all := strings.Join(exprs, "\n")
	if strings.Contains(all, metricStart) || !strings.Contains(all, "by (exported_namespace, pod") ||
		!strings.Contains(all, "by (job, namespace, service, app) (my_start") {
		t.Errorf("names: %s", all)
	}
	for _, expr := range append(exprs, o.versionCensus(o.anyVersion(), time.Hour)) {
		e, err := p.ParseExpr(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
			switch n := n.(type) {
			case *parser.VectorSelector:
				if n.Name == metricPodOwner || n.Name == metricStart || n.Name == "vector" {
					t.Errorf("%s asks for %s", expr, n.Name)
				}
				for _, m := range n.LabelMatchers {
					if (m.Name == "job" || strings.HasSuffix(m.Name, "namespace")) && strings.TrimSuffix(m.Value, "\xff") != odd {
						t.Errorf("%s: %s", expr, m)
					}
				}
			case *parser.Call:
				if n.Func.Name == "vector" {
					t.Errorf("%s: text from outside became part of the query", expr)
				}
			}
			return nil
		})
	}
}

type querier struct{ err error }

func (q querier) Query(context.Context, string, time.Time) (sources.Vector, error) { return nil, q.err }
func (q querier) QueryRange(context.Context, string, sources.Range) (sources.Matrix, error) {
	return nil, q.err
}
func (q querier) LabelValues(context.Context, string, string) ([]safe.Value, error) {
	return nil, q.err
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, want := range []sources.Kind{sources.Unavailable, sources.Timeout, sources.Unauthorized, sources.RateLimited, sources.BadRequest, sources.Canceled} {
		src := open(t, querier{&sources.Error{Kind: want, URL: "http://prom"}}, time.Now)
		got, err := src.Changes(t.Context(), time.Now().Add(-time.Hour))
		var e *sources.Error
		if !errors.As(err, &e) || e.Kind != want || e.Source.Kind != KindName || e.Source.Cluster != "prod-eu" || e.URL != "http://prom" || got != nil {
			t.Errorf("kind %s: %v, %v", want, err, got)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	env := sources.Env{Clusters: []string{"eu", "us"}, Query: func(c string) sources.Querier {
		if c == "eu" || c == "us" {
			return querier{}
		}
		return nil
	}}
	tests := map[string]struct {
		change func(*Options)
		want   string
	}{
		"two clusters":  {func(o *Options) { o.Cluster = "" }, "cluster: say which one (eu, us)"},
		"wrong cluster": {func(o *Options) { o.Cluster = "asia" }, `no cluster is named "asia" (eu, us)`},
		"short window":  {func(o *Options) { o.Window = time.Second }, "window: 1s is not between"},
		"bad regexp":    {func(o *Options) { o.Metrics = "(" }, "metrics: "},
		"bad labels":    {func(o *Options) { o.VersionLabels = []string{"x) or (y"}; o.RevisionLabels = []string{""} }, "version_labels: \"x) or (y\" is not a name\nrevision_labels"},
	}
	for name, tt := range tests {
		o := Defaults()
		o.Cluster = "eu"
		tt.change(&o)
		if _, err := Kind().Open(&o, env); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	o := Options{Cluster: "us"} // the rest by default
	if src, err := Open(o, env); err != nil || src.opt.Window != 6*time.Hour {
		t.Errorf("empty options: %v", err)
	}
}
