package engine

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// TestErrorsAsReal sends what is wrong to both servers: status and errorType
// must be equal (the words differ between releases).
func TestErrorsAsReal(t *testing.T) {
	t.Parallel()
	series := fixture()
	srv := promtest.Start(t, promtest.Options{OpenMetrics: openMetrics(series), Args: []string{"--query.max-samples=100000"}})
	e := open(t, Options{MaxSamples: 100_000})
	if err := e.Append(series...); err != nil {
		t.Fatal(err)
	}
	mine := serving(t, e)
	at := fixtureStart().Add(20 * time.Minute).Format(time.RFC3339)
	span := "start=2026-03-04T05:05:00Z&end=2026-03-04T05:40:00Z"
	for _, c := range []struct {
		path string
		code int
	}{
		{"query", 400}, {"query?query=", 400}, {"query?query=sum(", 400}, {"query?query=up[5m", 400}, {"query?query=foo(1)", 400},
		{"query?query=up&time=x", 400}, {"query?query=up&timeout=x", 400},
		{"query?query=up&time=" + at, 200}, {"query?query=up&time=1772601887.25", 200}, {"query?query=up[5m]&time=" + at, 200},
		{"query?query=up&lookback_delta=1s&time=" + at, 200},
		{"query?query=requests_total*on(job)+up&time=" + at, 422},
		{"query?query=label_replace(up,%22a%22,%22b%22,%22instance%22,%22(%22)&time=" + at, 422},
		{"query?query=latency_seconds_bucket[45m]&time=2026-03-04T05:50:00Z", 200},
		{"query?query=sum_over_time({__name__=~%22.%2B%22}[45m:1s])&time=2026-03-04T05:50:00Z", 422},
		{"query_range?query=up", 400}, {"query_range?query=up&step=60&" + span, 200}, {"query_range?query=up&step=0&" + span, 400},
		{"query_range?query=up&step=-1m&" + span, 400}, {"query_range?query=up&step=x&" + span, 400},
		{"query_range?query=up&step=1m&end=1772600403&start=1772600703", 400}, {"query_range?query=up[5m]&step=60&" + span, 400},
		{"query_range?query=up&step=1&start=1772600000&end=1772611000", 200}, {"query_range?query=up&step=1&start=1772600000&end=1772611001", 400},
		{"series", 400}, {"series?match[]=up", 200}, {"series?match[]=up&match[]=odd{kind=%22nan%22}", 200}, {"series?match[]={}", 400},
		{"series?match[]=up[", 400}, {"series?match[]=ended&start=2026-03-04T05:30:00Z&end=2026-03-04T05:40:00Z", 200},
		{"series?match[]={__name__=~%22latency.*%22,le=~%220.1|%22}", 200}, {"series?match[]=up&start=x", 400},
		{"labels", 200}, {"labels?match[]=up", 200}, {"labels?match[]={job=%22batch%22}&match[]=odd", 200}, {"labels?match[]=(", 400},
		{"label/instance/values", 200}, {"label/__name__/values", 200}, {"label/kind/values?match[]=odd", 200}, {"label/nothing/values", 200},
		{"label/instance/values?match[]=build_info{version=%221.1.0%22}", 200}, {"label/code/values?match[]={}", 400},
		{"alerts", 200}, {"rules", 200}, {"rules?type=alert", 200}, {"rules?type=record", 200}, {"rules?type=x", 400}, {"metadata", 200},
	} {
		path, query, _ := strings.Cut(c.path, "?")
		args, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		got := ask(t, mine, "/api/v1/"+path, args, http.MethodGet)
		want := ask(t, srv.URL, "/api/v1/"+path, args, http.MethodGet)
		if got.code != c.code || got.code != want.code || got.Status != want.Status || got.ErrorType != want.ErrorType || (got.Error == "") != (want.Error == "") {
			t.Errorf("%s: %d %s %q, real %d %s %q, want %d", c.path, got.code, got.ErrorType, got.Error, want.code, want.ErrorType, want.Error, c.code)
		}
		if strings.HasPrefix(path, "label") || strings.HasPrefix(path, "series") {
			if d := cmp.Diff(listOf(t, srv.URL, path, args), listOf(t, mine, path, args)); d != "" {
				t.Errorf("%s (- real, + ours):\n%s", c.path, d)
			}
		}
	}
	for path, code := range map[string]int{"/-/ready": 200, "/-/healthy": 200, "/api/v1/nothing": 404} {
		if got, want := ask(t, mine, path, nil, http.MethodGet), ask(t, srv.URL, path, nil, http.MethodGet); got.code != code || want.code != code {
			t.Errorf("%s: %d, real %d", path, got.code, want.code)
		}
	}
}

