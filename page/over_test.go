package page

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Whoever names an alert waits for the answer before anything else is on
// screen: clusters are asked at the same time, and none for ever.
func TestOversWaitForNoHungCluster(t *testing.T) {
	t.Parallel()
	hung := &server{instant: func(ctx context.Context, _ string, _ time.Time) (sources.Vector, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	a := &Assembler{Query: func(string) sources.Querier { return sampling{hung} }, Now: func() time.Time { return now }, Deadline: 100 * time.Millisecond}
	var clusters []sources.Cluster
	for _, name := range []string{"a", "b", "c", "d"} {
		clusters = append(clusters, sources.Cluster{Name: name})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	start := time.Now()
	if got := a.Overs(ctx, clusters, "X"); got != nil {
		t.Errorf("%v", got)
	}
	if got := a.LastPage(ctx, clusters, triage.Defaults()); got != nil {
		t.Errorf("%v", got)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if hung.most != len(clusters) {
		t.Errorf("%d clusters were asked at once", hung.most)
	}
}

func TestOversAreInTheOrderOfTheClusters(t *testing.T) {
	t.Parallel()
	quick := &server{instant: func(context.Context, string, time.Time) (sources.Vector, error) {
		return sources.Vector{{Labels: sources.NewLabels(map[string]string{"of": "series"}), Point: sources.Point{V: 1}}}, nil
	}}
	a := &Assembler{Query: func(string) sources.Querier { return sampling{quick} }, Now: func() time.Time { return now }}
	got := a.Overs(t.Context(), []sources.Cluster{{Name: "b"}, {Name: "a"}}, "X")
	var names []string
	for _, al := range got {
		names = append(names, al.Cluster)
	}
	if !slices.Equal(names, []string{"b", "a"}) {
		t.Errorf("%q", names)
	}
}

// sampling is a server that gives one sample of an alert.
type sampling struct{ *server }

func (sampling) Samples(context.Context, string, sources.Range) (sources.Matrix, error) {
	return sources.Matrix{{Labels: sources.NewLabels(map[string]string{"__name__": "ALERTS", "alertname": "X", "alertstate": "firing"}),
		Points: []sources.Point{{T: now.Add(-time.Hour), V: 1}}}}, nil
}
