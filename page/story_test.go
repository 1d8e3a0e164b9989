package page

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// The story of the design: checkout 1.42.0 went out at 14:01, errors rose at
// 14:02, the rule fired at 14:05, now it is 14:09.
var now = time.Date(2026, 11, 22, 13, 9, 0, 0, time.UTC)

func cet(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	return loc
}

func firing(cluster string, labels, annotations map[string]string) sources.Alert {
	ls := sources.NewLabels(labels)
	return sources.Alert{
		ID: sources.NewAlertID(cluster, ls), Cluster: cluster, Labels: ls, Annotations: sources.NewLabels(annotations),
		State: sources.Firing, ActiveAt: now.Add(-7 * time.Minute), Value: 0.124,
	}
}

const burnQuery = `sum by (service) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m])) > 0.05`

func burnRule() sources.Rule {
	return sources.Rule{
		Name: safe.Outside("CheckoutErrorBudgetBurn"), Query: safe.Outside(burnQuery), For: 3 * time.Minute,
		Labels: sources.NewLabels(map[string]string{"severity": "critical", "team": "payments"}),
		Annotations: sources.NewLabels(map[string]string{
			"summary":     "Requests fail",
			"runbook_url": "https://github.com/acme/runbooks/blob/main/checkout.md#checkouterrorbudgetburn"}),
		Health: safe.Outside("ok"),
	}
}

func burn() sources.Alert {
	return firing("prod-eu", map[string]string{"alertname": "CheckoutErrorBudgetBurn", "service": "checkout", "severity": "critical", "team": "payments"},
		map[string]string{"summary": "Requests fail", "description": "More than 5% of requests to checkout fail.\nCarts are kept.",
			"runbook_url": "https://github.com/acme/runbooks/blob/main/checkout.md#checkouterrorbudgetburn"})
}

func feed[T any](kind string, at time.Time, items ...T) sources.Feed[T] {
	return sources.Feed[T]{Source: sources.SourceID{Kind: kind, Name: kind, Cluster: "prod-eu"}, Items: items, AsOf: at, Tried: at, Every: 10 * time.Second}
}

func deploy() sources.Change {
	return sources.Change{
		ID: "d1", Source: sources.SourceID{Kind: "git", Name: "git"}, Kind: sources.Deploy, Service: safe.Outside("checkout"),
		FromVersion: safe.Outside("1.41.0"), Version: safe.Outside("1.42.0"), StartedAt: now.Add(-8 * time.Minute),
		Share: sources.Share{New: 3, All: 3}, Author: safe.Outside("Ada"), URL: safe.Outside("https://git.example.com/checkout/compare/1.41.0...1.42.0"),
	}
}

func snapshot(alerts ...sources.Alert) sources.Snapshot {
	changes := feed("git", now, deploy())
	changes.Source.Cluster = ""
	return sources.Snapshot{
		Clusters: []sources.Cluster{{Name: "prod-eu", Alerts: feed("prometheus", now, alerts...),
			Rules: feed("rules", now, sources.RuleGroup{Rules: []sources.Rule{burnRule()}})}},
		Changes: []sources.Feed[sources.Change]{changes},
		Services: []sources.Feed[sources.Service]{feed("catalog", now, sources.Service{Name: safe.Outside("checkout"),
			Team: safe.Outside("team-payments"), Tier: safe.Outside("1"), Channel: safe.Outside("#payments-oncall"),
			Escalation: safe.Outside("second line Priya Nair")})},
		Shifts: []sources.Feed[sources.Shift]{feed("ical", now,
			sources.Shift{Team: safe.Outside("payments"), Person: safe.Outside("Ada Okafor"), From: now.Add(-time.Hour), To: now.Add(20 * time.Hour)},
			sources.Shift{Team: safe.Outside("payments"), Person: safe.Outside("Bo Lind"), From: now.Add(20 * time.Hour), To: now.Add(40 * time.Hour)})},
	}
}

func build(s sources.Snapshot, at time.Time) *triage.Board {
	return triage.Build(s, triage.Defaults(), at)
}

func openBurn(t testing.TB) Page {
	t.Helper()
	p, ok := Open(build(snapshot(burn()), now), burn().ID, nil)
	if !ok {
		t.Fatal("the board does not have the alert")
	}
	return p
}

// server answers queries by functions and counts how many ran at once.
type server struct {
	instant func(ctx context.Context, expr string, at time.Time) (sources.Vector, error)
	ranged  func(ctx context.Context, expr string, r sources.Range) (sources.Matrix, error)

	mu            sync.Mutex
	asked         []string
	running, most int
}

func (s *server) enter(expr string) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, expr)
	s.running++
	s.most = max(s.most, s.running)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running--
	}
}

func (s *server) Query(ctx context.Context, expr string, at time.Time) (sources.Vector, error) {
	defer s.enter(expr)()
	if s.instant == nil {
		return nil, nil
	}
	return s.instant(ctx, expr, at)
}

func (s *server) QueryRange(ctx context.Context, expr string, r sources.Range) (sources.Matrix, error) {
	defer s.enter(expr)()
	if s.ranged == nil {
		return nil, nil
	}
	return s.ranged(ctx, expr, r)
}

func (s *server) LabelValues(context.Context, string, string) ([]safe.Value, error) { return nil, nil }

// library finds one document for every reference.
type library struct {
	doc   runbook.Document
	trail runbook.Trail
	err   error
}

func (l library) Resolve(context.Context, runbook.Ref) (runbook.Document, runbook.Trail, error) {
	return l.doc, l.trail, l.err
}

const checkoutText = `# Checkout

## Alerts

### CheckoutErrorBudgetBurn

More than 5% of requests fail.

` + "```bash\nkubectl -n shop rollout undo deploy/checkout\n```" + `

### Other

Not about this.
`

func checkoutDoc() runbook.Document {
	return runbook.Parse([]byte(checkoutText), runbook.Where{Via: runbook.ViaCheckout, Path: "/src/runbooks/checkout.md",
		Rel: "checkout.md", Edited: now.Add(-12 * 24 * time.Hour), AsOf: now.Add(-12 * 24 * time.Hour)})
}

func assembler(q sources.Querier) *Assembler {
	return &Assembler{Runbooks: library{doc: checkoutDoc()}, Query: func(string) sources.Querier { return q }, Now: func() time.Time { return now }}
}

// ramp is the error ratio: 0.001 until 14:00, then rising to 12.4% at 14:09.
func ramp(r sources.Range) []sources.Point {
	began := now.Add(-9 * time.Minute)
	var pts []sources.Point
	for at := r.Start; !at.After(r.End); at = at.Add(r.Step) {
		v := 0.001
		if !at.Before(began) {
			v = max(v, 0.124*float64(at.Sub(began))/float64(9*time.Minute))
		}
		pts = append(pts, sources.Point{T: at, V: v})
	}
	return pts
}
