package web

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/sources"
)

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func server(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func wantError(t *testing.T, err error, k sources.Kind, parts ...string) {
	t.Helper()
	if !sources.IsKind(err, k) {
		t.Errorf("error %v, want kind %s", err, k)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][3]string{
		"http://h":                              {"http://h", "http://h", "http://h"},
		"https://u:p@h:9090/prom/?token=t#frag": {"https://h:9090/prom/?token=t", "https://h:9090/prom/", "https://h:9090/prom/"},
		" http://[::1]:9090/a%2Fb ":             {"http://[::1]:9090/a%2Fb", "http://[::1]:9090/a%2Fb", "http://[::1]:9090/a%2Fb"},
	} {
		a, err := parseAddress(raw, "")
		if got := [3]string{a.Query(), a.Safe(), a.Public()}; err != nil || got != want {
			t.Errorf("%s: %v, %v", raw, got, err)
		}
	}
	if a, err := parseAddress("http://h", "https://u:p@people/x?y"); err != nil || a.Public() != "https://people/x" {
		t.Errorf("public %q, %v", a.Public(), err)
	}
	for raw, want := range map[string]string{
		"":                     "",
		"http://u:p@h/x?q#f":   "http://h/x",
		"u:p@h":                "...",
		"http://u:p@ho st/":    "http://...",
		"http://h/\u009b2J%zz": "http://...",
	} {
		if got := Strip(raw); got != want {
			t.Errorf("Strip(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	a, err := parseAddress("http://u:p@h:1/base/?tenant=a", "")
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"api/x":             "http://h:1/base/api/x?tenant=a&k=v",
		"/api/x?y=1":        "http://h:1/base/api/x?tenant=a&y=1&k=v",
		"a%2Fb":             "http://h:1/base/a%2Fb?tenant=a&k=v",
		"":                  "http://h:1/base/?tenant=a&k=v",
		"https://o/p?q=1#f": "https://o/p?q=1&k=v",
		"https://x:y@o/":    "https://o/?k=v",
	} {
		if u, err := a.join(ref, url.Values{"k": {"v"}}); err != nil || u.String() != want {
			t.Errorf("%q: %v, %v; want %s", ref, u, err, want)
		}
	}
	for _, ref := range []string{"file:///etc/passwd", "gopher://h", "http://", "://"} {
		if _, err := a.join(ref, nil); !sources.IsKind(err, sources.BadRequest) {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		base, to string
		want     bool
	}{
		{"https://h", "https://H:443/x", true},
		{"http://h:80", "http://h", true},
		{"http://h", "https://h", true}, // the step to https
		{"http://h:9090", "https://h:9090", false},
		{"https://h", "http://h", false}, // and never back
		{"https://h", "https://h:8443", false},
		{"https://h", "https://sub.h", false},
		{"https://h", "https://h.evil", false},
		{"https://[::1]", "https://[::1]:443", true},
	} {
		b, _ := url.Parse(tc.base)
		u, _ := url.Parse(tc.to)
		if got := sameOrigin(*b, *u); got != tc.want {
			t.Errorf("%s to %s: %v", tc.base, tc.to, got)
		}
	}
}

// A foreign host that redirects back gets no credentials sent on its behalf.
func TestCredentialsStayAwayOnceLeft(t *testing.T) {
	t.Parallel()
	var home, away *httptest.Server
	var auth atomic.Value
	home = server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/secret" {
			auth.Store(r.Header.Get("Authorization") + r.Header.Get("X-Key") + r.Header.Get("Referer"))
			return
		}
		http.Redirect(w, r, away.URL, http.StatusFound)
	})
	away = server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, home.URL+"/secret", http.StatusFound)
	})
	cfg := config.DefaultHTTPClientConfig
	cfg.Authorization = &config.Authorization{Credentials: "hunter2"}
	cfg.HTTPHeaders = &config.Headers{Headers: map[string]config.Header{"X-Key": {Values: []string{"hunter2"}}}}
	c := newClient(t, Options{URL: home.URL + "?q=hunter2", HTTP: cfg})
	if _, err := c.Get(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got := auth.Load(); got != "" {
		t.Errorf("sent %q", got)
	}
	if _, err := c.Get(t.Context(), home.URL+"/secret"); err != nil {
		t.Fatal(err)
	}
	if got := auth.Load(); got != "Bearer hunter2hunter2" {
		t.Errorf("asked directly, sent %q", got)
	}
}

func TestFileSecretsAreScrubbed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("hunter2-in-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "bad key "+r.Header.Get("X-Key"), http.StatusForbidden)
	})
	cfg := config.DefaultHTTPClientConfig
	cfg.HTTPHeaders = &config.Headers{Headers: map[string]config.Header{"X-Key": {Files: []string{file}}}}
	_, err := newClient(t, Options{URL: srv.URL, HTTP: cfg}).Get(t.Context(), "x")
	wantError(t, err, sources.Unauthorized, "bad key ***")
}

