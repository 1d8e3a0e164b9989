package buildinfo

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/sources"
)

// instance is one running copy of a service that Prometheus scrapes.
type instance struct {
	*httptest.Server
	mu      sync.Mutex
	version string // empty: the scrape fails
}

func newInstance(t *testing.T, version string) *instance {
	i := &instance{version: version}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.version == "" {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "checkout_build_info{version=%q,revision=%q} 1\n", i.version, "rev-"+i.version)
		fmt.Fprintf(w, "go_build_info{path=\"example.com/checkout\",version=\"v%s\"} 1\n", i.version)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *instance) run(version string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.version = version
}

// TestLive rolls a real target forward and back and lets its scrapes fail,
// as a real Prometheus sees it.
func TestLive(t *testing.T) {
	var fleet []*instance
	var targets []string
	for range 3 {
		i := newInstance(t, "1.41.0")
		fleet = append(fleet, i)
		targets = append(targets, fmt.Sprintf("%q", strings.TrimPrefix(i.URL, "http://")))
	}
	p := promtest.Start(t, promtest.Options{Interval: time.Second, Scrape: fmt.Sprintf(
		"- job_name: shop/checkout\n  static_configs:\n  - targets: [%s]\n    labels: {namespace: shop}\n", strings.Join(targets, ", "))})
	p.WaitUp("shop/checkout", 3)
	roll := func(version string) {
		for n, i := range fleet {
			i.run(version)
			p.WaitFor(fmt.Sprintf(`count(checkout_build_info{version=%q}) == %d`, version, n+1))
		}
	}
	q := &server{url: p.URL}
	src := open(t, q, time.Now, func(o *Options) { o.Window = 10 * time.Minute })
	src.steps = steps{coarse: 4 * time.Second, tail: 2 * time.Second, fine: time.Second}
	read := func() []sources.Change {
		t.Helper()
		got, err := src.Changes(t.Context(), time.Now().Add(-10*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := read(); len(got) != 0 || len(src.Notes()) != 0 {
		t.Errorf("before anything happened: %v, %v", got, src.Notes())
	}

	// settle waits until all three have run a version for a few scrapes, and
	// nothing else.
	settle := func(version string) {
		p.WaitFor(fmt.Sprintf(`sum_over_time(count(checkout_build_info{version=%q})[5s:1s]) >= 15 unless count(checkout_build_info{version!=%[1]q})`, version))
	}
	settle("1.41.0")
	deployed := time.Now()
	roll("1.42.0")
	settle("1.42.0")
	rolledBack := time.Now()
	roll("1.41.0")
	settle("1.41.0")
	for _, i := range fleet {
		i.run("")
	}
	p.WaitFor(`absent(last_over_time(checkout_build_info[3s]))`)
	for _, i := range fleet {
		i.run("1.41.0")
	}
	settle("1.41.0")

	got := read()
	if len(got) != 2 {
		t.Fatalf("%d changes, want a deploy and a rollback and nothing of the outage: %+v", len(got), got)
	}
	back, forth := got[0], got[1]
	for _, c := range got {
		if c.Service.Raw() != "checkout" || c.Namespace.Raw() != "shop" || c.Cluster != "prod-eu" || c.State != sources.Done || c.FinishedAt.Before(c.StartedAt) {
			t.Errorf("change: %+v", c)
		}
	}
	if forth.Kind != sources.Deploy || forth.FromVersion.Raw() != "1.41.0" || forth.Version.Raw() != "1.42.0" ||
		forth.Revision.Raw() != "rev-1.42.0" || forth.FromRevision.Raw() != "rev-1.41.0" || forth.Share != (sources.Share{New: 0, All: 3}) {
		t.Errorf("deploy: %+v", forth)
	}
	if back.Kind != sources.Rollback || back.FromVersion.Raw() != "1.42.0" || back.Version.Raw() != "1.41.0" || back.Share != (sources.Share{New: 3, All: 3}) {
		t.Errorf("rollback: %+v", back)
	}
	if want := "Prometheus saw checkout_build_info version 1.41.0 on 3 of 3 instances"; back.Evidence[0].Raw() != want {
		t.Errorf("evidence: %q, want %q", back.Evidence[0].Raw(), want)
	}
	// The first scrape with the new version, by Prometheus' own samples.
	first := func(version string, after time.Time) time.Time {
		t.Helper()
		for _, s := range p.Query(t, fmt.Sprintf(
			`min(min_over_time((timestamp(checkout_build_info{version=%q}) > %d)[10m:1s]))`, version, after.Unix())) {
			return time.UnixMilli(int64(s.Value * 1000))
		}
		t.Fatal("no sample")
		return time.Time{}
	}
	for _, c := range []struct {
		name       string
		got, start time.Time
		version    string
	}{{"deploy", forth.StartedAt, deployed, "1.42.0"}, {"rollback", back.StartedAt, rolledBack, "1.41.0"}} {
		scrape := first(c.version, c.start)
		if d := c.got.Sub(scrape).Abs(); d > 5*time.Second { // a step, and what a busy machine scrapes late
			t.Errorf("%s at %v, first scraped at %v: %v apart", c.name, c.got, scrape, d)
		}
	}
}
