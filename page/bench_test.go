package page

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// storm is a board of n alerts of one rule.
func storm(tb testing.TB, n int) *triage.Board {
	tb.Helper()
	alerts := make([]sources.Alert, n)
	for i := range alerts {
		alerts[i] = firing("prod-eu", map[string]string{"alertname": "CheckoutErrorBudgetBurn", "severity": "critical", "team": "payments",
			"service": "checkout", "instance": fmt.Sprintf("10.0.%d.%d:9100", i/250, i%250)}, map[string]string{"summary": "Requests fail"})
	}
	return build(snapshot(alerts...), now)
}

// BenchmarkRebase compares taking a new board into an open page with building
// that board.
func BenchmarkRebase(b *testing.B) {
	board := storm(b, 10_000)
	id, _ := board.First()
	p, _ := Open(board, id, nil)
	var rebase, whole time.Duration
	for b.Loop() {
		start := time.Now()
		p = p.Rebase(board)
		rebase += time.Since(start)
		start = time.Now()
		build(board.Snapshot, now)
		whole += time.Since(start)
	}
	b.ReportMetric(float64(rebase)/float64(whole), "rebase/build")
}

// BenchmarkAlertsJSON compares the list's JSON with encoding the plain labels
// and annotations.
func BenchmarkAlertsJSON(b *testing.B) {
	board := storm(b, 10_000)
	items := board.Groups[0].Items
	type plain struct{ Labels, Annotations map[string]string }
	maps := make([]plain, len(items))
	for i, it := range items {
		maps[i] = plain{it.Labels.Map(), it.Annotations.Map()}
	}
	encode := func(v any) time.Duration {
		start := time.Now()
		if _, err := json.Marshal(v); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	var list, reference time.Duration
	for b.Loop() {
		start := time.Now()
		out := AlertsJSON(items, nil)
		list += time.Since(start) + encode(out)
		reference += encode(maps)
	}
	b.ReportMetric(float64(list)/float64(reference), "list/plain")
}
