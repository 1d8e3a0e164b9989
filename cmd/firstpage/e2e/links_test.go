package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// shownPage is what these tests read of show -o json.
type shownPage struct {
	Page struct {
		Alert struct {
			Service, Owner string
			ServiceGuess   bool   `json:"service_guess"`
			FoundBy        string `json:"service_found_by"`
		}
		Onset   struct{ At time.Time }
		Service struct {
			Name, Host, Words string
			Guess             bool
			Candidates        []struct{ Name, Job, Owner string }
			Add               *struct{ Rule, Catalog string }
		}
		Links []struct {
			Kind, Title, URL, From, Missing string
			Masked                          bool
		}
	}
}

func (h *home) showJSON(t *testing.T, alert string) shownPage {
	t.Helper()
	r := h.command(t, "show", alert, "-o", "json")
	var p shownPage
	if err := json.Unmarshal([]byte(r.out), &p); err != nil {
		t.Fatalf("code %d, %v: %s%s", r.code, err, r.out, r.err)
	}
	return p
}

const linkRules = `
groups:
  - name: shop
    rules:
      - alert: ZotSlow
        expr: label_replace(vector(1), "app", "zot", "", "") > 0
        labels: {severity: critical, dashboard: 'zot-overview?var-ns={{ $labels.app }}', kibana: 'app/discover#/?_g=(time:now-5m)'}
        annotations:
          __dashboardUid__: abc_D-1
          __panelId__: "7"
          logs: 'https://logs.example.com/?q={{ $labels.app }}&token=` + linkSecret + `'
          evil: 'javascript://x/%0aalert(1)'
          runbook_url: https://wiki.example.com/zot
`

const linkSecret = "s3cr3t-l1nk-t0k3n"

