package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// called is two hours of services that checkout calls: payments fails since half
// an hour, cart does as it did, ledger has a query in the catalog, nobody knows
// of elsewhere.
func called(end time.Time) string {
	h := promtest.NewHistory(end.Add(-2*time.Hour), time.Minute)
	const all, late = 2*time.Hour + time.Minute, 90 * time.Minute
	count := func(before, after float64, labels ...string) {
		total := 0.0
		h.AddFunc("http_requests_total", 0, all, func(at time.Duration) float64 {
			if at < late {
				total += before * 60
			} else {
				total += after * 60
			}
			return total
		}, labels...)
	}
	count(10, 8, "job", "payments", "code", "200")
	count(0, 2, "job", "payments", "code", "500")
	count(10, 10, "job", "cart", "code", "200")
	h.Add("up", 0, all, 1, "job", "cart")
	h.Add("lost", 0, all, 0.001, "of", "ledger")
	return h.Text()
}

func TestHowTheCalledDo(t *testing.T) {
	t.Parallel()
	end := time.Now().UTC().Truncate(time.Minute)
	q := counted(t, promtest.Start(t, promtest.Options{OpenMetrics: called(end)}).URL)
	s := snapshot(burn())
	v := safe.Outside
	s.Services[0].Items[0].DependsOn = []safe.Value{v("pay"), v("cart"), v("ledger"), v("elsewhere")}
	s.Services[0].Items = append(s.Services[0].Items, sources.Service{Name: v("payments"), Aliases: []safe.Value{v("pay")}},
		sources.Service{Name: v("ledger"), Health: []sources.HealthQuery{{Signal: v("errors"), Title: v("lost"), Query: v("max(lost)"), Unit: v("ratio"), Worse: v("up")},
			{Signal: v("queue"), Title: v("queue"), Query: v("nobody asks")}}})
	const want = "calls: payments errors up, cart ok, ledger ok, elsewhere not known"
	a := assembler(q)
	a.Now = func() time.Time { return end }
	b := build(s, end)
	p, _ := Open(b, burn().ID, nil)
	if due := a.Due(p); strings.Contains(fmt.Sprint(due), PartCallees.String()) {
		t.Errorf("the called are asked for before the service itself: %v", due)
	}
	p = p.With(a.Load(t.Context(), p, PartHealth))
	p = p.With(a.Load(t.Context(), p, PartCallees))
	if got := CallsWords(p.Callees.Value); p.Callees.State != OK || got != want {
		t.Errorf("%v: %q, want %q", p.Callees.State, got, want)
	}
	before := q.asked
	p = p.With(a.Load(t.Context(), p, PartCallees))
	if again := q.asked - before; again >= before || CallsWords(p.Callees.Value) != want {
		t.Errorf("%d questions the second time, %d the first: what found metrics is not remembered", again, before)
	}

	// The same on the service's own page.
	rows := b.FindServices(a.Services(t.Context(), b).Rows, "checkout")
	if len(rows) != 1 {
		t.Fatal(rows)
	}
	if got := CallsWords(a.HealthOfService(t.Context(), rows[0]).Calls); got != want {
		t.Errorf("%q, want %q", got, want)
	}

	var many []safe.Value
	for i := range 20 {
		many = append(many, v(fmt.Sprintf("s%d", i)))
	}
	s.Services[0].Items[0].DependsOn = many
	p, _ = Open(build(s, end), burn().ID, nil)
	p = p.With(a.Load(t.Context(), p, PartCallees))
	if len(p.Callees.Value) != maxCalled {
		t.Errorf("%d of 20 were asked", len(p.Callees.Value))
	}
}
