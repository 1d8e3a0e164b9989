package resolve

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := &copies{dir: dir(t), max: 3000}
	old := time.Now().Add(-time.Hour)
	for i := range 10 {
		key := fmt.Sprintf("https://h/%d", i)
		if err := c.put(&copied{Key: key, FetchedAt: time.Now(), text: make([]byte, 800)}); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(c.dir.File(fileName(key)), old, old.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if c.get("https://h/9") == nil || c.get("https://h/8") == nil || c.get("https://h/0") != nil || len(c.files()) != 3 {
		t.Errorf("%v", c.files())
	}
	for name, body := range map[string]string{"empty": "", "no text": "{}", "other": `{"url":"https://i/","fetched_at":"2026-01-01T00:00:00Z"}` + "\nx", "torn": `{"url":`} {
		if err := c.dir.WriteBytes(fileName("https://h/9"), []byte(body)); err != nil {
			t.Fatal(err)
		}
		if p := c.get("https://h/9"); p != nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestPrefetch(t *testing.T) {
	t.Parallel()
	var etag atomic.Value
	etag.Store(`"1"`)
	var asked atomic.Int64
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch {
		case r.URL.Path == "/gone":
			http.NotFound(w, r)
		case r.Header.Get("If-None-Match") == etag.Load():
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", fmt.Sprint(etag.Load()))
			w.Header().Set("Content-Type", "text/markdown")
			_, _ = fmt.Fprintf(w, "# Version %s", etag.Load())
		}
	})
	c := &clock{}
	r := New(Options{Fetch: Always, Cache: dir(t), Now: c.now, Timeout: 10 * time.Second, loopback: true,
		Checkouts: []Checkout{{URL: "https://h/", Path: tree(t, map[string]string{"a.md": "# A"})}}})
	links := []string{"https://h/a.md", srv.URL + "/x#one", srv.URL + "/x#two", srv.URL + "/y", srv.URL + "/gone", "TODO"}
	run := func(r *Resolver) map[string]Prefetched {
		got := map[string]Prefetched{}
		r.Prefetch(t.Context(), links, func(p Prefetched) { got[p.Link] = p })
		return got
	}
	states := func(got map[string]Prefetched) string {
		var out []string
		for _, l := range links {
			out = append(out, got[l].State)
		}
		return strings.Join(out, " ")
	}
	got := run(r)
	one, two := got[links[1]].State, got[links[2]].State
	if one == two || one+two != PrefetchUpdated+PrefetchFresh && one+two != PrefetchFresh+PrefetchUpdated {
		t.Errorf("two places of one page: %s, %s", one, two)
	}
	if got[links[0]].State != PrefetchLocal || got[links[3]].State != PrefetchUpdated || got[links[4]].State != PrefetchFailed || got[links[5]].State != PrefetchFailed ||
		asked.Load() != 3 || got[links[3]].Bytes == 0 || got[links[4]].Err == nil || !strings.Contains(got[links[4]].Err.Error(), "no such page") {
		t.Errorf("asked %d times, %+v", asked.Load(), got)
	}
	c.pass(2 * time.Minute)
	links = []string{"https://h/a.md", srv.URL + "/x", srv.URL + "/y"}
	if s := states(run(r)); s != "local unchanged unchanged" {
		t.Error(s)
	}
	c.pass(2 * time.Minute)
	etag.Store(`"2"`)
	if s := states(run(r)); s != "local updated updated" {
		t.Error(s)
	}
	c.pass(2 * time.Minute)
	for _, p := range []Policy{Ask, Never} {
		no := New(Options{Fetch: p, Cache: r.copies.dir, Now: c.now, loopback: true})
		got := run(no)
		if p := got[links[1]]; p.State != PrefetchNotAllowed || p.Err == nil || p.Bytes == 0 {
			t.Errorf("%+v", p)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.Prefetch(ctx, links, func(p Prefetched) { t.Errorf("reported %+v", p) })
}
