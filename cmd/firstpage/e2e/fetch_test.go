package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// oneAlert answers as a Prometheus with one alert whose runbook is at link.
func oneAlert(t *testing.T, link string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		type m = map[string]any
		data := m{"resultType": "vector", "result": []m{}}
		switch r.URL.Path {
		case "/api/v1/alerts":
			data = m{"alerts": []m{{"labels": m{"alertname": "CartQueueGrowing", "severity": "critical"}, "annotations": m{"runbook_url": link},
				"state": "firing", "activeAt": "2026-01-01T00:00:00Z", "value": "1e+00"}}}
		case "/api/v1/rules":
			data = m{"groups": []m{}}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(m{"status": "success", "data": data})
	}))
	t.Cleanup(s.Close)
	return s
}

// wikiByProxy is a wiki at http://wiki.test, reached as most of them are: by a
// proxy that the environment names.
func wikiByProxy(t *testing.T) (s *httptest.Server, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Host != "wiki.test" {
			http.Error(w, "not here: "+r.URL.Host, http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<html><head><title>Cart - Wiki</title></head><body><nav>menu</nav><main><h1>Cart</h1><p>top</p>
<h2 id="q1">Queue growing</h2><p>Scale the <b>consumers</b> up:</p><pre><code class="language-bash">kubectl -n cart scale deploy/consumer --replicas=6</code></pre></main></body></html>`)
	}))
	t.Cleanup(s.Close)
	return s, asked
}

// A page that no checkout has is fetched after one question, and is there when
// the wiki is not.
func TestRunbookFromTheNetwork(t *testing.T) {
	t.Parallel()
	wiki, asked := wikiByProxy(t)
	prom := oneAlert(t, "http://wiki.test/cart#q1")
	h := newHome(t, "HTTP_PROXY="+wiki.URL)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\n", prom.URL))

	r := h.command(t, "alerts", "-o", "json")
	if asked.Load() != 0 || strings.Contains(r.out, `"via": "network"`) {
		t.Errorf("a list asks the network: %d times", asked.Load())
	}
	if r := h.command(t, "runbook", "CartQueueGrowing", "--where"); r.code != 1 || !strings.Contains(r.out, "--fetch fetches it from wiki.test") || asked.Load() != 0 {
		t.Errorf("%+v", r)
	}
	x := h.screen(t, 140, 40)
	x.waitFor("There is no runbook text", "F  fetch it from wiki.test: allows this host from now on")
	x.send("F")
	x.waitFor("Scale the consumers up", "kubectl -n cart scale", "from the network")
	x.send("q")
	if code := x.exit(); code != 0 || asked.Load() != 1 {
		t.Errorf("exit %d, asked %d times", code, asked.Load())
	}
	if b, err := os.ReadFile(filepath.Join(h.dir, "state", "firstpage", "hosts.json")); err != nil || !strings.Contains(string(b), "wiki.test") {
		t.Errorf("%s, %v", b, err)
	}

	wiki.Close()
	x = h.screen(t, 140, 40)
	x.waitFor("Scale the consumers up", "from the cache")
	x.send("q")
	x.exit()
	r = h.command(t, "alerts", "-o", "json")
	if !strings.Contains(r.out, `"via": "cache"`) {
		t.Errorf("the list does not know the copy: %s", r.out)
	}
	r = h.command(t, "show", "CartQueueGrowing")
	if !strings.Contains(r.out, "Scale the") || !strings.Contains(r.out, "a copy fetched earlier") {
		t.Errorf("%+v", r)
	}
	r = h.command(t, "doctor")
	for _, want := range []string{"ask: once for each host", "allowed hosts: wiki.test", "kept copies: 1, "} {
		if !strings.Contains(r.out, want) {
			t.Errorf("doctor lacks %q:\n%s", want, r.out)
		}
	}
}

func TestRunbookFetchFlag(t *testing.T) {
	t.Parallel()
	wiki, asked := wikiByProxy(t)
	h := newHome(t, "HTTP_PROXY="+wiki.URL)
	r := h.command(t, "runbook", "--fetch", "http://wiki.test/cart")
	if r.code != 0 || !strings.Contains(r.out, "## <a id=\"q1\"></a>Queue growing") || strings.Contains(r.out, "menu") {
		t.Errorf("%+v", r)
	}
	r = h.command(t, "runbook", "http://wiki.test/other", "--where")
	if r.code != 0 || asked.Load() != 2 || !strings.Contains(r.out, "http://wiki.test/other: fetched") {
		t.Errorf("asked %d times: %+v", asked.Load(), r)
	}
	h.config(t, "runbooks: {fetch: never}\n")
	r = h.command(t, "runbook", "http://wiki.test/third", "--fetch")
	if r.code != 1 || asked.Load() != 2 || !strings.Contains(r.err, "not asked: your setting is never") {
		t.Errorf("asked %d times: %+v", asked.Load(), r)
	}
	r = h.command(t, "runbook", "http://127.0.0.1:1/x", "--where")
	if r.code != 1 || !strings.Contains(r.out, "never") {
		t.Errorf("%+v", r)
	}
}
