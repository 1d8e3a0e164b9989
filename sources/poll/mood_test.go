package poll

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestRefreshIsSingleflight(t *testing.T) {
	s := &server{}
	s.answer(func(ctx context.Context) ([]sources.Alert, error) {
		time.Sleep(2 * time.Second)
		return nil, nil
	})
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		time.Sleep(time.Second)
		for range 10 {
			p.Refresh()
		}
		time.Sleep(1500 * time.Millisecond)
		if n := s.asked(); n != 1 {
			t.Errorf("asked %d times: a refresh during a request started another", n)
		}
		p.Refresh()
		synctest.Wait()
		if n := s.asked(); n != 2 {
			t.Errorf("asked %d times: a refresh between requests did not ask at once", n)
		}
	})
}

func TestFocus(t *testing.T) {
	s := &server{}
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		time.Sleep(time.Minute)
		p.Focus(false)
		synctest.Wait()
		before := s.asked()
		time.Sleep(10 * time.Minute)
		if n := s.asked() - before; n < 27 || n > 34 {
			t.Errorf("asked %d times in 10 min while nobody looks, want about 30", n)
		}
		f := newestOf(t, p).Clusters[0].Alerts
		if f.Every != 20*time.Second || !f.Live(f.AsOf.Add(21*time.Second)) {
			t.Errorf("the feed must say its longer interval: %v", f.Every)
		}
		before = s.asked()
		time.Sleep(6 * time.Second)
		p.Focus(true)
		synctest.Wait()
		if s.asked() == before {
			t.Error("not asked at once when the reader is back")
		}
		time.Sleep(time.Minute)
		if f = newestOf(t, p).Clusters[0].Alerts; f.Every != 5*time.Second {
			t.Errorf("interval after the return: %v", f.Every)
		}
	})
}

func TestPause(t *testing.T) {
	s := &server{}
	run(t, Set{Clusters: []ClusterSet{s.set("eu")}}, Pace{}, func(t *testing.T, p *Poller) {
		time.Sleep(12 * time.Second)
		p.Pause(true)
		f := newestOf(t, p).Clusters[0].Alerts
		if !f.Next.IsZero() {
			t.Errorf("paused, but the next request is said to come at %v", f.Next)
		}
		before := s.asked()
		time.Sleep(time.Hour)
		if s.asked() != before {
			t.Error("asked while paused")
		}
		p.Refresh()
		f = newestOf(t, p).Clusters[0].Alerts
		if s.asked() != before+1 || !f.Live(time.Now()) || !f.Next.IsZero() {
			t.Errorf("a refresh works while paused: asked %d times, %+v", s.asked()-before, f)
		}
		time.Sleep(time.Hour)
		if s.asked() != before+1 {
			t.Error("the refresh ended the pause")
		}
		p.Pause(false)
		synctest.Wait()
		if s.asked() != before+2 {
			t.Error("overdue, but not asked at once after the pause")
		}
	})
}
