package buildinfo

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { http.DefaultClient.CloseIdleConnections() }))
}

// server asks a real Prometheus and counts what it is asked. refuse makes it
// answer as backends do that do not allow metric names as regular expressions.
type server struct {
	url    string
	refuse bool
	broken string // queries with this text are refused
	slow   string // queries with this text take too long

	mu      sync.Mutex
	queries []string
}

func (s *server) record(expr string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries = append(s.queries, expr)
	if s.slow != "" && strings.Contains(expr, s.slow) {
		return sources.Errorf(sources.Timeout, "no answer in time")
	}
	if s.refuse && strings.Contains(expr, "__name__=~") || s.broken != "" && strings.Contains(expr, s.broken) {
		return sources.Errorf(sources.BadRequest, "not allowed: %s", expr)
	}
	return nil
}

// asked returns the queries since the last time.
func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queries
	s.queries = nil
	return q
}

type series struct {
	Metric map[string]string
	Value  [2]any
	Values [][2]any
}

func point(v [2]any) sources.Point {
	f, _ := strconv.ParseFloat(v[1].(string), 64)
	return sources.Point{T: time.UnixMilli(int64(v[0].(float64) * 1000)).UTC(), V: f}
}

func get[T any](ctx context.Context, s *server, path string, q url.Values) (out T, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path+"?"+q.Encode(), nil)
	if err != nil {
		return out, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	var doc struct {
		Error string
		Data  T
	}
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
		return out, err
	}
	if doc.Error != "" {
		return out, sources.Errorf(sources.BadRequest, "%s: %v", doc.Error, q)
	}
	return doc.Data, nil
}

func stamp(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }

func (s *server) Query(ctx context.Context, expr string, at time.Time) (sources.Vector, error) {
	if err := s.record(expr); err != nil {
		return nil, err
	}
	data, err := get[struct{ Result []series }](ctx, s, "/api/v1/query", url.Values{"query": {expr}, "time": {stamp(at)}})
	var out sources.Vector
	for _, r := range data.Result {
		out = append(out, sources.Sample{Labels: sources.NewLabels(r.Metric), Point: point(r.Value)})
	}
	return out, err
}

func (s *server) QueryRange(ctx context.Context, expr string, r sources.Range) (sources.Matrix, error) {
	if err := s.record(expr); err != nil {
		return nil, err
	}
	data, err := get[struct{ Result []series }](ctx, s, "/api/v1/query_range", url.Values{
		"query": {expr}, "start": {stamp(r.Start)}, "end": {stamp(r.End)}, "step": {strconv.FormatFloat(r.Step.Seconds(), 'f', -1, 64)}})
	var out sources.Matrix
	for _, x := range data.Result {
		sr := sources.Series{Labels: sources.NewLabels(x.Metric)}
		for _, v := range x.Values {
			sr.Points = append(sr.Points, point(v))
		}
		out = append(out, sr)
	}
	return out, err
}

func (s *server) LabelValues(ctx context.Context, name, _ string) ([]safe.Value, error) {
	data, err := get[[]string](ctx, s, "/api/v1/label/"+name+"/values", nil)
	var out []safe.Value
	for _, v := range data {
		out = append(out, safe.Outside(v))
	}
	return out, err
}

// open makes a source with defaults that asks q.
func open(t testing.TB, q sources.Querier, now func() time.Time, change ...func(*Options)) *Source {
	t.Helper()
	o := Kind().Options().(*Options)
	for _, f := range change {
		f(o)
	}
	src, err := Kind().Open(o, sources.Env{Name: "prometheus", Now: now, Clusters: []string{"prod-eu"},
		Query: func(c string) sources.Querier {
			if c != "prod-eu" {
				return nil
			}
			return q
		}})
	if err != nil {
		t.Fatal(err)
	}
	return src.(*Source)
}
