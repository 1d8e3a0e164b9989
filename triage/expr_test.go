package triage

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	limit := func(measured, op string, l float64, u Unit) Expr {
		return Expr{Measured: measured, Op: op, Limit: l, HasLimit: true, Unit: u, Parsed: true}
	}
	with := func(e Expr, f func(*Expr)) Expr { f(&e); return e }
	rest := func(e Expr, r string) Expr { return with(e, func(e *Expr) { e.Rest = r }) }
	for query, want := range map[string]Expr{
		// Limits.
		`x > 5`:       limit("x", ">", 5, ""),
		`5 < x`:       limit("x", ">", 5, ""),
		`0.1 >= x`:    limit("x", "<=", 0.1, ""),
		`1 == x`:      limit("x", "==", 1, ""),
		`(((x))) > 5`: limit("x", ">", 5, ""),
		`x > 5 / 100`: limit("x", ">", 0.05, ""),
		`x > 1 - 0.99`: with(limit("x", ">", 0, ""), func(e *Expr) {
			e.Limit = 0.010000000000000009
		}),
		`x < -5`:                limit("x", "<", -5, ""),
		`x > (14.4 * (1-0.75))`: limit("x", ">", 3.6, ""),
		`x > scalar(vector(5))`: limit("x", ">", 5, ""),
		`x > 2 ^ 3 % 5`:         limit("x", ">", 3, ""),
		`x > 4 * 24 * 3600`:     limit("x", ">", 345600, ""),
		`up{job="a"} == 0`:      limit(`up{job="a"}`, "==", 0, Count),
		`x != bool 0`:           limit("x", "!=", 0, ""),
		`(x > bool 5) == 1`:     with(limit("x", ">", 5, ""), func(e *Expr) { e.Indirect = true }),
		`x > y`:                 {Measured: "x", Op: ">", LimitText: "y", Parsed: true},
		`x > on (a) group_left () (y * 0.9)`: {Measured: "x", Op: ">", LimitText: "y * 0.9",
			Parsed: true},
		`x > NaN`: {Measured: "x", Op: ">", LimitText: "NaN", Parsed: true},
		`x`:       {Measured: "x", Parsed: true},

		// Several conditions.
		`x > 5 and y < 3`:    rest(limit("x", ">", 5, ""), "and (y < 3)"),
		`x > 5 or y < 3`:     rest(limit("x", ">", 5, ""), "or (y < 3)"),
		`x > 5 unless y < 3`: rest(limit("x", ">", 5, ""), "unless (y < 3)"),
		`(x > 5 and y < 3) or z == 1`: rest(limit("x", ">", 5, ""),
			"and (y < 3) or (z == 1)"),
		`x and y > 3`:         with(rest(limit("y", ">", 3, ""), "and (x)"), func(e *Expr) { e.Indirect = true }),
		`x unless y > 3`:      {Measured: "x", Rest: "unless (y > 3)", Parsed: true},
		`0 < x < 10`:          rest(limit("x", "<", 10, ""), "and (> 0)"),
		`x == 0 or absent(x)`: rest(limit("x", "==", 0, ""), "or (absent(x))"),
		`absent(x) or x == 0`: rest(limit("x", "==", 0, ""), "or (absent(x))"),
		`(x > 5) * on (i) group_left (n) node_info`: rest(limit("x", ">", 5, ""), "* (node_info)"),

		// Absence.
		`absent(up{job="a"} == 1)`:                 {Measured: `up{job="a"} == 1`, Absent: true, Indirect: true, Parsed: true},
		`absent(x) == 1`:                           {Measured: "x", Absent: true, Indirect: true, Parsed: true},
		`absent_over_time(x[5m])`:                  {Measured: "x[5m]", Absent: true, Indirect: true, Parsed: true},
		`absent(a) or absent(b)`:                   {Measured: "a", Rest: "or (absent(b))", Absent: true, Indirect: true, Parsed: true},
		`label_replace(x > 5, "a", "b", "c", "d")`: limit("x", ">", 5, ""),
		`max by (a) (x > 5)`:                       limit("max by (a) (x)", ">", 5, ""),
		`min(x < 5)`:                               limit("min(x)", "<", 5, ""),
		`max(x == 1)`:                              limit("x", "==", 1, ""),
		`count(x > 5) > 1`:                         limit("count(x > 5)", ">", 1, Count),

		// Units.
		`sum(rate(e_total{code=~"5.."}[5m])) / sum(rate(e_total[5m])) > 0.05`: limit(`sum(rate(e_total{code=~"5.."}[5m])) / sum(rate(e_total[5m]))`, ">", 0.05, Ratio),
		`100 * sum(rate(e_total[5m])) / sum(rate(a_total[5m])) > 5`:           limit("100 * sum(rate(e_total[5m])) / sum(rate(a_total[5m]))", ">", 5, Percent),
		`sum(rate(e_total[5m]) * 100) / sum(rate(a_total[5m])) > 5`:           limit("sum(rate(e_total[5m]) * 100) / sum(rate(a_total[5m]))", ">", 5, Percent),
		`a / b > 0.9`:                       limit("a / b", ">", 0.9, Ratio),
		`a / b > 3`:                         limit("a / b", ">", 3, ""),
		`a / b * 100 < 10`:                  limit("a / b * 100", "<", 10, Percent),
		`free_bytes / size_bytes < 0.1`:     limit("free_bytes / size_bytes", "<", 0.1, Ratio),
		`1 - free_bytes / size_bytes > 0.9`: limit("1 - free_bytes / size_bytes", ">", 0.9, Ratio),
		`hit_ratio < 0.5`:                   limit("hit_ratio", "<", 0.5, Ratio),
		`battery_percent < 20`:              limit("battery_percent", "<", 20, Percent),
		`histogram_quantile(0.99, sum by (le) (rate(t_seconds_bucket[5m]))) > 1.5`: limit("histogram_quantile(0.99, sum by (le) (rate(t_seconds_bucket[5m])))", ">", 1.5, Seconds),
		`histogram_quantile(0.99, rate(t_bucket[5m])) > 1.5`:                       limit("histogram_quantile(0.99, rate(t_bucket[5m]))", ">", 1.5, ""),
		`rate(t_seconds_sum[5m]) / rate(t_seconds_count[5m]) > 1`:                  limit("rate(t_seconds_sum[5m]) / rate(t_seconds_count[5m])", ">", 1, Seconds),
		`time() - last_success_timestamp_seconds > 3600`:                           limit("time() - last_success_timestamp_seconds", ">", 3600, Seconds),
		`cert_not_after - time() < 86400`:                                          limit("cert_not_after - time()", "<", 86400, Seconds),
		`process_resident_memory_bytes > 1e9`:                                      limit("process_resident_memory_bytes", ">", 1e9, Bytes),
		`rate(net_bytes_total[5m]) > 1e6`:                                          limit("rate(net_bytes_total[5m])", ">", 1e6, BytesPerSecond),
		`sum(rate(errors_total[5m])) > 3`:                                          limit("sum(rate(errors_total[5m]))", ">", 3, PerSecond),
		`increase(errors_total[1h]) > 3`:                                           limit("increase(errors_total[1h])", ">", 3, Count),
		`increase(net_bytes_total[1h]) > 3`:                                        limit("increase(net_bytes_total[1h])", ">", 3, Bytes),
		`count(up == 0) / count(up) > 0.1`:                                         limit("count(up == 0) / count(up)", ">", 0.1, Ratio),
		`sum(up{job="a"}) < 2`:                                                     limit(`sum(up{job="a"})`, "<", 2, Count),
		`1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])) > 0.9`:             limit(`1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m]))`, ">", 0.9, Ratio),
		`predict_linear(free_bytes[6h], 4 * 3600) < 0`:                             limit("predict_linear(free_bytes[6h], 4 * 3600)", "<", 0, Bytes),
		`max_over_time(cpu:usage:ratio_rate5m[10m:]) > 0.8`:                        limit("max_over_time(cpu:usage:ratio_rate5m[10m:])", ">", 0.8, Ratio),

		// Not PromQL.
		`x > `: {Measured: `x > `},
		``:     {},
		"\xff": {Measured: "\xff"},
	} {
		if d := cmp.Diff(want, Split(query)); d != "" {
			t.Errorf("%s\n%s", query, d)
		}
	}
}

