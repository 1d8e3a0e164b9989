package page

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func TestOpenIsImmediate(t *testing.T) {
	t.Parallel()
	p := openBurn(t)
	if p.Item.Service.Name.Raw() != "checkout" || p.Item.Owner.Name.Raw() != "payments" {
		t.Errorf("service %v, owner %v", p.Item.Service, p.Item.Owner)
	}
	if p.Runbook.State != Waiting || p.Runbook.Value.Ref.Fragment != "checkouterrorbudgetburn" {
		t.Errorf("runbook %v, ref %+v", p.Runbook.State, p.Runbook.Value.Ref)
	}
	if got := p.Onset.Value.At; !got.Equal(now.Add(-7 * time.Minute)) {
		t.Errorf("onset %v", got)
	}
	if w := p.Why.Value; !w.HasLimit || w.Limit != 0.05 || w.Value != 0.124 {
		t.Errorf("why %+v", w)
	}
	if len(p.Ranking.Suspects) != 1 {
		t.Errorf("suspects %v", p.Ranking.Suspects)
	}
	if len(p.Who.OnCall) != 1 || p.Who.Next == nil || p.Who.Next.Person.Raw() != "Bo Lind" || p.Who.Service == nil {
		t.Errorf("who %+v", p.Who)
	}
	if _, ok := Open(build(snapshot(burn()), now), "nope", nil); ok {
		t.Error("an unknown alert opened")
	}
}

func TestDueOrderAndDependencies(t *testing.T) {
	t.Parallel()
	a, p := assembler(&server{}), openBurn(t)
	want := func(p Page, parts ...Part) {
		t.Helper()
		got := a.Due(p)
		if len(got) != len(parts) {
			t.Fatalf("due %v, want %v", got, parts)
		}
		for i := range got {
			if got[i] != parts[i] {
				t.Fatalf("due %v, want %v", got, parts)
			}
		}
	}
	want(p, PartRunbook, PartOnset, PartHealth) // why waits for the onset
	want(p.Begin(PartRunbook), PartOnset, PartHealth)
	p = p.With(a.Load(t.Context(), p, PartRunbook))
	want(p, PartOnset, PartHealth)
	p = a.All(t.Context(), p)
	want(p)
	want(p.Again(PartRunbook), PartRunbook)
	at := now
	a.Now = func() time.Time { return at }
	if next := a.Next(p); !next.Equal(now.Add(15 * time.Second)) {
		t.Errorf("next %v", next)
	}
	at = now.Add(15 * time.Second)
	want(p, PartWhy) // health is absent here and looks again later
	at = now.Add(absentEvery)
	want(p, PartWhy, PartHealth, PartEvidence, PartCallees, PartDiffs, PartPointsAt)
}

