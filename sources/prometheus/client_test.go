package prometheus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

// canned answers every endpoint with something right.
func canned() http.Handler {
	mux := http.NewServeMux()
	for path, body := range map[string]string{
		alertsPath:                 seeds()[1],
		rulesPath:                  `{"status":"success","data":{"groups":[]}}`,
		queryPath:                  `{"status":"success","data":{"resultType":"vector","result":[]}}`,
		rangePath:                  `{"status":"success","data":{"resultType":"matrix","result":[]}}`,
		infoPath:                   `{"status":"success","data":{"version":"2.42.0"}}`,
		"/api/v1/label/job/values": `{"status":"success","data":["b","a"]}`,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	}
	return mux
}

func open(t testing.TB, o Options) *Client {
	t.Helper()
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestConformance(t *testing.T) {
	const secret = "hunter2-very-secret"
	calls := map[string]func(*Client) sourcetest.Call{
		"alerts": func(c *Client) sourcetest.Call {
			return func(ctx context.Context) error { _, err := c.Alerts(ctx); return err }
		},
		"rules": func(c *Client) sourcetest.Call {
			return func(ctx context.Context) error { _, err := c.Rules(ctx); return err }
		},
		"query": func(c *Client) sourcetest.Call {
			return func(ctx context.Context) error { _, err := c.Query(ctx, "up", time.Time{}); return err }
		},
		"range": func(c *Client) sourcetest.Call {
			return func(ctx context.Context) error {
				_, err := c.QueryRange(ctx, "up", sources.Range{End: time.Now(), Step: time.Second})
				return err
			}
		},
		"values": func(c *Client) sourcetest.Call {
			return func(ctx context.Context) error { _, err := c.LabelValues(ctx, "job", `{a="b"}`); return err }
		},
		"info": func(c *Client) sourcetest.Call {
			return func(ctx context.Context) error { _, err := c.Info(ctx); return err }
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			s := sourcetest.HTTPSuite{Good: canned(), Secret: secret, Open: func(t testing.TB, base string) sourcetest.Call {
				return call(open(t, Options{Cluster: "eu", URL: strings.Replace(base, "://", "://me:"+secret+"@", 1),
					Timeout: time.Minute})) // a slow machine must not turn the bombs into timeouts
			}}
			switch name {
			case "alerts", "query": // one by GET, one by POST
			case "info":
				s.Skip = []string{"404", "oversized", "gzip bomb"} // the first is tolerated
			default: // the cap is the transport's: twice is proof enough
				s.Skip = []string{"oversized", "gzip bomb"}
			}
			sourcetest.HTTP(t, s)
		})
	}
}

func respond(t *testing.T, code int, body string) *Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	return open(t, Options{Cluster: "eu", URL: srv.URL})
}

