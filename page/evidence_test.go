package page

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/drill/engine"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
	"github.com/firstpage-oncall/firstpage/triage"
)

// rollout is 40 minutes of one instance that goes from 1.41.0 to 1.42.0 after
// 30; the new version fails one request in eight. With labelled the counters
// have the version, else only build_info has, and another build_info says
// nothing about it.
func rollout(t *testing.T, end time.Time, labelled bool) *prometheus.Client {
	t.Helper()
	start := end.Add(-40 * time.Minute)
	e, err := engine.New(engine.Options{Now: func() time.Time { return end }})
	if err != nil {
		t.Fatal(err)
	}
	add := func(series, values string) {
		t.Helper()
		s, err := engine.ParseSeries(series, values, start, 15*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Append(s); err != nil {
			t.Fatal(err)
		}
	}
	const base = `job="checkout",instance="a"`
	for i, v := range []string{"1.41.0", "1.42.0"} {
		ok, bad, one := "0+1500x119 stale", "0+1.5x119 stale", "1x119 stale"
		if i == 1 {
			ok, bad, one = "_x120 0+1312.5x40", "_x120 0+187.5x40", "_x120 1x40"
		}
		add(fmt.Sprintf(`checkout_build_info{%s,version=%q}`, base, v), one)
		if labelled {
			add(fmt.Sprintf(`http_requests_total{%s,code="200",version=%q}`, base, v), ok)
			add(fmt.Sprintf(`http_requests_total{%s,code="500",version=%q}`, base, v), bad)
		}
	}
	add(`go_build_info{`+base+`,version="(devel)"}`, "1x160")
	if !labelled { // one process after another: the counters begin anew
		add(`http_requests_total{`+base+`,code="200"}`, "0+1500x119 0+1312.5x40")
		add(`http_requests_total{`+base+`,code="500"}`, "0+1.5x119 0+187.5x40")
	}
	srv, err := e.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := prometheus.Open(prometheus.Options{Cluster: "x", URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestEvidenceByVersion(t *testing.T) {
	t.Parallel()
	end := time.Now().Truncate(time.Minute)
	for _, labelled := range []bool{true, false} {
		t.Run(fmt.Sprintf("labelled %v", labelled), func(t *testing.T) {
			t.Parallel()
			c := rollout(t, end, labelled)
			h := triage.Health{Selector: `job="checkout"`}
			for _, d := range triage.Detectors() {
				if d.Signal == "errors" && d.Needs[0] == "http_requests_total" {
					h.Errors = d
				}
			}
			e, err := EvidenceOf(t.Context(), c, h, end.Add(-8*time.Minute), end.Add(-25*time.Minute), end)
			if err != nil || len(e.Versions) != 2 {
				t.Fatalf("%v %+v", err, e)
			}
			for i, want := range []struct {
				version string
				ratio   float64
				current bool
			}{{"1.42.0", 0.125, true}, {"1.41.0", 0.001, false}} {
				v := e.Versions[i]
				// A rate of two minutes blurs the moment of the change.
				if v.Version.String() != want.version || v.Current != want.current || math.Abs(v.Ratio()-want.ratio) > 0.1*want.ratio {
					t.Errorf("%s: %.4f, current %v; want %+v", v.Version, v.Ratio(), v.Current, want)
				}
				if v.Requests < 35_000 || len(v.Points) < 15 {
					t.Errorf("%s: %.0f requests, %d points", v.Version, v.Requests, len(v.Points))
				}
			}
		})
	}
}

func TestEvidenceNeedsAVersion(t *testing.T) {
	t.Parallel()
	q := &server{}
	p := openBurn(t)
	p = p.With(assembler(q).Load(t.Context(), p, PartEvidence))
	if p.Evidence.State != Absent || p.Evidence.Value.Note == "" {
		t.Errorf("without health: %v %+v", p.Evidence.State, p.Evidence.Value)
	}
	e, err := EvidenceOf(t.Context(), q, triage.Health{Selector: `job="x"`, Errors: triage.Detectors()[1]}, now, now.Add(-time.Hour), now)
	if err != nil || len(e.Versions) != 0 || e.Note == "" {
		t.Errorf("without a version: %v %+v", err, e)
	}
	broken := &server{ranged: func(context.Context, string, sources.Range) (sources.Matrix, error) {
		return nil, sources.Errorf(sources.Timeout, "no answer")
	}}
	if _, err := EvidenceOf(t.Context(), broken, triage.Health{Selector: `job="x"`, Errors: triage.Detectors()[1]}, now, now.Add(-time.Hour), now); !sources.IsKind(err, sources.Timeout) {
		t.Errorf("a failing server: %v", err)
	}
}
