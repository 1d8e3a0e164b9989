package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

const shopRules = `
groups:
- name: shop
  rules:
  - {alert: CheckoutDown, expr: 'vector(1)', labels: {severity: critical, service: checkout}}
  - {alert: SearchDown, expr: 'vector(1) > 2', for: 5m, labels: {severity: critical, service: search}, annotations: {summary: Search is down}}
  - {alert: CartDown, expr: 'vector(1)', labels: {severity: critical, service: cart}}
`

// TestSilencedAndBefore: one alert is silenced and folded, the other has fired
// twice before, and was silenced then.
func TestSilencedAndBefore(t *testing.T) {
	t.Parallel()
	begin := time.Now().Add(-3 * 24 * time.Hour).Truncate(time.Minute)
	past := promtest.NewHistory(begin, time.Minute)
	past.Add("up", 0, 2*24*time.Hour, 1, "job", "x")
	for _, at := range []time.Duration{5 * time.Hour, 30 * time.Hour} {
		past.Add("ALERTS", at, at+10*time.Minute+1, 1, "alertname", "CheckoutDown", "service", "checkout", "severity", "critical", "alertstate", "firing")
	}
	past.Add("ALERTS", 40*time.Hour, 40*time.Hour+20*time.Minute+1, 1, "alertname", "SearchDown", "service", "search", "severity", "critical", "alertstate", "firing")
	am := promtest.StartAlertmanager(t, "")
	prom := promtest.Start(t, promtest.Options{Rules: []string{shopRules}, OpenMetrics: past.Text(), Alertmanager: am, External: map[string]string{"cluster": "eu"}})
	silence := func(service, comment string) string {
		var out struct{ SilenceID string }
		body := am.Post("/api/v2/silences", fmt.Sprintf(`{"matchers":[{"name":"service","value":%q,"isRegex":false,"isEqual":true}],"startsAt":%q,"endsAt":%q,"createdBy":"Bo Lind","comment":%q}`,
			service, time.Now().UTC().Format(time.RFC3339), time.Now().Add(time.Hour).UTC().Format(time.RFC3339), comment))
		if err := json.Unmarshal([]byte(body), &out); err != nil || out.SilenceID == "" {
			t.Fatalf("%v: %s", err, body)
		}
		return out.SilenceID
	}
	silence("cart", "clock servers")
	am.Delete("/api/v2/silence/" + silence("checkout", "bad deploy 1.38.2"))
	am.WaitHeld("CheckoutDown")
	am.WaitHeld("CartDown")

	h := newHome(t)
	configure := func(timeout string) {
		h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %q, timeout: %s}, alertmanager: {url: %q}}]\n", prom.URL, timeout, am.URL))
	}
	configure("60s")
	names := func(args ...string) string {
		var out []string
		for _, a := range parseListed(t, h.command(t, append([]string{"alerts", "-o", "json"}, args...)...)).Alerts {
			out = append(out, a.Name)
		}
		return strings.Join(out, " ")
	}
	if got := names(); got != "CheckoutDown" {
		t.Errorf("not silenced: %s", got)
	}
	if got := names("--silenced"); got != "CheckoutDown CartDown" {
		t.Errorf("all: %s", got)
	}
	if got := names("--prometheus", prom.URL); got != "CheckoutDown" {
		t.Errorf("the configured server by its address: %s", got)
	}
	r := newHome(t).command(t, "alerts", "-o", "json", "--prometheus", prom.URL, "--alertmanager", am.URL)
	if l := parseListed(t, r); len(l.Alerts) != 1 || l.Alerts[0].Name != "CheckoutDown" {
		t.Errorf("--alertmanager: %+v", l.Alerts)
	}
	if r := h.command(t, "doctor"); !strings.Contains(r.out, "prod alertmanager: "+am.URL+", 2 alerts; 2 of the 2 firing in Prometheus are among them") || !strings.Contains(r.out, "prod silences: 2 silences") {
		t.Errorf("%s%s", r.out, r.err)
	}

	var shown struct {
		Page struct {
			History struct {
				State       string
				Count       int
				LastSilence struct{ By, Comment string } `json:"last_silence"`
				Usual       float64                      `json:"usual_seconds"`
			}
		}
	}
	r = h.command(t, "show", "CheckoutDown", "-o", "json")
	if err := json.Unmarshal([]byte(r.out), &shown); err != nil {
		t.Fatalf("%v\n%s%s", err, r.out, r.err)
	}
	if got := shown.Page.History; got.State != "ok" || got.Count != 2 || got.Usual != 600 || got.LastSilence.By != "Bo Lind" || got.LastSilence.Comment != "bad deploy 1.38.2" {
		t.Errorf("%+v", got)
	}
	r = h.command(t, "show", "CheckoutDown")
	if !strings.Contains(r.out, "Before: 2 times in the 3 days that the server keeps, usually 10 min") || !strings.Contains(r.out, `silenced by Bo Lind: "bad deploy 1.38.2", from`) {
		t.Errorf("%s%s", r.out, r.err)
	}

	r = h.command(t, "show", "searchdown")
	if !strings.HasPrefix(r.out, "RESOLVED SearchDown  Search is down, ") || !strings.Contains(r.out, "Before: never in the 3 days that the server keeps") || r.code != 0 {
		t.Errorf("one that is over: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	if r = h.command(t, "show", "NobodyDown"); r.code != 1 || !strings.Contains(r.err, "no active alert is called") {
		t.Errorf("one that never was: exit code %d\n%s%s", r.code, r.out, r.err)
	}

	configure("5s")
	prom.Stop() // its Alertmanager is a second witness
	r = h.command(t, "alerts", "--prometheus", prom.URL, "-o", "json", "--cluster", "prod")
	if r.code != 3 || !strings.Contains(r.out, `"name": "CheckoutDown"`) || strings.Contains(r.out, `"name": "CartDown"`) {
		t.Errorf("exit code %d\n%s%s", r.code, r.out, r.err)
	}
	prom.Cont()
}
