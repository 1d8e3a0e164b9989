package buildinfo

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

const scrape = 15 // seconds

// history writes six hours of one instance: version v from minute a to b, for
// each "a-b=v".
func history(b *strings.Builder, metric, labels, versionLabel string, runs ...string) {
	for _, r := range runs {
		var from, to int
		var v string
		if _, err := fmt.Sscanf(strings.ReplaceAll(r, "=", " "), "%d-%d %s", &from, &to, &v); err != nil {
			panic(err)
		}
		for s := from * 60; s < to*60; s += scrape {
			fmt.Fprintf(b, "%s{%s,%s=%q} 1 %d\n", metric, labels, versionLabel, v, t0.Unix()+int64(s))
		}
	}
}

// sixHours is a fleet with all that is known to mislead.
func sixHours() string {
	var b strings.Builder
	l := func(job, ns, instance, more string) string {
		s := fmt.Sprintf("job=%q,instance=%q", job, instance)
		if ns != "" {
			s += fmt.Sprintf(",namespace=%q", ns)
		}
		return s + more
	}
	b.WriteString("# TYPE checkout_build gauge\n")
	for i, at := range []int{121, 123, 125} { // a rolling deploy
		history(&b, "checkout_build_info", l("checkout", "shop", fmt.Sprint("c", i), ""), "version",
			fmt.Sprintf("0-%d=1.41.0", at), fmt.Sprintf("%d-360=1.42.0", at))
	}
	for i := range 2 { // a deploy, and back 30 minutes later
		history(&b, "payments_build_info", l("payments", "shop", fmt.Sprint("p", i), ""), "version",
			"0-200=7.3.1", "200-230=7.4.0", "230-360=7.3.1")
	}
	history(&b, "search_build_info", l("search", "shop", "s0", ""), "version", "0-100=5", "111-360=5")                 // a gap
	history(&b, "mail_build_info", l("mail", "shop", "m0", ""), "version", "0-100=5", "111-360=6")                     // an outage that a deploy ended
	history(&b, "web_build_info", l("web", "shop", "w0", ""), "version", "0-360=2.0.0")                                // two metrics in
	history(&b, "go_build_info", l("web", "shop", "w0", `,path="example.com/web"`), "version", "0-360=v0.0.0-123")     // one job
	history(&b, "tool_build_info", l("tool", "", "t0", ""), "version", "0-180=1", "180-360=2")                         // a program and
	history(&b, "tool_lib_build_info", l("tool", "", "t0", ""), "version", "0-180=0.8", "180-360=0.9")                 // its library
	history(&b, "go_build_info", l("tool", "", "t0", ""), "version", "0-180=v1", "180-360=v2")                         // and its module
	history(&b, "go_build_info", l("plain", "", "g0", `,path="example.com/plain"`), "version", "0-90=v1", "90-360=v2") // nothing better
	history(&b, "node_exporter_build_info", l("node-exporter", "", "n0", ""), "version", "0-60=1.5.0", "60-360=1.6.0")
	history(&b, "target_info", l("shop/cart", "", "o0", ""), "service_version", "0-240=3.1", "240-360=3.2")
	history(&b, "app_build_info", l("kubernetes-pods", "shop", "k0", `,app="ads"`), "version", "0-150=1", "150-360=2") // many services
	history(&b, "app_build_info", l("kubernetes-pods", "shop", "k1", `,app="geo"`), "version", "0-360=4")              // in one job
	for i := range 4 {                                                                                                 // a canary
		v := "0-300=9.0"
		if i == 3 {
			history(&b, "quote_build_info", l("quote", "shop", "q3", ""), "version", v, "300-360=9.1")
			continue
		}
		history(&b, "quote_build_info", l("quote", "shop", fmt.Sprint("q", i), ""), "version", v, "300-360=9.0")
	}
	// promtool wants the samples of a metric together and in order.
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")[1:]
	slices.SortStableFunc(lines, func(a, b string) int {
		return strings.Compare(a[:strings.IndexByte(a, '{')], b[:strings.IndexByte(b, '{')])
	})
	return strings.Join(lines, "\n") + "\n# EOF\n"
}

// line is a change in one line; times in minutes since the beginning.
func line(c sources.Change) string {
	s := fmt.Sprintf("%6.2f %s %s/%s %s>%s %s %d/%d", c.StartedAt.Sub(t0).Minutes(), c.Kind, c.Namespace, c.Service,
		c.FromVersion, c.Version, c.State, c.Share.New, c.Share.All)
	if len(c.Evidence) > 1 {
		for _, e := range c.Evidence[1:] {
			s += "; " + e.String()
		}
	}
	return s
}

func lines(cs []sources.Change) []string {
	var out []string
	for _, c := range cs {
		out = append(out, line(c))
	}
	return out
}

