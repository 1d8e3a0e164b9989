package page

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// names answers the question for metric names when the query holds selector.
func names(selector string, metrics ...string) func(context.Context, string, time.Time) (sources.Vector, error) {
	return func(_ context.Context, expr string, at time.Time) (sources.Vector, error) {
		switch {
		case strings.HasPrefix(expr, "topk(2000, count by (__name__)") && strings.Contains(expr, selector):
			var v sources.Vector
			for _, m := range metrics {
				v = append(v, sources.Sample{Labels: sources.NewLabels(map[string]string{"__name__": m}), Point: sources.Point{T: at, V: 1}})
			}
			return v, nil
		case strings.HasPrefix(expr, "count_values"):
			one := func(up string, n float64) sources.Sample {
				return sources.Sample{Labels: sources.NewLabels(map[string]string{"up": up}), Point: sources.Point{T: at, V: n}}
			}
			return sources.Vector{one("1", 2), one("0", 1)}, nil
		}
		return nil, nil
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	q := &server{instant: names(`job="checkout"`, "http_requests_total", "up")}
	q.ranged = func(_ context.Context, expr string, r sources.Range) (sources.Matrix, error) {
		if !strings.Contains(expr, `job="checkout"`) {
			t.Errorf("asked %s", expr)
		}
		if strings.Contains(expr, "up{") {
			return nil, sources.Errorf(sources.BadRequest, "no")
		}
		return sources.Matrix{{Points: []sources.Point{{T: r.Start, V: 0.001}, {T: r.Start.Add(time.Minute), V: math.NaN()}, {T: r.End, V: 0.124}}}}, nil
	}
	p := openBurn(t)
	p = p.With(assembler(q).Load(t.Context(), p, PartHealth))
	h := p.Health.Value
	if p.Health.State != OK || h.Selector != `job="checkout"` || h.Instances != "2 of 3" {
		t.Fatalf("%v, selector %q, instances %q", p.Health.State, h.Selector, h.Instances)
	}
	var got []string
	for _, s := range h.Signals {
		got = append(got, signalLine(s))
	}
	want := []string{
		"errors: 12.4% now, 0.1% an hour ago, up",
		"traffic: 0.12/s now, 0.001/s an hour ago, same",
		"instances: FAILED: no",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if q.most > healthQueries {
		t.Errorf("%d queries at once", q.most)
	}

	q.asked = nil
	p.With(assembler(q).Load(t.Context(), p, PartHealth))
	own := slices.IndexFunc(q.asked, func(expr string) bool { return strings.HasPrefix(expr, "topk(2000, count by (__name__)") })
	if own < 0 || !strings.Contains(q.asked[own], `job="checkout"`) {
		t.Errorf("what found the metrics last time was not asked first: %s", q.asked)
	}
}

func TestHealthAbsentSaysWhatWouldHelp(t *testing.T) {
	t.Parallel()
	p := openBurn(t)
	none := p.With(assembler(&server{}).Load(t.Context(), p, PartHealth))
	if none.Health.State != Absent || !strings.Contains(none.Health.Value.Note, `where service, job, app, service_name or exported_job is "checkout"`) {
		t.Errorf("%v: %s", none.Health.State, none.Health.Value.Note)
	}
	p.Item.Service = triage.Found{}
	unknown := p.With(assembler(&server{}).Load(t.Context(), p, PartHealth))
	if unknown.Health.State != Absent || !strings.Contains(unknown.Health.Value.Note, "services: {labels:") {
		t.Errorf("%v: %s", unknown.Health.State, unknown.Health.Value.Note)
	}
	alone := &Assembler{Now: func() time.Time { return now }}
	p = alone.All(t.Context(), openBurn(t))
	if p.Health.State != Absent || p.Onset.State != OK || p.Runbook.State != Absent {
		t.Errorf("without any source: health %v, onset %v, runbook %v", p.Health.State, p.Onset.State, p.Runbook.State)
	}
}

func TestHealthFails(t *testing.T) {
	t.Parallel()
	q := &server{instant: func(context.Context, string, time.Time) (sources.Vector, error) {
		return nil, sources.Errorf(sources.Unauthorized, "401")
	}}
	p := openBurn(t)
	p = p.With(assembler(q).Load(t.Context(), p, PartHealth))
	if p.Health.State != Failed || !sources.IsKind(p.Health.Err, sources.Unauthorized) {
		t.Errorf("%v: %v", p.Health.State, p.Health.Err)
	}

	every := &server{instant: names(`service="checkout"`, "http_requests_total"), ranged: func(context.Context, string, sources.Range) (sources.Matrix, error) {
		return nil, sources.Errorf(sources.Unavailable, "502")
	}}
	p = openBurn(t)
	if p = p.With(assembler(every).Load(t.Context(), p, PartHealth)); p.Health.State != Failed {
		t.Errorf("every signal failed, but health is %v", p.Health.State)
	}
}

func TestHealthRunsSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &server{instant: names(`service="checkout"`, "http_requests_total", "http_request_duration_seconds_bucket",
			"process_cpu_seconds_total", "up"), ranged: func(_ context.Context, _ string, r sources.Range) (sources.Matrix, error) {
			time.Sleep(time.Second)
			return sources.Matrix{{Points: []sources.Point{{T: r.End, V: 1}}}}, nil
		}}
		p := openBurn(t)
		start := time.Now()
		p = p.With(assembler(q).Load(context.Background(), p, PartHealth))
		if n := len(p.Health.Value.Signals); n < 5 {
			t.Fatalf("%d signals", n)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		if q.most > healthQueries {
			t.Errorf("%d queries at once", q.most)
		}
	})
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	item := func(by, name string, labels map[string]string) triage.Item {
		return triage.Item{Alert: sources.Alert{Labels: sources.NewLabels(labels)}, Service: triage.Found{Name: safe.Outside(name), By: by}}
	}
	tests := []struct {
		name  string
		it    triage.Item
		known string
		want  []string
	}{
		{"by label", item("deployment", "cart", map[string]string{"deployment": "cart"}), "",
			[]string{`deployment="cart"`, `job="cart"`, `service="cart"`, `app="cart"`}},
		{"an alias of the catalog", item("catalog:job", "checkout", map[string]string{"job": "shop/checkout-http"}), "",
			[]string{`job="shop/checkout-http"`, `job="checkout"`, `service="checkout"`, `app="checkout"`}},
		{"a pod's workload", item("pod", "cart", map[string]string{"pod": "cart-7d4b9c6f5-x2x7q"}), "",
			[]string{`pod=~"cart-([bcdfghjklmnpqrstvwxz2456789]{6,10}-[a-z0-9]{5}|[a-z0-9]{5}|[0-9]+)"`, `job="cart"`, `service="cart"`, `app="cart"`}},
		{"quoted", item("service", "a\"} or up{x=\"\\", map[string]string{"service": "a\"} or up{x=\"\\"}), "",
			[]string{`service="a\"} or up{x=\"\\"`, `job="a\"} or up{x=\"\\"`, `app="a\"} or up{x=\"\\"`}},
		{"known first", item("service", "cart", map[string]string{"service": "cart"}), `app="cart"`,
			[]string{`app="cart"`, `service="cart"`, `job="cart"`}},
	}
	for _, tt := range tests {
		name := quote(tt.it.Service.Name.Raw())
		tt.want = append(tt.want, "service_name="+name, "exported_job="+name)
		if diff := cmp.Diff(tt.want, selectors(tt.it, tt.known)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestWantedHasEveryNeed(t *testing.T) {
	t.Parallel()
	for _, d := range triage.Detectors() {
		for _, n := range d.Needs {
			if !d.Open() && !slices.Contains(strings.Split(wanted(triage.Detectors(), d.Where[0]), "|"), n) {
				t.Errorf("%s is not asked for", n)
			}
		}
	}
}

func TestMeasured(t *testing.T) {
	t.Parallel()
	rule := burnRule()
	rule.Labels = sources.NewLabels(map[string]string{"severity": "critical", "team": "{{ $labels.squad }}"})
	it := triage.Item{Rule: &rule, Alert: sources.Alert{Labels: sources.NewLabels(map[string]string{
		"alertname": "A", "severity": "critical", "team": "payments", "service": "a\"b\\", "instance": "x:1", "über": "no"})}}
	q, names := narrow(it, "rate(x[5m])")
	want := "(rate(x[5m])\n) and on (instance, service) absent(firstpage_no_such_metric{instance=\"x:1\", service=\"a\\\"b\\\\\"})"
	if diff := cmp.Diff(want, q); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(names, []string{"instance", "service"}) {
		t.Errorf("%v", names)
	}
	series := func(labels map[string]string, v float64) sources.Series {
		return sources.Series{Labels: sources.NewLabels(labels), Points: []sources.Point{{T: now, V: v}}}
	}
	m := sources.Matrix{
		series(map[string]string{"service": "other"}, 1),
		series(nil, 2),
		series(map[string]string{"service": "a\"b\\", "team": "overwritten", "__name__": "x"}, 3),
		series(map[string]string{"service": "a\"b\\", "pod": "not the alert's"}, 4),
	}
	if pts := ownSeries(m, it); len(pts) != 1 || pts[0].V != 3 {
		t.Errorf("%v", pts)
	}
	if pts := ownSeries(m[:1], it); pts != nil {
		t.Errorf("%v", pts)
	}

	asked := 0
	srv := &server{ranged: func(_ context.Context, expr string, _ sources.Range) (sources.Matrix, error) {
		if asked++; strings.Contains(expr, noSuchMetric) {
			return nil, nil
		}
		return m, nil
	}}
	pts, err := measured(t.Context(), srv, it, triage.Split("rate(x[5m]) > 1"), span(now.Add(-time.Hour), now))
	if err != nil || len(pts) != 1 || pts[0].V != 3 || asked != 2 {
		t.Errorf("%v, %v after %d queries", pts, err, asked)
	}
	// Ten thousand series of which none may be the alert's are not asked for.
	asked, srv.instant = 0, func(_ context.Context, expr string, _ time.Time) (sources.Vector, error) {
		if expr != "count(rate(x[5m])\n)" {
			t.Error(expr)
		}
		return sources.Vector{{Point: sources.Point{V: 10_000}}}, nil
	}
	if pts, err = measured(t.Context(), srv, it, triage.Split("rate(x[5m]) > 1"), span(now.Add(-time.Hour), now)); err != nil || pts != nil || asked != 1 {
		t.Errorf("%v, %v after %d queries", pts, err, asked)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{0, time.Minute, 67 * time.Minute, 4 * time.Hour, 3 * 24 * time.Hour, 400 * 24 * time.Hour} {
		r := span(now.Add(-d), now)
		steps := r.End.Sub(r.Start) / r.Step
		if r.End.Sub(r.Start)%r.Step != 0 || steps > 241 || r.Step < 15*time.Second || r.Start.After(now.Add(-d)) || !r.End.Equal(now) {
			t.Errorf("%v: %v steps of %v from %v", d, steps, r.Step, r.Start)
		}
	}
	if r := span(now, now.Add(-time.Hour)); r.Start.After(r.End) {
		t.Errorf("%+v", r)
	}
}

func TestOldAlertAsksTwice(t *testing.T) {
	t.Parallel()
	al := burn()
	al.ActiveAt = now.Add(-3 * 24 * time.Hour)
	p, _ := Open(build(snapshot(al), now), al.ID, nil)
	var spans []sources.Range
	q := &server{ranged: func(_ context.Context, expr string, r sources.Range) (sources.Matrix, error) {
		if strings.Contains(expr, noSuchMetric) {
			spans = append(spans, r)
		}
		return sources.Matrix{{Points: []sources.Point{{T: r.Start, V: 0.001}, {T: r.End, V: 0.2}}}}, nil
	}}
	a := assembler(q)
	p = p.With(a.Load(t.Context(), p, PartOnset))
	if p.Why.State != Waiting || !contains(a.Due(p), PartWhy) {
		t.Fatalf("why is %v", p.Why.State)
	}
	p = p.With(a.Load(t.Context(), p, PartWhy))
	if len(spans) != 2 || spans[0].Step > 30*time.Second || !spans[1].End.Equal(now) || p.Why.Value.Value != 0.2 {
		t.Errorf("%+v, value %v", spans, p.Why.Value.Value)
	}
}
