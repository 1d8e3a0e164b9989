package triage

import (
	"math"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// quantity is what an expression is guessed to measure: a Unit, one of the two
// guesses that the limit decides, or half of a percentage.
type quantity string

const (
	hundred               = "100*"     // prefix: a hundred times that unit
	inverse               = "100/"     // prefix: a hundred divided by that unit
	maybeRatio   quantity = "ratio?"   // a quotient of two things without a known unit
	maybePercent quantity = "percent?" // a hundred times that
)

// settle decides a guess with the help of the limit: a share has a limit from
// 0 to 1, a percentage one from 0 to 100.
func settle(q quantity, e Expr) Unit {
	if strings.HasPrefix(string(q), "100") {
		return NoUnit
	}
	l := math.Abs(e.Limit)
	switch q {
	case maybeRatio:
		if e.HasLimit && l <= 1 {
			return Ratio
		}
		return NoUnit
	case maybePercent:
		if e.HasLimit && l > 1 && l <= 100 {
			return Percent
		}
		return NoUnit
	case quantity(Ratio):
		if e.HasLimit && l > 1 {
			return NoUnit // "more than 2 queries per request" is no percentage
		}
	}
	return Unit(q)
}

// unitOf guesses the unit of an expression from the naming rules of
// Prometheus (base units, _total, _bytes, _seconds, _ratio) and its operators.
func unitOf(e parser.Expr) quantity {
	switch n := bare(e).(type) {
	case *parser.VectorSelector:
		return metricUnit(n.Name)
	case *parser.MatrixSelector:
		return unitOf(n.VectorSelector)
	case *parser.SubqueryExpr:
		return unitOf(n.Expr)
	case *parser.UnaryExpr:
		return unitOf(n.Expr)
	case *parser.AggregateExpr:
		return aggregateUnit(n)
	case *parser.Call:
		return callUnit(n)
	case *parser.BinaryExpr:
		return binaryUnit(n)
	}
	return ""
}

func aggregateUnit(n *parser.AggregateExpr) quantity {
	switch n.Op {
	case parser.COUNT, parser.COUNT_VALUES:
		return quantity(Count)
	case parser.GROUP:
		return ""
	case parser.SUM:
		switch u := unitOf(n.Expr); u {
		case quantity(Ratio), quantity(Percent), quantity(Timestamp), maybeRatio, maybePercent:
			return "" // a sum of shares is no share
		default:
			return u
		}
	}
	return unitOf(n.Expr)
}

// callUnit is the unit of a function's result.
func callUnit(n *parser.Call) quantity {
	arg := func(i int) quantity {
		if i < len(n.Args) {
			return unitOf(n.Args[i])
		}
		return ""
	}
	switch n.Func.Name {
	case "rate", "irate", "deriv":
		return perSecond(arg(0), n.Func.Name)
	case "increase", "idelta", "delta", "predict_linear", "abs", "ceil", "floor", "round", "clamp", "clamp_max", "clamp_min",
		"sort", "sort_desc", "label_replace", "label_join", "scalar", "vector", "last_over_time", "first_over_time", "min_over_time", "max_over_time",
		"avg_over_time", "stddev_over_time", "mad_over_time", "holt_winters", "double_exponential_smoothing":
		return arg(0)
	case "sum_over_time":
		if u := arg(0); u == quantity(Count) {
			return u
		}
		return ""
	case "quantile_over_time":
		return arg(1)
	case "histogram_quantile":
		return observed(n.Args[len(n.Args)-1])
	case "histogram_avg", "histogram_stddev":
		return observed(n.Args[0])
	case "histogram_fraction":
		return quantity(Ratio)
	case "count_over_time", "changes", "resets", "histogram_count":
		return quantity(Count)
	case "time", "timestamp":
		return quantity(Timestamp)
	}
	return ""
}

// observed is the unit of what a histogram observes, by its name.
func observed(e parser.Expr) quantity {
	name := onlyName(e)
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return metricUnit(name)
	}
	switch u := metricUnit(strings.TrimSuffix(name, "_bucket")); u {
	case quantity(Seconds), quantity(Bytes), quantity(Ratio), quantity(Percent):
		return u
	}
	return ""
}

func perSecond(u quantity, function string) quantity {
	switch u {
	case quantity(Bytes):
		return quantity(BytesPerSecond)
	case quantity(Seconds):
		return quantity(Ratio) // seconds busy per second
	case quantity(Count):
		return quantity(PerSecond)
	case "":
		if function != "deriv" {
			return quantity(PerSecond)
		}
	}
	return ""
}

