package prometheus

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

const corpus = "../../testdata/corpus/rules/kube-prometheus/*.yaml"

const testRules = `
groups:
- name: test
  rules:
  - {alert: Odd, expr: "odd_value == 7", labels: {severity: page, "quote": "a\"b\\c\u009bé😀"}, annotations: {summary: "line one\nline two {{ $labels.path }}"}}
  - {alert: Slow, expr: "odd_value > 0", for: 1h, annotations: {runbook_url: "https://x/{{ $labels.path }}"}}
  - {alert: Nothing, expr: "0/0 * on() group_right() odd_value", labels: {severity: none}}
  - {alert: Fails, expr: 'label_replace(odd_value, "path", "x", "", "")'}
  - {record: odd:sum, expr: sum(odd_value)}
- name: only recording
  rules: [{record: x, expr: vector(1)}]
`

// TestReal compares with what encoding/json reads from a real server that
// evaluates the rules of kube-prometheus.
func TestReal(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 50 {
			_, _ = fmt.Fprintf(w, "odd_value{path=\"/a\\\"\\\\\\n<%d>é\"} %d\n", i, i%10)
		}
	}))
	defer target.Close()
	host := strings.TrimPrefix(target.URL, "http://")
	srv := promtest.Start(t, promtest.Options{RuleFiles: []string{corpus}, Rules: []string{testRules},
		Scrape: fmt.Sprintf("- job_name: odd\n  static_configs: [{targets: [%q]}]\n- job_name: many\n  static_configs: [{targets: [%q, \"localhost:1\"]}]\n", host, host)})
	srv.WaitUp("odd", 1)
	srv.WaitFor(`count(up{job="many"}) == 2`)
	srv.WaitFor(`count(ALERTS{alertname="Slow"}) >= 45 and on() count(ALERTS{alertname="Odd"}) >= 5`)
	c := open(t, Options{Cluster: "eu", URL: srv.URL})
	ctx := t.Context()

	info, err := c.Info(ctx)
	if err != nil || info.Version.Empty() {
		t.Errorf("info %+v, %v", info, err)
	}
	compareAlerts(t, srv, c)
	compareRules(t, c)

	n, err := c.Query(ctx, `count(odd_value{job="odd"})`, time.Time{})
	if err != nil || len(n) != 1 || n[0].V != 50 {
		t.Errorf("query: %v, %v", n, err)
	}
	sc, err := c.Query(ctx, `scalar(vector(2.5))`, time.Unix(1_700_000_000, 0))
	if err != nil || len(sc) != 1 || sc[0].V != 2.5 || !sc[0].T.Equal(time.Unix(1_700_000_000, 0)) || len(sc[0].Labels) != 0 {
		t.Errorf("scalar: %v, %v", sc, err)
	}
	nan, err := c.Query(ctx, `vector(0)/0`, time.Time{})
	if err != nil || len(nan) != 1 || !math.IsNaN(nan[0].V) {
		t.Errorf("NaN: %v, %v", nan, err)
	}
	end := time.Now().Truncate(time.Second)
	m, err := c.QueryRange(ctx, `vector(1)`, sources.Range{Start: end.Add(-time.Minute), End: end, Step: 10 * time.Second})
	if err != nil || len(m) != 1 || len(m[0].Points) != 7 || !m[0].Points[6].T.Equal(end) {
		t.Errorf("range: %v, %v", m, err)
	}
	if m, err = c.Samples(ctx, `up{job="many"}`, sources.Range{Start: time.Now().Add(-time.Hour), End: time.Now()}); err != nil || len(m) == 0 || len(m[0].Points) == 0 {
		t.Errorf("samples: %v, %v", m, err)
	}
	for name, expr := range map[string]string{"an expression": "vector(1)", "a range": "up[1m]"} {
		if _, err := c.Samples(ctx, expr, sources.Range{Start: end.Add(-time.Minute), End: end}); !sources.IsKind(err, sources.BadRequest) {
			t.Errorf("samples of %s: %v", name, err)
		}
	}
	jobs, err := c.LabelValues(ctx, "job", "")
	if err != nil || !slices.IsSortedFunc(jobs, safe.Value.Compare) ||
		!slices.Contains(jobs, safe.Outside("many")) || !slices.Contains(jobs, safe.Outside("odd")) {
		t.Errorf("jobs: %v, %v", jobs, err)
	}
	if paths, err := c.LabelValues(ctx, "path", `odd_value{path=~"(?s).*<4[0-9]>.*",job="odd"}`); err != nil || len(paths) != 10 {
		t.Errorf("paths: %d, %v", len(paths), err)
	}
	if _, err := c.Query(ctx, `sum(`, time.Time{}); !sources.IsKind(err, sources.BadRequest) || !strings.Contains(err.Error(), "parse error") {
		t.Errorf("bad query: %v", err)
	}

	srv.Stop()
	hung := open(t, Options{URL: srv.URL, Timeout: 200 * time.Millisecond})
	if _, err := hung.Alerts(ctx); !sources.IsKind(err, sources.Timeout) || !strings.Contains(err.Error(), "200ms") {
		t.Errorf("hung: %v", err)
	}
	srv.Kill()
	if _, err := c.Alerts(ctx); !sources.IsKind(err, sources.Unavailable) {
		t.Errorf("killed: %v", err)
	}
	srv.Restart()
	if _, err := c.Alerts(ctx); err != nil {
		t.Errorf("restarted: %v", err)
	}
}

