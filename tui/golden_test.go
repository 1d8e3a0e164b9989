package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// TestFrames keeps the whole screen at the sizes of the breakpoints: a change
// of a frame is a change of the picture, looked at and wanted (make golden).
func TestFrames(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			r := newRig(t, size[0], size[1], nil)
			r.snapshot(usual())
			golden.RequireEqual(t, trimmed(r.screen()))
		})
	}
	for name, th := range map[string]theme.Name{"dark": theme.Dark, "light": theme.Light, "contrast": theme.HighContrast} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 100, 30, func(o *Options) { o.Theme = th })
			r.snapshot(usual())
			golden.RequireEqual(t, strings.ReplaceAll(r.app.View().Content, "\x1b", "^"))
		})
	}
	t.Run("down", func(t *testing.T) {
		r := newRig(t, 80, 24, nil)
		r.snapshot(usual())
		s := usual()
		f := &s.Clusters[0].Alerts
		f.Err = sources.Errorf(sources.Timeout, "no whole answer in time")
		f.Err.Hint = "it is slow or hung"
		f.AsOf, f.Since, f.Next = at.Add(-4*time.Minute), at.Add(-4*time.Minute), at.Add(12*time.Second)
		r.snapshot(s)
		golden.RequireEqual(t, trimmed(r.screen()))
	})
	t.Run("help", func(t *testing.T) {
		r := newRig(t, 80, 24, nil)
		r.snapshot(usual())
		r.key("?")
		golden.RequireEqual(t, trimmed(r.screen()))
	})
	t.Run("quiet", func(t *testing.T) {
		r := newRig(t, 80, 24, nil)
		r.snapshot(snapshot())
		golden.RequireEqual(t, trimmed(r.screen()))
	})
	t.Run("why", func(t *testing.T) {
		r := newRig(t, 80, 24, nil)
		r.snapshot(usual())
		r.key("5")
		golden.RequireEqual(t, trimmed(r.screen()))
	})
	t.Run("clusters", func(t *testing.T) {
		r := newRig(t, 100, 30, nil)
		s := usual()
		other := s.Clusters[0]
		other.Name = "prod-us"
		other.Alerts.Items = []sources.Alert{alert("KubePodCrashLooping", "critical", 3, sources.Firing, "service", "checkout")}
		other.Alerts.Items[0].Cluster = "prod-us"
		other.Alerts.Items[0].ID = sources.NewAlertID("prod-us", other.Alerts.Items[0].Labels)
		s.Clusters = append(s.Clusters, other)
		r.snapshot(s)
		golden.RequireEqual(t, trimmed(r.screen()))
	})
}

// trimmed drops the blanks at the ends of rows, which an editor would.
func trimmed(s string) string {
	rows := strings.Split(s, "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return strings.Join(rows, "\n") + "\n"
}
