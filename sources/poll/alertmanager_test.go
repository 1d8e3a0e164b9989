package poll

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// TestAlertmanagerComesWithTheAlerts: what is silenced is known in the first
// snapshot that has alerts, unless Alertmanager takes its time.
func TestAlertmanagerComesWithTheAlerts(t *testing.T) {
	for name, tc := range map[string]struct {
		alerts, am time.Duration // until they answer
		first      time.Duration // when the first answer is published
		views      int           // with it
	}{
		"a moment later": {100 * time.Millisecond, 110 * time.Millisecond, 110 * time.Millisecond, 1},
		"before them":    {100 * time.Millisecond, 90 * time.Millisecond, 100 * time.Millisecond, 1},
		"much later":     {100 * time.Millisecond, 4 * time.Second, 100*time.Millisecond + quiet, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{}
			after := func(ctx context.Context, d time.Duration) {
				select {
				case <-time.After(d):
				case <-ctx.Done():
				}
			}
			s.answer(func(ctx context.Context) ([]sources.Alert, error) { after(ctx, tc.alerts); return firing("a")(ctx) })
			set := s.set("eu")
			set.AMID = sources.SourceID{Kind: "alertmanager", Name: "eu", Cluster: "eu"}
			set.AM = func(ctx context.Context) ([]sources.AMView, error) {
				after(ctx, tc.am)
				return make([]sources.AMView, 1), nil
			}
			var asked atomic.Int64
			set.Silences = func(context.Context) ([]sources.Silence, error) {
				asked.Add(1)
				return []sources.Silence{{ID: safe.Outside("s")}}, nil
			}
			ctx, cancel := context.WithCancel(t.Context())
			p := Start(ctx, Set{Clusters: []ClusterSet{set}}, Pace{})
			began := time.Now()
			if c := (<-p.Box()).Clusters[0]; c.AM.Source != set.AMID || c.Silences.Source != set.AMID || c.AM.Asked() {
				t.Errorf("%s: before any answer: %+v", name, c)
			}
			got := (<-p.Box()).Clusters[0]
			if d := time.Since(began); d != tc.first || len(got.Alerts.Items) != 1 || len(got.AM.Items) != tc.views {
				t.Errorf("%s: after %v, want %v: %d alerts, %d views", name, d, tc.first, len(got.Alerts.Items), len(got.AM.Items))
			}
			time.Sleep(time.Minute)
			if n := asked.Load(); n < 2 || n > 3 {
				t.Errorf("%s: silences were asked for %d times in a minute", name, n)
			}
			cancel()
			p.Wait()
		})
	}
}
