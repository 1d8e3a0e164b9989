package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// rulesURI is what the program asks for rules, to the letter: the reference
// must fetch the same bytes.
var rulesURI = "/api/v1/rules?" + url.Values{"type": {"alert"}, "exclude_alerts": {"true"}}.Encode()

const alertsURI = "/api/v1/alerts"

// recording is what a real server with many alerts said.
type recording struct {
	n      int
	bodies map[string]body // by URI
}

// body is one answer, as it is and as the server compressed it.
type body struct{ plain, gzip []byte }

// bookless are runbooks of the corpus whose alerts are no pages.
var bookless = []string{"_index", "Watchdog", "InfoInhibitor"}

// books are the runbooks of the corpus, by the name of their alert: the path
// below the checkout and the size in bytes.
func books(t testing.TB) (names []string, path map[string]string, size map[string]int64) {
	t.Helper()
	root := corpus(t, "prometheus-operator-runbooks", "content", "runbooks")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	path, size = map[string]string{}, map[string]int64{}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".md")
		if slices.Contains(bookless, name) {
			continue
		}
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		path[name] = strings.ToLower(filepath.Base(filepath.Dir(f)) + "/" + name)
		size[name] = info.Size()
	}
	slices.Sort(names)
	return names[:min(40, len(names))], path, size
}

// symptomRules are 40 rules, each with a runbook of the corpus; those with a
// long runbook are critical and so lead the list.
func symptomRules(t testing.TB) (yaml string, names []string) {
	t.Helper()
	names, path, size := books(t)
	var b strings.Builder
	b.WriteString("groups:\n- name: symptoms\n  rules:\n")
	for i, n := range names {
		severity := []string{"warning", "warning", "info"}[i%3]
		if size[n] > 2500 {
			severity = "critical"
		}
		fmt.Fprintf(&b, `  - alert: %[1]s
    expr: symptom{kind="%[1]s"} > 0
    labels: {severity: %[2]s}
    annotations:
      summary: A pod of {{ $labels.service }} is not well.
      description: Pod {{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }}) has been in a state other than ready for longer than 15 minutes.
      runbook_url: https://runbooks.prometheus-operator.dev/runbooks/%[3]s
`, n, severity, path[n])
	}
	return b.String(), names
}

// symptoms is the exposition of n failing pods: 40 kinds over 97 services, so
// that 10,000 alerts make some thousands of rows.
func symptoms(n int, names []string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "symptom{kind=%q,service=\"service-%d\",namespace=\"team-%d\",pod=\"service-%d-7d9c5b6f4-%05d\",container=\"app\",node=\"10.0.%d.%d\",region=\"eu-1\"} 1\n",
			names[i%len(names)], i%97, i%13, i%97, i, i/256%256, i%256)
	}
	return b.String()
}

// record runs a real Prometheus with each number of alerts in turn and keeps
// what it says. It is down before anything is measured.
func record(b *testing.B, counts ...int) []recording {
	b.Helper()
	rules, names := symptomRules(b)
	target := newTarget(b)
	prom := promtest.Start(b, promtest.Options{Rules: []string{rules}, Scrape: target.job("symptoms")})
	defer prom.Kill()
	var out []recording
	for _, n := range counts {
		target.expose(symptoms(n, names))
		waitAlerts(b, prom, n)
		r := recording{n: n, bodies: map[string]body{}}
		for _, uri := range []string{alertsURI, rulesURI, "/api/v1/status/buildinfo"} {
			zipped := fetch(b, prom.URL+uri) // once: the server's order is random
			r.bodies[uri] = body{unzip(b, zipped), zipped}
		}
		if got := bytes.Count(r.bodies[alertsURI].plain, []byte(`"activeAt"`)); got != n {
			b.Fatalf("the server has %d alerts, not %d", got, n)
		}
		out = append(out, r)
	}
	return out
}

// fetch returns a body as it came over the line, compressed.
func fetch(t testing.TB, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%s: %s, encoded as %q, %v", url, resp.Status, resp.Header.Get("Content-Encoding"), err)
	}
	return raw
}

// serve plays the recording. Queries for anything else find nothing: they are
// answered, and have no part in what is measured.
func (r recording) serve(t testing.TB) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if a, ok := r.bodies[req.URL.RequestURI()]; ok {
			if strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write(a.gzip)
				return
			}
			_, _ = w.Write(a.plain)
			return
		}
		kind := "vector"
		if strings.HasSuffix(req.URL.Path, "query_range") {
			kind = "matrix"
		}
		_, _ = fmt.Fprintf(w, `{"status":"success","data":{"resultType":%q,"result":[]}}`, kind)
	}))
	t.Cleanup(s.Close)
	return s
}

// rowMark matches the first bytes of an alert row: the name of any alert.
func rowMark(t testing.TB) *regexp.Regexp {
	t.Helper()
	names, _, _ := books(t)
	starts := make([]string, len(names))
	for i, n := range names {
		starts[i] = regexp.QuoteMeta(n[:min(14, len(n))])
	}
	return regexp.MustCompile(strings.Join(starts, "|"))
}

// user is someone with this server and a clone of the runbooks, and no state.
func (r recording) user(t testing.TB, url, checkout, more string) *home {
	t.Helper()
	h := newHome(t)
	h.config(t, fmt.Sprintf(`clusters:
  - name: prod
    prometheus: {url: %s}
runbooks:
  checkouts:
    - {url: "https://runbooks.prometheus-operator.dev/", path: %s}
%s`, url, checkout, more))
	return h
}

func unzip(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
