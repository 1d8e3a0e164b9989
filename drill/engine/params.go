package engine

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// maxPoints is how many steps a range query may have beyond the first
// (web/api/v1/api.go).
const maxPoints = 11000

// ever is the span of a request without start and end.
func ever() (from, to time.Time) {
	return time.UnixMilli(math.MinInt64 / 2).UTC(), time.UnixMilli(math.MaxInt64 / 2).UTC()
}

// parseTime reads seconds since the epoch, cut to milliseconds, or RFC 3339.
func parseTime(s string) (time.Time, error) {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return time.Time{}, fmt.Errorf("cannot parse %q to a valid timestamp", s)
		}
		whole, part := math.Modf(f)
		part = math.Round(part*1000) / 1000
		return time.Unix(int64(whole), int64(part*float64(time.Second))).UTC(), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("cannot parse %q to a valid timestamp", s)
}

// parseDuration reads seconds as a number, or Prometheus' notation (1h30m).
func parseDuration(s string) (time.Duration, error) {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		ns := f * float64(time.Second)
		if math.IsNaN(ns) || ns >= math.MaxInt64 || ns < math.MinInt64 {
			return 0, fmt.Errorf("cannot parse %q to a valid duration. It overflows int64", s)
		}
		return time.Duration(ns), nil
	}
	if d, err := model.ParseDuration(s); err == nil {
		return time.Duration(d), nil
	}
	return 0, fmt.Errorf("cannot parse %q to a valid duration", s)
}

// timeParam is the named time, or the fallback when it is not given.
func timeParam(r *http.Request, name string, fallback time.Time) (time.Time, error) {
	s := r.FormValue(name)
	if s == "" {
		return fallback, nil
	}
	t, err := parseTime(s)
	if err != nil {
		return time.Time{}, badParam(name, fmt.Errorf("invalid time value for '%s': %w", name, err))
	}
	return t, nil
}

// limitParam is the parameter limit; 0: none.
func limitParam(r *http.Request) (int, error) {
	s := r.FormValue("limit")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err == nil && n < 0 {
		err = errors.New("limit must be non-negative")
	}
	if err != nil {
		return 0, badParam("limit", err)
	}
	return n, nil
}

// timeoutParam is the parameter timeout; 0: none.
func timeoutParam(r *http.Request) (time.Duration, error) {
	s := r.FormValue("timeout")
	if s == "" {
		return 0, nil
	}
	d, err := parseDuration(s)
	if err == nil && d <= 0 {
		err = fmt.Errorf("timeout must be positive, got %s", d)
	}
	if err != nil {
		return 0, badParam("timeout", err)
	}
	return d, nil
}

// matcherSets parses selectors (match[]). Each must have a matcher that does
// not match the empty string.
func matcherSets(p parser.Parser, selectors []string) ([][]*labels.Matcher, error) {
	sets, err := p.ParseMetricSelectors(selectors)
	if err != nil {
		return nil, err
	}
	for _, ms := range sets {
		if allMatchEmpty(ms) {
			return nil, errors.New("match[] must contain at least one non-empty matcher")
		}
	}
	return sets, nil
}

func allMatchEmpty(ms []*labels.Matcher) bool {
	for _, m := range ms {
		if m != nil && !m.Matches("") {
			return false
		}
	}
	return true
}
