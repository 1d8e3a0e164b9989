package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// kubePrometheus is a real server with kube-prometheus' rules that scrapes
// only itself: absent() and the like give it dozens of real alerts. The for
// clauses are as their authors wrote them.
func kubePrometheus(t testing.TB) *promtest.Server {
	t.Helper()
	s := promtest.Start(t, promtest.Options{
		RuleFiles: []string{filepath.Join(corpus(t, "rules", "kube-prometheus"), "*.yaml")},
	})
	s.WaitFor(`ALERTS{alertname="Watchdog"}`)
	waitAlerts(t, s, 2)
	return s
}

// apiAlert is an alert as the server itself says it.
type apiAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	State       string            `json:"state"`
}

func apiAlerts(t testing.TB, s *promtest.Server) []apiAlert {
	t.Helper()
	resp, err := http.Get(s.URL + "/api/v1/alerts")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body struct {
		Data struct {
			Alerts []apiAlert `json:"alerts"`
		} `json:"data"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body.Data.Alerts
}

func waitAlerts(t testing.TB, s *promtest.Server, n int) {
	t.Helper()
	deadline := time.Now().Add(2 * patience)
	for len(apiAlerts(t, s)) < n {
		if time.Now().After(deadline) {
			t.Fatalf("no %d alerts came: %v", n, apiAlerts(t, s))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// labelKey is a label set as one comparable text.
func labelKey(m map[string]string) string {
	var parts []string
	for k, v := range m {
		parts = append(parts, fmt.Sprintf("%q=%q", k, v))
	}
	sort.Strings(parts)
	return strings.Join(parts, ",")
}

// target is a scrape target whose exposition a test changes as it goes.
type target struct {
	*httptest.Server
	mu   sync.Mutex
	text string
	down bool
}

func newTarget(t testing.TB) *target {
	t.Helper()
	x := &target{}
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprint(w, x.text)
	}))
	t.Cleanup(x.Close)
	return x
}

func (x *target) expose(text string) { x.mu.Lock(); x.text = text; x.mu.Unlock() }
func (x *target) outage(down bool)   { x.mu.Lock(); x.down = down; x.mu.Unlock() }

// job is the scrape configuration of the target.
func (x *target) job(name string) string {
	return fmt.Sprintf("- job_name: %s\n  static_configs: [{targets: [%q]}]\n", name, strings.TrimPrefix(x.URL, "http://"))
}

// front stands before a real Prometheus and misbehaves on demand.
type front struct {
	*httptest.Server
	mu    sync.Mutex
	fault http.HandlerFunc // nil: pass through
	stop  chan struct{}    // closed at the end, so that a hanging answer ends
}

func newFront(t testing.TB, backend string) *front {
	t.Helper()
	u, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	f := &front{stop: make(chan struct{})}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		fault := f.fault
		f.mu.Unlock()
		if fault != nil {
			fault(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { close(f.stop); f.CloseClientConnections(); f.Close() })
	return f
}

func (f *front) misbehave(h http.HandlerFunc) { f.mu.Lock(); f.fault = h; f.mu.Unlock() }

// writeFile writes a file of a test, with its folders.
func writeFile(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// listens reports whether something answers at an address of this machine.
func listens(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
