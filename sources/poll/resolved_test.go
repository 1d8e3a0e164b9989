package poll

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/sources"
)

func TestWithResolved(t *testing.T) {
	t.Parallel()
	const keep = time.Hour
	t0 := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := t0.Add(5 * time.Second)
	al := func(id string, st sources.State, resolved ...time.Time) sources.Alert {
		a := sources.Alert{ID: sources.AlertID(id), State: st, ActiveAt: t0.Add(-time.Minute)}
		if len(resolved) > 0 {
			a.ResolvedAt = resolved[0]
		}
		return a
	}
	type alerts = []sources.Alert
	tests := []struct {
		name         string
		prev, answer alerts
		prevAsOf     time.Time
		want         alerts
	}{
		{name: "first answer", answer: alerts{al("a", sources.Firing)}, want: alerts{al("a", sources.Firing)}},
		{name: "firing and gone is resolved at the answer", prevAsOf: t0,
			prev:   alerts{al("a", sources.Firing), al("b", sources.Firing)},
			answer: alerts{al("b", sources.Firing)},
			want:   alerts{al("b", sources.Firing), al("a", sources.Resolved, at)}},
		{name: "an empty answer resolves all", prevAsOf: t0,
			prev: alerts{al("a", sources.Firing)},
			want: alerts{al("a", sources.Resolved, at)}},
		{name: "pending and gone is dropped", prevAsOf: t0,
			prev: alerts{al("a", sources.Pending)}},
		{name: "firing that is pending now is not resolved", prevAsOf: t0,
			prev:   alerts{al("a", sources.Firing)},
			answer: alerts{al("a", sources.Pending)},
			want:   alerts{al("a", sources.Pending)}},
		{name: "resolved stays with its time", prevAsOf: t0,
			prev: alerts{al("a", sources.Resolved, at.Add(-keep+time.Second))},
			want: alerts{al("a", sources.Resolved, at.Add(-keep+time.Second))}},
		{name: "resolved ends after its time", prevAsOf: t0,
			prev: alerts{al("a", sources.Resolved, at.Add(-keep))}},
		{name: "firing again replaces resolved", prevAsOf: t0,
			prev:   alerts{al("a", sources.Resolved, t0)},
			answer: alerts{al("a", sources.Firing)},
			want:   alerts{al("a", sources.Firing)}},
		{name: "newest resolved first", prevAsOf: t0,
			prev: alerts{al("old", sources.Resolved, t0.Add(-time.Minute)), al("new", sources.Firing)},
			want: alerts{al("new", sources.Resolved, at), al("old", sources.Resolved, t0.Add(-time.Minute))}},
		{name: "after a long absence nobody knows when it ended", prevAsOf: at.Add(-keep - time.Second),
			prev: alerts{al("a", sources.Firing)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := append(alerts(nil), tt.prev...)
			got := withResolved(tt.prev, tt.prevAsOf, tt.answer, at, keep)
			if d := cmp.Diff(len(tt.want), len(got)); d != "" {
				t.Fatalf("number of alerts: %s\n%v", d, got)
			}
			if d := cmp.Diff(tt.want, got, cmp.Comparer(sameAlert)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(before, tt.prev, cmp.Comparer(sameAlert)); d != "" {
				t.Error("the previous items were changed:", d)
			}
		})
	}
}

func sameAlert(a, b sources.Alert) bool {
	return a.ID == b.ID && a.State == b.State && a.ResolvedAt.Equal(b.ResolvedAt) && a.ActiveAt.Equal(b.ActiveAt)
}

func TestWithResolvedIsBounded(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var items []sources.Alert
	asOf := t0
	for round := range 5 {
		answer := make([]sources.Alert, 4000)
		for i := range answer {
			answer[i] = sources.Alert{ID: sources.AlertID(fmt.Sprint(round, " ", i)), State: sources.Firing}
		}
		at := asOf.Add(5 * time.Second)
		items = withResolved(items, asOf, answer, at, time.Hour)
		asOf = at
	}
	if got, want := len(items), 4000+maxResolved; got != want {
		t.Fatalf("%d alerts are kept, want %d", got, want)
	}
	if last := items[len(items)-1]; !last.ResolvedAt.After(t0.Add(5 * time.Second)) {
		t.Errorf("the oldest resolved alerts should go first, still there: %v", last.ResolvedAt)
	}
}