// Links come from a real server's annotations and labels, the configuration and
// somebody else's catalog; what lets somebody in is printed nowhere, and opened.
func TestLinks(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{linkRules}})
	prom.WaitFor(`ALERTS{alertname="ZotSlow"}`)
	opened := filepath.Join(t.TempDir(), "opened")
	browser := filepath.Join(filepath.Dir(opened), "browser")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\nprintf '%s\\n' \"$1\" >>"+opened+"\n"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	h := newHome(t, "BROWSER="+browser)
	h.config(t, fmt.Sprintf(`
clusters: [{name: eu, prometheus: {url: %s}}]
services: {catalog: [%s, mine.yaml]}
links:
  grafana: https://grafana.example.com/g
  bases: {kibana: https://kibana.example.com}
  add:
    - {title: Traces, url: 'https://jaeger.example.com/search?service={{ service }}&start={{ from_us }}&t={{ cluster }}'}
    - {title: Not for it, url: 'https://x.example.com/{{ $labels.namespace }}'}
`, prom.URL, corpus(t, "catalog", "giantswarm-backstage-catalogs", "catalogs")))
	writeFile(t, filepath.Join(h.dir, "config", "firstpage", "mine.yaml"), "services: [{name: zot, logs: ['https://loki.example.com/?app={{ $labels.app }}']}]\n")

	p := h.showJSON(t, "ZotSlow")
	from := p.Page.Onset.At.Add(-30 * time.Minute).UnixMilli()
	us := fmt.Sprint(p.Page.Onset.At.Add(-30 * time.Minute).UnixMicro())
	around := fmt.Sprintf("from=%d&to=now", from)
	got := map[string]string{}
	for _, l := range p.Page.Links {
		got[l.URL] = l.Kind + " " + l.From
		if l.Masked != strings.Contains(l.URL, "<secret>") || l.Missing != "" {
			t.Errorf("%+v", l)
		}
	}
	for u, want := range map[string]string{
		"https://wiki.example.com/zot":                                             "runbook annotation runbook_url",
		"https://grafana.example.com/g/d/abc_D-1?viewPanel=7&" + around:            "dashboard annotation __dashboardUid__",
		"https://grafana.example.com/g/d/zot-overview?var-ns=zot&" + around:        "dashboard label dashboard",
		"https://grafana.example.com/g/dashboards?tag=owner%3Ateam-honeybadger":    "dashboard catalog, team honeybadger",
		"https://logs.example.com/?q=zot&token=<secret>":                           "logs annotation logs",
		"https://kibana.example.com/app/discover#/?_g=(time:now-5m)":               "logs label kibana",
		"https://loki.example.com/?app=zot":                                        "logs catalog",
		"https://jaeger.example.com/search?service=zot&start=" + us[:13] + "&t=eu": "traces configuration",
		"https://github.com/giantswarm/zot":                                        "link catalog",
	} {
		found := got[u]
		for have, what := range got { // the onset is known to the millisecond in JSON
			if strings.HasPrefix(u, "https://jaeger") && strings.HasPrefix(have, "https://jaeger.example.com/search?service=zot&start="+us[:13]) && strings.HasSuffix(have, "&t=eu") {
				found, u = what, have
			}
		}
		if found != want {
			t.Errorf("%s: %q, want %q", u, found, want)
		}
		delete(got, u)
	}
	if len(got) > 0 {
		t.Errorf("more links: %v", got)
	}
	text := h.command(t, "show", "ZotSlow")
	for _, want := range []string{"\nLinks\n", "dashboard: panel of the rule (annotation __dashboardUid__): https://grafana.example.com/g/d/abc_D-1?viewPanel=7&from=",
		"logs (annotation logs): https://logs.example.com/?q=zot&token=<secret>", "Service: zot (its label app, in the catalog)"} {
		if !strings.Contains(text.out, want) {
			t.Errorf("show lacks %q:\n%s%s", want, text.out, text.err)
		}
	}
	md := h.command(t, "show", "ZotSlow", "-o", "markdown")
	if !strings.Contains(md.out, "### Links") || strings.Contains(md.out, "<javascript") {
		t.Errorf("markdown:\n%s", md.out)
	}
	if strings.Contains(linksPart(text.out), linkSecret) || strings.Contains(md.out, linkSecret) {
		t.Error("a secret was printed in a link")
	}
	x := h.screen(t, 100, 30, "ZotSlow")
	x.waitFor("ZotSlow")
	x.send("o")
	x.waitFor("Open a link", "9 links", "panel of the rule")
	for range 4 {
		x.send("j")
	}
	x.waitFor("https://logs.example.com/?q=zot&token=<secret>")
	x.send("\r")
	x.waitFor("opened https://logs.example.com/?q=zot&token=<secret>")
	x.until("the browser to be started", func(string) bool {
		b, _ := os.ReadFile(opened) //nolint:gosec // of this test
		return strings.Contains(string(b), "https://logs.example.com/?q=zot&token="+linkSecret+"\n")
	})
	x.send("q")
	if code := x.exit(); code != 0 {
		t.Errorf("code %d", code)
	}
}

// linksPart is the section Links of a printed page: labels and annotations are
// printed as they are.
func linksPart(text string) string {
	_, part, _ := strings.Cut(text, "\nLinks\n")
	part, _, _ = strings.Cut(part, "\nLabels\n")
	return part
}

func TestLinksConfiguration(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	path := h.config(t, "links:\n  add:\n    - {title: A, url: 'https://h/{{ zonk }}'}\n    - {title: B, url: 'ftp://h'}\n    - {title: C, url: 'https://h/{{ $labels.x }}'}\n")
	r := h.command(t, "config", "check")
	for _, want := range []string{path + ":3:", `the url of "A": {{ zonk }} is not known`, path + ":4:", `the url of "B": a link begins with http:// or https://`} {
		if !strings.Contains(r.err, want) {
			t.Errorf("lacks %q:\n%s", want, r.err)
		}
	}
	if r.code != 2 || strings.Contains(r.err, `"C"`) {
		t.Errorf("code %d: %s", r.code, r.err)
	}
}

