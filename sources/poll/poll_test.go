package poll

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// server is one cluster of a test: what it answers can be changed, and it
// counts how often it was asked and how many calls overlap.
type server struct {
	mu       sync.Mutex
	alerts   func(context.Context) ([]sources.Alert, error)
	calls    []time.Time
	open     int
	overlaps int
}

func (s *server) answer(f func(context.Context) ([]sources.Alert, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alerts = f
}

func (s *server) ask(ctx context.Context) ([]sources.Alert, error) {
	s.mu.Lock()
	s.calls = append(s.calls, time.Now())
	if s.open++; s.open > 1 {
		s.overlaps++
	}
	f := s.alerts
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
	}()
	if f == nil {
		return nil, nil
	}
	return f(ctx)
}

func (s *server) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

func (s *server) set(name string) ClusterSet {
	return ClusterSet{Name: name, Alerts: s.ask,
		AlertsID: sources.SourceID{Kind: "prometheus", Name: "prometheus", Cluster: name}}
}

func firing(ids ...string) func(context.Context) ([]sources.Alert, error) {
	return func(context.Context) ([]sources.Alert, error) {
		var out []sources.Alert
		for _, id := range ids {
			out = append(out, sources.Alert{ID: sources.AlertID(id), State: sources.Firing})
		}
		return out, nil
	}
}

func failing(err error) func(context.Context) ([]sources.Alert, error) {
	return func(context.Context) ([]sources.Alert, error) { return nil, err }
}

// run starts a poller in a bubble and ends it with the test's function.
func run(t *testing.T, set Set, pace Pace, f func(t *testing.T, p *Poller)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := Start(ctx, set, pace)
		f(t, p)
		cancel()
		p.Wait()
		time.Sleep(time.Minute) // fakes that sleep through the end wake up
	})
}

// newestOf settles everything that is due now, waits out the quiet time and
// takes what is in the box.
func newestOf(t *testing.T, p *Poller) sources.Snapshot {
	t.Helper()
	synctest.Wait()
	time.Sleep(2 * quiet) // fake time
	synctest.Wait()
	select {
	case s := <-p.Box():
		return s
	default:
		t.Fatal("the box is empty")
		return sources.Snapshot{}
	}
}

func TestFirstSnapshots(t *testing.T) {
	s := &server{}
	s.answer(func(ctx context.Context) ([]sources.Alert, error) {
		time.Sleep(time.Second)
		return firing("a")(ctx)
	})
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		first := <-p.Box()
		if f := first.Clusters[0].Alerts; f.Asked() || f.Source.Cluster != "eu" || f.Live(time.Now()) {
			t.Errorf("before any answer the feed is there and not asked: %+v", f)
		}
		began := time.Now()
		second := <-p.Box()
		if d := time.Since(began); d != time.Second {
			t.Errorf("the first answer was published %v after the request, want at once after 1s", d)
		}
		f := second.Clusters[0].Alerts
		if !f.Live(time.Now()) || len(f.Items) != 1 || f.Err != nil || second.Seq <= first.Seq {
			t.Errorf("after the answer: %+v", f)
		}
		if !f.AsOf.Equal(time.Now()) || f.AsOf.Location() != time.UTC {
			t.Errorf("AsOf is %v, now is %v", f.AsOf, time.Now())
		}
	})
}

func TestIntervals(t *testing.T) {
	s := &server{}
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		time.Sleep(10 * time.Minute)
		s.mu.Lock()
		defer s.mu.Unlock()
		different := false
		for i := 1; i < len(s.calls); i++ {
			d := s.calls[i].Sub(s.calls[i-1])
			if d < 4500*time.Millisecond || d > 5500*time.Millisecond {
				t.Fatalf("request %d came %v after the one before", i, d)
			}
			different = different || d != s.calls[1].Sub(s.calls[0])
		}
		if !different {
			t.Error("the interval has no jitter")
		}
	})
}