// tokenScript prints token-1, token-2, ... and counts its runs.
func tokenScript(t *testing.T) (argv []string, runs func() int) {
	t.Helper()
	count := filepath.Join(t.TempDir(), "count")
	return []string{"sh", "-c", `echo x >>"$0"; echo token-$(wc -l <"$0" | tr -d ' ')`, count}, func() int {
		b, _ := os.ReadFile(count)
		return len(b) / 2
	}
}

func TestTokenCommand(t *testing.T) {
	t.Parallel()
	argv, runs := tokenScript(t)
	var valid atomic.Value
	valid.Store("Bearer token-1")
	var bodies atomic.Value
	srv := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != valid.Load() {
			http.Error(w, "expired: "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		b, _ := io.ReadAll(r.Body)
		bodies.Store(string(b))
	})
	c := newClient(t, Options{URL: srv.URL, TokenCommand: argv})
	now := time.Now()
	c.token.now = func() time.Time { return now }
	ask := func() error {
		_, err := c.Do(t.Context(), Request{Ref: "x", Body: []byte("question")})
		return err
	}
	for range 3 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	if runs() != 1 {
		t.Errorf("%d runs for three requests", runs())
	}
	valid.Store("Bearer token-2") // the first one is refused before its time
	if err := ask(); err != nil || runs() != 2 || bodies.Load() != "question" {
		t.Errorf("after a refusal: %v, %d runs, body %v", err, runs(), bodies.Load())
	}
	valid.Store("Bearer token-3")
	now = now.Add(tokenAge)
	if err := ask(); err != nil || runs() != 3 {
		t.Errorf("after %v: %v, %d runs", tokenAge, err, runs())
	}
	valid.Store("none")
	err := ask()
	wantError(t, err, sources.Unauthorized, "401", "refused")
	if strings.Contains(err.Error(), "token-") {
		t.Errorf("the token is shown: %v", err)
	}
	if runs() != 4 {
		t.Errorf("a refused token is tried once more, not %d times", runs()-3)
	}
}

func TestTokenCommandFails(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	srv := server(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	for _, tc := range []struct {
		argv []string
		want string
	}{
		{[]string{"no-such-program-x", "hunter2"}, "install it"},
		{[]string{"sh", "-c", "echo 'please log in' >&2; echo hunter2; exit 1"}, "please log in"},
		{[]string{"sh", "-c", "echo hunter2; echo hunter2"}, "one token"},
		{[]string{"true"}, "one token"},
	} {
		_, err := newClient(t, Options{URL: srv.URL, TokenCommand: tc.argv}).Get(t.Context(), "x")
		wantError(t, err, sources.Unauthorized, tc.want)
		if strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
			t.Errorf("output or arguments are shown: %v", err)
		}
	}
	if asked.Load() != 0 {
		t.Error("asked without a token")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := newClient(t, Options{URL: srv.URL, TokenCommand: []string{"sleep", "100"}}).Get(ctx, "x")
	var e *sources.Error
	if !errors.As(err, &e) {
		t.Errorf("slow command: %v", err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	t.Cleanup(srv.Close)
	_, err := newClient(t, Options{URL: srv.URL}).Get(t.Context(), "")
	wantError(t, err, sources.Unavailable, "not trusted", "ca_file")

	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config.DefaultHTTPClientConfig
	cfg.TLSConfig.CAFile = ca
	if _, err := newClient(t, Options{URL: srv.URL, HTTP: cfg}).Get(t.Context(), ""); err != nil {
		t.Errorf("with the CA: %v", err)
	}
	cfg.TLSConfig.ServerName = "other.test"
	_, err = newClient(t, Options{URL: srv.URL, HTTP: cfg}).Get(t.Context(), "")
	wantError(t, err, sources.Unavailable, "another name", "server_name")

	_, err = newClient(t, Options{URL: strings.Replace(srv.URL, "https", "http", 1)}).Get(t.Context(), "")
	wantError(t, err, sources.BadRequest, "https://")
	plain := server(t, func(http.ResponseWriter, *http.Request) {})
	_, err = newClient(t, Options{URL: strings.Replace(plain.URL, "http", "https", 1)}).Get(t.Context(), "")
	wantError(t, err, sources.BadResponse, "http://")
}

func TestConnectionErrors(t *testing.T) {
	t.Parallel()
	_, err := newClient(t, Options{URL: "http://no-such-host.invalid"}).Get(t.Context(), "")
	if !sources.IsKind(err, sources.Unavailable) && !sources.IsKind(err, sources.Timeout) {
		t.Errorf("unknown host: %v", err)
	}
	for name, tc := range map[string]struct {
		says string
		kind sources.Kind
		want string
	}{
		"silence": {"", sources.Unavailable, "without an answer"},
		"ssh":     {"SSH-2.0-OpenSSH_9\r\n", sources.BadResponse, "does not speak HTTP"},
		"half":    {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", sources.BadResponse, "in the middle"},
		"no gzip": {"HTTP/1.1 200 OK\r\nContent-Length: 16\r\nContent-Encoding: gzip\r\n\r\nnot gzip at all!", sources.BadResponse, "damaged"},
	} {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = io.WriteString(conn, tc.says)
				_ = conn.Close()
			}
		}()
		_, err = newClient(t, Options{URL: "http://" + l.Addr().String()}).Get(t.Context(), "")
		_ = l.Close()
		t.Log(name, err)
		wantError(t, err, tc.kind, tc.want)
	}
}

func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	link := newClient(t, Options{NoLinkLocal: true})
	for _, u := range []string{"http://169.254.169.254/latest", "http://[fe80::1%25lo]/", "http://[::ffff:169.254.1.1]/"} {
		_, err := link.Get(t.Context(), u)
		wantError(t, err, sources.BadRequest, "link-local")
	}
	srv := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metadata" {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		}
	})
	if _, err := link.Get(t.Context(), srv.URL); err != nil {
		t.Errorf("loopback: %v", err)
	}
	_, err := link.Get(t.Context(), srv.URL+"/metadata")
	wantError(t, err, sources.BadRequest, "link-local")

	outside := newClient(t, Options{NoLinkLocal: true, NoLoopback: true})
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "a.localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "127.1.2.3"} {
		_, err := outside.Get(t.Context(), "http://"+host+":"+port)
		wantError(t, err, sources.BadRequest, "this machine")
	}
	// A proxy of the user's may be on this machine; what it is asked for may not.
	proxied := config.DefaultHTTPClientConfig
	if u, err := url.Parse(srv.URL); err == nil {
		proxied.ProxyURL = config.URL{URL: u}
	}
	by := newClient(t, Options{NoLinkLocal: true, NoLoopback: true, HTTP: proxied})
	if _, err := by.Get(t.Context(), "http://wiki.test/x"); err != nil {
		t.Errorf("by a proxy: %v", err)
	}
	_, err = by.Get(t.Context(), "http://127.0.0.1:1/x")
	wantError(t, err, sources.BadRequest, "this machine")
	_, err = by.Get(t.Context(), "http://169.254.169.254/")
	wantError(t, err, sources.BadRequest, "link-local")
}