func TestFailureKeepsTheValueAndIsRetriedLater(t *testing.T) {
	t.Parallel()
	broken := false
	q := &server{ranged: func(_ context.Context, _ string, r sources.Range) (sources.Matrix, error) {
		if broken {
			return nil, sources.Errorf(sources.Timeout, "no answer within 5 s")
		}
		return sources.Matrix{{Labels: sources.NewLabels(map[string]string{"service": "checkout"}), Points: ramp(r)}}, nil
	}}
	a := assembler(q)
	at := now
	a.Now = func() time.Time { return at }
	p := a.All(t.Context(), openBurn(t))
	if p.Why.State != OK || len(p.Why.Value.Points) == 0 || p.Why.Value.Trend != triage.Rising {
		t.Fatalf("why %v, %d points, trend %q", p.Why.State, len(p.Why.Value.Points), p.Why.Value.Trend)
	}
	if p.Onset.Value.Method != triage.MethodWalked {
		t.Errorf("onset %+v", p.Onset.Value)
	}
	broken = true
	for i, wait := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		at = at.Add(time.Minute)
		p = p.With(a.Load(t.Context(), p, PartWhy))
		if p.Why.State != Stale || len(p.Why.Value.Points) == 0 || !sources.IsKind(p.Why.Err, sources.Timeout) || !p.Why.AsOf.Equal(now) {
			t.Fatalf("after failure %d: %v as of %v, %v", i+1, p.Why.State, p.Why.AsOf, p.Why.Err)
		}
		loaded := at
		at = loaded.Add(wait - time.Second)
		if contains(a.Due(p), PartWhy) {
			t.Errorf("failure %d: retried before %v", i+1, wait)
		}
		at = loaded.Add(wait)
		if !contains(a.Due(p), PartWhy) {
			t.Errorf("failure %d: not retried after %v", i+1, wait)
		}
	}
	broken = false
	p = p.With(a.Load(t.Context(), p, PartWhy))
	if p.Why.State != OK || p.Why.Err != nil || !p.Why.AsOf.Equal(at) {
		t.Errorf("after recovery: %v %v", p.Why.State, p.Why.Err)
	}
	limited := backoff(1, &sources.Error{Kind: sources.RateLimited, After: time.Hour})
	if limited != time.Hour {
		t.Errorf("rate limited: retried after %v", limited)
	}
	if most := backoff(100, errors.New("x")); most != retryMost {
		t.Errorf("retried after %v", most)
	}
}

func contains(parts []Part, p Part) bool {
	for _, x := range parts {
		if x == p {
			return true
		}
	}
	return false
}

func TestWithDropsWhatDoesNotBelong(t *testing.T) {
	t.Parallel()
	q := &server{}
	a := assembler(q)
	p := openBurn(t)
	older := a.Load(t.Context(), p, PartOnset)
	newer := a.Load(t.Context(), p, PartRunbook)
	slow := a.Load(t.Context(), p, PartRunbook)

	other := older
	other.Alert = "another"
	if got := p.With(other); got.Onset.State != Waiting {
		t.Error("the result of another alert was taken")
	}
	got := p.With(slow)
	got.Runbook.Value.Reason = "marked"
	if got.With(newer).Runbook.Value.Reason != "marked" {
		t.Error("the result of an older load was taken")
	}

	anew := burn()
	anew.ActiveAt = now.Add(-time.Minute)
	refired := p.Begin(PartOnset).Rebase(build(snapshot(anew), now))
	after := refired.With(older)
	if after.Onset.State != Waiting || !after.Onset.Value.At.Equal(anew.ActiveAt) {
		t.Errorf("the onset of an earlier firing was taken: %+v", after.Onset)
	}
	if !contains(a.Due(after), PartOnset) {
		t.Error("the onset of the new firing is not due")
	}
}

func TestPagesAreValues(t *testing.T) {
	t.Parallel()
	a := assembler(&server{})
	p := openBurn(t)
	q := p.With(a.Load(t.Context(), p, PartRunbook))
	if p.Runbook.State != Waiting || q.Runbook.State != OK {
		t.Errorf("before %v, after %v", p.Runbook.State, q.Runbook.State)
	}
	if p.Begin(PartWhy); p.Why.Loading() {
		t.Error("Begin changed its page")
	}
}

