package e2e

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// change is what `changes -o json` prints of one change.
type change struct {
	Kind, Service, Version string
	FromVersion            string    `json:"from_version"`
	StartedAt              time.Time `json:"started_at"`
}

func listChanges(t *testing.T, h *home, prom string) []change {
	t.Helper()
	r := h.command(t, "changes", "--prometheus", prom, "-o", "json", "--since", "1h")
	if r.code != 0 {
		t.Fatalf("code %d: %s%s", r.code, r.err, r.out)
	}
	var body struct{ Changes []change }
	if err := json.Unmarshal([]byte(r.out), &body); err != nil {
		t.Fatalf("%v in %s", err, r.out)
	}
	var out []change
	for _, c := range body.Changes {
		if c.Service == "shop" {
			out = append(out, c)
		}
	}
	return out
}

// TestChangesFromALiveTarget rolls a target forward and back and takes it away
// for a while. The scrape interval is a second; the outage lasts long enough
// for staleness to end the series.
func TestChangesFromALiveTarget(t *testing.T) {
	t.Parallel()
	target := newTarget(t)
	show := func(v string) time.Time {
		target.expose("x_build_info{version=\"" + v + "\"} 1\nrequests_total 1\n")
		return time.Now()
	}
	show("1.0.0")
	prom := promtest.Start(t, promtest.Options{Scrape: target.job("shop")})
	h := newHome(t)
	waitSeries(t, prom, `x_build_info{version="1.0.0"}`)
	hold(t, prom, `count_over_time(x_build_info{version="1.0.0"}[1h]) >= 10`)

	forward := show("1.1.0")
	hold(t, prom, `count_over_time(x_build_info{version="1.1.0"}[1h]) >= 10`)
	back := show("1.0.0")
	hold(t, prom, `count_over_time(x_build_info{version="1.0.0"}[1h]) >= 25`)
	target.outage(true)
	waitGoneSeries(t, prom, `x_build_info`)
	hold(t, prom, `count_over_time((up{job="shop"} == 0)[1h:1s]) >= 15`)
	target.outage(false)
	hold(t, prom, `count_over_time(x_build_info{version="1.0.0"}[1h]) >= 35`)

	got := listChanges(t, h, prom.URL)
	if len(got) != 2 {
		t.Fatalf("want a deploy and a rollback, got %+v", got)
	}
	check := func(c change, kind, from, to string, at time.Time) {
		t.Helper()
		if c.Kind != kind || c.FromVersion != from || c.Version != to {
			t.Errorf("got %+v, want %s %s to %s", c, kind, from, to)
		}
		// One scrape, and the second in which the scrape runs.
		if d := c.StartedAt.Sub(at); d < -time.Second || d > 2500*time.Millisecond {
			t.Errorf("%s began %v after it was made, want at most one scrape", kind, d)
		}
	}
	check(got[0], "rollback", "1.1.0", "1.0.0", back)
	check(got[1], "deploy", "1.0.0", "1.1.0", forward)
}

// hold waits until an expression gives a result.
func hold(t *testing.T, p *promtest.Server, expr string) { t.Helper(); waitSeries(t, p, expr) }

func waitSeries(t *testing.T, p *promtest.Server, expr string) {
	t.Helper()
	wait(t, expr, func() bool { return len(p.Query(t, expr)) > 0 })
}

func waitGoneSeries(t *testing.T, p *promtest.Server, expr string) {
	t.Helper()
	wait(t, "no "+expr, func() bool { return len(p.Query(t, expr)) == 0 })
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(3 * patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
