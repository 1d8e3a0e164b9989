package buildinfo

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// exact is a Prometheus whose series begin and end to the second, as live
// scrapes with staleness markers do; files that are back-filled cannot say so.
type exact struct {
	versions map[string][][2]time.Time // from, to (exclusive)
}

// Query answers the gate.
func (e exact) Query(_ context.Context, expr string, at time.Time) (sources.Vector, error) {
	var out sources.Vector
	_, text, ok := strings.Cut(expr, `[`)
	within, err := time.ParseDuration(strings.TrimRight(text, "])"))
	if !ok || err != nil {
		return nil, err
	}
	for v, spans := range e.versions {
		for _, span := range spans {
			if span[1].Before(at.Add(-within)) {
				continue
			}
			ls := sources.NewLabels(map[string]string{"__name__": "x_build_info", "job": "shop", "version": v})
			out = append(out, sources.Sample{Labels: ls, Point: sources.Point{T: at, V: 1}})
			break
		}
	}
	return out, nil
}

func (e exact) QueryRange(_ context.Context, _ string, r sources.Range) (sources.Matrix, error) {
	var m sources.Matrix
	for v, spans := range e.versions {
		s := sources.Series{Labels: sources.NewLabels(map[string]string{"version": v})}
		for t := r.Start; !t.After(r.End); t = t.Add(r.Step) {
			for _, span := range spans {
				if !t.Before(span[0]) && t.Before(span[1]) {
					s.Points = append(s.Points, sources.Point{T: t, V: 1})
				}
			}
		}
		m = append(m, s)
	}
	return m, nil
}

func (exact) LabelValues(context.Context, string, string) ([]safe.Value, error) { return nil, nil }

// A deploy that is taken back within seconds falls between any two coarse
// steps, wherever they lie.
func TestBriefVersions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 30, 0, time.UTC)
	for _, ago := range []time.Duration{20 * time.Second, 4 * time.Minute, 47 * time.Minute, 5 * time.Hour} {
		for shift := range 17 {
			bad := now.Add(-ago - time.Duration(shift)*time.Second)
			good := bad.Add(10 * time.Second)
			q := exact{map[string][][2]time.Time{
				"1": {{now.Add(-6 * time.Hour), bad}, {good, now.Add(time.Hour)}},
				"2": {{bad, good}},
			}}
			src, err := Open(Options{Cluster: "eu", Watch: []string{watchVersions}}, sources.Env{Now: func() time.Time { return now },
				Query: func(string) sources.Querier { return q }, Clusters: []string{"eu"}})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second call works on what the first remembers
				got, err := src.Changes(t.Context(), now.Add(-6*time.Hour))
				if err != nil {
					t.Fatal(err)
				}
				var kinds []string
				for _, c := range got {
					kinds = append(kinds, string(c.Kind)+" "+c.Version.String())
				}
				if d := cmp.Diff([]string{"rollback 1", "deploy 2"}, kinds); d != "" {
					t.Errorf("%v ago: %s", now.Sub(bad), d)
					continue
				}
				for i, at := range []time.Time{good, bad} {
					if off := got[i].StartedAt.Sub(at).Abs(); off > time.Second {
						t.Errorf("%v ago: %s is %v off", now.Sub(bad), kinds[i], off)
					}
				}
			}
		}
	}
}
