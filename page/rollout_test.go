package page

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/drill/engine"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
)

// Which instances run what is asked live: in the middle of a rollout some run
// the new version; one that was restarted in place runs what it reported last.
func TestRolloutByInstance(t *testing.T) {
	t.Parallel()
	end := time.Now().Truncate(time.Minute)
	now := end
	e, err := engine.New(engine.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for series, values := range map[string]string{
		`app_build_info{job="checkout",pod="checkout-a",instance="10.0.0.1:80",version="1.41.0"}`: "1x40",
		`app_build_info{job="checkout",pod="checkout-b",instance="10.0.0.2:80",version="1.41.0"}`: "1x32", // no mark of its end
		`app_build_info{job="checkout",pod="checkout-b",instance="10.0.0.2:80",version="1.42.0"}`: "_x33 1x7",
		`app_build_info{job="checkout",pod="checkout-c",instance="10.0.0.3:80",version="1.42.0"}`: "_x38 1x2",
		`app_build_info{job="checkout",pod="checkout-d",instance="10.0.0.4:80",version="1.40.9"}`: "1x40",
		`app_build_info{job="payments",pod="payments-a",instance="10.0.0.5:80",version="1.42.0"}`: "1x40",
	} {
		s, err := engine.ParseSeries(series, values, end.Add(-10*time.Minute), 15*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Append(s); err != nil {
			t.Fatal(err)
		}
	}
	srv, err := e.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	q, err := prometheus.Open(prometheus.Options{Cluster: "prod-eu", URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	a := &Assembler{Now: func() time.Time { return now }, Query: func(cluster string) sources.Querier {
		if cluster == "prod-eu" {
			return q
		}
		return nil
	}}
	c := deploy()
	c.Cluster, c.Selector = "prod-eu", safe.Outside(`{__name__="app_build_info",job="checkout"}`)
	got, err := a.Rollout(t.Context(), c)
	want := Rollout{New: 2, All: 4, AsOf: end, Instances: []Instance{
		{Name: "checkout-a", Version: "1.41.0"}, {Name: "checkout-d", Version: "1.40.9"},
		{Name: "checkout-b", Version: "1.42.0", New: true}, {Name: "checkout-c", Version: "1.42.0", New: true},
	}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	c.Selector = safe.Outside(`{__name__="gone_build_info"}`)
	if got, err := a.Rollout(t.Context(), c); err != nil || got.All != 0 {
		t.Errorf("of nothing: %+v, %v", got, err)
	}
	c.Selector = safe.Value{}
	if _, err := a.Rollout(t.Context(), c); !sources.IsKind(err, sources.NotFound) {
		t.Errorf("not seen in a Prometheus: %v", err)
	}
	c.Cluster, c.Selector = "prod-us", safe.Outside("up")
	if _, err := a.Rollout(t.Context(), c); !sources.IsKind(err, sources.NotFound) {
		t.Errorf("no such Prometheus: %v", err)
	}
}

// The same version from another revision is told by the revision; a v before a
// version says nothing; long lists are cut, their numbers are not.
func TestRolloutOfARebuild(t *testing.T) {
	t.Parallel()
	c := sources.Change{Selector: safe.Outside("up"), Version: safe.Outside("1.2"), FromVersion: safe.Outside("1.2"),
		Revision: safe.Outside(strings.Repeat("b", 40)), FromRevision: safe.Outside(strings.Repeat("a", 40))}
	a := assembler(&server{instant: func(context.Context, string, time.Time) (sources.Vector, error) {
		var v sources.Vector
		for i := range 300 {
			revision := strings.Repeat("a", 40)
			if i%3 == 0 {
				revision = strings.Repeat("b", 40)
			}
			v = append(v, sources.Sample{Labels: sources.NewLabels(map[string]string{"instance": fmt.Sprintf("h%03d", i), "version": "1.2", "revision": revision})})
		}
		return v, nil
	}})
	r, err := a.Rollout(t.Context(), c)
	if err != nil || r.New != 100 || r.All != 300 || len(r.Instances) != maxInstances {
		t.Fatalf("%d of %d, %d listed, %v", r.New, r.All, len(r.Instances), err)
	}
	if i := r.Instances[0]; i.New || i.Version != "aaaaaaa" {
		t.Errorf("%+v", i)
	}
	c.Version, c.FromVersion = safe.Outside("v1.2"), safe.Outside("v1.1")
	if r, _ := a.Rollout(t.Context(), c); r.New != 300 {
		t.Errorf("v1.2: %d of %d", r.New, r.All)
	}
}
