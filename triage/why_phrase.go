package triage

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/prometheus/promql/parser"
)

// phraseOf says what an expression measures as a noun phrase without a
// capital. False: its form is not known. Of arithmetic only forms that read in
// one way are known.
func phraseOf(e parser.Expr, u Unit) (string, bool) {
	e = bare(e)
	if b, ok := e.(*parser.BinaryExpr); ok && b.Op != parser.LOR {
		return arithmetic(b, u)
	}
	return phrase(e)
}

// phrase says what an expression without arithmetic at its top measures.
func phrase(e parser.Expr) (string, bool) {
	switch n := bare(e).(type) {
	case *parser.VectorSelector:
		return n.String(), true
	case *parser.AggregateExpr:
		return aggregated(n)
	case *parser.Call:
		return called(n)
	case *parser.BinaryExpr:
		if n.Op == parser.LOR {
			return orZero(n)
		}
		return elapsed(n)
	}
	return "", false
}

// orZero says x or vector(0).
func orZero(n *parser.BinaryExpr) (string, bool) {
	c, ok := bare(n.RHS).(*parser.Call)
	if !ok || c.Func.Name != "vector" {
		return "", false
	}
	if v, constant := constantOf(c.Args[0]); !constant || v != 0 {
		return "", false
	}
	return around("", n.LHS, " (0 where there is none)")
}

// aggregated says sum by (x) (e) and the like.
func aggregated(n *parser.AggregateExpr) (string, bool) {
	if n.Op == parser.COUNT {
		return counted(n)
	}
	inner, ok := phrase(n.Expr)
	if !ok {
		return "", false
	}
	head := ""
	switch n.Op {
	case parser.SUM:
		head = "the sum of "
	case parser.AVG:
		head = "the average of "
	case parser.MAX:
		head = "the highest of "
	case parser.MIN:
		head = "the lowest of "
	case parser.QUANTILE:
		q, ok := constantOf(n.Param)
		if !ok || !(q > 0 && q < 1) {
			return "", false
		}
		head = "what " + figures(q*100) + "% of the series do not exceed in "
		return head + inner + grouped(n), true
	default:
		return "", false
	}
	if isElapsed(n.Expr) && (n.Op == parser.MAX || n.Op == parser.MIN) {
		head = map[parser.ItemType]string{parser.MAX: "the longest ", parser.MIN: "the shortest "}[n.Op]
		inner = strings.TrimPrefix(inner, "the ")
	}
	return head + inner + grouped(n), true
}

// counted says count(x), count(x == 0).
func counted(n *parser.AggregateExpr) (string, bool) {
	switch in := bare(n.Expr).(type) {
	case *parser.VectorSelector:
		return "the number of series " + in.String() + grouped(n), true
	case *parser.BinaryExpr:
		v, constant := constantOf(in.RHS)
		if !in.Op.IsComparisonOperator() || in.ReturnBool || !constant {
			return "", false
		}
		if sel, ok := bare(in.LHS).(*parser.VectorSelector); ok {
			if sel.Name == "up" && in.Op == parser.EQLC && v == 0 {
				return "the number of targets that do not answer the scrape (" + in.String() + ")" + grouped(n), true
			}
			return "the number of series " + sel.String() + " that are " + comparedWith(in.Op.String()) + " " + number(v) + grouped(n), true
		}
		text, ok := phrase(in.LHS)
		return "the number of series where " + text + " is " + comparedWith(in.Op.String()) + " " + number(v) + grouped(n), ok
	case *parser.AggregateExpr: // count(count by (x) (y)): how many values of x
		_, plain := bare(in.Expr).(*parser.VectorSelector)
		if plain && len(in.Grouping) == 1 && !in.Without && len(n.Grouping) == 0 && !n.Without && (in.Op == parser.COUNT || in.Op == parser.GROUP) {
			return "the number of different values of the label " + in.Grouping[0] + " in " + in.Expr.String(), true
		}
	}
	return "", false
}

func grouped(n *parser.AggregateExpr) string {
	names := strings.Join(n.Grouping, ", ")
	if last := len(n.Grouping) - 1; last > 0 {
		names = strings.Join(n.Grouping[:last], ", ") + " and " + n.Grouping[last]
	}
	switch {
	case names == "":
		return ""
	case n.Without:
		return " across all " + names
	}
	return " for each " + names
}