func TestFailureKeepsItemsAndBacksOff(t *testing.T) {
	s := &server{}
	s.answer(firing("a"))
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		good := newestOf(t, p).Clusters[0].Alerts
		s.answer(failing(errors.New("connection refused")))
		broken := time.Now()
		time.Sleep(10 * time.Minute)
		f := newestOf(t, p).Clusters[0].Alerts
		if len(f.Items) != 1 || f.Items[0].State != sources.Firing || !f.AsOf.Equal(good.AsOf) {
			t.Errorf("a failure must change nothing that was known: %+v", f)
		}
		if f.Err == nil || f.Err.Kind != sources.Unavailable || f.Err.Source.Cluster != "eu" {
			t.Errorf("error: %v", f.Err)
		}
		if d := f.Since.Sub(broken); d < 0 || d > 6*time.Second {
			t.Errorf("failing since %v after it broke", d)
		}
		if !f.Next.After(f.Tried) || f.Next.Sub(f.Tried) > time.Minute {
			t.Errorf("tried %v, next %v", f.Tried, f.Next)
		}
		s.mu.Lock()
		var longest time.Duration
		for i := 2; i < len(s.calls); i++ {
			d := s.calls[i].Sub(s.calls[i-1])
			if d > time.Minute || d < longest*8/10 {
				t.Errorf("wait %d is %v after one of %v", i, d, longest)
			}
			longest = max(longest, d)
		}
		s.mu.Unlock()
		if longest < 50*time.Second {
			t.Errorf("the longest wait is %v, want nearly a minute", longest)
		}

		s.answer(firing())
		p.Refresh()
		f = newestOf(t, p).Clusters[0].Alerts
		if f.Err != nil || !f.Since.IsZero() || !f.Live(time.Now()) {
			t.Errorf("after recovery: %+v", f)
		}
		if len(f.Items) != 1 || f.Items[0].State != sources.Resolved || !f.Items[0].ResolvedAt.Equal(f.AsOf) {
			t.Errorf("gone from a good answer is resolved: %+v", f.Items)
		}
	})
}

func TestRateLimitIsRespected(t *testing.T) {
	s := &server{}
	s.answer(failing(&sources.Error{Kind: sources.RateLimited, After: 3 * time.Minute}))
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		time.Sleep(3*time.Minute - time.Second)
		if n := s.asked(); n != 1 {
			t.Errorf("asked %d times within the time the server wants to be left alone", n)
		}
		time.Sleep(2 * time.Second)
		if n := s.asked(); n != 2 {
			t.Errorf("asked %d times after it", n)
		}
	})
}

func TestSlowSourceDelaysNobody(t *testing.T) {
	slow, fast := &server{}, &server{}
	slow.answer(func(ctx context.Context) ([]sources.Alert, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	set := Set{Clusters: []ClusterSet{slow.set("slow"), fast.set("fast")}}
	run(t, set, Pace{}, func(t *testing.T, p *Poller) {
		time.Sleep(time.Minute)
		if n := fast.asked(); n < 11 {
			t.Errorf("the fast source was asked %d times in a minute", n)
		}
		s := newestOf(t, p)
		if e := s.Clusters[0].Alerts.Err; e == nil || e.Kind != sources.Timeout {
			t.Errorf("the slow source: %v", e)
		}
		if !s.Clusters[1].Alerts.Live(time.Now()) {
			t.Error("the fast source is not live")
		}
	})
}

func TestSourceThatIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The channel has to belong to the bubble for time to go on.
		s, release := &server{}, make(chan struct{})
		s.answer(func(ctx context.Context) ([]sources.Alert, error) {
			<-release
			return firing("late")(ctx)
		})
		ctx, cancel := context.WithCancel(t.Context())
		p := Start(ctx, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{})
		time.Sleep(10 * time.Minute)
		f := newestOf(t, p).Clusters[0].Alerts
		if n := s.asked(); n != 1 || f.Err == nil || f.Err.Kind != sources.Timeout {
			t.Errorf("asked %d times, %v", n, f.Err)
		}
		if time.Since(f.Tried) > time.Minute+time.Second {
			t.Errorf("the failure is not said again: tried %v ago", time.Since(f.Tried))
		}
		s.answer(firing("new"))
		close(release)
		synctest.Wait()
		p.Refresh()
		f = newestOf(t, p).Clusters[0].Alerts
		if len(f.Items) != 1 || f.Items[0].ID != "new" || f.Err != nil {
			t.Errorf("the late answer must be dropped and a new one asked for: %+v", f)
		}
		if s.overlaps != 0 {
			t.Errorf("%d calls overlapped", s.overlaps)
		}
		cancel()
		p.Wait()
	})
}

func TestWaitEndsWithAHungSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, release := &server{}, make(chan struct{})
		s.answer(func(context.Context) ([]sources.Alert, error) { <-release; return nil, nil })
		ctx, cancel := context.WithCancel(t.Context())
		p := Start(ctx, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{})
		time.Sleep(time.Second)
		cancel()
		began := time.Now()
		p.Wait()
		if d := time.Since(began); d > grace {
			t.Errorf("Wait took %v", d)
		}
		for range p.Box() { // closed in the end
		}
		close(release)
	})
}

