package engine

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// shape lists the paths in a JSON document with the kinds of their values. A
// list is the union of its elements, a label set is one value.
func shape(at string, v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if strings.HasSuffix(at, ".labels") || strings.HasSuffix(at, ".annotations") || strings.HasSuffix(at, ".metric") {
			into[at+" labels"] = true
			return
		}
		for name, one := range v {
			shape(at+"."+name, one, into)
		}
	case []any:
		into[at+" list"] = true
		for _, one := range v {
			shape(at+"[]", one, into)
		}
	default:
		into[fmt.Sprintf("%s %T", at, v)] = true
	}
}

// TestShapeAsReal lets the same rules fire on a live server and in the engine:
// every field that the server sends is sent here, with the same kind, and the
// alerts and series are equal.
func TestShapeAsReal(t *testing.T) {
	t.Parallel()
	rules := `
groups:
- name: g
  rules:
  - {record: doubled, expr: load * 2, labels: {unit: one}}
  - {alert: Firing, expr: doubled > 10, keep_firing_for: 1m, labels: {severity: page}, annotations: {summary: "{{ $value }}"}}
  - {alert: Waiting, expr: load > 5, for: 1h, annotations: {huge: "{{ humanize $value }}"}}
  - {alert: Broken, expr: load * on(job) load}
  - {alert: Quiet, expr: load > 1e9}
`
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "load{n=\"a\"} 7\nload{n=\"b\"} 1e+08\nload{n=\"c\"} 2\n")
	}))
	defer target.Close()
	host := strings.TrimPrefix(target.URL, "http://")
	srv := promtest.Start(t, promtest.Options{Rules: []string{rules},
		Scrape: fmt.Sprintf("- job_name: app\n  static_configs: [{targets: [%q]}]\n", host)})
	srv.WaitFor(`count(ALERTS) == 4`)

	e := open(t, Options{Rules: []RuleFile{{filepath.Join(srv.Dir, "rules0.yml"), []byte(rules)}}, Interval: time.Second})
	now := time.Now().Truncate(time.Second)
	for n, v := range map[string]string{"a": "7x5", "b": "1e8x5", "c": "2x5"} {
		s, err := ParseSeries(fmt.Sprintf("load{n=%q,job=%q,instance=%q}", n, "app", host), v, now.Add(-5*time.Second), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Append(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Replay(t.Context(), now.Add(-5*time.Second), now); err != nil {
		t.Fatal(err)
	}
	mine := serving(t, e)
	for _, path := range []string{"alerts", "rules", "status/buildinfo", "query?query=load", "query?query=load[5s]", "query?query=1",
		"query_range?query=load&step=1&start=" + fmt.Sprint(now.Unix()-3) + "&end=" + fmt.Sprint(now.Unix()), "labels", "series?match[]=load", "metadata?metric=none"} {
		var got, want any
		getJSON(t, srv.URL+"/api/v1/"+path, &want)
		getJSON(t, mine+"/api/v1/"+path, &got)
		has, needs := map[string]bool{}, map[string]bool{}
		shape("", got, has)
		shape("", want, needs)
		for field := range needs {
			if !has[field] {
				t.Errorf("%s: the real server sends%s, ours does not", path, field)
			}
		}
	}
	if d := cmp.Diff(alertsOf(t, srv.URL, moving{}), alertsOf(t, mine, moving{})); d != "" {
		t.Errorf("alerts (- real, + ours):\n%s", d)
	}
	list := func(base string) []any {
		var doc struct{ Data []any }
		getJSON(t, base+`/api/v1/series?match[]={__name__=~"load|doubled|ALERTS.*"}`, &doc)
		slices.SortFunc(doc.Data, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return doc.Data
	}
	if d := cmp.Diff(list(srv.URL), list(mine)); d != "" {
		t.Errorf("series (- real, + ours):\n%s", d)
	}
}
