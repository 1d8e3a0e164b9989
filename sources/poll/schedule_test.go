package poll

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// rota is a schedule that says what it is told to say.
type rota struct {
	mu   sync.Mutex
	says sources.Shifts
	err  error
}

func (r *rota) Shifts(context.Context) (sources.Shifts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.says, r.err
}

func (r *rota) Notes() []safe.Value { return []safe.Value{safe.Outside("odd")} }

// tell says what it says from now on.
func (r *rota) tell(says sources.Shifts, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.says, r.err = says, err
}

func shift(who string) []sources.Shift { return []sources.Shift{{Person: safe.Outside(who)}} }

// The shifts that a failing schedule still has from earlier are shown with their
// age, and do not take the place of newer ones.
func TestScheduleThatFails(t *testing.T) {
	id := sources.SourceID{Kind: "ical", Name: "payments"}
	old := time.Date(1999, 12, 31, 22, 0, 0, 0, time.UTC) // two hours before the fake clock begins
	r := &rota{says: sources.Shifts{Items: shift("Ada"), AsOf: old}, err: errors.New("down")}
	set := Set{Shifts: []ScheduleSet{{ID: id, Source: r}}}
	run(t, set, Pace{Shifts: time.Minute}, func(t *testing.T, p *Poller) {
		begin := time.Now().UTC()
		want := func(who string, asOf time.Time, failed bool) {
			t.Helper()
			synctest.Wait()
			f := (<-p.Box()).Shifts[0]
			if len(f.Items) != 1 || f.Items[0].Person.Raw() != who || !f.AsOf.Equal(asOf) || failed != (f.Err != nil) || len(f.Notes) != 1 || f.Source != id {
				t.Errorf("%+v, want %s as of %v", f, who, asOf)
			}
		}
		time.Sleep(quiet + headStart)
		want("Ada", old, true)
		r.tell(sources.Shifts{Items: shift("Bo")}, nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		f := (<-p.Box()).Shifts[0]
		if f.Err != nil || len(f.Items) != 1 || f.Items[0].Person.Raw() != "Bo" || !f.AsOf.After(begin) {
			t.Fatalf("%+v", f)
		}
		r.tell(sources.Shifts{Items: shift("Ada"), AsOf: old}, errors.New("down"))
		time.Sleep(2 * time.Minute)
		want("Bo", f.AsOf, true)
	})
	snap := Once(t.Context(), set, Pace{})
	if f := snap.Shifts[0]; len(f.Items) != 1 || f.Items[0].Person.Raw() != "Ada" || f.Err == nil {
		t.Errorf("once: %+v", f)
	}
}