func TestRebase(t *testing.T) {
	t.Parallel()
	p := assembler(&server{}).All(t.Context(), openBurn(t))
	loaded := p.Runbook

	t.Run("newer facts, parts kept", func(t *testing.T) {
		more := burn()
		more.Value = 0.2
		got := p.Rebase(build(snapshot(more), now.Add(5*time.Second)))
		if got.Why.Value.Value != 0.2 || got.Over || got.Runbook.State != OK || !got.Runbook.AsOf.Equal(loaded.AsOf) {
			t.Errorf("value %v, over %v, runbook %v", got.Why.Value.Value, got.Over, got.Runbook.State)
		}
	})
	t.Run("gone and the feed answers", func(t *testing.T) {
		got := p.Rebase(build(snapshot(), now.Add(5*time.Second)))
		if !got.Over || got.Item.State != sources.Resolved || !got.Item.ResolvedAt.Equal(now) || got.Item.Name().Raw() != "CheckoutErrorBudgetBurn" {
			t.Errorf("over %v, %v at %v", got.Over, got.Item.State, got.Item.ResolvedAt)
		}
		back := got.Rebase(build(snapshot(burn()), now.Add(10*time.Second)))
		if back.Over || back.Item.State != sources.Firing {
			t.Errorf("it came back: over %v, %v", back.Over, back.Item.State)
		}
	})
	t.Run("gone and the feed fails", func(t *testing.T) {
		s := snapshot()
		s.Clusters[0].Alerts.Err = sources.Errorf(sources.Timeout, "no answer")
		got := p.Rebase(build(s, now.Add(5*time.Second)))
		if got.Over || got.Item.State != sources.Firing {
			t.Errorf("over %v, %v", got.Over, got.Item.State)
		}
	})
	t.Run("gone and the feed is old", func(t *testing.T) {
		got := p.Rebase(build(snapshot(), now.Add(time.Hour)))
		if got.Over {
			t.Error("resolved by an answer of an hour ago")
		}
	})
	t.Run("the rule becomes known", func(t *testing.T) {
		s := snapshot(burn())
		s.Clusters[0].Rules = sources.Feed[sources.RuleGroup]{Source: s.Clusters[0].Rules.Source}
		a := assembler(&server{})
		before, _ := Open(build(s, now), burn().ID, nil)
		before = a.All(t.Context(), before)
		if before.Why.State != Absent || len(a.Due(before)) != 0 {
			t.Fatalf("without a rule: why %v, due %v", before.Why.State, a.Due(before))
		}
		if got := a.Due(before.Rebase(build(snapshot(burn()), now))); !contains(got, PartOnset) || !contains(got, PartWhy) {
			t.Errorf("with the rule: due %v", got)
		}
	})
}

func TestLoadNeverPanics(t *testing.T) {
	t.Parallel()
	a := assembler(&server{ranged: func(context.Context, string, sources.Range) (sources.Matrix, error) { panic("boom\x1b[2J") }})
	p := a.All(t.Context(), openBurn(t))
	if p.Onset.State != Failed || p.Onset.Err == nil || strings.ContainsRune(p.Onset.Err.Error(), 0x1b) {
		t.Errorf("onset %v: %q", p.Onset.State, p.Onset.Err)
	}
	if p.Runbook.State != OK {
		t.Errorf("the runbook suffered: %v", p.Runbook.State)
	}
	if r := a.Load(t.Context(), p, Part(99)); r.Err() == nil {
		t.Error("a part that does not exist loaded")
	}
}

func TestHungServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := &server{
			instant: func(ctx context.Context, _ string, _ time.Time) (sources.Vector, error) {
				<-ctx.Done()
				return nil, &sources.Error{Kind: sources.Timeout, Err: ctx.Err()}
			},
			ranged: func(ctx context.Context, _ string, _ sources.Range) (sources.Matrix, error) {
				<-ctx.Done()
				return nil, &sources.Error{Kind: sources.Timeout, Err: ctx.Err()}
			},
		}
		a := assembler(hang)
		start := time.Now()
		a.Now = func() time.Time { return now.Add(time.Since(start)) }
		p := a.All(context.Background(), openBurn(t))
		if took := time.Since(start); took > 2*defaultDeadline {
			t.Errorf("took %v", took)
		}
		if p.Runbook.State != OK || p.Onset.State != Failed || p.Health.State != Failed || !sources.IsKind(p.Health.Err, sources.Timeout) {
			t.Errorf("runbook %v, onset %v, health %v: %v", p.Runbook.State, p.Onset.State, p.Health.State, p.Health.Err)
		}
	})
}

