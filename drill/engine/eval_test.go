package engine

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// times lists when a series has samples, in seconds, as the store has them.
func times(t *testing.T, e *Engine, name string) []int64 {
	t.Helper()
	var out []int64
	for _, w := range e.store.match(-1<<62, 1<<62, nil) {
		if w.labels.Get("__name__") == name {
			for _, p := range w.points {
				out = append(out, p.Time/1000)
			}
		}
	}
	return out
}

// TestReplay evaluates each group at the multiples of its own interval, each
// once, however the calls overlap.
func TestReplay(t *testing.T) {
	t.Parallel()
	rules := `
groups:
- {name: b slow, interval: 1m, rules: [{record: slow, expr: vector(time())}]}
- {name: a fast, interval: 20s, rules: [{record: fast, expr: vector(1)}, {record: after, expr: fast}]}
- {name: c late, interval: 1m, query_offset: 30s, rules: [{record: late, expr: time()}]}
- {name: d default, rules: [{record: default, expr: count(slow)}]}
`
	e := open(t, Options{Rules: []RuleFile{{"r.yml", []byte(rules)}}, Interval: 30 * time.Second})
	ctx := t.Context()
	for _, to := range []int64{130, 130, 100, 131, 180} {
		if err := e.Replay(ctx, time.Unix(61, 0), time.Unix(to, 0)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string][]int64{
		"fast": {80, 100, 120, 140, 160, 180}, "after": {80, 100, 120, 140, 160, 180}, "slow": {120, 180},
		"late": {90, 150}, "default": {120, 150, 180}, // not at 90: slow had none
	} {
		if d := cmp.Diff(want, times(t, e, name)); d != "" {
			t.Errorf("%s (- want, + got):\n%s", name, d)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := e.Replay(done, time.Unix(61, 0), time.Unix(1e9, 0)); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if err := e.EvalAt(done, time.Unix(2e9, 0)); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	// Backwards: the rules say so, the samples stay.
	if err := e.EvalAt(ctx, time.Unix(100, 0)); err != nil {
		t.Fatal(err)
	}
	if r := e.groups[0].rules[0]; r.health != healthBad || !strings.Contains(r.err.Error(), "out of order") {
		t.Errorf("backwards: %s %v", r.health, r.err)
	}
}

func TestSlot(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int64{{0, 60, 0}, {1, 60, 60}, {60, 60, 60}, {-1, 60, 0}, {-61, 60, -60}, {-60, 60, -60}} {
		if got := slot(time.Unix(c[0], 0), time.Duration(c[1])*time.Second); got.Unix() != c[2] {
			t.Errorf("slot(%d, %d s) = %d, want %d", c[0], c[1], got.Unix(), c[2])
		}
	}
}

// TestRefusedRules names every fault of every file.
func TestRefusedRules(t *testing.T) {
	t.Parallel()
	_, err := New(Options{Rules: []RuleFile{
		{"good.yml", []byte("groups: [{name: g, rules: [{alert: A, expr: up}]}]")},
		{"syntax.yml", []byte("groups: [")},
		{"expr.yml", []byte("groups:\n- name: g\n  rules:\n  - {alert: A, expr: 'sum('}\n  - {alert: B, expr: up, annotations: {x: '{{ $nothing }}'}}\n")},
		{"good.yml", []byte("groups: []")},
	}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"syntax.yml: ", `expr.yml: 4:`, "could not parse expression", `undefined variable "$nothing"`, `two rule files are named "good.yml"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}

func TestParseSeries(t *testing.T) {
	t.Parallel()
	s, err := ParseSeries(`up{job="a"}`, "1 _ 2+1x2 stale", time.Unix(100, 0), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := []Point{{100_000, 1}, {120_000, 2}, {130_000, 3}, {140_000, 4}}
	if d := cmp.Diff(want, s.Points[:4]); d != "" || len(s.Points) != 5 || s.Points[4].Time != 150_000 || s.Points[4].Value == s.Points[4].Value {
		t.Errorf("%v %s", s.Points, d)
	}
	for series, values := range map[string]string{"up{": "1", "up": "x", "h": "{{schema:0 sum:1 count:1 buckets:[1]}}"} {
		if _, err := ParseSeries(series, values, time.Unix(0, 0), time.Second); err == nil {
			t.Errorf("%s %s was accepted", series, values)
		}
	}
}

// TestServeEnds ends with its context, requests included.
func TestServeEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := open(t, Options{}).Serve(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		t.Errorf("listens on %s", s.URL)
	}
	if got := ask(t, s.URL, "/api/v1/query", map[string][]string{"query": {"1"}}, http.MethodPost); got.code != http.StatusOK {
		t.Errorf("%+v", got)
	}
	cancel()
	if err := s.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/-/ready", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultClient.Do(req); err == nil {
		_ = res.Body.Close()
		t.Error("it still answers")
	}
}
