package resolve

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
	"github.com/firstpage-oncall/firstpage/runbook"
)

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func dir(t *testing.T) state.Dir {
	t.Helper()
	d, err := state.Open(filepath.Join(t.TempDir(), "d"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// clock is a time that a test moves.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_800_000_000, 0).Add(time.Duration(c.at.Load())) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

func rungs(t runbook.Trail) string {
	var b strings.Builder
	for _, r := range t {
		fmt.Fprintf(&b, "%s|%s|%s|%v\n", r.Name, r.Tried, r.Result, r.Found)
	}
	return b.String()
}

func rungOf(t *testing.T, trail runbook.Trail, name string) runbook.Rung {
	t.Helper()
	for _, r := range trail {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no rung %s in\n%s", name, rungs(trail))
	return runbook.Rung{}
}

const markdownPage = "# Cart\n\n## Queue growing\n\nscale it\n"

func writeMarkdown(w http.ResponseWriter, etag string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if etag != "" {
		w.Header().Set("ETag", etag)
	}
	_, _ = io.WriteString(w, markdownPage)
}

// Every way in which a page cannot be had is a clear line, and the next rung
// has its turn.
func TestNetworkFailures(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/404":
			http.Error(w, "no", http.StatusNotFound)
		case "/403":
			http.Error(w, "no", http.StatusForbidden)
		case "/401":
			http.Error(w, "no", http.StatusUnauthorized)
		case "/500":
			http.Error(w, "down\x1b]0;x\x07", http.StatusInternalServerError)
		case "/slow":
			<-release
		case "/large":
			w.Header().Set("Content-Type", "text/plain")
			for range 50 {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		case "/login":
			_, _ = io.WriteString(w, `<title>Sign in</title><form><input type=password name=p></form>`)
		case "/moved":
			http.Redirect(w, r, "/oauth2/authorize?client=x", http.StatusFound)
		case "/oauth2/authorize":
			_, _ = io.WriteString(w, `<p>One moment ...</p>`)
		case "/pdf":
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = io.WriteString(w, "%PDF-1.7\x00")
		case "/script":
			_, _ = io.WriteString(w, `<html><body><div id=root></div><script>render()</script>`)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		}
	})
	defer close(release)
	tlsServer := httptest.NewUnstartedServer(http.NotFoundHandler())
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	tlsServer.StartTLS()
	t.Cleanup(tlsServer.Close)
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()

	checkout := tree(t, map[string]string{"CartQueueGrowing.md": "# by name"})
	for link, want := range map[string]struct {
		says  string
		fetch runbook.Fetch
	}{
		srv.URL + "/404":         {"there is no such page", ""},
		srv.URL + "/403":         {"may not be read (403)", ""},
		srv.URL + "/401":         {"asks for a sign-in (401)", ""},
		srv.URL + "/500":         {"500 Internal Server Error", runbook.FetchRetry},
		srv.URL + "/slow":        {"no answer within", runbook.FetchRetry},
		srv.URL + "/large":       {"the page is larger than 4 MiB", ""},
		srv.URL + "/login":       {"asks for a sign-in", ""},
		srv.URL + "/moved":       {"asks for a sign-in", ""},
		srv.URL + "/pdf":         {"this is application/pdf", ""},
		srv.URL + "/script":      {"no text of its own", ""},
		srv.URL + "/metadata":    {"link-local addresses are not opened", ""},
		srv.URL + "/circle":      {"redirects in a circle", ""},
		tlsServer.URL + "/x":     {"its certificate is not trusted", runbook.FetchRetry},
		down.URL + "/x":          {"the connection was refused", runbook.FetchRetry},
		"http://169.254.169.254": {"link-local addresses are not opened", ""},
		"https://u:hunter2@" + strings.TrimPrefix(down.URL, "http://") + "/?token=hunter2": {"refused", runbook.FetchRetry},
	} {
		timeout := 10 * time.Second
		if strings.HasSuffix(link, "/slow") {
			timeout = 100 * time.Millisecond
		}
		r := New(Options{Fetch: Always, Checkouts: []Checkout{{URL: "https://other/", Path: checkout}}, Timeout: timeout,
			Cache: dir(t), loopback: true})
		d, trail, err := r.Fetch(t.Context(), linkRef("CartQueueGrowing", link))
		if err != nil || d.Where.Via != runbook.ViaName {
			t.Errorf("%s: not by name: %v, %v", link, d.Where.Via, err)
		}
		net := rungOf(t, trail, "network")
		if !strings.Contains(net.Result, want.says) || net.Found || net.Fetch != want.fetch {
			t.Errorf("%s: %q (%s), want %q (%s)", link, net.Result, net.Fetch, want.says, want.fetch)
		}
		if all := rungs(trail[1:]); strings.ContainsAny(all, "\x1b\x07") || strings.Contains(all, "hunter2") && !strings.Contains(net.Tried, "?token=") {
			t.Errorf("%s: %q", link, all)
		}
		if strings.Contains(net.Tried, "u:hunter2@") {
			t.Errorf("%s: %q", link, net.Tried)
		}
		none := New(Options{Fetch: Always, Timeout: timeout, loopback: true})
		var nf *runbook.NotFoundError
		if _, _, err := none.Fetch(t.Context(), linkRef("X", link)); !errors.As(err, &nf) || nf.Reason != runbook.FetchFailed {
			t.Errorf("%s: %v", link, err)
		}
	}
}

// Without a word of the configuration, this machine's own services are out of
// reach of a link.
func TestLoopbackIsForConfiguredHosts(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) { writeMarkdown(w, "") })
	_, trail, err := New(Options{Fetch: Always}).Fetch(t.Context(), linkRef("", srv.URL+"/x"))
	if n := rungOf(t, trail, "network"); err == nil || !strings.Contains(n.Result, "this machine") {
		t.Errorf("%v, %+v", err, n)
	}
	d, _, err := New(Options{Fetch: Ask, Hosts: []Host{{Host: srv.URL}}}).Fetch(t.Context(), linkRef("", srv.URL+"/x"))
	if err != nil || d.Where.Via != runbook.ViaNetwork || d.Where.URL != srv.URL+"/x" {
		t.Errorf("%+v, %v", d.Where, err)
	}
}

