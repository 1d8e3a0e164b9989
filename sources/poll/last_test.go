package poll

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

func lastRun(cluster string, asOf time.Time, id string) *sources.Snapshot {
	return &sources.Snapshot{Seq: 99, Clusters: []sources.Cluster{{Name: cluster, Alerts: sources.Feed[sources.Alert]{
		Items: []sources.Alert{{ID: sources.AlertID(id), State: sources.Firing}},
		AsOf:  asOf, Tried: asOf, Every: 5 * time.Second, Err: &sources.Error{Kind: sources.Timeout},
	}}}}
}

func TestLastRunIsShownFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		s.answer(func(context.Context) ([]sources.Alert, error) {
			time.Sleep(time.Second)
			return nil, nil
		})
		saved := time.Now().Add(-10 * time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		p := Start(ctx, Set{Clusters: []ClusterSet{s.set("eu"), s.set("us")}}, Pace{Last: lastRun("eu", saved, "a")})
		first := <-p.Box()
		f := first.Clusters[0].Alerts
		if len(f.Items) != 1 || !f.AsOf.Equal(saved) || f.Asked() || f.Live(time.Now()) || f.Err != nil {
			t.Errorf("the last run's feed: %+v", f)
		}
		if us := first.Clusters[1].Alerts; len(us.Items) != 0 || us.Source.Cluster != "us" {
			t.Errorf("the cluster that is new: %+v", us)
		}
		f = newestAfter(t, p, 2*time.Second).Clusters[0].Alerts
		if len(f.Items) != 1 || f.Items[0].State != sources.Resolved || !f.Items[0].ResolvedAt.Equal(f.AsOf) {
			t.Errorf("firing in the last run, gone now: %+v", f.Items)
		}
		cancel()
		p.Wait()
	})
}

func newestAfter(t *testing.T, p *Poller, d time.Duration) sources.Snapshot {
	t.Helper()
	time.Sleep(d)
	return newestOf(t, p)
}

func TestLastRunOfLongAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		ctx, cancel := context.WithCancel(t.Context())
		p := Start(ctx, Set{Clusters: []ClusterSet{s.set("eu")}},
			Pace{Last: lastRun("eu", time.Now().Add(-72*time.Hour), "a")})
		if f := newestOf(t, p).Clusters[0].Alerts; len(f.Items) != 0 {
			t.Errorf("an alert of three days ago is called resolved now: %+v", f.Items)
		}
		cancel()
		p.Wait()
	})
}

func TestSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		s.answer(firing("a"))
		var saved []sources.Snapshot
		var at []time.Time
		ctx, cancel := context.WithCancel(t.Context())
		p := Start(ctx, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{Save: func(s sources.Snapshot) {
			saved, at = append(saved, s), append(at, time.Now())
		}})
		time.Sleep(5*time.Minute + 7*time.Second)
		cancel()
		p.Wait()
		for i := 1; i < len(at)-1; i++ {
			if d := at[i].Sub(at[i-1]); d < saveEvery {
				t.Errorf("saved %v after the time before", d)
			}
		}
		if n := len(saved); n != 11 {
			t.Fatalf("saved %d times in 5 min and at the end", n)
		}
		if end := saved[10]; time.Since(end.Clusters[0].Alerts.AsOf) > 6*time.Second {
			t.Errorf("the end was not saved: as of %v", end.Clusters[0].Alerts.AsOf)
		}
	})
}

func TestSaveThatHangsDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		release := make(chan struct{})
		var calls atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		p := Start(ctx, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{Save: func(sources.Snapshot) {
			calls.Add(1)
			<-release
		}})
		time.Sleep(10 * time.Minute)
		if f := newestOf(t, p).Clusters[0].Alerts; !f.Live(time.Now()) {
			t.Errorf("the snapshot is as of %v", f.AsOf)
		}
		if n := calls.Load(); n != 1 {
			t.Errorf("%d saves at the same time", n)
		}
		close(release)
		cancel()
		p.Wait()
	})
}

func TestNothingLearnedNothingSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		s.answer(func(ctx context.Context) ([]sources.Alert, error) { <-ctx.Done(); return nil, ctx.Err() })
		ctx, cancel := context.WithCancel(t.Context())
		p := Start(ctx, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{Save: func(sources.Snapshot) {
			t.Error("saved before any answer")
		}})
		time.Sleep(time.Second)
		cancel()
		p.Wait()
	})
}

func TestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, bad, polite, rude := &server{}, &server{}, &server{}, &server{}
		good.answer(firing("a"))
		bad.answer(failing(&sources.Error{Kind: sources.Unauthorized}))
		polite.answer(func(ctx context.Context) ([]sources.Alert, error) {
			<-ctx.Done()
			return nil, &sources.Error{Kind: sources.Timeout, URL: "http://polite", Err: ctx.Err()}
		})
		release := make(chan struct{})
		rude.answer(func(context.Context) ([]sources.Alert, error) { <-release; return firing("z")(t.Context()) })
		began := time.Now()
		s := Once(t.Context(), Set{Clusters: []ClusterSet{rude.set("rude"), good.set("good"), bad.set("bad"), polite.set("polite")}},
			Pace{Deadline: 3 * time.Second, Last: lastRun("rude", began.Add(-time.Minute), "old")})
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("Once took %v", d)
		}
		kinds := map[string]sources.Kind{"rude": sources.Timeout, "bad": sources.Unauthorized, "polite": sources.Timeout}
		for _, c := range s.Clusters {
			f := c.Alerts
			if want := kinds[c.Name]; want == "" && (f.Err != nil || len(f.Items) != 1) || want != "" && (f.Err == nil || f.Err.Kind != want) {
				t.Errorf("%s: %v, %d items", c.Name, f.Err, len(f.Items))
			}
			if !f.Asked() || !f.Next.IsZero() {
				t.Errorf("%s: tried %v, next %v", c.Name, f.Tried, f.Next)
			}
		}
		if f := s.Clusters[0].Alerts; len(f.Items) != 1 || f.Items[0].ID != "old" {
			t.Errorf("the last good items: %+v", f.Items)
		}
		if e := s.Clusters[3].Alerts.Err; e.URL != "http://polite" {
			t.Errorf("the source's own error says more: %v", e)
		}
		close(release)
	})
}

func TestOnceReturnsAtOnceWhenAllAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, slow := &server{}, &server{}
		slow.answer(func(ctx context.Context) ([]sources.Alert, error) {
			time.Sleep(400 * time.Millisecond)
			return nil, nil
		})
		began := time.Now()
		s := Once(t.Context(), Set{Clusters: []ClusterSet{slow.set("slow"), good.set("good")}}, Pace{})
		if d := time.Since(began); d != 400*time.Millisecond {
			t.Errorf("Once took %v", d)
		}
		if a := s.Clusters[1].Alerts; !a.AsOf.Equal(began) {
			t.Errorf("the fast answer is as of %v after the begin", a.AsOf.Sub(began))
		}
	})
}

func TestOnceCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		release := make(chan struct{})
		s.answer(func(context.Context) ([]sources.Alert, error) { <-release; return nil, nil })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		snap := Once(ctx, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{})
		if d := time.Since(began); d > 1200*time.Millisecond {
			t.Errorf("Once took %v after a cancel at 1s", d)
		}
		if e := snap.Clusters[0].Alerts.Err; e == nil || !errors.Is(e, context.Canceled) {
			t.Errorf("error: %v", e)
		}
		close(release)
	})
}
