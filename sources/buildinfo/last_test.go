package buildinfo

import (
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// The window has no change of these services; twelve days before it there are
// some. A scrape gap, a change of another service and one of another cluster
// are no answer.
func TestLastChangeBeforeTheWindow(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	h := promtest.NewHistory(t0, 3*time.Minute)
	run := func(job, version string, from, to time.Duration, instances ...string) {
		for _, i := range instances {
			h.Add(job+"_build_info", from, to, 1, "job", job, "instance", i, "version", version)
		}
	}
	first, second := 2*day+3*time.Hour+7*time.Minute, 5*day+11*time.Hour+20*time.Minute
	run("checkout", "1.40.0", 0, first, "a", "b")
	run("checkout", "1.41.0", first, second, "a", "b")
	run("checkout", "1.42.0", second, 12*day, "a", "b")
	run("payments", "7.3.1", 0, 3*day, "p")
	run("payments", "7.4.0", 3*day, 3*day+2*time.Hour, "p")
	run("payments", "7.3.1", 3*day+2*time.Hour, 12*day, "p")
	run("search", "5", 0, 4*day, "s")
	run("search", "5", 4*day+30*time.Minute, 12*day, "s")
	h.ReplicaSet("shop", "cart", "5d4f8", "shop/cart:3.1", 2, 0, 6*day)
	h.ReplicaSet("shop", "cart", "6b9c7", "shop/cart:3.2", 2, 6*day, 12*day)
	h.ReplicaSet("shop", "ads", "77777", "shop/ads:1", 1, 0, 7*day)
	h.ReplicaSet("shop", "ads", "88888", "shop/ads:1", 1, 7*day, 12*day)
	p := promtest.Start(t, promtest.Options{OpenMetrics: h.Text()})
	now := t0.Add(12*day - time.Minute)
	q := &server{url: p.URL}
	s := open(t, q, func() time.Time { return now })
	names := func(n string) []safe.Value { return []safe.Value{safe.Outside("Other"), safe.Outside(n)} }
	if c, err := s.Last(t.Context(), "test", names("checkout"), now); c != nil || err != nil {
		t.Errorf("before the first look: %v, %v", c, err)
	}
	recent, err := s.Changes(t.Context(), now.Add(-6*time.Hour))
	if err != nil || len(recent) > 0 {
		t.Fatalf("within the window: %v, %v", recent, err)
	}
	q.asked()
	for _, c := range []struct {
		service          string
		kind             sources.ChangeType
		to, from         string
		at, near, before time.Duration
	}{
		{"Checkout", sources.Deploy, "1.42.0", "1.41.0", second, time.Minute, 12 * day},
		{"checkout", sources.Deploy, "1.41.0", "1.40.0", first, 10 * time.Minute, second},
		{"payments", sources.Rollback, "7.3.1", "7.4.0", 3*day + 2*time.Hour, 6 * time.Minute, 12 * day},
		{"cart", sources.Deploy, "3.2", "3.1", 6 * day, 6 * time.Minute, 12 * day},
		{"ads", sources.Config, "", "", 7 * day, 6 * time.Minute, 12 * day},
		{"search", "", "", "", 0, 0, 12 * day},
		{"nobody", "", "", "", 0, 0, 12 * day},
		{"checkout", "", "", "", 0, 0, first},
	} {
		got, err := s.Last(t.Context(), s.opt.Cluster, names(c.service), t0.Add(c.before))
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.service, err)
		case c.kind == "":
			if got != nil {
				t.Errorf("%s: %+v, want none", c.service, got)
			}
		case got == nil:
			t.Errorf("%s: none", c.service)
		default:
			off := got.StartedAt.Sub(t0.Add(c.at)).Abs()
			if got.Kind != c.kind || got.Version.Raw() != c.to || got.FromVersion.Raw() != c.from || off > c.near {
				t.Errorf("%s: %s %s -> %s, %s off, of %s", c.service, got.Kind, got.FromVersion, got.Version, off, got.Title)
			}
		}
	}
	if n := len(q.asked()); n > 40 {
		t.Errorf("%d queries", n)
	}
	if c, err := s.Last(t.Context(), "another", names("checkout"), now); c != nil || err != nil {
		t.Errorf("another cluster: %v, %v", c, err)
	}
}