func binaryUnit(n *parser.BinaryExpr) quantity {
	switch {
	case n.Op.IsComparisonOperator():
		if n.ReturnBool {
			return ""
		}
		return unitOf(n.LHS)
	case n.Op.IsSetOperator():
		if u := unitOf(n.LHS); u != "" || n.Op != parser.LOR {
			return u
		}
		return unitOf(n.RHS)
	}
	l, r := unitOf(n.LHS), unitOf(n.RHS)
	lc, lConst := constantOf(n.LHS)
	rc, rConst := constantOf(n.RHS)
	switch n.Op {
	case parser.MUL:
		switch {
		case strings.HasPrefix(string(l), inverse) && string(l) == inverse+string(r):
			return times(ratioOf(r), 100)
		case strings.HasPrefix(string(r), inverse) && string(r) == inverse+string(l):
			return times(ratioOf(l), 100)
		case rConst:
			return times(l, rc)
		case lConst:
			return times(r, lc)
		case adorns(n.RHS):
			return l
		case adorns(n.LHS):
			return r
		}
		return ""
	case parser.DIV:
		if lConst && lc == 100 {
			return inverse + r
		}
		return quotient(n, l, r, rc, rConst)
	case parser.ADD, parser.SUB:
		return sumUnit(n.Op, l, r, lConst || rConst)
	}
	return ""
}

// adorns reports whether a factor only adds labels: an info metric.
func adorns(e parser.Expr) bool {
	s, ok := bare(e).(*parser.VectorSelector)
	return ok && (strings.HasSuffix(s.Name, "_info") || strings.HasSuffix(s.Name, "_labels") ||
		strings.HasSuffix(s.Name, "_owner") || strings.HasSuffix(s.Name, "_meta"))
}

// times is the unit after a multiplication by a constant.
func times(u quantity, c float64) quantity {
	switch {
	case c == 1:
		return u
	case c == 100 && u == quantity(Ratio):
		return quantity(Percent)
	case c == 100 && u == maybeRatio:
		return maybePercent
	case c == 100 && !strings.HasPrefix(string(u), "100"):
		return hundred + u
	}
	return ""
}

// ratioOf is the unit of a quotient of two things of the unit u.
func ratioOf(u quantity) quantity {
	if u == "" {
		return maybeRatio
	}
	return quantity(Ratio)
}

// quotient is the unit of a division: equal units make a share, a sum over its
// count an average.
func quotient(n *parser.BinaryExpr, l, r quantity, c float64, constant bool) quantity {
	if constant {
		switch {
		case c == 1:
			return l
		case c == 100 && l == quantity(Percent):
			return quantity(Ratio)
		}
		return ""
	}
	if u, ok := strings.CutPrefix(string(l), hundred); ok { // 100 * a / b is (100 * a) / b
		return times(quotient(n, quantity(u), r, c, constant), 100)
	}
	if u, ok := average(n); ok {
		return u
	}
	switch {
	case l == r && l != quantity(Timestamp):
		return ratioOf(l)
	case l == quantity(Ratio) && r == quantity(PerSecond):
		return quantity(Seconds) // seconds busy per event
	case l == quantity(BytesPerSecond) && r == quantity(Bytes):
		return maybeRatio // of a speed that is called bytes
	case l == quantity(BytesPerSecond) && r == quantity(PerSecond):
		return quantity(Bytes)
	case l == quantity(Bytes) && r == quantity(BytesPerSecond):
		return quantity(Seconds)
	case r == quantity(Count) && l != quantity(PerSecond) && l != "":
		return l
	case (l == quantity(Percent) || l == maybePercent) && r == "", l == "" && r == quantity(Count), l == quantity(Count) && r == "":
		return maybeRatio
	}
	return ""
}

// average recognises rate(x_sum) / rate(x_count): the unit is that of x.
func average(n *parser.BinaryExpr) (quantity, bool) {
	sum, count := onlyName(n.LHS), onlyName(n.RHS)
	if base, ok := strings.CutSuffix(sum, "_sum"); ok && count == base+"_count" {
		return metricUnit(base), true
	}
	return "", false
}

// onlyName is the name of the one metric in an expression; empty when there
// are none or several.
func onlyName(e parser.Expr) string {
	name, several := "", false
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			several = several || name != "" && s.Name != name
			name = s.Name
		}
		return nil
	})
	if several {
		return ""
	}
	return name
}

// sumUnit is the unit of a sum or difference.
func sumUnit(op parser.ItemType, l, r quantity, constant bool) quantity {
	switch {
	case l == quantity(Timestamp) && r == quantity(Timestamp) && op == parser.SUB:
		return quantity(Seconds)
	case l == quantity(Timestamp) || r == quantity(Timestamp):
		if op == parser.SUB && !constant {
			return quantity(Seconds) // time() - something: its age
		}
		return quantity(Timestamp)
	case l == r:
		return l
	case l == "":
		return r
	case r == "":
		return l
	}
	return ""
}