// TestTimeoutAsReal asks for half a second of work in 2 ms, in two halves: a
// server looks at its clock between them, not within one. Both sides keep
// their default limit of samples: under a low one, a busy machine decides
// which of the two limits is met first.
func TestTimeoutAsReal(t *testing.T) {
	t.Parallel()
	series := fixture()
	srv := promtest.Start(t, promtest.Options{OpenMetrics: openMetrics(series)})
	e := open(t, Options{})
	if err := e.Append(series...); err != nil {
		t.Fatal(err)
	}
	half := `max_over_time(quantile_over_time(0.5,memory_bytes{instance="app-0:8080"}[45m])[45m:50ms])`
	args := url.Values{
		"query":   {half + " + " + half},
		"timeout": {"2ms"},
		"time":    {"2026-03-04T05:50:00Z"},
	}
	for name, base := range map[string]string{"ours": serving(t, e), "real": srv.URL} {
		got := ask(t, base, "/api/v1/query", args, http.MethodGet)
		if got.code != http.StatusServiceUnavailable || got.Status != "error" || got.ErrorType != "timeout" || got.Error == "" {
			t.Errorf("%s: %d %s %s %q, want a timeout", name, got.code, got.Status, got.ErrorType, got.Error)
		}
	}
}

// listOf is the data of series, labels and label values.
func listOf(t *testing.T, base, path string, args url.Values) []any {
	t.Helper()
	var doc struct{ Data []any }
	getJSON(t, base+"/api/v1/"+path+"?"+args.Encode(), &doc)
	return doc.Data
}

// TestRulesEndpoint asks for parts of the rules; 2.42 knows only type.
func TestRulesEndpoint(t *testing.T) {
	t.Parallel()
	a := "groups: [{name: one, limit: 1, rules: [{record: r, expr: up}, {alert: A, expr: up > 0, labels: {team: x}}]}, {name: two, rules: [{alert: B, expr: up > 1}]}]"
	b := "groups: [{name: one, rules: [{alert: Twice, expr: up, labels: {instance: same}}, {record: n, expr: up + on() group_right up}]}]"
	e := open(t, Options{Rules: []RuleFile{{"b.yml", []byte(b)}, {"a.yml", []byte(a)}}})
	mine := serving(t, e)
	names := func(query string) (out []string) {
		var doc struct {
			Data struct {
				Groups []struct {
					File, Name string
					Rules      []struct {
						Name, State, Health, LastError string
						Alerts                         []json.RawMessage
					}
				}
				GroupNextToken string
			}
		}
		getJSON(t, mine+"/api/v1/rules"+query, &doc)
		for _, g := range doc.Data.Groups {
			for _, r := range g.Rules {
				text := strings.Join([]string{g.File, g.Name, r.Name, r.State, r.Health}, " ")
				if r.LastError != "" {
					text += ": " + r.LastError
				}
				if r.Alerts != nil {
					text += " " + strings.Repeat("!", len(r.Alerts))
				}
				out = append(out, text)
			}
		}
		if doc.Data.GroupNextToken != "" {
			out = append(out, doc.Data.GroupNextToken)
		}
		return out
	}
	same := func(query string, want ...string) {
		t.Helper()
		if d := cmp.Diff(want, names(query)); d != "" {
			t.Errorf("%s (- want, + got):\n%s", query, d)
		}
	}
	same("?type=alert&exclude_alerts=true", "a.yml one A unknown unknown", "a.yml two B unknown unknown", "b.yml one Twice unknown unknown")
	up, err := ParseSeries(`up{instance="i"}`, "1", time.Unix(100, 0), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	two, err := ParseSeries(`up{instance="j"}`, "1", time.Unix(100, 0), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Append(up, two); err != nil {
		t.Fatal(err)
	}
	if err := e.EvalAt(t.Context(), time.Unix(100, 0)); err != nil {
		t.Fatal(err)
	}
	twice := "b.yml one Twice inactive err: vector contains metrics with the same labelset after applying alert labels "
	same("", "a.yml one r  err: exceeded limit of 1 with 2 series", "a.yml one A inactive err: exceeded limit of 1 with 2 alerts ",
		"a.yml two B inactive ok ", twice, names("?rule_name[]=n")[0])
	if got := names("?rule_name[]=n")[0]; !strings.Contains(got, "err: ") {
		t.Errorf("a many-to-many match: %s", got)
	}
	same("?rule_name[]=B&rule_name[]=Twice", "a.yml two B inactive ok ", twice)
	same("?rule_group[]=two", "a.yml two B inactive ok ")
	same("?file[]=b.yml&type=alert", twice)
	same("?match[]={team=%22x%22}&exclude_alerts=1", "a.yml one A inactive err: exceeded limit of 1 with 2 alerts")
	first := names("?group_limit=1&type=alert")
	same("?group_limit=5&type=alert&group_next_token="+first[len(first)-1], "a.yml two B inactive ok ", twice)
	for _, bad := range []string{"?exclude_alerts=x", "?group_limit=0", "?group_limit=x", "?group_next_token=x", "?group_limit=1&group_next_token=x", "?match[]={}"} {
		args, err := url.ParseQuery(bad[1:])
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, mine, "/api/v1/rules", args, http.MethodGet); got.code != 400 || got.ErrorType != "bad_data" {
			t.Errorf("%s: %d %s", bad, got.code, got.ErrorType)
		}
	}
}
