package promtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// Sample is one series of an instant query's answer.
type Sample struct {
	Metric map[string]string
	Value  float64
}

// Query asks for an instant vector at the server's present. It is a helper
// that knows nothing of the code under test.
func (s *Server) Query(t testing.TB, expr string) []Sample {
	t.Helper()
	out, err := s.query(t.Context(), expr)
	if err != nil {
		t.Fatalf("query %s: %v", expr, err)
	}
	return out
}

// Get fetches a path such as "/api/v1/alerts" and returns the body.
func (s *Server) Get(t testing.TB, path string) []byte {
	t.Helper()
	body, err := s.get(t.Context(), path)
	if err != nil {
		t.Fatalf("get %s: %v", path, err)
	}
	return body
}

// WaitUp waits until n targets of the job are up. The first scrape comes up to
// five seconds after the start, however short the interval.
func (s *Server) WaitUp(job string, n int) {
	s.t.Helper()
	s.WaitFor(fmt.Sprintf("count(up{job=%q} == 1) >= %d", job, n))
}

// WaitFor waits until the expression gives at least one series.
func (s *Server) WaitFor(expr string) {
	s.t.Helper()
	var out []Sample
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if out, err = s.query(s.t.Context(), expr); err == nil && len(out) > 0 {
			return
		}
	}
	s.t.Fatalf("nothing for %s after %v (last error: %v)\n%s", expr, patience, err, s.log)
}

func (s *Server) query(ctx context.Context, expr string) ([]Sample, error) {
	body, err := s.get(ctx, "/api/v1/query?"+url.Values{"query": {expr}}.Encode())
	if err != nil {
		return nil, err
	}
	var doc struct {
		Data struct {
			ResultType string
			Result     []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	var out []Sample
	for _, r := range doc.Data.Result {
		text, ok := r.Value[1].(string)
		if !ok {
			return nil, fmt.Errorf("%s is not a vector of floats", doc.Data.ResultType)
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		out = append(out, Sample{Metric: r.Metric, Value: v})
	}
	return out, nil
}

func (s *Server) get(ctx context.Context, path string) ([]byte, error) { return get(ctx, s.URL+path) }

func get(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", res.Status, body)
	}
	return body, nil
}