// compareAlerts asks three times: the reference before and after must agree,
// or the alerts changed meanwhile.
func compareAlerts(t *testing.T, srv *promtest.Server, c *Client) {
	t.Helper()
	sorted := func(as []sources.Alert) []sources.Alert {
		slices.SortFunc(as, func(a, b sources.Alert) int { return cmp.Compare(a.ID, b.ID) })
		return as
	}
	ref := func() []sources.Alert {
		as, err := refAlerts(srv.Get(t, alertsPath), "eu")
		if err != nil {
			t.Fatal(err)
		}
		return sorted(as)
	}
	for range 50 {
		before := ref()
		got, err := c.Alerts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		after := ref()
		if fmt.Sprint(before) != fmt.Sprint(after) {
			continue
		}
		if len(got) < 50 {
			t.Errorf("%d alerts only", len(got))
		}
		same(t, sorted(got), before)
		sourcetest.CheckAlerts(t, got, "eu")
		return
	}
	t.Error("the alerts never stood still")
}

func compareRules(t *testing.T, c *Client) {
	t.Helper()
	var groups []sources.RuleGroup
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var err error
		if groups, err = c.Rules(t.Context()); err != nil {
			t.Fatal(err)
		}
		if evaluated(groups) {
			break
		}
	}
	got := map[string]sources.Rule{}
	n := 0
	recorded := map[string]string{}
	for _, g := range groups {
		for _, r := range g.Recorded {
			recorded[r.Name.Raw()] = r.Query.Raw()
		}
		if len(g.Rules) == 0 { // not waited for
			continue
		}
		if g.Interval != time.Second || g.Name.Empty() || g.File.Empty() || g.LastEvaluation.IsZero() || g.EvaluationTime <= 0 {
			t.Errorf("group %s: interval %v, last %v, took %v", g.Name, g.Interval, g.LastEvaluation, g.EvaluationTime)
		}
		sourcetest.UTC(t, g.Name.String(), g.LastEvaluation)
		for _, r := range g.Rules {
			n++
			got[r.Name.Raw()] = r
		}
	}
	if want := alertingRules(t) + 4; n != want {
		t.Errorf("%d alerting rules, want %d", n, want)
	}
	if recorded["odd:sum"] != "sum(odd_value)" || recorded["x"] != "vector(1)" {
		t.Errorf("recorded: %q, %q", recorded["odd:sum"], recorded["x"])
	}
	if r := got["Slow"]; r.For != time.Hour || r.Health.Raw() != "ok" || r.Annotations.Value("runbook_url").Raw() != "https://x/{{ $labels.path }}" {
		t.Errorf("Slow: %+v", r)
	}
	if r := got["Fails"]; r.Health.Raw() != "err" || r.LastError.Empty() {
		t.Errorf("Fails: %+v", r)
	}
	if r := got["Odd"]; r.Labels.Value("quote").Raw() != "a\"b\\c\u009bé😀" {
		t.Errorf("Odd: %+v", r)
	}
}

// evaluated reports whether every group has been evaluated and the failing
// rule has failed: the groups start at different moments of their interval.
func evaluated(groups []sources.RuleGroup) bool {
	failed := false
	for _, g := range groups {
		if len(g.Rules) > 0 && (g.LastEvaluation.IsZero() || g.EvaluationTime <= 0) {
			return false
		}
		for _, r := range g.Rules {
			failed = failed || r.Health.Raw() == "err"
		}
	}
	return failed
}

// alertingRules counts the rules of the corpus' files by reading them.
func alertingRules(t *testing.T) int {
	t.Helper()
	files, err := filepath.Glob(corpus)
	if err != nil || len(files) == 0 {
		t.Fatalf("no rule files at %s (%v)", corpus, err)
	}
	n := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Groups []struct{ Rules []struct{ Alert string } }
		}
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		for _, g := range doc.Groups {
			for _, r := range g.Rules {
				if r.Alert != "" {
					n++
				}
			}
		}
	}
	return n
}
