package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/stats"
)

// queryData is the data of query and query_range.
type queryData struct {
	ResultType parser.ValueType `json:"resultType"`
	Result     json.RawMessage  `json:"result"`
	Stats      stats.QueryStats `json:"stats,omitempty"`
}

func (e *Engine) apiQuery(r *http.Request) (answer, error) {
	at, err := timeParam(r, "time", e.now())
	if err != nil {
		return answer{}, err
	}
	return e.run(r, func(ctx context.Context, o promql.QueryOpts, expr string) (promql.Query, error) {
		return e.promql.NewInstantQuery(ctx, e.store, o, expr, at)
	})
}

func (e *Engine) apiQueryRange(r *http.Request) (answer, error) {
	start, err := parseTime(r.FormValue("start"))
	if err != nil {
		return answer{}, badParam("start", err)
	}
	end, err := parseTime(r.FormValue("end"))
	if err != nil {
		return answer{}, badParam("end", err)
	}
	if end.Before(start) {
		return answer{}, badParam("end", errors.New("end timestamp must not be before start time"))
	}
	step, err := parseDuration(r.FormValue("step"))
	if err != nil {
		return answer{}, badParam("step", err)
	}
	if step <= 0 {
		return answer{}, badParam("step", errors.New("zero or negative query resolution step widths are not accepted. Try a positive integer"))
	}
	if end.Sub(start)/step > maxPoints {
		return answer{}, badData(errors.New("exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"))
	}
	return e.run(r, func(ctx context.Context, o promql.QueryOpts, expr string) (promql.Query, error) {
		return e.promql.NewRangeQuery(ctx, e.store, o, expr, start, end, step)
	})
}

// run is what both kinds of query share.
func (e *Engine) run(r *http.Request, open func(context.Context, promql.QueryOpts, string) (promql.Query, error)) (answer, error) {
	limit, err := limitParam(r)
	if err != nil {
		return answer{}, err
	}
	timeout, err := timeoutParam(r)
	if err != nil {
		return answer{}, err
	}
	ctx := r.Context()
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	var lookback time.Duration
	if s := r.FormValue("lookback_delta"); s != "" {
		if lookback, err = parseDuration(s); err != nil {
			return answer{}, badData(fmt.Errorf("error parsing lookback delta duration: %w", err))
		}
	}
	expr := r.FormValue("query")
	q, err := open(ctx, promql.NewPrometheusQueryOpts(false, lookback, nil), expr)
	if err != nil {
		if t := typeOf(err); t == errTimeout || t == errCanceled {
			return answer{}, err
		}
		return answer{}, badParam("query", err)
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return answer{}, res.Err
	}
	notes := res.Warnings
	value, cut := truncate(res.Value, limit)
	if cut {
		notes = notes.Add(errors.New("results truncated due to limit"))
	}
	out := queryData{ResultType: value.Type(), Result: encodeValue(value)}
	if r.FormValue("stats") != "" {
		out.Stats = stats.NewQueryStats(q.Stats())
	}
	return answer{data: out, notes: notes, expr: expr}, nil
}

func truncate(v parser.Value, limit int) (parser.Value, bool) {
	if limit > 0 {
		switch v := v.(type) {
		case promql.Vector:
			if len(v) > limit {
				return v[:limit], true
			}
		case promql.Matrix:
			if len(v) > limit {
				return v[:limit], true
			}
		}
	}
	return v, false
}

// encodeValue writes a result as the API does: points are [seconds, "value"].
// Memory is the result's: a query may give 11,000 points for each series.
func encodeValue(v parser.Value) json.RawMessage {
	var b []byte
	switch v := v.(type) {
	case promql.Vector:
		b = append(b, '[')
		for i, s := range v {
			b = comma(b, i)
			b = append(appendLabels(append(b, `{"metric":`...), s.Metric), `,"value":`...)
			b = append(appendPoint(b, s.T, s.F), '}')
		}
		b = append(b, ']')
	case promql.Matrix:
		b = append(b, '[')
		for i, s := range v {
			b = comma(b, i)
			b = append(appendLabels(append(b, `{"metric":`...), s.Metric), `,"values":[`...)
			for j, p := range s.Floats {
				b = appendPoint(comma(b, j), p.T, p.F)
			}
			b = append(b, "]}"...)
		}
		b = append(b, ']')
	case promql.Scalar:
		b = append(appendTime(append(b, '['), v.T), `,"`...)
		b = append(strconv.AppendFloat(b, v.V, 'f', -1, 64), `"]`...) // never an exponent here
	case promql.String:
		b = append(appendTime(append(b, '['), v.T), ',')
		b = append(appendString(b, v.V), ']')
	}
	return b
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

func appendPoint(b []byte, t int64, v float64) []byte {
	b = append(appendTime(append(b, '['), t), `,"`...)
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return append(strconv.AppendFloat(b, v, format, -1, 64), `"]`...)
}

// appendTime writes milliseconds as seconds with up to three decimals.
func appendTime(b []byte, ms int64) []byte {
	if ms < 0 {
		b, ms = append(b, '-'), -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if part := ms % 1000; part != 0 {
		b = append(b, '.', byte('0'+part/100), byte('0'+part/10%10), byte('0'+part%10))
	}
	return b
}

func appendLabels(b []byte, l labels.Labels) []byte {
	b = append(b, '{')
	i := 0
	l.Range(func(l labels.Label) {
		b = appendString(comma(b, i), l.Name)
		b = appendString(append(b, ':'), l.Value)
		i++
	})
	return append(b, '}')
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // cannot happen: a string always marshals
		return append(b, `""`...)
	}
	return append(b, quoted...)
}
