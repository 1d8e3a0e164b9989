package tui

import (
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// TestMidnightHidesNoVersion has the deploy on one day and the reader on the
// next: the row still says from which version to which, and at what time.
func TestMidnightHidesNoVersion(t *testing.T) {
	t.Parallel()
	r := newRig(t, 120, 40, nil)
	night := time.Date(2026, 3, 10, 0, 3, 0, 0, time.UTC)
	s, later := usual(), night.Sub(at)
	r.now = night
	for i := range s.Clusters {
		s.Clusters[i].Alerts.AsOf, s.Clusters[i].Alerts.Tried = night, night
		for j := range s.Clusters[i].Alerts.Items {
			a := &s.Clusters[i].Alerts.Items[j]
			a.ActiveAt = a.ActiveAt.Add(later)
		}
	}
	s.Changes[0].AsOf = night
	s.Changes[0].Items = []sources.Change{s.Changes[0].Items[0]}
	s.Changes[0].Items[0].StartedAt = night.Add(-8 * time.Minute)
	r.send(boardMsg{triage.Build(s, r.app.opts.Prefs, night)})
	r.settle()
	r.has("23:55 checkout deploy 1.41.0 -> 1.42.0")
}
