package resolve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

func TestDefaultRunbook(t *testing.T) {
	t.Parallel()
	path := tree(t, map[string]string{"payments/default.md": "# Payments\n\nask\n"})
	links := map[string]string{"cart": "https://h/payments/default.md", "dead": "https://h/gone.md", "wiki": "https://wiki.example.com/x", "path": "payments/default.md"}
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
	if d, trail, err := ask("path", ""); err != nil || d.Title.String() != "Payments" { // from the top of any checkout
		t.Errorf("%v\n%s", err, rungs(trail))
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
