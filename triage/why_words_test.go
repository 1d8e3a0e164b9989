package triage

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// TestWhyByHand holds real rules against what a person read in them.
func TestWhyByHand(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("testdata/why.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct {
		From, Expr, Measured, Op string
		Limit                    float64
		LimitText                string `yaml:"limit_text"`
		Unit                     Unit
		Rest, Sentence           string
		Absent                   bool
	}
	if err := yaml.Unmarshal(doc, &table); err != nil {
		t.Fatal(err)
	}
	if len(table) < 60 {
		t.Fatalf("%d rules only", len(table))
	}
	for _, w := range table {
		got := Split(w.Expr)
		want := got
		want.Measured, want.Op, want.Limit, want.LimitText, want.Unit, want.Rest, want.Absent = w.Measured, w.Op, w.Limit, w.LimitText, w.Unit, w.Rest, w.Absent
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s\n%s", w.From, w.Expr, d)
		}
		if text := explained(w.Expr, 12.4, TenseFiring, nil); !strings.HasPrefix(text, w.Sentence) || w.Sentence == "" {
			t.Errorf("%s\n got %s\nwant %s", w.Expr, text, w.Sentence)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	const ratio = `sum(rate(http_requests_total{service="shop",code=~"5.."}[5m])) / sum(rate(http_requests_total{service="shop"}[5m]))`
	for _, c := range []struct {
		query string
		value float64
		tense Tense
		want  string
	}{
		{ratio + " > 0.05", 0.124, TenseFiring, `The share of HTTP requests (http_requests_total{service="shop"}) that end in a 5xx code, over 5 minutes, was above 5% for 3 minutes in a row. It is 12.4% now, 2.5 times the limit.`},
		{ratio + " > 0.05", 0.124, TensePending, `The share of HTTP requests (http_requests_total{service="shop"}) that end in a 5xx code, over 5 minutes, is above 5%; it fires when that has lasted 3 minutes. It is 12.4% now, 2.5 times the limit.`},
		{ratio + " > 0.05", 0.003, TenseOver, `The share of HTTP requests (http_requests_total{service="shop"}) that end in a 5xx code, over 5 minutes, was above 5% for 3 minutes in a row. It is 0.3% now, within the limit.`},
		// Not a share: the numerator has not all conditions of the denominator, or another window.
		{`rate(a_total{x="1"}[5m]) / rate(a_total{y="2"}[5m]) > 0.5`, 0.6, TenseFiring, `The rate per second of a_total{x="1"} over 5 minutes, divided by the rate per second of a_total{y="2"} over 5 minutes, was above 50% for 3 minutes in a row. It is 60% now, 1.2 times the limit.`},
		{`rate(a_total{x="1"}[5m]) / rate(a_total[1h]) > 0.5`, 0.52, TenseFiring, `The rate per second of a_total{x="1"} over 5 minutes, divided by the rate per second of a_total over 1 hour, was above 50% for 3 minutes in a row. It is 52% now.`},
		{`1 - sum(rate(a_total{ok="1"}[5m])) / sum(rate(a_total[5m])) > 0.1`, 0.2, TenseFiring, `The share of a_total without ok="1", over 5 minutes, was above 10% for 3 minutes in a row. It is 20% now, 2 times the limit.`},
		{`up{job="a"} == 0`, 0, TenseFiring, `The target did not answer the scrape (up{job="a"}) for 3 minutes in a row.`},
		{`up{job="a"} == 0`, 0, TensePending, `The target does not answer the scrape (up{job="a"}); it fires when that has lasted 3 minutes.`},
		{`up{job="a"} == 1`, 1, TenseFiring, `up{job="a"} was exactly 1 for 3 minutes in a row.`},
		{`count(up{job="a"} == 0) > 2`, 3, TenseFiring, `The number of targets that do not answer the scrape (up{job="a"} == 0) was above 2 for 3 minutes in a row. It is 3 now, 1.5 times the limit.`},
		{`absent(up{job="a"})`, 1, TenseFiring, `There was no data of up{job="a"} for 3 minutes in a row.`},
		{`absent_over_time(a[1h])`, 1, TenseOver, `There was no data of a within 1 hour for 3 minutes in a row.`},
		{`absent(a) and on () b > 1`, 1, TenseFiring, `There was no data of a, and only while b was above 1, for 3 minutes in a row.`},
		{`predict_linear(node_filesystem_avail_bytes[6h], 4 * 3600) < 0`, -5, TenseFiring, `node_filesystem_avail_bytes was on course to be full within 4 hours, going by the last 6 hours, for 3 minutes in a row.`},
		{`time() - last_success_timestamp_seconds > 3600`, 7200, TenseFiring, `The time since last_success_timestamp_seconds was above 60 min for 3 minutes in a row. It is 2 h now, 2 times the limit.`},
		{`(time() - last_run) / 3600 > 24`, 30, TenseFiring, `The time since last_run, in hours, was above 24 for 3 minutes in a row. It is 30 now, 1.2 times the limit.`},
		{`(max by (job) (time() - last_run)) / 60 / 60 / 24 > 2`, 3, TenseFiring, `The longest time since last_run for each job, in days, was above 2 for 3 minutes in a row. It is 3 now, 1.5 times the limit.`},
		{`(time() - last_run) / 3601 > 24`, 30, TenseFiring, `The time since last_run, divided by 3,601, was above 24 for 3 minutes in a row. It is 30 now, 1.2 times the limit.`},
		{`(count(x{a="1"}) or vector(0)) < 1`, 0, TenseFiring, `The number of series x{a="1"} (0 where there is none) was below 1 for 3 minutes in a row. It is 0 now.`},
		{`(count(x{a="1"}) or vector(1)) < 1`, 0, TenseFiring, `Measured: count(x{a="1"}) or vector(1) is 0; limit: < 1.`},
		{`round((expires - time()) / 86400, 0.1) < 3`, 2.5, TenseFiring, `The rounded value of the time until expires, in days, was below 3 for 3 minutes in a row. It is 2.5 now.`},
		{`count(avg_over_time(x[1h]) > 200) > 10`, 11, TenseFiring, `The number of series where the average of x over 1 hour is above 200 was above 10 for 3 minutes in a row. It is 11 now, 1.1 times the limit.`},
		{`a < b`, 3, TenseFiring, `a was below b for 3 minutes in a row. It is 3 now.`},
		{`sum by (a, b) (rate(x_total[1h])) > 3 and sum by (a, b) (rate(x_total[5m])) > 3`, 4, TenseFiring, `The sum of the rate per second of x_total over both 1 hour and 5 minutes for each a and b was above 3/s for 3 minutes in a row. It is 4/s now, 1.3 times the limit.`},
		{`rate(x_total[1h]) > 3 and rate(x_total[5m]) > 2`, 4, TenseFiring, `The rate per second of x_total over 1 hour was above 3/s, and only while the rate per second of x_total over 5 minutes was above 2/s, for 3 minutes in a row. It is 4/s now, 1.3 times the limit.`},
		{`a > 5 unless on (x) b == 1`, 6, TenseFiring, `a was above 5, but not while b was exactly 1, for 3 minutes in a row. It is 6 now, 1.2 times the limit.`},
		{`a > 5 and b > 1 or c == 0`, 6, TenseFiring, `The rule has several conditions: a > 5 and b > 1 or c == 0.`},
		{`e:ratio_rate1h > (14.4 * 0.001) and e:ratio_rate5m > (14.4 * 0.001) or e:ratio_rate6h > (6 * 0.001) and e:ratio_rate30m > (6 * 0.001)`, 0.03, TenseFiring,
			`The error budget of 0.1% was being spent more than 14.4 times as fast as it may (over both 1 hour and 5 minutes), or more than 6 times as fast as it may (over both 6 hours and 30 minutes) for 3 minutes in a row.`},
		{`e:ratio_rate1h > 0.5 and f:ratio_rate5m > 0.5`, 0.6, TenseFiring, `e:ratio_rate1h was above 0.5, and only while f:ratio_rate5m was above 0.5, for 3 minutes in a row. It is 0.6 now, 1.2 times the limit.`},
		{`clamp_max(a, 4) - b / c > 5`, 6, TenseFiring, `Measured: clamp_max(a, 4) - b / c is 6; limit: > 5.`},
		{`clamp_max(a, 4) > 5`, math.NaN(), TenseFiring, `Measured: clamp_max(a, 4); limit: > 5.`},
		{`a >`, 6, TenseFiring, `The rule: a >.`},
	} {
		if got := explained(c.query, c.value, c.tense, nil); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.query, got, c.want)
		}
	}
	rule := sources.Rule{Query: safe.Outside("a > 5")}
	w := Explain(Item{Alert: sources.Alert{Value: 6}, Rule: &rule})
	if got, want := w.Words(TenseFiring, "at 14:05"), "a is above 5. It was 6 at 14:05, 1.2 times the limit."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Explain(Item{}).Words(TenseFiring, ""); got != "" {
		t.Errorf("of no rule: %q", got)
	}
}

