package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// TestAPageThatIsOver is for whoever comes when it has ended: the alert that
// was named opens, and where nothing fires the last page is one key away.
func TestAPageThatIsOver(t *testing.T) {
	t.Parallel()
	begin := time.Now().Add(-3 * time.Hour).Truncate(time.Minute)
	past := promtest.NewHistory(begin, time.Minute)
	past.Add("up", 0, 3*time.Hour, 1, "job", "x")
	past.Add("ALERTS", time.Hour, time.Hour+25*time.Minute, 1, "alertname", "CheckoutDown", "severity", "critical", "service", "checkout", "alertstate", "firing")
	prom := promtest.Start(t, promtest.Options{OpenMetrics: past.Text(), Rules: []string{`groups:
- name: shop
  rules:
  - alert: CheckoutDown
    expr: sum(up{job="checkout"}) < 1
    for: 1m
    labels: {severity: critical, service: checkout}
    annotations: {summary: Nobody can buy.}
`}})
	h := newHome(t)
	h.config(t, fmt.Sprintf("clusters: [{name: prod, prometheus: {url: %s}}]\nrefresh: {alerts: 1s}\n", prom.URL))

	x := h.screen(t, 120, 40, "checkoutdown")
	x.waitFor("RESOLVED CheckoutDown", "checkout", "Nobody can buy.")
	x.waitFor("resolved") // in the list, and it stays there with the next boards

	x = h.screen(t, 80, 24)
	x.waitFor("Nothing is firing.", "Last page", "CheckoutDown, checkout: over  (enter)")
	x.send("\r")
	x.waitFor("RESOLVED CheckoutDown")

	x = h.screen(t, 80, 24, "Unheard")
	x.waitFor("Unheard is not active now", "Nothing is firing.")
}