// Resolve stays on this machine; Fetch brings the page; then the copy is there
// at once, with its age, also when the host is gone.
func TestLadderOverTime(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	var etags []string
	var mu sync.Mutex
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		mu.Lock()
		etags = append(etags, r.Header.Get("If-None-Match"))
		mu.Unlock()
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		writeMarkdown(w, `"1"`)
	}))
	defer srv.Close()
	c := &clock{}
	o := Options{Fetch: Always, Cache: dir(t), Now: c.now, Timeout: 10 * time.Second, loopback: true}
	r := New(o)
	ref := linkRef("CartQueueGrowing", srv.URL+"/x#queue-growing")

	_, trail, err := r.Resolve(t.Context(), ref)
	if f, host := trail.Fetch(); err == nil || f != runbook.FetchDue || host != strings.TrimPrefix(srv.URL, "http://") || asked.Load() != 0 {
		t.Fatalf("before: %v, %s %s, asked %d times\n%s", err, f, host, asked.Load(), rungs(trail))
	}
	if l := r.Locate(ref); l.Via != runbook.ViaNone {
		t.Errorf("located %+v", l)
	}
	d, trail, err := r.Fetch(t.Context(), ref)
	if err != nil || d.Where.Via != runbook.ViaNetwork || string(d.Source) != markdownPage || !d.Where.AsOf.Equal(c.now()) || d.Where.URL != srv.URL+"/x" {
		t.Fatalf("fetched: %+v, %v\n%s", d.Where, err, rungs(trail))
	}
	if f, _ := trail.Fetch(); f != runbook.FetchFresh {
		t.Errorf("state %s", f)
	}
	if l := r.Locate(ref); l.Via != runbook.ViaCache || l.Line != 3 || l.URL != srv.URL+"/x" || l.Path != "" || l.Reason != runbook.OK {
		t.Errorf("located %+v", l)
	}
	if l := r.Locate(linkRef("", srv.URL+"/x#gone")); l.Reason != runbook.NoHeading {
		t.Errorf("a dead fragment: %+v", l)
	}

	c.pass(10 * time.Minute) // young enough: not asked again
	for _, get := range []func(context.Context, runbook.Ref) (runbook.Document, runbook.Trail, error){r.Resolve, r.Fetch} {
		d, trail, err = get(t.Context(), ref)
		if f, _ := trail.Fetch(); err != nil || d.Where.Via != runbook.ViaCache || asked.Load() != 1 || f != runbook.FetchFresh {
			t.Errorf("young: %v, %v, asked %d times, %s", d.Where.Via, err, asked.Load(), f)
		}
	}

	c.pass(time.Hour) // the host says that it is the same
	d, trail, err = r.Resolve(t.Context(), ref)
	if f, _ := trail.Fetch(); err != nil || d.Where.Via != runbook.ViaCache || f != runbook.FetchDue || asked.Load() != 1 {
		t.Errorf("old: %v, %v, %s", d.Where.Via, err, f)
	}
	d, trail, err = r.Fetch(t.Context(), ref)
	if err != nil || string(d.Source) != markdownPage || asked.Load() != 2 || !d.Where.AsOf.Equal(c.now()) ||
		!strings.Contains(rungOf(t, trail, "network").Result, "unchanged") {
		t.Errorf("asked again: %v\n%s", err, rungs(trail))
	}

	c.pass(49 * time.Hour) // another start, and the host is gone
	srv.Close()
	r = New(o)
	d, trail, err = r.Resolve(t.Context(), ref)
	if age := c.now().Sub(d.Where.AsOf); err != nil || d.Where.Via != runbook.ViaCache || age != 49*time.Hour {
		t.Errorf("server down: %v, %v, %v", d.Where, age, err)
	}
	if got := rungOf(t, trail, "cache").Result; got != "a copy, 2 days old" {
		t.Errorf("cache: %s", got)
	}
	d, trail, err = r.Fetch(t.Context(), ref)
	if f, _ := trail.Fetch(); err != nil || d.Where.Via != runbook.ViaCache || f != runbook.FetchRetry {
		t.Errorf("server down: %v, %v\n%s", d.Where.Via, err, rungs(trail))
	}
	never := New(Options{Fetch: Never, Cache: o.Cache, Now: c.now})
	if d, trail, err := never.Fetch(t.Context(), ref); err != nil || d.Where.Via != runbook.ViaCache {
		t.Errorf("never: %v, %v\n%s", d.Where.Via, err, rungs(trail))
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(etags, ","); got != `,"1"` {
		t.Errorf("validators %s", got)
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); writeMarkdown(w, "") })
	o := Options{State: dir(t), Cache: dir(t), Timeout: 10 * time.Second, loopback: true,
		Checkouts: []Checkout{{URL: "https://other/", Path: tree(t, map[string]string{"CartQueueGrowing.md": "# by name"})}}}
	ref := linkRef("CartQueueGrowing", srv.URL+"/x")
	r := New(o)
	// The question holds up no lower rung.
	d, trail, err := r.Fetch(t.Context(), ref)
	f, host := trail.Fetch()
	if err != nil || d.Where.Via != runbook.ViaName || f != runbook.FetchAsk || asked.Load() != 0 {
		t.Fatalf("%v, %v, %s, asked %d times", d.Where.Via, err, f, asked.Load())
	}
	if got := rungOf(t, trail, "network").Result; got != "not asked: your setting is ask" {
		t.Error(got)
	}
	if err := r.Allow(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	if err := New(o).Allow(t.Context(), "wiki.example.com"); err != nil { // another process
		t.Fatal(err)
	}
	for _, r := range []*Resolver{r, New(o)} {
		if d, trail, err := r.Fetch(t.Context(), ref); err != nil || asked.Load() != 1 || d.Where.Via == runbook.ViaName {
			t.Errorf("%v, %v\n%s", d.Where.Via, err, rungs(trail))
		}
	}
	if got := New(o).Network(); len(got.Allowed) != 2 || got.Policy != Ask || got.Copies != 1 || got.Bytes == 0 {
		t.Errorf("%+v", got)
	}
	if st, err := os.Stat(o.State.File(hostsFile)); err != nil || st.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", st, err)
	}
	for _, n := range New(o).copies.files() {
		if st, err := os.Stat(o.Cache.File(n.name)); err != nil || st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%v, %v", st, err)
		}
	}
	if _, trail, _ := New(o).Fetch(t.Context(), linkRef("", "https://third.example.com/x")); rungOf(t, trail, "network").Fetch != runbook.FetchAsk {
		t.Error("a yes for one host is none for another")
	}
}

