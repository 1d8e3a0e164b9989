package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// The catalog says whose an alert is, who calls whom, and which runbook stands
// in for a missing one, from a file beside the configuration that names it.
func TestCatalog(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{`
groups:
  - name: shop
    rules:
      - {alert: CheckoutDown, expr: vector(1) > 0, labels: {severity: critical, namespace: shop-checkout}}
      - {alert: CartSlow, expr: vector(1) > 0, labels: {severity: critical, team: team-payments}}
`}})
	prom.WaitFor(`ALERTS{alertname="CheckoutDown"}`)
	prom.WaitFor(`ALERTS{alertname="CartSlow"}`)
	h := newHome(t)
	team := filepath.Join(h.dir, "oncall")
	h.config(t, "include: [~/oncall/firstpage.yaml]\nclusters: [{name: eu, prometheus: {url: "+prom.URL+"}}]\n")
	writeFile(t, filepath.Join(team, "firstpage.yaml"), "services: {catalog: [catalog]}\nrunbooks: {checkouts: [{url: 'https://wiki/', path: .}]}\nchanges: [{kind: events, file: deploys.ndjson}]\n")
	writeFile(t, filepath.Join(team, "catalog", "services.yaml"), `
services:
  - {name: checkout, aliases: [shop-checkout], team: payments, depends_on: [ledger, gone]}
teams:
  - {name: payments, channel: "#pay", runbook: https://wiki/runbooks/payments.md}
`)
	writeFile(t, filepath.Join(team, "catalog", "ledger", "catalog-info.yaml"), "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: ledger}\nspec: {owner: group:default/team-payments}\n")
	writeFile(t, filepath.Join(team, "runbooks", "payments.md"), "# Payments\n\nCall Maude.\n")
	writeFile(t, filepath.Join(team, "deploys.ndjson"), fmt.Sprintf(`{"time":%d,"service":"ledger","version":"7"}`+"\n", time.Now().Add(-2*time.Minute).Unix()))

	var list struct {
		Alerts []struct {
			Name, Service, Owner string
			FoundBy              string `json:"service_found_by"`
			Runbook              struct{ Via, Path string }
		}
	}
	r := h.command(t, "alerts", "-o", "json")
	if err := json.Unmarshal([]byte(r.out), &list); err != nil || r.code != 0 {
		t.Fatalf("code %d, %v, %s", r.code, err, r.err)
	}
	got := map[string]string{}
	for _, a := range list.Alerts {
		got[a.Name] = strings.Join([]string{a.Service, a.FoundBy, a.Owner, a.Runbook.Via, filepath.Base(a.Runbook.Path)}, " ")
	}
	for name, want := range map[string]string{
		"CheckoutDown": "checkout catalog:namespace payments catalog payments.md",
		"CartSlow":     "  payments catalog payments.md",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	r = h.command(t, "show", "CheckoutDown")
	for _, want := range []string{"Owner: payments, #pay", "checkout calls it", "Call Maude", "ledger"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("show lacks %q:\n%s%s", want, r.out, r.err)
		}
	}
	r = h.command(t, "show", "CartSlow")
	if !strings.Contains(r.out, "Owner: payments, #pay\n") {
		t.Errorf("show of a team's alert:\n%s%s", r.out, r.err)
	}
	r = h.command(t, "doctor")
	for _, want := range []string{
		"ok  catalog: 2 services and 1 team in 2 files; 2 with a team, 2 with a runbook, 2 declared calls",
		filepath.Join("catalog", "services.yaml") + `:3: "checkout" depends on "gone", which is not described`,
	} {
		if !strings.Contains(r.out, want) {
			t.Errorf("doctor lacks %q:\n%s%s", want, r.out, r.err)
		}
	}
}