// called says a function of one series or range.
func called(n *parser.Call) (string, bool) {
	switch n.Func.Name {
	case "scalar", "vector", "label_replace", "label_join", "sort", "sort_desc":
		return phrase(n.Args[0])
	case "round", "floor", "ceil":
		return around("the rounded value of ", n.Args[0], "")
	case "abs":
		return around("the size, whatever the sign, of ", n.Args[0], "")
	case "timestamp":
		return around("the time of the newest sample of ", n.Args[0], "")
	case "histogram_quantile":
		return quantileWords(n)
	case "quantile_over_time":
		q, ok := constantOf(n.Args[0])
		if !ok || !(q > 0 && q < 1) {
			return "", false
		}
		return overTime("what "+figures(q*100)+"% of the samples do not exceed of ", n.Args[1], " within ")
	case "predict_linear":
		ahead, ok := constantOf(n.Args[1])
		if !ok || ahead <= 0 {
			return "", false
		}
		text, ok := overTime("what will be in "+spanOf(ahead)+" of ", n.Args[0], ", going by the last ")
		return text + ",", ok
	}
	for _, f := range [...]struct{ name, head, tail string }{
		{"rate", "the rate per second of ", " over "},
		{"irate", "the rate per second of the last two samples of ", " within "},
		{"increase", "the increase of ", " within "},
		{"delta", "the change of ", " within "},
		{"idelta", "the change between the last two samples of ", " within "},
		{"deriv", "the slope per second of ", " over "},
		{"changes", "the number of changes of ", " within "},
		{"resets", "the number of resets of the counter ", " within "},
		{"max_over_time", "the highest value of ", " within "},
		{"min_over_time", "the lowest value of ", " within "},
		{"avg_over_time", "the average of ", " over "},
		{"sum_over_time", "the sum of all samples of ", " within "},
		{"count_over_time", "the number of samples of ", " within "},
		{"last_over_time", "the last value of ", " within "},
		{"stddev_over_time", "the standard deviation of ", " over "},
	} {
		if f.name == n.Func.Name {
			return overTime(f.head, n.Args[0], f.tail)
		}
	}
	return "", false
}

func around(head string, e parser.Expr, tail string) (string, bool) {
	in, ok := phrase(e)
	return head + in + tail, ok
}

func overTime(head string, e parser.Expr, tail string) (string, bool) {
	in, window, ok := ranged(e)
	if !ok {
		return "", false
	}
	return around(head, in, tail+spoken(window))
}

// ranged is what a range is of, and how long it is. A range that does not end
// now is not told.
func ranged(e parser.Expr) (parser.Expr, time.Duration, bool) {
	switch n := bare(e).(type) {
	case *parser.MatrixSelector:
		return n.VectorSelector, n.Range, n.RangeExpr == nil
	case *parser.SubqueryExpr:
		moved := n.OriginalOffset != 0 || n.OriginalOffsetExpr != nil || n.Timestamp != nil || n.StartOrEnd != 0 || n.RangeExpr != nil
		return n.Expr, n.Range, !moved
	}
	return nil, 0, false
}

// quantileWords says histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m]))).
func quantileWords(n *parser.Call) (string, bool) {
	q, ok := constantOf(n.Args[0])
	if !ok || !(q > 0 && q < 1) {
		return "", false
	}
	in := bare(n.Args[1])
	each := ""
	if agg, ok := in.(*parser.AggregateExpr); ok && agg.Op == parser.SUM {
		rest := *agg
		rest.Grouping = nil
		for _, name := range agg.Grouping {
			if name != "le" {
				rest.Grouping = append(rest.Grouping, name)
			}
		}
		each, in = grouped(&rest), bare(agg.Expr)
	}
	c, ok := in.(*parser.Call)
	if !ok || c.Func.Name != "rate" && c.Func.Name != "increase" && c.Func.Name != "irate" {
		return "", false
	}
	inside, window, ok := ranged(c.Args[0])
	sel, plain := inside.(*parser.VectorSelector)
	if !ok || !plain {
		return "", false
	}
	base := strings.TrimSuffix(sel.Name, "_bucket")
	share := figures(q*100) + "% of "
	tail := each + ", over " + spoken(window) + ","
	if strings.HasSuffix(base, "_request_duration_seconds") {
		return "the time within which " + share + "requests finish (" + sel.String() + ")" + tail, true
	}
	if strings.HasSuffix(base, "_duration_seconds") || strings.HasSuffix(base, "_latency_seconds") {
		return "the time within which " + share + "what " + sel.String() + " counts finish" + tail, true
	}
	return "the value that " + share + "what " + sel.String() + " counts do not exceed" + tail, true
}

// spoken is a duration in words: "3 minutes", "1 hour", "90 seconds".
func spoken(d time.Duration) string {
	for _, u := range [...]struct {
		of   time.Duration
		name string
	}{{7 * 24 * time.Hour, "week"}, {24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= u.of && d%u.of == 0 {
			n := int64(d / u.of)
			if n == 1 {
				return "1 " + u.name
			}
			return strconv.FormatInt(n, 10) + " " + u.name + "s"
		}
	}
	return d.String()
}

// spanOf is a number of seconds in words.
func spanOf(seconds float64) string {
	if seconds < 1e9 {
		return spoken(time.Duration(math.Round(seconds)) * time.Second)
	}
	return Seconds.Format(seconds)
}

// figures2 is a factor for reading: 2.5, 12, 340.
func figures2(v float64) string {
	if v >= 9.95 {
		return thousands(v)
	}
	return trimZeros(strconv.FormatFloat(v, 'f', 1, 64))
}

func upperFirst(s string) string {
	word, _, _ := strings.Cut(s, " ")
	switch word { // names of metrics stay as they are
	case "the", "what", "there", "how":
	default:
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