func TestPanicIsAnErrorOfThatFeed(t *testing.T) {
	bad, good := &server{}, &server{}
	bad.answer(func(context.Context) ([]sources.Alert, error) { panic("index out of range \x1b[2J") })
	run(t, Set{Clusters: []ClusterSet{bad.set("bad"), good.set("good")}}, Pace{}, func(t *testing.T, p *Poller) {
		s := newestOf(t, p)
		if e := s.Clusters[0].Alerts.Err; e == nil || e.Kind != sources.BadResponse {
			t.Errorf("error: %v", e)
		}
		if s.Clusters[1].Alerts.Err != nil {
			t.Error("the other feed suffers")
		}
		time.Sleep(time.Minute)
		if s2 := newestOf(t, p); !s2.Clusters[0].Alerts.Tried.After(s.Clusters[0].Alerts.Tried) {
			t.Error("a panic ended the polling")
		}
	})
}

func TestSnapshotsCoalesce(t *testing.T) {
	var set Set
	for i := range 10 {
		s := &server{}
		s.answer(firing(fmt.Sprint(i)))
		set.Clusters = append(set.Clusters, s.set(fmt.Sprint(i)))
	}
	run(t, set, Pace{}, func(t *testing.T, p *Poller) {
		start := (<-p.Box()).Seq
		first := <-p.Box()
		if first.Seq != start+1 {
			t.Errorf("the first answer is snapshot %d after %d", first.Seq, start)
		}
		began := time.Now()
		second := <-p.Box()
		if d := time.Since(began); d > quiet {
			t.Errorf("the others waited %v", d)
		}
		for _, c := range second.Clusters {
			if !c.Alerts.Asked() {
				t.Errorf("cluster %s is missing in snapshot %d", c.Name, second.Seq)
			}
		}
		if second.Seq != first.Seq+1 {
			t.Errorf("ten answers together made %d snapshots after the first", second.Seq-first.Seq)
		}
	})
}

func TestBoxHoldsTheNewest(t *testing.T) {
	s := &server{}
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		time.Sleep(time.Hour) // nobody reads
		got := <-p.Box()
		if age := time.Since(got.Clusters[0].Alerts.AsOf); age > 6*time.Second {
			t.Errorf("the snapshot in the box is %v old", age)
		}
		if n := uint64(s.asked()); got.Seq < n {
			t.Errorf("snapshot %d after %d requests: publishing was held up", got.Seq, n)
		}
	})
}

func TestSnapshotsAreImmutable(t *testing.T) {
	s := &server{}
	s.answer(firing("a"))
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		old := newestOf(t, p)
		s.answer(firing("b"))
		time.Sleep(10 * time.Second)
		_ = newestOf(t, p)
		if items := old.Clusters[0].Alerts.Items; len(items) != 1 || items[0].ID != "a" || items[0].State != sources.Firing {
			t.Errorf("a published snapshot changed: %+v", items)
		}
	})
}

// changes is a change source with something to say.
type changes struct {
	since time.Time
	items []sources.Change
	err   error
}

func (c *changes) Changes(_ context.Context, since time.Time) ([]sources.Change, error) {
	c.since = since
	return c.items, c.err
}
func (c *changes) Notes() []safe.Value { return []safe.Value{safe.Outside("1 of 2 lines unreadable")} }

func TestChanges(t *testing.T) {
	src := &changes{items: []sources.Change{{ID: "1"}}}
	id := sources.SourceID{Kind: "events", Name: "ci"}
	run(t, Set{Changes: []ChangeSet{{ID: id, Source: src}}}, Pace{Window: 3 * time.Hour}, func(t *testing.T, p *Poller) {
		began := time.Now()
		f := newestOf(t, p).Changes[0]
		if len(f.Items) != 1 || len(f.Notes) != 1 || f.Source != id || f.Every != 30*time.Second {
			t.Errorf("feed: %+v", f)
		}
		if want := began.Add(-3 * time.Hour); !src.since.Equal(want) {
			t.Errorf("asked since %v, want %v", src.since, want)
		}
	})
}

func TestRulesMayTakeLonger(t *testing.T) {
	rules := func(ctx context.Context) ([]sources.RuleGroup, error) {
		select {
		case <-time.After(12 * time.Second):
			return make([]sources.RuleGroup, 1), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	set := Set{Clusters: []ClusterSet{{Name: "eu", Rules: rules, RulesID: sources.SourceID{Kind: "prometheus"}}}}
	run(t, set, Pace{}, func(t *testing.T, p *Poller) {
		time.Sleep(13 * time.Second)
		if c := newestOf(t, p).Clusters[0]; len(c.Rules.Items) != 1 || c.Alerts.Source.Kind != "" {
			t.Errorf("cluster: %+v", c)
		}
	})
}
