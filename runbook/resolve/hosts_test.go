package resolve

import (
	"encoding/pem"
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

	"github.com/firstpage-oncall/firstpage/runbook"
)

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