// What no label names is guessed from what a real server scrapes on the alert's
// host, and said to be a guess; without a host it is unknown, with the line to
// add. The doctor says what is doubtful in the catalog.
func TestServiceByHost(t *testing.T) {
	t.Parallel()
	metrics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x 1\n")) }))
	t.Cleanup(metrics.Close)
	other := httptest.NewServer(metrics.Config.Handler)
	t.Cleanup(other.Close)
	host := func(s *httptest.Server) string { u, _ := url.Parse(s.URL); return u.Host }
	rules := `
groups:
  - name: hosts
    rules:
      - {alert: DiskFull, expr: 'label_replace(label_replace(vector(1), "job", "node-exporter", "", ""), "instance", "127.0.0.1:9100", "", "") > 0', labels: {severity: critical}}
      - {alert: SomethingOff, expr: 'vector(1) > 0', labels: {severity: warning, type: ceph_default}}
`
	prom := promtest.Start(t, promtest.Options{Rules: []string{rules}, Scrape: fmt.Sprintf(
		"- {job_name: shop/zot, static_configs: [{targets: ['%s']}]}\n- {job_name: node-exporter, static_configs: [{targets: ['%s']}]}\n", host(metrics), host(other))})
	prom.WaitUp("shop/zot", 1)
	prom.WaitFor(`ALERTS{alertname="DiskFull"}`)
	prom.WaitFor(`ALERTS{alertname="SomethingOff"}`)
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: eu, prometheus: {url: %s}}]\nservices: {catalog: [%s, mine.yaml]}\n", prom.URL, corpus(t, "catalog", "giantswarm-backstage-catalogs", "catalogs")))
	writeFile(t, filepath.Join(h.dir, "config", "firstpage", "mine.yaml"), "services: [{name: mine, depends_on: [nowhere]}, {name: mine, tier: 1}]\n")

	p := h.showJSON(t, "DiskFull")
	if a, s := p.Page.Alert, p.Page.Service; a.Service != "zot" || !a.ServiceGuess || a.FoundBy != "host:job" || a.Owner != "honeybadger" || !s.Guess || s.Host != "127.0.0.1" ||
		len(s.Candidates) != 1 || s.Candidates[0].Job != "shop/zot" || s.Add == nil || s.Add.Rule != "labels: {service: NAME}" {
		t.Errorf("%+v", p.Page)
	}
	p = h.showJSON(t, "SomethingOff")
	if a, s := p.Page.Alert, p.Page.Service; a.Service != "" || a.ServiceGuess || s.Guess || !strings.HasPrefix(s.Words, "unknown: ") || s.Add == nil ||
		s.Add.Catalog != "- {name: NAME, aliases: [ceph_default]}" {
		t.Errorf("%+v", p.Page)
	}
	for alert, want := range map[string][]string{
		"DiskFull":     {"Service: perhaps zot: a guess, nothing else that is known runs on 127.0.0.1", "Owner: perhaps honeybadger", "1 of 1"},
		"SomethingOff": {"Service: unknown: no label names one", "Add to the rule: labels: {service: NAME}", "- {name: NAME, aliases: [ceph_default]}"},
	} {
		r := h.command(t, "show", alert)
		for _, w := range want {
			if !strings.Contains(r.out, w) {
				t.Errorf("show %s lacks %q:\n%s%s", alert, w, r.out, r.err)
			}
		}
	}
	x := h.screen(t, 120, 40, "DiskFull")
	x.waitFor("Health: perhaps zot", "perhaps zot", "perhaps honeybadger")
	x.send("w")
	x.waitFor("a guess, nothing else that is known runs on 127.0.0.1")
	x.send("q")
	if code := x.exit(); code != 0 {
		t.Errorf("code %d", code)
	}
	r := h.command(t, "doctor")
	for _, want := range []string{
		`service "karpenter-app" is described at `, `service "agentic-platform" is described at `, `mine.yaml:1: service "mine" is described at `, `"mine" depends on "nowhere", which is not described`,
		`team "team-phoenix" is not described (owner of this, and `, `owner "team-TEAM-NAME" of "azure-aks-extras" is still to be filled in`,
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("doctor lacks %q:\n%s%s", want, r.out, r.err)
		}
	}
}