func TestLeavingThePage(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	q := &server{ranged: func(ctx context.Context, _ string, _ sources.Range) (sources.Matrix, error) {
		cancel()
		return nil, &sources.Error{Kind: sources.Canceled, Err: ctx.Err()}
	}}
	a, p := assembler(q), openBurn(t).Begin(PartOnset)
	got := p.With(a.Load(ctx, p, PartOnset))
	if got.Onset.State != Waiting || got.Onset.Loading() || got.Onset.Err != nil {
		t.Errorf("a load that was given up left a trace: %+v", got.Onset)
	}
	whole := a.All(ctx, openBurn(t))
	if whole.Onset.State != Failed || !sources.IsKind(whole.Onset.Err, sources.Canceled) {
		t.Errorf("onset %v: %v", whole.Onset.State, whole.Onset.Err)
	}
}

func TestAgainDuringALoad(t *testing.T) {
	t.Parallel()
	a := assembler(&server{})
	p := openBurn(t).Begin(PartRunbook)
	r := a.Load(t.Context(), p, PartRunbook)
	if got := p.Again(PartRunbook).With(r); !contains(a.Due(got), PartRunbook) {
		t.Error("asked again while loading, but not due")
	}
	if got := p.With(r); contains(a.Due(got), PartRunbook) {
		t.Error("loaded, but still due")
	}
}

func TestRunbookAbsent(t *testing.T) {
	t.Parallel()
	a := assembler(&server{})
	trail := runbook.Trail{{Name: "checkout", Tried: "~/src/runbooks", Result: "no cart.md"}}
	a.Runbooks = library{trail: trail, err: &runbook.NotFoundError{Reason: runbook.NoFile}}
	p := a.All(t.Context(), openBurn(t))
	if p.Runbook.State != Absent || p.Runbook.Err != nil || p.Runbook.Value.Reason != runbook.NoFile || len(p.Runbook.Value.Trail) != 1 {
		t.Errorf("runbook %+v", p.Runbook)
	}
	a.Runbooks = library{err: errors.New("disk on fire")}
	if p = a.All(t.Context(), openBurn(t)); p.Runbook.State != Failed {
		t.Errorf("runbook %v", p.Runbook.State)
	}
}

func TestAlertmanagerOnlyAlert(t *testing.T) {
	t.Parallel()
	al := burn()
	al.ActiveAt, al.Value = time.Time{}, math.NaN()
	al.AM = &sources.AMView{Labels: al.Labels, StartsAt: now.Add(-4 * time.Minute)}
	p, _ := Open(build(snapshot(al), now), al.ID, nil)
	if p.Onset.Value.Method != triage.MethodStartsAt {
		t.Fatalf("onset %+v", p.Onset.Value)
	}
	var r sources.Range
	flat := &server{instant: func(_ context.Context, expr string, _ time.Time) (sources.Vector, error) {
		if !strings.HasPrefix(expr, `max(ALERTS_FOR_STATE{alertname="CheckoutErrorBudgetBurn",`) {
			return nil, nil
		}
		return sources.Vector{{Point: sources.Point{T: now, V: float64(now.Add(-6 * time.Minute).Unix())}}}, nil
	}}
	if on := assembler(flat).All(t.Context(), p).Onset.Value; on.Method != triage.MethodState || !on.At.Equal(now.Add(-6*time.Minute)) {
		t.Errorf("by ALERTS_FOR_STATE: %+v", on)
	}
	a := assembler(&server{ranged: func(_ context.Context, _ string, asked sources.Range) (sources.Matrix, error) {
		r = asked
		return sources.Matrix{{Points: ramp(asked)}}, nil
	}})
	p = a.All(t.Context(), p)
	if want := now.Add(-7*time.Minute - lead); r.Start.After(want) || r.Start.Before(want.Add(-r.Step)) {
		t.Errorf("asked from %v", r.Start)
	}
	if v := p.Why.Value.Value; math.Abs(v-0.124) > 1e-9 {
		t.Errorf("value %v", v)
	}
}