func TestRecorded(t *testing.T) {
	t.Parallel()
	rec := func(name, query string) sources.Recording {
		return sources.Recording{Name: safe.Outside(name), Query: safe.Outside(query)}
	}
	known := newRecordings([]sources.RuleGroup{
		{Recorded: []sources.Recording{
			rec("job:errors", `sum by (job) (rate(e_total{bad="1"}[5m])) / sum by (job) (rate(e_total[5m]))`),
			rec("twice", "a"), rec("same", "sum(x_bytes)"),
			rec("level", "job:errors * 2")}},
		{Recorded: []sources.Recording{rec("twice", "b"), rec("same", "sum(x_bytes)")}}})
	for _, c := range []struct {
		query, recorded string
		unit            Unit
		starts          string
	}{
		{"job:errors > 0.05", "job:errors", Ratio, `The share of e_total with bad="1" for each job, over 5 minutes, was above 5% for 3 minutes`},
		{"max(job:errors) > 0.05", "job:errors", Ratio, `The highest of job:errors was above 5%`},
		{`job:errors{job="a"} > 0.05`, "job:errors", Ratio, `job:errors{job="a"} was above 5%`},
		{"sum(job:errors) > 2", "job:errors", NoUnit, "The sum of job:errors was above 2"},
		{"same > 1024", "same", Bytes, "The sum of x_bytes was above 1 KiB"},
		{"twice > 1", "", NoUnit, "twice was above 1"},
		{"job:errors / same > 1", "", Ratio, "job:errors, divided by same, was above 100%"},
		{"level > 1", "level", NoUnit, "2 times job:errors was above 1"},
		{"absent(job:errors)", "", NoUnit, "There was no data of job:errors"},
	} {
		rule := sources.Rule{Query: safe.Outside(c.query), For: 3 * time.Minute}
		w := Explain(Item{Rule: &rule, Recordings: known})
		if w.Recorded.Name.Raw() != c.recorded || w.Unit != c.unit || !strings.HasPrefix(w.Words(TenseFiring, ""), c.starts) {
			t.Errorf("%s: recorded %q, unit %q: %s", c.query, w.Recorded.Name, w.Unit, w.Words(TenseFiring, ""))
		}
	}
}