func TestGuard(t *testing.T) {
	t.Parallel()
	g := guard{linkLocal: true, loopback: true}
	for ip, ok := range map[string]bool{
		"10.0.0.1": true, "192.168.1.1": true, "2001:db8::1": true, "8.8.8.8": true,
		"169.254.169.254": false, "::ffff:169.254.169.254": false, "64:ff9b::a9fe:a9fe": false, "2002:a9fe:a9fe::1": false,
		"fe80::1%eth0": false, "fd00:ec2::254": false, "100.100.100.200": false, "ff02::1": false,
		"127.0.0.1": false, "::1": false, "::": false, "0.0.0.0": false,
	} {
		if err := g.check(netip.MustParseAddr(ip)); (err == nil) != ok {
			t.Errorf("%s: %v", ip, err)
		}
	}
}

func TestOwnDeadline(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	srv := server(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "part")
		_ = http.NewResponseController(w).Flush()
		<-release
	})
	defer close(release)
	_, err := newClient(t, Options{URL: srv.URL, Timeout: 50 * time.Millisecond}).Get(t.Context(), "")
	wantError(t, err, sources.Timeout, "no answer within 50ms")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("not a deadline: %v", err)
	}
}

func TestConditionalGetAndRedirectsOff(t *testing.T) {
	t.Parallel()
	srv := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/x?token=hunter2", http.StatusFound)
		case r.Header.Get("If-None-Match") == `"1"`:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", `"1"`)
			_, _ = io.WriteString(w, "text")
		}
	})
	c := newClient(t, Options{URL: srv.URL})
	res, err := c.Get(t.Context(), "x")
	if err != nil || string(res.Body) != "text" || res.Header.Get("ETag") != `"1"` {
		t.Fatalf("%+v, %v", res, err)
	}
	res, err = c.Do(t.Context(), Request{Ref: "x", Header: http.Header{"If-None-Match": {`"1"`}}})
	if err != nil || res.Status != http.StatusNotModified {
		t.Errorf("%+v, %v", res, err)
	}
	res, err = c.Get(t.Context(), "moved")
	if err != nil || res.URL != srv.URL+"/x" {
		t.Errorf("%+v, %v", res, err)
	}
	off := config.DefaultHTTPClientConfig
	off.FollowRedirects = false
	_, err = newClient(t, Options{URL: srv.URL, HTTP: off}).Get(t.Context(), "moved")
	wantError(t, err, sources.BadResponse, "302", "follow_redirects")
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the query of the target is shown: %v", err)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"status":"error","errorType":"bad_data","error":"no"}`: "bad_data: no",
		`{"message":"Bad credentials"}`:                          "Bad credentials",
		`{"error":{"message":"deep"}}`:                           "deep",
		`"a string"`:                                             "a string",
		"plain\nmore":                                            "plain",
		"<html><title> Nope </title>":                            "Nope",
		"\xff\xfe":                                               "",
		strings.Repeat("é", 400):                                 strings.Repeat("é", 150) + "...",
	} {
		if got := words([]byte(body)); got != want {
			t.Errorf("%.40q: %q, want %q", body, got, want)
		}
	}
}
