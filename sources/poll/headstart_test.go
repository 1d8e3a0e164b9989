package poll

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// source is a change source that says when it was asked.
type source struct{ asked chan time.Time }

func (s source) Changes(context.Context, time.Time) ([]sources.Change, error) {
	s.asked <- time.Now()
	return nil, nil
}

func TestAlertsHaveAHeadStart(t *testing.T) {
	for name, tt := range map[string]struct{ alerts, want time.Duration }{
		"alerts answer":   {40 * time.Millisecond, 40 * time.Millisecond},
		"alerts are slow": {2 * time.Second, headStart},
	} {
		synctest.Test(t, func(t *testing.T) { // channels belong to the bubble
			s := &server{}
			s.answer(func(context.Context) ([]sources.Alert, error) {
				time.Sleep(tt.alerts)
				return nil, nil
			})
			c, rules := s.set("eu"), make(chan time.Time, 1)
			c.RulesID = c.AlertsID
			c.Rules = func(context.Context) ([]sources.RuleGroup, error) {
				rules <- time.Now()
				return nil, nil
			}
			src := source{make(chan time.Time, 1)}
			ctx, cancel := context.WithCancel(t.Context())
			began := time.Now()
			p := Start(ctx, Set{Clusters: []ClusterSet{c}, Changes: []ChangeSet{{ID: sources.SourceID{Kind: "events"}, Source: src}}}, Pace{})
			if d := (<-rules).Sub(began); d != tt.want {
				t.Errorf("%s: rules asked after %v, want %v", name, d, tt.want)
			}
			if d := (<-src.asked).Sub(began); d != tt.want {
				t.Errorf("%s: changes asked after %v, want %v", name, d, tt.want)
			}
			cancel()
			p.Wait()
			time.Sleep(time.Minute)
		})
	}
}

// An answer of something else does not delay the alerts that come right after
// it.
func TestFirstAlertsDoNotWait(t *testing.T) {
	s := &server{}
	s.answer(func(context.Context) ([]sources.Alert, error) {
		time.Sleep(headStart + quiet/2)
		return firing("a")(nil)
	})
	set := Set{Clusters: []ClusterSet{s.set("eu")}, Changes: []ChangeSet{{ID: sources.SourceID{Kind: "events"}, Source: source{make(chan time.Time, 9)}}}}
	run(t, set, Pace{}, func(t *testing.T, p *Poller) {
		<-p.Box()
		began := time.Now()
		second := <-p.Box()
		if d := time.Since(began); d != headStart+quiet/2 || len(second.Clusters[0].Alerts.Items) != 1 || !second.Changes[0].Asked() {
			t.Errorf("after %v: %+v", d, second)
		}
		synctest.Wait()
		time.Sleep(2 * quiet)
		synctest.Wait()
		select {
		case s := <-p.Box():
			t.Errorf("published twice: %+v", s)
		default:
		}
	})
}
