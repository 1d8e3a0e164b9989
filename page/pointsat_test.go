package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources/prometheus"
)

// TestPointsAt asks a real server: one version and one path of two fail, on
// every instance alike; another service fails everywhere.
func TestPointsAt(t *testing.T) {
	t.Parallel()
	end := time.Now().UTC().Truncate(time.Second)
	var om strings.Builder
	om.WriteString("# TYPE http_requests counter\n")
	for i := range 8 {
		version, path, instance := []string{"1.41.0", "1.42.0"}[i%2], []string{"/cart", "/pay"}[i/2%2], fmt.Sprintf("10.0.0.%d:80", i/4)
		for _, code := range []string{"200", "500"} {
			perSecond := 10.0
			if code == "500" {
				perSecond = 0.01
				if version == "1.42.0" && path == "/pay" {
					perSecond = 5
				}
			}
			for s := -1200; s <= 0; s += 15 {
				fmt.Fprintf(&om, "http_requests_total{service=\"checkout\",version=%q,path=%q,instance=%q,code=%q} %g %d\n",
					version, path, instance, code, perSecond*float64(s+1200), end.Unix()+int64(s))
			}
		}
	}
	server := promtest.Start(t, promtest.Options{OpenMetrics: om.String()})
	client, err := prometheus.Open(prometheus.Options{Cluster: "prod-eu", URL: server.URL, Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	a := assembler(client)
	a.Now = func() time.Time { return end }
	points := func(query string) string {
		p := openBurn(t)
		p.Item.Rule.Query = safe.Outside(query)
		p = p.With(a.Load(t.Context(), p, PartPointsAt))
		if p.PointsAt.Err != nil {
			t.Errorf("%s: %v", query, p.PointsAt.Err)
		}
		return p.PointsAt.Value.Words()
	}
	for query, want := range map[string]string{
		burnQuery: `version="1.42.0" (20%); path="/pay" (20%). No single instance.`,
		strings.Replace(burnQuery, "> 0.05", "* 100 > 5", 1):                   `version="1.42.0" (20%); path="/pay" (20%). No single instance.`,
		`sum(rate(http_requests_total{code=~"5.."}[5m])) > 1`:                  `version="1.42.0" (10/s); path="/pay" (10/s). No single instance.`,
		`sum(rate(http_requests_total{code="200"}[5m])) > 1`:                   `No single instance.`,
		`sum by (version, path, instance) (rate(http_requests_total[5m])) > 1`: ``,
		`max(rate(http_requests_total{code=~"5.."}[5m])) > 1`:                  ``,
		`sum(rate(http_requests_total{code=~"5.."}[5m])) < 1`:                  ``,
		`sum by (service) (rate(http_requests_total{service="none"}[5m])) > 1`: ``,
		`sum(rate(http_requests_total{code="500"}[5m] offset 1h)) > 1`:         ``,
		`sum by (severity) (rate(http_requests_total{code="500"}[5m])) > 1`:    ``,
	} {
		if got := points(query); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}
