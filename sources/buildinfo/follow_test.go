package buildinfo

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Whoever looks every minute sees in the end what one sees who looks once: the
// gates miss nothing.
func TestLookingAllTheTime(t *testing.T) {
	for name, text := range map[string]string{
		"versions": sixHours(), "kubernetes": cluster().Text(), "hosts": fleet().Text(), "numbers": fleetOfPods().Text(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := promtest.Start(t, promtest.Options{OpenMetrics: text})
			now := t0.Add(90 * time.Second)
			q := &server{url: p.URL}
			clock := func() time.Time { return now }
			src, last := open(t, q, clock), t0.Add(end-10*time.Second)
			quietLooks := 0
			var got []sources.Change
			for ; now.Before(last); now = now.Add(time.Minute) {
				q.asked()
				var err error
				if got, err = src.Changes(t.Context(), last.Add(-end)); err != nil {
					t.Fatal(err)
				}
				if len(q.asked()) <= 3 {
					quietLooks++
				}
			}
			once, err := open(t, q, clock).Changes(t.Context(), last.Add(-end))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(brief(once), brief(got)); d != "" {
				t.Errorf("one look (-), one every minute (+):\n%s", d)
			}
			if quietLooks < 200 {
				t.Errorf("%d looks of 359 asked the gates only", quietLooks)
			}
		})
	}
}

// brief is changes in a line each, to half a minute.
func brief(cs []sources.Change) []string {
	var out []string
	for _, c := range cs {
		out = append(out, c.StartedAt.Sub(t0).Round(30*time.Second).String()+" "+string(c.Kind)+" "+c.Service.Raw()+" "+c.FromVersion.Raw()+" "+c.Version.Raw()+" "+c.Title.Raw())
	}
	slices.Sort(out)
	return out
}