func TestServerWords(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code int
		body string
		kind sources.Kind
		text string
	}{
		"parse error":    {400, `{"status":"error","errorType":"bad_data","error":"1:3: parse error: unexpected end"}`, sources.BadRequest, "bad_data: 1:3: parse error"},
		"execution":      {422, `{"status":"error","errorType":"execution","error":"too many samples"}`, sources.BadRequest, "too many samples"},
		"query timeout":  {503, `{"status":"error","errorType":"timeout","error":"query timed out"}`, sources.Timeout, "query timed out"},
		"unavailable":    {503, "Service Unavailable", sources.Unavailable, "503"},
		"error on 200":   {200, `{"status":"error","errorType":"internal","error":"boom"}`, sources.Unavailable, "boom"},
		"no data":        {200, `{"status":"success"}`, sources.BadResponse, "no data"},
		"other JSON":     {200, `{"hello":"world"}`, sources.BadResponse, "no data"},
		"truncated JSON": {200, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a`, sources.BadResponse, "ends in the middle"},
		"odd type":       {200, `{"status":"success","data":{"resultType":"tensor","result":[]}}`, sources.BadResponse, "tensor"},
		"string":         {200, `{"status":"success","data":{"resultType":"string","result":[1,"x"]}}`, sources.BadRequest, "string"},
		"range":          {200, `{"status":"success","data":{"resultType":"matrix","result":[]}}`, sources.BadRequest, "matrix"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := respond(t, tc.code, tc.body).Query(t.Context(), "up", time.Time{})
			var e *sources.Error
			if !errors.As(err, &e) || e.Kind != tc.kind || !strings.Contains(e.Detail.String(), tc.text) {
				t.Errorf("%v, want %s with %q", err, tc.kind, tc.text)
			} else if e.Source.Cluster != "eu" || e.URL == "" {
				t.Errorf("source %+v, URL %q", e.Source, e.URL)
			}
		})
	}
	t.Run("alerts without alerts", func(t *testing.T) {
		t.Parallel()
		c := respond(t, 200, `{"status":"success","data":{"groups":[]}}`)
		if got, err := c.Alerts(t.Context()); !sources.IsKind(err, sources.BadResponse) {
			t.Errorf("%d alerts, %v: an answer about something else is not none", len(got), err)
		}
	})
	t.Run("no buildinfo", func(t *testing.T) {
		t.Parallel()
		if i, err := respond(t, 404, "404 page not found").Info(t.Context()); err != nil || i != (Info{}) {
			t.Errorf("%+v, %v", i, err)
		}
	})
	t.Run("warnings", func(t *testing.T) {
		t.Parallel()
		c := respond(t, 200, `{"status":"success","data":{"alerts":[]},"warnings":["store \u001b[2J is down"]}`)
		if _, err := c.Alerts(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := c.Notes(); len(n) != 1 || n[0].String() != "store ␛[2J is down" {
			t.Errorf("notes %v", n)
		}
	})
}

func TestResults(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	ts := fmt.Sprintf("%d.678", at.Unix())
	for name, data := range map[string]string{
		"usual":       `{"resultType":"vector","result":[{"metric":{"b":"2","a":"1"},"value":[` + ts + `,"+Inf"]},{"metric":{},"histogram":[1,{"count":"1"}]}]}`,
		"type last":   `{"result":[{"value":[` + ts + `,"+Inf"],"metric":{"a":"1","b":"2"}}],"stats":{},"resultType":"vector"}`,
		"type folded": `{"RESULTTYPE":"vector","result":[{"metric":{"a":"1","b":"2"},"value":[` + ts + `,"Inf"]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := respond(t, 200, `{"data":`+data+`,"status":"success"}`).Query(t.Context(), "x", at)
			if err != nil || len(got) != 1 {
				t.Fatalf("%v, %v", got, err)
			}
			if s := got[0]; !s.T.Equal(at) || s.V <= 1e308 || !s.Labels.Equal(sources.NewLabels(map[string]string{"a": "1", "b": "2"})) {
				t.Errorf("%+v", s)
			}
			sourcetest.UTC(t, "sample", got[0].T)
		})
	}
}

// A proxy that refuses POST is asked with GET, and with GET at once next time.
func TestGetFallback(t *testing.T) {
	t.Parallel()
	for _, code := range []int{403, 405, 501} {
		var posts, gets atomic.Int64
		var last atomic.Pointer[url.URL]
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				posts.Add(1)
				w.WriteHeader(code)
				return
			}
			gets.Add(1)
			last.Store(r.URL)
			canned().ServeHTTP(w, r)
		}))
		t.Cleanup(srv.Close)
		c := open(t, Options{URL: srv.URL + "?tenant=a"})
		for range 2 {
			if _, err := c.Query(t.Context(), "up == 1", time.Unix(1, 5e8)); err != nil {
				t.Fatal(err)
			}
		}
		if posts.Load() != 1 || gets.Load() != 2 {
			t.Errorf("%d: %d POST, %d GET", code, posts.Load(), gets.Load())
		}
		if q := last.Load().Query(); q.Get("query") != "up == 1" || q.Get("time") != "1.500" || q.Get("tenant") != "a" {
			t.Errorf("asked %v", q)
		}
	}
}

// At most MaxQueries run at once; one that waits gives up when its context ends.
func TestQueryLimit(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int64
	arrived, release := make(chan struct{}, 16), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == queryPath {
			if n := running.Add(1); n > most.Load() {
				most.Store(n)
			}
			arrived <- struct{}{}
			<-release
			running.Add(-1)
		}
		canned().ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	c := open(t, Options{URL: srv.URL, MaxQueries: 2, Timeout: time.Minute})
	done := make(chan error, 6)
	for range 6 {
		go func() { _, err := c.Query(t.Context(), "up", time.Time{}); done <- err }()
	}
	<-arrived
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Query(ctx, "up", time.Time{}); !sources.IsKind(err, sources.Timeout) {
		t.Errorf("waiting for a slot: %v", err)
	}
	if _, err := c.Alerts(t.Context()); err != nil {
		t.Errorf("alerts must not wait for queries: %v", err)
	}
	close(release)
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() > 2 {
		t.Errorf("%d queries at once", most.Load())
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	both := config.DefaultHTTPClientConfig
	both.BasicAuth = &config.BasicAuth{Username: "u", Password: "hunter2"}
	for name, o := range map[string]Options{
		"none":        {},
		"no scheme":   {URL: "me:hunter2@prometheus:9090"},
		"ftp":         {URL: "ftp://me:hunter2@host"},
		"broken":      {URL: "http://me:hunter2@ho st:9090/%zz"},
		"twice":       {URL: "http://me:hunter2@host", HTTP: both},
		"token twice": {URL: "http://host", HTTP: both, TokenCommand: []string{"echo", "hunter2"}},
	} {
		if _, err := Open(o); !sources.IsKind(err, sources.BadRequest) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := open(t, Options{Cluster: "eu", URL: "https://me:hunter2@host:9090/prom/?token=hunter2#x"})
	if c.URL() != "https://host:9090/prom/" || c.PublicURL() != c.URL() || c.ID().Cluster != "eu" {
		t.Errorf("URL %q, public %q, ID %+v", c.URL(), c.PublicURL(), c.ID())
	}
}