// What failed a moment ago is not asked for at once again, unless the user
// wants it.
func TestFailureStandsForAWhile(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); http.Error(w, "", http.StatusBadGateway) })
	c := &clock{}
	r := New(Options{Fetch: Always, Now: c.now, Timeout: 10 * time.Second, loopback: true})
	ref := linkRef("", srv.URL+"/x")
	fetch := func(want int64) {
		t.Helper()
		_, trail, _ := r.Fetch(t.Context(), ref)
		if n := rungOf(t, trail, "network"); asked.Load() != want || !strings.Contains(n.Result, "502") || n.Fetch != runbook.FetchRetry {
			t.Errorf("asked %d times, want %d: %+v", asked.Load(), want, n)
		}
	}
	fetch(1)
	fetch(1)
	c.pass(failedFor)
	fetch(2)
	if err := r.Allow(t.Context(), strings.TrimPrefix(srv.URL, "http://")); err != nil {
		t.Fatal(err)
	}
	fetch(3)
}

// A token goes to the host that the configuration names, and to nothing that an
// annotation or a redirect names.
func TestCredentials(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]string{}
	record := func(name string, h http.HandlerFunc) *httptest.Server {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			seen[name] += r.Header.Get("Authorization") + r.Header.Get("Cookie") + r.Header.Get("Referer") + ";"
			mu.Unlock()
			h(w, r)
		})
	}
	away := record("away", func(w http.ResponseWriter, _ *http.Request) { writeMarkdown(w, "") })
	home := record("home", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/moved") {
			http.Redirect(w, r, away.URL+"/x", http.StatusFound)
			return
		}
		if r.Header.Get("Authorization") != "Bearer hunter2" {
			http.Error(w, "bad token "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		writeMarkdown(w, "")
	})
	cfg := config.DefaultHTTPClientConfig
	cfg.Authorization = &config.Authorization{Credentials: "hunter2"}
	newResolver := func(h Host) *Resolver {
		return New(Options{Fetch: Always, Hosts: []Host{h}, Timeout: 10 * time.Second, loopback: true})
	}
	get := func(r *Resolver, link, wantHome, wantAway string) {
		t.Helper()
		mu.Lock()
		clear(seen)
		mu.Unlock()
		_, trail, _ := r.Fetch(t.Context(), linkRef("", link))
		mu.Lock()
		defer mu.Unlock()
		if seen["home"] != wantHome || seen["away"] != wantAway {
			t.Errorf("%s: sent %q home, %q away\n%s", link, seen["home"], seen["away"], rungs(trail))
		}
		if strings.Contains(rungs(trail), "hunter2") {
			t.Errorf("shown:\n%s", rungs(trail))
		}
	}
	r := newResolver(Host{Host: home.URL, HTTP: cfg})
	get(r, home.URL+"/x", "Bearer hunter2;", "")
	get(r, home.URL+"/moved", "Bearer hunter2;", ";")
	get(r, away.URL+"/x", "", ";")
	get(r, strings.Replace(home.URL, "http://", "http://user:pass@", 1)+"/y", "Bearer hunter2;", "")
	// Nothing that only a link names gets the token of another.
	get(newResolver(Host{Host: "https://wiki.example.com", HTTP: cfg}), home.URL+"/x", ";", "")
	script := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho hunter2\n"), 0o700); err != nil { //nolint:gosec // a script
		t.Fatal(err)
	}
	get(newResolver(Host{Host: home.URL, TokenCommand: []string{script}}), home.URL+"/x", "Bearer hunter2;", "")
	get(newResolver(Host{Host: home.URL, TokenCommand: []string{script}}), away.URL+"/x", "", ";")
}

