package triage

import (
	"errors"
	"strings"
	"testing"
)

func TestGrouped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, want string }{
		{`sum(rate(a{job=~"x|y"}[5m]))`, `sum by (job) (rate(a{job=~"x|y"}[5m]))`},
		{`histogram_quantile(0.99, sum by (le) (rate(a[5m])))`, `histogram_quantile(0.99, sum by (le, job) (rate(a[5m])))`},
		{`sum without (job, pod) (a) / on (env) sum by (env) (b)`, `sum without (pod) (a) / on (env, job) sum by (env, job) (b)`},
		{`a / ignoring (job, x) b`, `a / ignoring (x) b`},
	} {
		got, err := Grouped(c.query, "job")
		if err != nil || got != c.want {
			t.Errorf("%s\n got %s %v\nwant %s", c.query, got, err, c.want)
		}
	}
	if _, err := Grouped(`a / scalar(sum(b))`, "job"); !errors.Is(err, ErrNotGrouped) {
		t.Errorf("got %v", err)
	}
	for _, d := range Detectors() {
		if d.Open() {
			d = d.of("shop" + strings.TrimPrefix(d.For[0], "*"))
		}
		if _, err := Grouped(d.Filled(`job=~"a|b"`), "job"); err != nil {
			t.Errorf("detector %s of %v cannot be asked for many services: %v", d.Signal, d.Needs, err)
		}
	}
}
