package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// Prometheus alone knows of a deploy three days ago, far before the hours in
// which every version is compared: it is listed, whoever asks.
func TestTheLastChangeHoweverOld(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Minute)
	const span, deployed = 4 * 24 * time.Hour, 25 * time.Hour
	p := promtest.NewHistory(now.Add(-span), 2*time.Minute)
	end := span + 4*time.Minute
	for _, i := range []string{"cart-0", "cart-1"} {
		p.Add("cart_build_info", 0, deployed, 1, "job", "cart", "instance", i, "version", "3.0.0")
		p.Add("cart_build_info", deployed, end, 1, "job", "cart", "instance", i, "version", "3.1.0")
		p.Add("cart_queue_length", 0, span-30*time.Minute, 2, "job", "cart", "instance", i)
		p.Add("cart_queue_length", span-30*time.Minute, end, 90, "job", "cart", "instance", i)
	}
	rules := "groups:\n- name: cart\n  rules:\n  - alert: CartQueue\n    expr: max by (job) (cart_queue_length) > 50\n    labels: {severity: critical}\n"
	prom := promtest.Start(t, promtest.Options{Rules: []string{rules}, OpenMetrics: p.Text()})
	waitAlerts(t, prom, 1)
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\n", prom.URL))

	r := h.command(t, "show", "-o", "json", "CartQueue")
	var j struct {
		Page struct {
			Suspects []struct{ Verdict, Version, Service string }
			Changes  struct {
				NoneFound bool `json:"none_found"`
				Last      struct {
					Version     string
					FromVersion string    `json:"from_version"`
					StartedAt   time.Time `json:"started_at"`
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(r.out), &j); err != nil {
		t.Fatalf("%v: %s%s", err, r.err, r.out)
	}
	last := j.Page.Changes.Last
	if off := last.StartedAt.Sub(now.Add(deployed - span)).Abs(); last.Version != "3.1.0" || last.FromVersion != "3.0.0" || off > 3*time.Minute {
		t.Errorf("last change: %+v, %s off", last, off)
	}
	if s := j.Page.Suspects; !j.Page.Changes.NoneFound || len(s) != 1 || s[0].Version != "3.1.0" || s[0].Verdict != "UNLIKELY" {
		t.Errorf("suspects: %+v, none found: %v", s, j.Page.Changes.NoneFound)
	}
	if text := h.command(t, "show", "CartQueue").out; !strings.Contains(text, "3.0.0 -> 3.1.0") || !strings.Contains(text, "NO CHANGE FOUND") {
		t.Errorf("as text:\n%s", text)
	}
	x := h.screen(t, 120, 40, "CartQueue")
	x.waitFor("3.0.0 -> 3.1.0")
	x.send("q")
	x.exit()
}
