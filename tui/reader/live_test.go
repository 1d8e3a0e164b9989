package reader_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/reader"
)

func TestAnswersStandBelowTheirQuery(t *testing.T) {
	t.Parallel()
	src := "# A\n\n- [ ] Look.\n\n  ```promql\n  up == 0\n  ```\n\n" + strings.Repeat("Filler.\n\n", 20) + "```promql\nrate(x[5m])\n```\n"
	m := reader.New(dark())
	m.SetSize(60, 16)
	m.SetDocument("k", parse(src), runbook.Pos{})
	if d := cmp.Diff([]string{"up == 0"}, m.Queries()); d != "" {
		t.Errorf("queries on screen: %s", d)
	}
	m.SetAnswer("up == 0", reader.Answer{Rows: []reader.AnswerRow{
		{Name: "1.42.0", Value: "12.9%", Spark: []float64{0, 0, 0, 0, 0, 0, 0, 0.13}},
		{Name: "1.41.0", Spark: []float64{0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001}},
	}, Note: "3 more series"})
	want := []string{
		"▸ [ ] Look.",
		"      ┌ promql, live ──────────────────────────────────────┐",
		"      │ up == 0                                            │",
		"      └────────────────────────────────────────────────────┘",
		"        1.42.0      12.9%  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▇▇▇",
		"        1.41.0   no value  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
		"        3 more series",
	}
	if d := cmp.Diff(want, plain(m.Rows())[3:10]); d != "" {
		t.Error(d)
	}
	m.SetAnswer("up == 0", reader.Answer{Note: "1:4: parse error: \x1b]0;x\a unexpected end of input in aggregation", Wrong: true})
	rows := plain(m.Rows())
	if got := strings.Join(rows, "\n"); !strings.Contains(got, "parse error") || strings.Contains(got, "12.9%") || strings.ContainsAny(got, "\x1b\a") {
		t.Errorf("a wrong query: %q", got)
	}
	m.Bottom()
	if d := cmp.Diff([]string{"rate(x[5m])"}, m.Queries()); d != "" {
		t.Errorf("queries at the end: %s", d)
	}
	for _, w := range []int{1, 8, 20, 40} {
		m.SetSize(w, 16)
		m.Top()
		for _, r := range m.Rows() {
			if n := ansi.StringWidth(r); n > w {
				t.Fatalf("at %d cells a row has %d: %q", w, n, r)
			}
		}
	}
}

// A link to a graph is asked too, and a query whose placeholders were filled
// still has its answer below it.
func TestGraphLinksAndFilledQueriesAreAnswered(t *testing.T) {
	t.Parallel()
	src := "# A\n\nSee [the graph](https://prom.example.com/graph?g0.expr=up%7Bjob%3D%22x%22%7D&g0.tab=0).\n\n" +
		"```promql\nup{namespace=\"<namespace>\"}\n```\n\nAgain [it](https://thanos.example.com/graph?g0.expr=up%7Bjob%3D%22x%22%7D).\n"
	m := reader.New(dark())
	m.SetSize(60, 30)
	m.SetValues("a", runbook.NewValues(sources.NewLabels(map[string]string{"namespace": "shop"}), "", nil))
	m.SetDocument("k", parse(src), runbook.Pos{})
	want := []string{`up{namespace="<namespace>"}`, `up{job="x"}`}
	if d := cmp.Diff(want, m.Queries()); d != "" {
		t.Fatal(d)
	}
	for i, q := range want {
		m.SetAnswer(q, reader.Answer{Rows: []reader.AnswerRow{{Name: "series", Value: []string{"11", "22"}[i]}}})
	}
	got := strings.Join(plain(m.Rows()), "\n")
	for _, s := range []string{"query of link [1], live", `up{job="x"}`, "22", `up{namespace="shop"}`, "11", "filled in: shop"} {
		if !strings.Contains(got, s) {
			t.Errorf("%s is not in\n%s", s, got)
		}
	}
	if strings.Count(got, `up{job="x"}`) != 1 {
		t.Errorf("the same query twice:\n%s", got)
	}
}
