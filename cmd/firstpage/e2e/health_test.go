package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// Health lists what Prometheus scrapes without any configuration, and with a
// catalog also what nothing scrapes, under the catalog's names.
func TestHealth(t *testing.T) {
	t.Parallel()
	target := newTarget(t)
	target.expose("http_requests_total{code=\"200\"} 1\n")
	prom := promtest.Start(t, promtest.Options{Scrape: target.job("shop") + target.job("node-exporter")})
	hold(t, prom, `count_over_time(http_requests_total{job="shop"}[1h]) >= 3`)
	waitSeries(t, prom, `up{job="node-exporter"}`)
	h := newHome(t)

	type body struct {
		Services []struct {
			Name, Team, Cluster, Verdict, Instances string
			Signals                                 []struct {
				Name, Verdict, Query string
				Now                  *float64
			}
			Calls []struct{ Service, Verdict string }
		}
	}
	ask := func(code int, args ...string) (b body) {
		t.Helper()
		r := h.command(t, append([]string{"health", "-o", "json"}, args...)...)
		if err := json.Unmarshal([]byte(r.out), &b); err != nil || r.code != code {
			t.Fatalf("code %d, want %d; %v: %s%s", r.code, code, err, r.out, r.err)
		}
		return b
	}
	bare := ask(0, "--prometheus", prom.URL)
	if len(bare.Services) != 1 || bare.Services[0].Name != "shop" || bare.Services[0].Instances != "1 of 1" || len(bare.Services[0].Signals) < 2 {
		t.Errorf("without a catalog: %+v", bare.Services)
	}

	h.config(t, "clusters: [{name: eu, prometheus: {url: "+prom.URL+"}}]\nservices: {catalog: [catalog]}\n")
	writeFile(t, filepath.Join(h.dir, "config", "firstpage", "catalog", "services.yaml"),
		"services:\n  - name: store\n    aliases: [shop]\n    team: payments\n    depends_on: [ledger]\n"+
			"    health: [{signal: orders, title: orders, query: 'sum(http_requests_total{job=\"shop\"}) * 7', why: what is sold}]\n  - {name: ledger}\n")
	whole := ask(0)
	got := ""
	for _, s := range whole.Services {
		got += s.Name + " " + s.Team + " " + s.Cluster + " " + s.Instances + "; "
	}
	for _, want := range []string{"store payments eu 1 of 1; ", "ledger  eu ; "} {
		if !strings.Contains(got, want) || len(whole.Services) != 2 {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if one := ask(0, "SHOP"); len(one.Services) != 1 || one.Services[0].Name != "store" {
		t.Errorf("by alias: %+v", one.Services)
	} else if s := one.Services[0]; s.Signals[0].Name != "orders" || s.Signals[0].Now == nil || *s.Signals[0].Now != 7 || len(s.Calls) != 1 || s.Calls[0].Service != "ledger" {
		t.Errorf("the catalog's query, and who is called: %+v", s)
	}
	ask(1, "nobody")
	if r := h.command(t, "health"); r.code != 0 || !strings.HasPrefix(r.out, "SERVICE ") {
		t.Errorf("code %d: %s%s", r.code, r.out, r.err)
	}
	if r := h.command(t, "health", "store"); r.code != 0 || !strings.Contains(r.out, `up{job="shop"}`) ||
		!strings.Contains(r.out, `sum(http_requests_total{job="shop"}) * 7`) || !strings.Contains(r.out, "calls: ledger not known") {
		t.Errorf("code %d: %s%s", r.code, r.out, r.err)
	}
	prom.Kill()
	if r := h.command(t, "health", "store"); r.code != 3 {
		t.Errorf("with a dead server: code %d: %s%s", r.code, r.out, r.err)
	}
}
