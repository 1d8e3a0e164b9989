package triage

import (
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

func TestPretty(t *testing.T) {
	t.Parallel()
	long := `sum by (service) (rate(http_requests_total{code=~"5..",service="checkout"}[5m])) / sum by (service) (rate(http_requests_total{service="checkout"}[5m])) > 0.05`
	want := `    sum by (service) (rate(http_requests_total{code=~"5..",service="checkout"}[5m]))
  /
    sum by (service) (rate(http_requests_total{service="checkout"}[5m]))
>
  0.05`
	for in, out := range map[string]string{long: want, "up==0": "up == 0", "not ( a query": "not ( a query", "": ""} {
		if got := Pretty(safe.Outside(in)).Raw(); got != out {
			t.Errorf("%q became\n%s", in, got)
		}
	}
}