// wantSixHours: the canary was the third of four instances, seen by one
// series more until the old one leaves the lookback of five minutes.
var wantSixHours = []string{
	"300.00 deploy shop/quote 9.0>9.1 running 1/4; partial or canary: 9.0 and 9.1 have run side by side for 60 min",
	"240.00 deploy /cart 3.1>3.2 done 1/1",
	"230.00 rollback shop/payments 7.4.0>7.3.1 done 2/2; 7.3.1 had run before 7.4.0",
	"200.00 deploy shop/payments 7.3.1>7.4.0 done 0/2",
	"180.00 deploy /tool 1>2 done 1/1; Prometheus saw tool_lib_build_info version 0.9 on 1 of 1 instances",
	"150.00 deploy shop/ads 1>2 done 1/1",
	"121.00 deploy shop/checkout 1.41.0>1.42.0 done 3/3",
	"111.00 deploy shop/mail 5>6 done 1/1; no instance was seen for 6 min before it",
	" 90.00 deploy /plain v1>v2 done 1/1",
	" 60.00 infra /node-exporter 1.5.0>1.6.0 done 1/1",
}

func TestSixHours(t *testing.T) {
	p := promtest.Start(t, promtest.Options{OpenMetrics: sixHours()})
	now := t0.Add(6*time.Hour - 10*time.Second)
	at := func() time.Time { return now }
	q := &server{url: p.URL}
	src := open(t, q, at)

	got, err := src.Changes(t.Context(), now.Add(-6*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(wantSixHours, lines(got)); d != "" {
		t.Error(d)
	}
	sourcetest.CheckChanges(t, got, now.Add(-6*time.Hour))
	if n := src.Notes(); len(n) != 0 {
		t.Errorf("notes: %v", n)
	}
	q.asked()

	// A minute later only the gate is asked.
	now = now.Add(time.Minute)
	again, err := src.Changes(t.Context(), now.Add(-6*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ids(got), ids(again)); d != "" {
		t.Error("the changes got other IDs:", d)
	}
	if asked := q.asked(); len(asked) != 1 {
		t.Errorf("while nothing changes it asks %d queries: %v", len(asked), asked)
	}

	since, err := src.Changes(t.Context(), t0.Add(230*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(3, len(since)); d != "" {
		t.Error("changes since a moment:", d)
	}
	if _, err := src.Changes(t.Context(), now.Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := src.Notes(); len(n) != 1 || n[0].String() != "looked back 6 h only" {
		t.Errorf("notes: %v", n)
	}

	t.Run("refused regular expressions", func(t *testing.T) {
		q := &server{url: p.URL, refuse: true}
		now = t0.Add(6*time.Hour - 10*time.Second)
		src := open(t, q, at)
		for range 2 {
			got, err := src.Changes(t.Context(), now.Add(-6*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(wantSixHours, lines(got)); d != "" {
				t.Error(d)
			}
		}
		refused := 0
		for _, e := range q.asked() {
			if strings.Contains(e, "__name__=~") {
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("the refused query was sent %d times", refused)
		}
	})
	t.Run("one service that cannot be read", func(t *testing.T) {
		src := open(t, &server{url: p.URL, broken: `"payments_build_info"`}, at)
		got, err := src.Changes(t.Context(), now.Add(-6*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(len(wantSixHours)-2, len(got)); d != "" {
			t.Error(d)
		}
		if n := src.Notes(); len(n) != 1 || !strings.HasPrefix(n[0].String(), "payments could not be read: ") {
			t.Errorf("notes: %v", n)
		}
	})
	t.Run("labels of one's own", func(t *testing.T) {
		src := open(t, &server{url: p.URL}, at, func(o *Options) {
			o.Metrics, o.InfraJobs = "(mail|tool)_build_info", []string{"tool"}
		})
		got, err := src.Changes(t.Context(), now.Add(-6*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"180.00 infra /tool 1>2 done 1/1", wantSixHours[7]}
		if d := cmp.Diff(want, lines(got)); d != "" {
			t.Error(d)
		}
	})
	t.Run("no such metric", func(t *testing.T) {
		src := open(t, &server{url: p.URL}, at, func(o *Options) { o.Metrics = "nothing_info" })
		got, err := src.Changes(t.Context(), now.Add(-6*time.Hour))
		if err != nil || len(got) != 0 {
			t.Fatal(got, err)
		}
		if n := src.Notes(); len(n) != 1 || !strings.Contains(n[0].String(), "does not know which versions run") {
			t.Errorf("notes: %v", n)
		}
	})
}

func ids(cs []sources.Change) []string {
	var out []string
	for _, c := range cs {
		out = append(out, c.ID)
	}
	return out
}
