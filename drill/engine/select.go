package engine

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// Querier implements storage.Queryable.
func (s *store) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{store: s, mint: mint, maxt: maxt}, nil
}

// querier reads the samples from mint to maxt, both included, in milliseconds.
type querier struct {
	store      *store
	mint, maxt int64
}

// Close implements storage.Querier; there is nothing to release.
func (*querier) Close() error { return nil }

// Select returns the series that have a sample in the querier's time.
func (q *querier) Select(_ context.Context, sorted bool, hints *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil && !hints.DisableTrimming {
		mint, maxt = hints.Start, hints.End
	}
	found := q.store.match(mint, maxt, ms)
	if sorted {
		slices.SortFunc(found, func(a, b window) int { return labels.Compare(a.labels, b.labels) })
	}
	return &seriesSet{found: found, at: -1}
}

// window is a series cut to the time that was asked for.
type window struct {
	labels labels.Labels
	points []Point
}

// Labels implements storage.Series.
func (w window) Labels() labels.Labels { return w.labels }

// Iterator implements storage.Series.
func (w window) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return storage.NewListSeriesIterator(points(w.points))
}

// match returns the matching series that have points from mint to maxt.
func (s *store) match(mint, maxt int64, ms []*labels.Matcher) []window {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []window
	scan := func(list []*memSeries) {
		for _, m := range list {
			if !matches(m.labels, ms) {
				continue
			}
			from, to := firstFrom(m.points, mint), len(m.points)
			if to > 0 && m.points[to-1].Time > maxt {
				to = firstFrom(m.points, maxt+1)
			}
			if from < to {
				out = append(out, window{labels: m.labels, points: m.points[from:to:to]})
			}
		}
	}
	for _, m := range ms {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			scan(s.byName[m.Value])
			return out
		}
	}
	scan(s.all)
	return out
}

func matches(l labels.Labels, ms []*labels.Matcher) bool {
	for _, m := range ms {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

// firstFrom is the index of the first point not older than t.
func firstFrom(ps []Point, t int64) int {
	return sort.Search(len(ps), func(i int) bool { return ps[i].Time >= t })
}

// LabelValues lists the values of a label on series with samples in the
// querier's time, sorted.
func (q *querier) LabelValues(_ context.Context, name string, hints *storage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	seen := map[string]bool{}
	for _, f := range q.store.match(q.mint, q.maxt, ms) {
		if v := f.labels.Get(name); v != "" {
			seen[v] = true
		}
	}
	return limited(seen, hints), nil, nil
}

// LabelNames lists the label names on series with samples in the querier's
// time, sorted.
func (q *querier) LabelNames(_ context.Context, hints *storage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	seen := map[string]bool{}
	for _, f := range q.store.match(q.mint, q.maxt, ms) {
		f.labels.Range(func(l labels.Label) { seen[l.Name] = true })
	}
	return limited(seen, hints), nil, nil
}

func limited(seen map[string]bool, hints *storage.LabelHints) []string {
	out := make([]string, 0, len(seen))
	for v := range seen {
		out = append(out, strings.Clone(v))
	}
	slices.Sort(out)
	if hints != nil && hints.Limit > 0 && len(out) > hints.Limit {
		out = out[:hints.Limit]
	}
	return out
}

// seriesSet walks over what was found.
type seriesSet struct {
	found []window
	at    int
}

func (s *seriesSet) Next() bool                        { s.at++; return s.at < len(s.found) }
func (s *seriesSet) At() storage.Series                { return s.found[s.at] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// points implements storage.Samples.
type points []Point

func (p points) Len() int                { return len(p) }
func (p points) Get(i int) chunks.Sample { return (*floatSample)(&p[i]) }

// floatSample implements chunks.Sample without a copy.
type floatSample Point

func (s *floatSample) T() int64                      { return s.Time }
func (s *floatSample) ST() int64                     { return 0 }
func (s *floatSample) F() float64                    { return s.Value }
func (s *floatSample) H() *histogram.Histogram       { return nil }
func (s *floatSample) FH() *histogram.FloatHistogram { return nil }
func (s *floatSample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s *floatSample) Copy() chunks.Sample           { c := *s; return &c }
