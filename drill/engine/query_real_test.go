package engine

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// expressions are asked of both servers, as instant and as range queries.
func expressions() []string {
	return []string{
		`up`, `requests_total`, `{job="app",code=~"4..|5.."}`, `requests_total{code!="200",instance!~"app-0.*"}`,
		`ended`, `ended offset 20m`, `odd`, `-odd`, `odd * 2`, `1`, `time()`, `"text"`, `vector(3)`, `1 / 0`, `-1 / 0`, `0 / 0`,
		`1e30`, `1e-10`, `0.1 + 0.2`, `2 ^ 0.5`, `7 % 3`, `scalar(sum(up))`, `scalar(up)`,
		`rate(requests_total[5m])`, `increase(requests_total[10m])`, `irate(requests_total[2m])`, `delta(memory_bytes[5m])`,
		`idelta(memory_bytes[2m])`, `deriv(memory_bytes[5m])`, `predict_linear(memory_bytes[10m], 3600)`,
		`resets(requests_total[20m])`, `changes(up[20m])`,
		`sum(rate(requests_total[5m]))`, `sum by (code) (rate(requests_total[5m]))`, `sum without (instance) (rate(requests_total[5m]))`,
		`avg by (instance) (memory_bytes)`, `min(memory_bytes)`, `max(memory_bytes)`, `stddev(memory_bytes)`, `stdvar(memory_bytes)`,
		`count by (code) (requests_total)`, `group(up)`, `count_values("v", up)`, `quantile(0.9, memory_bytes)`,
		`topk(2, memory_bytes)`, `bottomk(2, memory_bytes)`, `topk by (code) (1, requests_total)`,
		`sum by (code) (rate(requests_total{code="500"}[5m])) / ignoring(code) group_left sum(rate(requests_total[5m]))`,
		`requests_total * on(instance) group_left(version) build_info`, `up * on(instance) group_right memory_bytes`,
		`up == 0`, `up == bool 0`, `memory_bytes > 1.5e8 and on(instance) up == 1`, `memory_bytes unless on(instance) up == 0`,
		`up == 0 or memory_bytes > 3e8`, `memory_bytes > bool 2e8`,
		`histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))`,
		`histogram_quantile(0.5, rate(latency_seconds_bucket[5m]))`, `histogram_quantile(1.5, latency_seconds_bucket)`,
		`rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m])`,
		`avg_over_time(memory_bytes[5m])`, `max_over_time(memory_bytes[5m])`, `min_over_time(memory_bytes[5m])`,
		`sum_over_time(up[10m])`, `count_over_time(requests_total[10m])`, `quantile_over_time(0.9, memory_bytes[10m])`,
		`stddev_over_time(memory_bytes[10m])`, `last_over_time(ended[30m])`, `present_over_time(ended[10m])`,
		`max_over_time(rate(requests_total[2m])[10m:1m])`, `avg_over_time(sum(up)[10m:])`, `rate(requests_total[5m] offset 5m)`,
		`requests_total @ 1772600523.5`, `sum(up @ end())`, `rate(requests_total[5m] @ start())`, `up offset -2m`,
		`absent(nothing{job="x",a=~"b"})`, `absent(up)`, `absent_over_time(ended[5m])`, `absent(sum(nothing))`,
		`label_replace(up, "host", "$1", "instance", "(.*):.*")`, `label_join(up, "both", "/", "job", "instance")`,
		`abs(odd)`, `ceil(odd)`, `clamp(memory_bytes, 1e8, 2e8)`, `clamp_min(odd, 1)`, `exp(up)`, `ln(odd)`, `round(memory_bytes, 1e6)`,
		`sgn(odd)`, `sqrt(odd)`, `sort(memory_bytes)`, `sort_desc(memory_bytes)`, `timestamp(up)`, `hour(timestamp(up))`,
		`day_of_week()`, `minute()`, `days_in_month(vector(1772600400))`, `month()`, `sum({__name__=~"lat.*_count"})`,
		`1 - avg(rate(requests_total{code="500"}[5m])) > 0`, `count(requests_total) - count(up)`, `pi()`, `atan2(up, 2)`,
		`(sum(rate(requests_total{code="500"}[30m])) / sum(rate(requests_total[30m])) > 0.01) and (sum(rate(requests_total{code="500"}[5m])) / sum(rate(requests_total[5m])) > 0.01)`,
	}
}

