package engine

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
)

// ErrFull says that the store has as many series or samples as it may hold,
// all of them younger than the retention.
var ErrFull = errors.New("the store is full")

// Point is one sample: milliseconds since the epoch and a value.
type Point struct {
	Time  int64
	Value float64
}

// Series is a label set (with __name__) and its points in order of time.
type Series struct {
	Labels labels.Labels
	Points []Point
}

// Stale is the value that ends a series at its timestamp, as a scrape that no
// longer finds it does.
func Stale() float64 { return math.Float64frombits(value.StaleNaN) }

// memSeries is one stored series. Points are only appended, or replaced by a
// copy of their tail: a reader that holds the slice is never disturbed.
type memSeries struct {
	labels labels.Labels
	points []Point
}

// store holds float series in memory. It keeps at most maxSamples points (16
// bytes each, up to twice that with the growth of slices) in maxSeries series;
// when full it drops what is older than the retention, and then refuses.
type store struct {
	retention             int64 // milliseconds; 0: keep
	maxSamples, maxSeries int

	mu      sync.RWMutex
	byHash  map[uint64][]*memSeries
	byName  map[string][]*memSeries
	all     []*memSeries // in the order of their first sample
	samples int
	newest  int64
	swept   int64 // newest when old samples were dropped last
}

func newStore(o Options) *store {
	return &store{retention: o.Retention.Milliseconds(), maxSamples: o.MaxStored, maxSeries: o.MaxSeries,
		byHash: map[uint64][]*memSeries{}, byName: map[string][]*memSeries{}, newest: math.MinInt64, swept: math.MinInt64}
}

// append stores what it can. The error joins what was refused, at most the
// first five reasons.
func (s *store) append(in []Series) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	refused := 0
	for _, one := range in {
		for _, p := range one.Points {
			if err := s.add(one.Labels, p); err != nil {
				if refused++; refused <= 5 {
					errs = append(errs, fmt.Errorf("%s at %s: %w", one.Labels, time.UnixMilli(p.Time).UTC().Format(time.RFC3339Nano), err))
				}
			}
		}
	}
	if refused > len(errs) {
		errs = append(errs, fmt.Errorf("and %d more", refused-len(errs)))
	}
	return errors.Join(errs...)
}

// appendOne is append for one sample, with the bare reason.
func (s *store) appendOne(l labels.Labels, p Point) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(l, p)
}

// add refuses what a Prometheus head refuses: a sample older than the newest
// of its series, or a second value for the same moment.
func (s *store) add(l labels.Labels, p Point) error {
	m, err := s.get(l)
	if err != nil {
		return err
	}
	if n := len(m.points); n > 0 {
		switch last := m.points[n-1]; {
		case p.Time < last.Time:
			return storage.ErrOutOfOrderSample
		case p.Time == last.Time && math.Float64bits(p.Value) == math.Float64bits(last.Value):
			return nil
		case p.Time == last.Time:
			return storage.ErrDuplicateSampleForTimestamp
		}
	}
	if s.samples >= s.maxSamples {
		if s.sweep(); s.samples >= s.maxSamples {
			return ErrFull
		}
		if m, err = s.get(l); err != nil { // the sweep may have dropped it
			return err
		}
	}
	m.points = append(m.points, p)
	s.samples++
	s.newest = max(s.newest, p.Time)
	return nil
}

// get finds or makes the series.
func (s *store) get(l labels.Labels) (*memSeries, error) {
	l = l.WithoutEmpty()
	h := l.Hash()
	for _, m := range s.byHash[h] {
		if labels.Equal(m.labels, l) {
			return m, nil
		}
	}
	name := l.Get(model.MetricNameLabel)
	if l.IsEmpty() || l.Has("") {
		return nil, errors.New("a series needs labels with names")
	}
	if len(s.all) >= s.maxSeries {
		if s.sweep(); len(s.all) >= s.maxSeries {
			return nil, ErrFull
		}
	}
	m := &memSeries{labels: l}
	s.byHash[h] = append(s.byHash[h], m)
	s.byName[name] = append(s.byName[name], m)
	s.all = append(s.all, m)
	return m, nil
}

// sweep drops samples older than the retention and series without samples. It
// costs a walk over all series, so it waits until a 20th of the retention has
// passed since the last one.
func (s *store) sweep() {
	if s.retention == 0 || s.samples == 0 || (s.swept != math.MinInt64 && s.newest-s.swept < s.retention/20) {
		return
	}
	s.swept = s.newest
	oldest := s.newest - s.retention
	all := s.all
	s.all, s.samples = nil, 0
	s.byName, s.byHash = map[string][]*memSeries{}, map[uint64][]*memSeries{}
	for _, m := range all {
		m.points = append([]Point(nil), m.points[firstFrom(m.points, oldest):]...)
		if len(m.points) == 0 {
			continue
		}
		name, h := m.labels.Get(model.MetricNameLabel), m.labels.Hash()
		s.byHash[h] = append(s.byHash[h], m)
		s.byName[name] = append(s.byName[name], m)
		s.all = append(s.all, m)
		s.samples += len(m.points)
	}
}
