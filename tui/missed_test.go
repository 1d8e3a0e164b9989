package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestAWatchdogThatStopsIsSaid(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		r := newRig(t, size[0], size[1], nil)
		r.snapshot(usual())
		s := usual()
		items := s.Clusters[0].Alerts.Items
		dog := &items[len(items)-1]
		dog.State, dog.ResolvedAt = sources.Resolved, at.Add(-4*time.Minute)
		said := func() bool {
			return strings.Contains(strings.Join(strings.Fields(r.screen()), " "), "!! Watchdog has not fired since 14:05: alerts from prod-eu may not arrive;")
		}
		if said() {
			t.Error("it is said while the watchdog fires")
		}
		r.snapshot(s)
		if !said() {
			t.Errorf("nothing is said of the watchdog:\n%s", r.screen())
		}
		f := &s.Clusters[0].Alerts
		f.Err = sources.Errorf(sources.Timeout, "no whole answer in time")
		r.snapshot(s)
		if said() {
			t.Errorf("the server does not answer, and the watchdog is blamed:\n%s", r.screen())
		}
	}
}
