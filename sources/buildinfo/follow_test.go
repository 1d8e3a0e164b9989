package buildinfo

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/drill/engine"
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

// A look may come a moment after a rollback, before the next point of the
// steps that are read: that its version had run long ago is not to have seen it.
func TestARollbackJustBeforeALook(t *testing.T) {
	t.Parallel()
	now := t0
	clock := func() time.Time { return now }
	e, err := engine.New(engine.Options{Now: clock}) // unlike what is stored, what is scraped ends with a stale marker
	if err != nil {
		t.Fatal(err)
	}
	const every = 5 * time.Second
	at := 180*minute + every
	for _, instance := range []string{"a", "b", "c"} {
		for version, values := range map[string]string{"1.41.0": "1x1439 stale _x720 1x200", "1.42.0": "_x1440 1x720 stale"} {
			ser, err := engine.ParseSeries(fmt.Sprintf("x_build_info{job=\"x\",instance=%q,version=%q}", instance, version), values, t0, every)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Append(ser); err != nil {
				t.Fatal(err)
			}
		}
	}
	srv, err := e.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	src := open(t, &server{url: srv.URL}, clock)
	for _, after := range []time.Duration{170 * minute, at - 26*time.Second, at + 4*time.Second} {
		now = t0.Add(after)
		got, err := src.Changes(t.Context(), t0)
		if err != nil {
			t.Fatal(err)
		}
		if back := len(got) > 0 && got[0].Kind == sources.Rollback && got[0].StartedAt.Equal(t0.Add(at)); back != (after > at) {
			t.Errorf("after %v: %v", after, brief(got))
		}
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
