package page

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// What a runbook's query answers: the largest first, named by the labels that
// differ, with the unit that the query has; a series that ended has no value.
func TestAskARunbooksQuery(t *testing.T) {
	t.Parallel()
	end := time.Now().Truncate(time.Minute)
	c := rollout(t, end, true)
	a := &Assembler{Now: func() time.Time { return end }, Query: func(string) sources.Querier { return c }}
	p := Page{Item: triage.Item{Alert: sources.Alert{Cluster: "x"}}}
	const byVersion = `sum by (version) (rate(http_requests_total{code="500"}[2m])) / sum by (version) (rate(http_requests_total[2m]))`
	l := a.Ask(t.Context(), p, byVersion)
	if l.Err != nil || len(l.Series) != 2 || l.More != 0 || !l.AsOf.Equal(end) {
		t.Fatalf("%+v", l)
	}
	if s := l.Series[0]; s.Name != "1.42.0" || s.Value != "12.5%" || len(s.Points) < 5 {
		t.Errorf("first %+v", s)
	}
	if s := l.Series[1]; s.Name != "1.41.0" || s.Value != "" || len(s.Points) < 20 {
		t.Errorf("second %+v", s)
	}
	one := a.Ask(t.Context(), p, "count(http_requests_total)")
	if len(one.Series) != 1 || one.Series[0].Name != "" || one.Series[0].Value != "2" {
		t.Errorf("one without labels: %+v", one)
	}
	many := a.Ask(t.Context(), p, `label_replace(vector(1), "x", "a", "", "") or label_replace(vector(2), "x", "b", "", "") or label_replace(vector(3), "x", "c", "", "")
		or label_replace(vector(4), "x", "d", "", "") or label_replace(vector(5), "x", "e", "", "") or label_replace(vector(6), "x", "f", "", "")`)
	if len(many.Series) != liveSeries || many.More != 1 || many.Series[0].Name != "f" || many.Series[0].Value != "6" {
		t.Errorf("many: %+v", many)
	}
	wrong := a.Ask(t.Context(), p, "sum(")
	if wrong.Err == nil || !strings.Contains(wrong.Err.Error(), "parse error") {
		t.Errorf("a wrong expression: %v", wrong.Err)
	}
	if none := a.Ask(t.Context(), p, "no_such_metric"); none.Err != nil || len(none.Series) != 0 {
		t.Errorf("nothing: %+v", none)
	}
	a.Query = func(string) sources.Querier { return nil }
	if l := a.Ask(t.Context(), p, "up"); l.Err == nil {
		t.Error("without a Prometheus it answers")
	}
}

// A query is asked once for the whole hour.
func TestAskAsksOnce(t *testing.T) {
	t.Parallel()
	n := 0
	q := &server{ranged: func(_ context.Context, _ string, r sources.Range) (sources.Matrix, error) {
		n++
		if r.End.Sub(r.Start) != liveSpan || r.Step != liveStep {
			t.Errorf("range %+v", r)
		}
		return nil, nil
	}}
	a := assembler(q)
	a.Ask(t.Context(), openBurn(t), "up")
	if n != 1 {
		t.Errorf("%d queries", n)
	}
}

// Somebody else's text must not make the server give all that it has, every few
// seconds.
func TestAskDoesNotAskForEverything(t *testing.T) {
	t.Parallel()
	n := 0
	q := &server{
		instant: func(context.Context, string, time.Time) (sources.Vector, error) {
			return sources.Vector{{Point: sources.Point{V: 3_000_000}}}, nil
		},
		ranged: func(context.Context, string, sources.Range) (sources.Matrix, error) {
			n++
			return nil, nil
		},
	}
	a := &Assembler{Now: func() time.Time { return now }, Query: func(string) sources.Querier { return q }}
	l := a.Ask(t.Context(), openBurn(t), `{__name__=~".+"} # all`)
	if l.Err == nil || !strings.Contains(l.Err.Error(), "3000000 series") || n != 0 {
		t.Errorf("%+v after %d queries", l, n)
	}
}