// TestQueriesAsReal asks the engine and a real server with the same samples
// the same questions.
func TestQueriesAsReal(t *testing.T) {
	t.Parallel()
	series := fixture()
	srv := promtest.Start(t, promtest.Options{OpenMetrics: openMetrics(series), Interval: time.Minute})
	e := open(t, Options{})
	if err := e.Append(series...); err != nil {
		t.Fatal(err)
	}
	mine := serving(t, e)
	// Seven seconds past the minute: on no sample, on no edge of a range.
	start := fixtureStart().Truncate(time.Minute).Add(7 * time.Second)
	asked := 0
	for _, expr := range expressions() {
		for _, at := range []time.Duration{2 * time.Minute, 13 * time.Minute, 23*time.Minute + 30*time.Second, 40 * time.Minute, 3 * time.Hour} {
			args := url.Values{"query": {expr}, "time": {start.Add(at).Format(time.RFC3339)}}
			asked += compareAnswers(t, mine, srv.URL, "/api/v1/query", args)
		}
		for _, step := range []string{"60", "150s", "3m45s"} {
			args := url.Values{"query": {expr}, "step": {step}, "start": {strconv.FormatInt(start.Unix(), 10)},
				"end": {start.Add(55 * time.Minute).Format(time.RFC3339Nano)}}
			asked += compareAnswers(t, mine, srv.URL, "/api/v1/query_range", args)
		}
	}
	t.Logf("%d expressions, %d answers, %d of them not empty", len(expressions()), len(expressions())*8, asked)
	if asked < len(expressions())*4 {
		t.Errorf("only %d answers had a result: the fixture does not reach the expressions", asked)
	}
}

// reply is an answer of the query endpoints.
type reply struct {
	Status    string
	ErrorType string
	Error     string
	Data      data
	code      int
}

// data is the data of a query; of other endpoints it stays empty.
type data struct {
	ResultType string
	Result     json.RawMessage
}

// UnmarshalJSON skips what is no object.
func (d *data) UnmarshalJSON(b []byte) error {
	type plain data
	if b[0] != '{' {
		return nil
	}
	return json.Unmarshal(b, (*plain)(d))
}

func ask(t testing.TB, base, path string, args url.Values, method string) reply {
	t.Helper()
	var req *http.Request
	var err error
	if method == http.MethodPost {
		req, err = http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(args.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		req, err = http.NewRequestWithContext(t.Context(), method, base+path+"?"+args.Encode(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := reply{code: res.StatusCode}
	if err := json.Unmarshal(body, &out); err != nil && res.Header.Get("Content-Type") == "application/json" {
		t.Fatalf("%s %s: %v\n%s", path, args, err, body)
	}
	return out
}

// compareAnswers returns 1 when the answers, which must be equal, have a
// result.
func compareAnswers(t *testing.T, mine, real, path string, args url.Values) int {
	t.Helper()
	got, want := ask(t, mine, path, args, http.MethodPost), ask(t, real, path, args, http.MethodGet)
	if got.code != want.code || got.ErrorType != want.ErrorType || got.Data.ResultType != want.Data.ResultType {
		t.Errorf("%s %v: %d %s %s %s, real %d %s %s %s", path, args, got.code, got.ErrorType, got.Error, got.Data.ResultType,
			want.code, want.ErrorType, want.Error, want.Data.ResultType)
		return 0
	}
	ordered := strings.HasPrefix(args.Get("query"), "sort") || path == "/api/v1/query_range"
	g, w := pointsOf(t, got, ordered), pointsOf(t, want, ordered)
	if d := different(g, w); d != "" {
		t.Errorf("%s %v: %s", path, args, d)
	}
	return min(len(w), 1)
}

// flat is one point of an answer: its series, its time and its value.
type flat struct{ series, time, value string }

func pointsOf(t *testing.T, r reply, ordered bool) []flat {
	t.Helper()
	var out []flat
	one := func(series string, p [2]any) {
		out = append(out, flat{series, fmt.Sprintf("%.3f", p[0]), fmt.Sprint(p[1])})
	}
	var err error
	switch r.Data.ResultType {
	case "vector", "matrix":
		var list []struct {
			Metric map[string]string
			Value  *[2]any
			Values [][2]any
		}
		err = json.Unmarshal(r.Data.Result, &list)
		for _, s := range list {
			name, _ := json.Marshal(s.Metric)
			if s.Value != nil {
				one(string(name), *s.Value)
			}
			for _, p := range s.Values {
				one(string(name), p)
			}
		}
	case "scalar", "string":
		var p [2]any
		err = json.Unmarshal(r.Data.Result, &p)
		one("", p)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !ordered {
		slices.SortFunc(out, func(a, b flat) int { return strings.Compare(a.series+a.time, b.series+b.time) })
	}
	return out
}

// different tells the first difference. Values may differ in the last digits
// (releases add floats in different ways); equal values must be written alike.
func different(got, want []flat) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d points, real %d\n%v\nreal %v", len(got), len(want), got[:min(9, len(got))], want[:min(9, len(want))])
	}
	for i := range got {
		g, w := got[i], want[i]
		a, errA := strconv.ParseFloat(g.value, 64)
		b, errB := strconv.ParseFloat(w.value, 64)
		near := errA == nil && errB == nil && a != b && math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b))
		if g.series != w.series || g.time != w.time || (g.value != w.value && !near) {
			return fmt.Sprintf("point %d: %v, real %v", i, g, w)
		}
	}
	return ""
}
