package engine

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// What a zero option means. Timeout, samples and interval are Prometheus' own
// defaults; the store's bounds keep a practice session under about 250 MB.
const (
	defaultTimeout   = 2 * time.Minute
	defaultSamples   = 50_000_000
	defaultInterval  = time.Minute
	defaultMaxStored = 8_000_000
	defaultMaxSeries = 100_000
)

// Options says what an engine evaluates and how much it may hold.
type Options struct {
	Rules          []RuleFile
	Now            func() time.Time  // for queries without a time; nil: time.Now
	ExternalLabels map[string]string // for templates; not added to any series
	ExternalURL    *url.URL          // for templates; nil: an empty URL
	Interval       time.Duration     // of groups and subqueries without one; 0: 1 min
	QueryTimeout   time.Duration     // 0: 2 min
	MaxSamples     int               // that one query may hold; 0: 50 million
	MaxStored      int               // samples in the store; 0: 8 million (16 to 32 bytes each)
	MaxSeries      int               // series in the store; 0: 100,000
	Retention      time.Duration     // a full store drops older samples; 0: it refuses new ones
}

// Engine is a Prometheus without scraping and without a disk.
type Engine struct {
	now            func() time.Time
	externalLabels map[string]string
	externalURL    *url.URL
	store          *store
	promql         *promql.Engine
	parser         parser.Parser
	groups         []*group // by file and name

	evaluating sync.Mutex // held by the one evaluation that runs
}

// New parses the rules. The error joins every fault of every file, with line
// and column where the rule format gives them.
func New(o Options) (*Engine, error) {
	o = o.withDefaults()
	p := parser.NewParser(parser.Options{})
	groups, err := loadRules(o.Rules, o.Interval, p)
	if err != nil {
		return nil, err
	}
	step := o.Interval.Milliseconds()
	return &Engine{
		now: o.Now, externalLabels: o.ExternalLabels, externalURL: o.ExternalURL,
		store: newStore(o), parser: p, groups: groups,
		promql: promql.NewEngine(promql.EngineOpts{
			MaxSamples: o.MaxSamples, Timeout: o.QueryTimeout, Parser: p,
			NoStepSubqueryIntervalFn: func(int64) int64 { return step },
			EnableAtModifier:         true, EnableNegativeOffset: true,
		}),
	}, nil
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ExternalURL == nil {
		o.ExternalURL = &url.URL{}
	}
	if o.Interval <= 0 {
		o.Interval = defaultInterval
	}
	if o.QueryTimeout <= 0 {
		o.QueryTimeout = defaultTimeout
	}
	if o.MaxSamples <= 0 {
		o.MaxSamples = defaultSamples
	}
	if o.MaxStored <= 0 {
		o.MaxStored = defaultMaxStored
	}
	if o.MaxSeries <= 0 {
		o.MaxSeries = defaultMaxSeries
	}
	return o
}

// Append stores the series' points; readers see all of them or none. A point
// older than the newest of its series, a second value for one moment and what
// does not fit ([ErrFull]) are refused one by one: the rest is stored, the
// error says how many were not.
func (e *Engine) Append(series ...Series) error { return e.store.append(series) }

// Stored is how many series and samples the store holds.
func (e *Engine) Stored() (series, samples int) {
	e.store.mu.RLock()
	defer e.store.mu.RUnlock()
	return len(e.store.all), e.store.samples
}

// ParseSeries reads the notation of promtool's unit tests: a series such as
// `up{job="api"}` and values such as "0+10x5 _ stale 7". The first value
// stands at start, each next one an interval later. Histograms are refused.
func ParseSeries(series, values string, start time.Time, interval time.Duration) (Series, error) {
	l, seq, err := parser.NewParser(parser.Options{}).ParseSeriesDesc(series + " " + values)
	if err != nil {
		return Series{}, err
	}
	out := Series{Labels: l}
	for i, v := range seq {
		if v.Histogram != nil {
			return Series{}, fmt.Errorf("%s: native histograms are not supported", series)
		}
		if !v.Omitted {
			out.Points = append(out.Points, Point{Time: start.Add(time.Duration(i) * interval).UnixMilli(), Value: v.Value})
		}
	}
	return out, nil
}

// Query runs an instant query as a rule would: a scalar is one sample without
// labels, a range or a string is an error.
func (e *Engine) Query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	return e.query(ctx, expr, at)
}

func (e *Engine) query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	q, err := e.promql.NewInstantQuery(ctx, e.store, nil, expr, at)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, res.Err
	}
	switch v := res.Value.(type) {
	case promql.Vector:
		return v, nil
	case promql.Scalar:
		return promql.Vector{{T: v.T, F: v.V, Metric: labels.EmptyLabels()}}, nil
	}
	return nil, errors.New("rule result is not a vector or scalar")
}
