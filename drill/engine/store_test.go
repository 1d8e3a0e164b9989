package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
)

func one(name string, ts int64, v float64) Series {
	return Series{Labels: labels.FromStrings("__name__", name), Points: []Point{{ts, v}}}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	e := open(t, Options{})
	if err := e.Append(one("a", 1000, 1), one("a", 1000, 1), one("b", 500, 1)); err != nil {
		t.Errorf("the same sample twice: %v", err)
	}
	for name, c := range map[string]struct {
		in   Series
		want error
	}{
		"older":  {one("a", 999, 1), storage.ErrOutOfOrderSample},
		"second": {one("a", 1000, 2), storage.ErrDuplicateSampleForTimestamp},
	} {
		if err := e.Append(c.in, one("c", 1, 1)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := e.Append(Series{Points: []Point{{1, 1}}}); err == nil {
		t.Error("a series without labels was stored")
	}
	if series, samples := e.Stored(); series != 3 || samples != 3 {
		t.Errorf("stored %d series, %d samples", series, samples)
	}
	// An empty label is no label.
	if err := e.Append(Series{Labels: labels.FromStrings("__name__", "a", "x", ""), Points: []Point{{2000, 5}}}); err != nil {
		t.Error(err)
	}
	if v, err := e.Query(t.Context(), "a", time.UnixMilli(2000)); err != nil || len(v) != 1 || v[0].F != 5 {
		t.Errorf("%v, %v", v, err)
	}
	if series, _ := e.Stored(); series != 3 {
		t.Errorf("%d series", series)
	}
}

func TestStaleEndsASeries(t *testing.T) {
	t.Parallel()
	e := open(t, Options{})
	s := one("a", 1000, 1)
	s.Points = append(s.Points, Point{61_000, Stale()}, Point{121_000, math.NaN()})
	if err := e.Append(s); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[int64]int{999: 0, 1000: 1, 60_999: 1, 61_000: 0, 120_000: 0, 121_000: 1} {
		if v, err := e.Query(t.Context(), "a", time.UnixMilli(at)); err != nil || len(v) != want {
			t.Errorf("at %d: %v, %v; want %d", at, v, err, want)
		}
	}
}

// TestBounds fills a store: it refuses without a retention, and forgets the
// oldest with one.
func TestBounds(t *testing.T) {
	t.Parallel()
	fill := func(e *Engine) (err error) {
		for i := range int64(1000) {
			err = e.Append(one("a", i*1000, 1), one(fmt.Sprint("s", i/100), i*1000, 1))
		}
		return err
	}
	for _, o := range []Options{{MaxStored: 500}, {MaxSeries: 5}} {
		e := open(t, o)
		if err := fill(e); !errors.Is(err, ErrFull) {
			t.Errorf("%+v: %v", o, err)
		}
		if series, samples := e.Stored(); (o.MaxStored > 0 && samples > 500) || (o.MaxSeries > 0 && series > 5) {
			t.Errorf("%+v: %d series, %d samples", o, series, samples)
		}
	}
	e := open(t, Options{MaxStored: 500, MaxSeries: 4, Retention: 100 * time.Second})
	if err := fill(e); err != nil {
		t.Errorf("with a retention: %v", err)
	}
	if series, samples := e.Stored(); series > 4 || samples > 500 {
		t.Errorf("%d series, %d samples", series, samples)
	}
	v, err := e.Query(t.Context(), "count_over_time(a[90s])", time.UnixMilli(999_500))
	if err != nil || len(v) != 1 || v[0].F != 90 {
		t.Errorf("the last 90 s: %v, %v", v, err)
	}
	if v, err := e.Query(t.Context(), "s0", time.UnixMilli(99_000)); err != nil || len(v) != 0 {
		t.Errorf("an old series: %v, %v", v, err)
	}
}

// TestTogether appends, evaluates and asks at once: each batch is seen whole.
func TestTogether(t *testing.T) {
	t.Parallel()
	rules := "groups: [{name: g, interval: 1s, rules: [{record: s, expr: sum(x)}, {alert: A, expr: x > 0, for: 5s}]}]"
	e := open(t, Options{Rules: []RuleFile{{Name: "r", Data: []byte(rules)}}, MaxStored: 5000, Retention: time.Minute})
	mine := serving(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var moment sync.Mutex
	now := int64(0)
	last := func() time.Time { moment.Lock(); defer moment.Unlock(); return time.UnixMilli(now) }
	wg.Go(func() {
		for i := int64(1); ctx.Err() == nil; i++ {
			var batch []Series
			for s := range 20 {
				batch = append(batch, Series{Labels: labels.FromStrings("__name__", "x", "s", fmt.Sprint(s)), Points: []Point{{i * 1000, float64(i)}}})
			}
			if err := e.Append(batch...); err != nil {
				t.Error(err)
				return
			}
			moment.Lock()
			now = i * 1000
			moment.Unlock()
		}
	})
	wg.Go(func() {
		for ctx.Err() == nil {
			if err := e.Replay(ctx, time.Unix(1, 0), last()); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	for range 200 {
		// All twenty series have the same value at every moment, the newest included.
		v, err := e.Query(ctx, "stddev(x)", last().Add(time.Second))
		if err != nil || (len(v) == 1 && v[0].F != 0) {
			t.Fatalf("half a batch was seen: %v, %v", v, err)
		}
		alertsOf(t, mine, moving{})
		rulesOf(t, mine, moving{})
	}
	cancel()
	wg.Wait()
}
