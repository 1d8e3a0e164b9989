package page

import (
	"context"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// noSuchMetric is a name that no server has: absent() of it gives one series
// with exactly the labels of the selector.
const noSuchMetric = "firstpage_no_such_metric"

// measured asks for the past of what the rule measures, of this alert's own
// series only. A rule over ten thousand series is narrowed on the server: the
// alert's labels, without those that the rule adds, are those of the series.
// When that gives nothing (the alert was seen with other labels than the rule
// makes) the whole answer is searched for the series, unless that has more than
// maxAnswer of them. Nil: there is no data.
func measured(ctx context.Context, q sources.Querier, it triage.Item, e triage.Expr, r sources.Range) ([]sources.Point, error) {
	narrowed, names := narrow(it, e.Measured)
	m, err := q.QueryRange(ctx, narrowed, r)
	if err != nil {
		return nil, err
	}
	if pts := ownSeries(m, it); pts != nil || len(names) == 0 {
		return pts, nil
	}
	v, err := q.Query(ctx, "count("+e.Measured+"\n)", r.End)
	if err != nil || len(v) > 0 && v[0].V > maxAnswer {
		return nil, err
	}
	if m, err = q.QueryRange(ctx, e.Measured, r); err != nil {
		return nil, err
	}
	return ownSeries(m, it), nil
}

// narrow restricts an expression to the series of one alert, and names the
// labels that it did so by.
func narrow(it triage.Item, measured string) (string, []string) {
	var names, matchers []string
	for _, l := range seriesLabels(it) {
		name := l.Name.Raw()
		if l.Value.Empty() || !sources.LegacyName(name) {
			continue
		}
		names = append(names, name)
		matchers = append(matchers, name+"="+quote(l.Value.Raw()))
	}
	if len(names) == 0 {
		return measured, nil
	}
	return "(" + measured + "\n) and on (" + strings.Join(names, ", ") + ") absent(" +
		noSuchMetric + "{" + strings.Join(matchers, ", ") + "})", names
}

// seriesLabels are the alert's labels without those its rule sets.
func seriesLabels(it triage.Item) sources.Labels {
	drop := []string{"alertname", "__name__"}
	if it.Rule != nil {
		for _, l := range it.Rule.Labels {
			drop = append(drop, l.Name.Raw())
		}
	}
	return it.Labels.Without(drop...)
}

// ownSeries picks the series whose labels are all the alert's, the one with
// most labels if there are several. Labels that the rule overwrites do not
// count. Nil: none is.
func ownSeries(m sources.Matrix, it triage.Item) []sources.Point {
	best, most := -1, -1
	for i, s := range m {
		n, ok := matches(s.Labels, it)
		if ok && n > most {
			best, most = i, n
		}
	}
	if best < 0 {
		return nil
	}
	return m[best].Points
}

// matches counts the labels a series shares with the alert; false when one
// differs.
func matches(ls sources.Labels, it triage.Item) (int, bool) {
	n := 0
	for _, l := range ls {
		name := l.Name.Raw()
		if name == "__name__" {
			continue
		}
		if it.Rule != nil {
			if _, set := it.Rule.Labels.Get(name); set {
				continue
			}
		}
		if it.Labels.Value(name) != l.Value {
			return 0, false
		}
		n++
	}
	return n, true
}

// quote is a PromQL string literal: PromQL's double-quoted strings follow Go's
// escapes.
func quote(s string) string { return strconv.Quote(s) }