// A link by http does not make credentials go in the clear.
func TestConfiguredHostsKeepTheirScheme(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer hunter2" {
			writeMarkdown(w, "")
		}
	}))
	t.Cleanup(srv.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config.DefaultHTTPClientConfig
	cfg.Authorization = &config.Authorization{Credentials: "hunter2"}
	cfg.TLSConfig.CAFile = ca
	host := strings.TrimPrefix(srv.URL, "https://")
	r := New(Options{Hosts: []Host{{Host: host, HTTP: cfg}}, Timeout: 10 * time.Second})
	d, trail, err := r.Fetch(t.Context(), linkRef("", "http://"+host+"/x"))
	if err != nil || d.Where.Via != runbook.ViaNetwork {
		t.Errorf("%v\n%s", err, rungs(trail))
	}
}

func TestFetchedPages(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/wiki/cart":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, `<title>Cart - Wiki</title><nav>menu</nav><main><h2 id="q1">Queue growing</h2><p>see <a href="../other">other</a>`+
				"\x1b]0;x\x07"+`</p><script>alert(1)</script><pre><code class="language-sh">kubectl get pods</code></pre></main>`)
		case "/acme/runbooks/raw/main/cart.md", "/group/sub/repo/-/raw/main/a b.md":
			writeMarkdown(w, "")
		case "/go/cart":
			http.Redirect(w, r, "/books/shop/cart.md?raw=1", http.StatusFound)
		case "/books/shop/cart.md":
			writeMarkdown(w, "")
		case "/deep":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, strings.Repeat("<i>", 3000)+"<p>still to be read</p>")
		default:
			http.NotFound(w, r)
		}
	})
	r := New(Options{Fetch: Always, Cache: dir(t), Timeout: 10 * time.Second, loopback: true})
	get := func(link string) runbook.Document {
		t.Helper()
		d, trail, err := r.Fetch(t.Context(), linkRef("", link))
		if err != nil {
			t.Errorf("%s: %v\n%s", link, err, rungs(trail))
		}
		return d
	}
	d := get(srv.URL + "/wiki/cart?x=1#q1")
	text := string(d.Source)
	if d.Title.String() != "Cart" || strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "alert") || strings.Contains(text, "menu") ||
		!strings.Contains(text, "[other]("+srv.URL+"/other)") || d.Codes()[0].Lang != "sh" || d.Place("q1", "").Missed {
		t.Errorf("%q", text)
	}
	if ref, ok := d.Where.Follow("../b#x", linkRef("", "")); !ok || ref.Base != srv.URL+"/b" {
		t.Errorf("follows to %+v", ref)
	}
	for _, link := range []string{"/acme/runbooks/blob/main/cart.md", "/acme/runbooks/edit/main/cart.md", "/group/sub/repo/-/blob/main/a%20b.md?ref_type=heads#queue-growing"} {
		if d := get(srv.URL + link); string(d.Source) != markdownPage {
			t.Errorf("%s: %q", link, d.Source)
		}
	}
	d = get(srv.URL + "/go/cart#x") // a short link: what is relative starts where it led
	if ref, ok := d.Where.Follow("stock.md", linkRef("", "")); !ok || ref.Base != srv.URL+"/books/shop/stock.md" {
		t.Errorf("follows to %+v", ref)
	}
	d = get(srv.URL + "/deep")
	if !strings.Contains(string(d.Source), "still to be read") || len(d.Cut) == 0 {
		t.Errorf("%q, %v", d.Source, d.Cut)
	}
	if cached, _, err := r.Resolve(t.Context(), linkRef("", srv.URL+"/wiki/cart?x=1")); err != nil || string(cached.Source) != text {
		t.Errorf("the copy: %q, %v", cached.Source, err)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	const raw = "https://raw.githubusercontent.com/"
	for link, want := range map[string]string{
		"https://github.com/a/b/blob/main/x/y.md?plain=1#z":                               raw + "a/b/main/x/y.md",
		"https://github.com/a/b/tree/main/x":                                              raw + "a/b/main/x/README.md",
		"https://github.com/a/b/edit/feature/z/x.md":                                      raw + "a/b/feature/z/x.md",
		"https://github.com/a/b/raw/refs/heads/main/x.md":                                 raw + "a/b/refs/heads/main/x.md",
		"http://www.github.com/a/b/blame/main/x.md":                                       raw + "a/b/main/x.md",
		"https://github.com/a/b":                                                          raw + "a/b/HEAD/README.md",
		"https://github.com/a/b/wiki/Some-Page":                                           raw + "wiki/a/b/Some-Page.md",
		raw + "a/b/main/x.md":                                                             raw + "a/b/main/x.md",
		"https://github.com/a/b/issues/1":                                                 "https://github.com/a/b/issues/1",
		"https://gitlab.com/g/s/p/-/blob/main/x.md":                                       "https://gitlab.com/g/s/p/-/raw/main/x.md",
		"https://gitlab.example.com/g/p/-/tree/main/docs":                                 "https://gitlab.example.com/g/p/-/raw/main/docs/README.md",
		"https://codeberg.org/o/r/src/branch/main/x.md":                                   "https://codeberg.org/o/r/raw/branch/main/x.md",
		"https://bitbucket.org/w/r/src/main/x.md":                                         "https://bitbucket.org/w/r/raw/main/x.md",
		"https://git.example.com/projects/P/repos/r/browse/d/x.md?at=refs%2Fheads%2Fmain": "https://git.example.com/projects/P/repos/r/raw/d/x.md?at=refs%2Fheads%2Fmain",
		"https://ghe.example.com:8443/o/r/blob/main/x.md":                                 "https://ghe.example.com:8443/o/r/raw/main/x.md",
		"https://wiki.example.com/pages/viewpage.action?pageId=12#q":                      "https://wiki.example.com/pages/viewpage.action?pageId=12",
		"HTTPS://U:P@Wiki.Example.com:443/x/../y":                                         "https://wiki.example.com/x/../y",
		"//wiki.example.com/x":                                                            "https://wiki.example.com/x",
		"ftp://h/x":                                                                       "",
		"file:///etc/passwd":                                                              "",
		"x.md":                                                                            "",
		"https://":                                                                        "",
		"https://h/\u202e":                                                                "https://h/%E2%80%AE",
		"javascript:alert(1)":                                                             "",
		"https://h/" + strings.Repeat("a", 5000):                                          "",
	} {
		tg, ok := targetOf(linkRef("", link))
		got := ""
		if ok {
			got = tg.from[0]
		}
		if got != want {
			t.Errorf("%.80s: %q, want %q", link, got, want)
		}
	}
	for link, want := range map[string]string{
		"https://gitlab.example.com/g/s/p/-/blob/main/docs/a%20b.md": "https://gitlab.example.com/api/v4/projects/g%2Fs%2Fp/repository/files/docs%2Fa%20b.md/raw?ref=main",
		"https://ghe.example.com/o/r/blob/refs/heads/v1/docs/x.md":   "https://ghe.example.com/api/v3/repos/o/r/contents/docs/x.md?ref=v1",
	} {
		if tg, _ := targetOf(linkRef("", link)); tg.api != want {
			t.Errorf("%s: %q, want %q", link, tg.api, want)
		}
	}
}

