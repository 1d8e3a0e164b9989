package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// apiOf is a client for a library, with its transport and a clock that stands.
func apiOf(t *testing.T, h http.HandlerFunc, o Options) (*Client, *http.Client, *api, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	o.Source, o.URL = sources.SourceID{Kind: "github"}, srv.URL
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	lib := c.API()
	a := lib.Transport.(*api)
	now := time.Now()
	a.now = func() time.Time { return now }
	return c, lib, a, srv.URL
}

func get(t *testing.T, lib *http.Client, url string) (string, error) {
	t.Helper()
	res, err := lib.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.Header.Get("Link") + string(b), err
}

func TestAPIKeepsAnswers(t *testing.T) {
	t.Parallel()
	var text atomic.Value
	text.Store("[1]")
	var codes []int
	_, lib, a, url := apiOf(t, func(w http.ResponseWriter, r *http.Request) {
		tag := `"` + text.Load().(string) + r.URL.RawQuery + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			codes = append(codes, 304)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		codes = append(codes, 200)
		w.Header().Set("Link", "next")
		fmt.Fprint(w, text.Load(), strings.Repeat(" ", len(r.URL.RawQuery)<<16))
	}, Options{})
	for i, want := range []string{"next[1]", "next[1]", "next[2]", "next[2]"} {
		if i == 2 {
			text.Store("[2]")
		}
		if got, err := get(t, lib, url+"/x"); err != nil || got != want {
			t.Errorf("%d: %q, %v", i, got, err)
		}
	}
	if fmt.Sprint(codes) != "[200 304 200 304]" {
		t.Errorf("%v", codes)
	}
	// The memory is bounded: what was not asked for the longest time goes.
	now := a.now()
	for i := range 40 {
		a.now = func() time.Time { return now.Add(time.Duration(i) * time.Second) }
		if _, err := get(t, lib, url+fmt.Sprintf("/?a=%06d", i)); err != nil { // 512 KiB each
			t.Fatal(err)
		}
	}
	total := 0
	for _, k := range a.kept {
		total += len(k.body)
	}
	if total != a.size || total > maxKept || total < maxKept-1<<20 {
		t.Errorf("%d bytes are kept, %d counted", total, a.size)
	}
	if a.kept[url+"/x"] != nil || a.kept[url+"/?a=000039"] == nil {
		t.Error("the newest was forgotten, or the oldest kept")
	}
	codes = nil
	if _, err := get(t, lib, url+"/?a=0000000000000000000"); err != nil || a.kept[url+"/?a=0000000000000000000"] != nil {
		t.Errorf("a large answer is kept, %v", err)
	}
}

func TestAPIWaits(t *testing.T) {
	t.Parallel()
	asked := 0
	var header http.Header
	code := 429
	c, lib, a, url := apiOf(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(code)
		fmt.Fprint(w, "{}")
	}, Options{})
	start := time.Now().Truncate(time.Second)
	clock := start
	a.now = func() time.Time { return clock }
	try := func() *sources.Error {
		_, err := get(t, lib, url)
		if err == nil {
			return nil
		}
		return sources.AsError(c.id, c.APIError(t.Context(), err))
	}
	if e := try(); e == nil || e.Kind != sources.RateLimited || asked != 1 {
		t.Fatalf("%v", e)
	}
	clock = start.Add(pause - time.Second) // it did not say: a minute
	if e := try(); e == nil || e.After != time.Second || asked != 1 || !strings.Contains(e.Error(), "not before "+start.Add(pause).UTC().Format("15:04:05")+" UTC") {
		t.Fatalf("asked %d times: %v", asked, e)
	}
	clock = start.Add(pause)
	code, header = 200, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {fmt.Sprint(start.Add(time.Hour).Unix())}}
	if e := try(); e != nil || asked != 2 {
		t.Fatalf("asked %d times: %v", asked, e)
	}
	clock = start.Add(59 * time.Minute)
	if e := try(); e == nil || e.Kind != sources.RateLimited || e.After != time.Minute || asked != 2 {
		t.Fatalf("asked %d times: %v", asked, e)
	}
	clock, header = start.Add(time.Hour), nil
	if e := try(); e != nil || asked != 3 {
		t.Fatalf("asked %d times: %v", asked, e)
	}
}

func TestAPIErrors(t *testing.T) {
	t.Parallel()
	c, lib, _, url := apiOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/304" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	}, Options{Login: "get a token at the desk"})
	_, err := get(t, lib, url)
	if err = c.APIError(t.Context(), err); !sources.IsKind(err, sources.Unauthorized) || !strings.HasSuffix(err.Error(), "401 Unauthorized (get a token at the desk)") {
		t.Errorf("%v", err)
	}
	if _, err := get(t, lib, url+"/304"); !sources.IsKind(err, sources.BadResponse) {
		t.Errorf("a 304 that was not asked for: %v", err)
	}
	if _, err := lib.Post(url, "", strings.NewReader("x")); !sources.IsKind(err, sources.BadRequest) {
		t.Errorf("a POST: %v", err)
	}
	err = c.APIError(t.Context(), json.Unmarshal([]byte("{x"), new(any)))
	if !sources.IsKind(err, sources.BadResponse) || !strings.Contains(err.Error(), "the answer cannot be read: invalid character 'x'") {
		t.Errorf("%v", err)
	}
	if err := c.APIError(t.Context(), nil); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.APIError(ctx, ctx.Err()); !sources.IsKind(err, sources.Canceled) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLimited(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	in := func(d time.Duration) string { return fmt.Sprint(now.Add(d).Unix()) }
	for name, tc := range map[string]struct {
		code   int
		header map[string]string
		body   string
		after  time.Duration
		ok     bool
	}{
		"429":                 {429, nil, "", 0, true},
		"seconds":             {429, map[string]string{"Retry-After": "7"}, "", 7 * time.Second, true},
		"reset":               {429, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": in(time.Minute)}, "", time.Minute, true},
		"a missing right":     {403, map[string]string{"X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": in(time.Hour)}, `{"message":"Resource not accessible"}`, 0, false},
		"the primary limit":   {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(time.Hour)}, "", time.Hour, true},
		"the secondary":       {403, map[string]string{"Retry-After": "60"}, "", time.Minute, true},
		"by its words":        {403, nil, `{"message":"You have exceeded a secondary rate limit"}`, pause, true},
		"over already":        {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(-time.Hour)}, "", 0, false},
		"an absurd time":      {429, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": in(1e6 * time.Second)}, "", 24 * time.Hour, true},
		"no limit, a failure": {503, map[string]string{"Retry-After": "60"}, "", 0, false},
	} {
		h := http.Header{}
		for k, v := range tc.header {
			h.Set(k, v)
		}
		if after, ok := limited(&http.Response{StatusCode: tc.code, Header: h}, []byte(tc.body), now); after != tc.after || ok != tc.ok {
			t.Errorf("%s: %v, %v", name, after, ok)
		}
	}
}