// TestSplitCorpus takes apart every alerting rule of the corpus: each parses,
// what is measured parses again, and most have a constant limit.
func TestSplitCorpus(t *testing.T) {
	t.Parallel()
	total, limits, absent, texts, units := 0, 0, 0, 0, map[Unit]int{}
	for _, q := range corpusQueries(t) {
		total++
		e := Split(q)
		if !e.Parsed || e.Measured == "" {
			t.Errorf("not parsed: %s", q)
			continue
		}
		if again := Split(e.Measured); !again.Parsed {
			t.Errorf("measured does not parse: %s\nof %s", e.Measured, q)
		}
		units[e.Unit]++
		switch {
		case e.HasLimit:
			limits++
			if e.Op == "" {
				t.Errorf("a limit without an operator: %s", q)
			}
		case e.Absent:
			absent++
		case e.LimitText != "":
			texts++
		}
	}
	t.Logf("%d rules: %d constant limits, %d other limits, %d absent; units %v", total, limits, texts, absent, units)
	if total != 2049 {
		t.Errorf("%d rules, want 2049: has the corpus changed?", total)
	}
	if part := float64(limits+absent) / float64(total); part < 0.85 {
		t.Errorf("only %.0f%% of the rules have a limit", part*100)
	}
}

func corpusQueries(t testing.TB) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir("../testdata/corpus/rules", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") && !strings.HasSuffix(path, ".yml") {
			return err
		}
		doc, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var f struct {
			Groups []struct {
				Rules []struct{ Alert, Expr string }
			}
		}
		if err := yaml.Unmarshal(doc, &f); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, g := range f.Groups {
			for _, r := range g.Rules {
				if r.Alert != "" {
					out = append(out, r.Expr)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func FuzzSplit(f *testing.F) {
	for _, q := range []string{`a > 5`, `absent(x)`, `max by (a) (x > 5) and y`, `0 < a / b * 100 < 10`, `(a > bool 1) == 1`, `histogram_quantile(0.9, x)`, `100 / a * a`} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		if e := Split(q); e.HasLimit && (!e.Parsed || e.Op == "") {
			t.Errorf("%q: %+v", q, e)
		}
	})
}