func TestLeadsToSignIn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		from, to string
		want     bool
	}{
		{"https://wiki/runbooks/login-failures", "https://wiki/runbooks/login-failures", false},
		{"https://wiki/x", "https://wiki/login.action", true},
		{"https://wiki/x", "https://sso.example.com/realm", true},
		{"https://wiki/x", "https://acme.okta.com/app", true},
		{"https://wiki/x", "https://login.microsoftonline.com/t", true},
		{"https://wiki/x", "https://wiki/x/", false},
		{"https://go/x", "https://wiki.example.com/runbooks/x", false},
		{"https://wiki/sso/x", "https://wiki/sso/x/", false},
	} {
		if got := leadsToSignIn(tc.from, tc.to); got != tc.want {
			t.Errorf("%s to %s: %v", tc.from, tc.to, got)
		}
	}
}

func TestDefaultRunbook(t *testing.T) {
	t.Parallel()
	path := tree(t, map[string]string{"payments/default.md": "# Payments\n\nask\n"})
	links := map[string]string{"cart": "https://h/payments/default.md", "dead": "https://h/gone.md", "wiki": "https://wiki.example.com/x"}
	r := New(Options{Checkouts: []Checkout{{URL: "https://h/", Path: path}}, Default: func(service, _ safe.Value) string { return links[service.Raw()] }})
	ask := func(service, link string) (runbook.Document, runbook.Trail, error) {
		ref := linkRef("NoSuchName", link)
		ref.Service = safe.Outside(service)
		return r.Resolve(t.Context(), ref)
	}
	for _, link := range []string{"", "https://h/not-there.md#x"} {
		d, trail, err := ask("cart", link)
		if err != nil || d.Where.Via != runbook.ViaCatalog || d.Title.String() != "Payments" || !rungOf(t, trail, "default").Found {
			t.Errorf("%q: %+v, %v\n%s", link, d.Where, err, rungs(trail))
		}
	}
	if _, trail, err := ask("dead", ""); err == nil || rungOf(t, trail, "default").Found {
		t.Errorf("a dead default: %v", err)
	}
	if _, trail, _ := ask("other", ""); rungOf(t, trail, "default").Result != "the catalog names none" {
		t.Error(rungs(trail))
	}
	_, trail, _ := ask("wiki", "")
	if f, host := trail.Fetch(); f != runbook.FetchAsk || host != "wiki.example.com" {
		t.Errorf("%s %s", f, host)
	}
	if l := r.Locate(runbook.Ref{State: runbook.LinkNone, Service: safe.Outside("cart")}); l.Via != runbook.ViaCatalog || l.Link != runbook.NoLink || l.Path == "" {
		t.Errorf("%+v", l)
	}
}

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
