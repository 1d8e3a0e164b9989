package triage

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// arithmetic says the forms that people know: a share, what is left of one,
// the time since, a quotient, sum or difference of two plain things.
func arithmetic(n *parser.BinaryExpr, u Unit) (string, bool) {
	if n.Op.IsComparisonOperator() || n.Op.IsSetOperator() {
		return "", false
	}
	if u == Percent {
		if in, ok := withoutHundred(n); ok {
			return phraseOf(in, Ratio)
		}
		if v, ok := constantOf(n.LHS); ok && v == 100 && n.Op == parser.SUB {
			if right, ok := bare(n.RHS).(*parser.BinaryExpr); ok {
				if in, ok := withoutHundred(right); ok {
					return remainder(bare(in))
				}
			}
		}
	}
	left, right := bare(n.LHS), bare(n.RHS)
	l, lConst := constantOf(left)
	r, rConst := constantOf(right)
	switch {
	case n.Op == parser.SUB && lConst && l == 1 && u == Ratio:
		return remainder(right)
	case n.Op == parser.DIV && !lConst && !rConst:
		if text, ok := shareWords(left, right, true); ok {
			return text, true
		}
	}
	if text, ok := elapsed(n); ok {
		return text, true
	}
	a, ok1 := operand(left, l, lConst)
	b, ok2 := operand(right, r, rConst)
	if !ok1 || !ok2 {
		return "", false
	}
	switch n.Op {
	case parser.ADD:
		return a + ", plus " + b + ",", true
	case parser.SUB:
		return a + ", minus " + b + ",", true
	case parser.MUL:
		if lConst || rConst {
			if rConst {
				a, b = b, a
			}
			return a + " times " + b, true
		}
		return a + ", times " + b + ",", true
	case parser.DIV:
		return a + ", divided by " + b + ",", true
	}
	return "", false
}

func operand(e parser.Expr, v float64, constant bool) (string, bool) {
	if constant {
		return number(v), true
	}
	if isTime(e) {
		return "the time now", true
	}
	return phrase(e)
}

// withoutHundred takes the factor 100 off a percentage: 100 * a, a * 100,
// 100 * a / b, 100 - 100 * a is left alone.
func withoutHundred(n *parser.BinaryExpr) (parser.Expr, bool) {
	left, right := bare(n.LHS), bare(n.RHS)
	switch n.Op {
	case parser.MUL:
		if v, ok := constantOf(left); ok && v == 100 {
			return right, true
		}
		if v, ok := constantOf(right); ok && v == 100 {
			return left, true
		}
	case parser.DIV:
		if in, ok := left.(*parser.BinaryExpr); ok {
			if top, ok := withoutHundred(in); ok && in.Op == parser.MUL {
				out := *n
				out.LHS = top
				return &out, true
			}
		}
	}
	return nil, false
}

// remainder says 1 - a / b.
func remainder(e parser.Expr) (string, bool) {
	n, ok := e.(*parser.BinaryExpr)
	if !ok {
		text, ok := phrase(e)
		return "100% minus " + text + ",", ok
	}
	if n.Op != parser.DIV {
		return "", false
	}
	left, right := bare(n.LHS), bare(n.RHS)
	if text, ok := shareWords(left, right, false); ok {
		return text, true
	}
	a, ok1 := phrase(left)
	b, ok2 := phrase(right)
	if !ok1 || !ok2 {
		return "", false
	}
	return "the share of " + b + " that is left after " + a, true
}

// shareWords says a / b where a is a part of b: the same metric in the same
// aggregation and window, with more conditions. With has false of 1 - a / b.
func shareWords(a, b parser.Expr, has bool) (string, bool) {
	part, whole, ok := sameShape(a, b)
	if !ok || part.Name == "" || part.Name != whole.Name {
		return "", false
	}
	if part.OriginalOffset != whole.OriginalOffset || part.Timestamp != nil || whole.Timestamp != nil {
		return "", false
	}
	more, ok := added(part, whole)
	if !ok || len(more) == 0 {
		return "", false
	}
	each, over := sharedBy(a)
	text := "the share of " + whole.String() + " with "
	if !has {
		text = "the share of " + whole.String() + " without "
		if len(more) > 1 {
			return "", false
		}
	}
	if name, ok := strings.CutSuffix(whole.Name, "_requests_total"); ok {
		if words, ok := statusWords(more); ok && has {
			subject := "requests (" + whole.String() + ")"
			if name == "http" {
				subject = "HTTP " + subject
			}
			return "the share of " + subject + " that end in " + words + each + over, true
		}
	}
	return text + strings.Join(more, ", ") + each + over, true
}

// statusWords says code=~"5..".
func statusWords(more []string) (string, bool) {
	if len(more) != 1 {
		return "", false
	}
	name, value, ok := strings.Cut(more[0], `=~"`)
	if !ok || !slices.Contains([]string{"code", "status", "status_code", "http_status", "response_code"}, name) {
		return "", false
	}
	switch strings.TrimSuffix(value, `"`) {
	case "5..", "5[0-9][0-9]", `5\\d\\d`, `5\\d{2}`:
		return "a 5xx code", true
	case "4..", "4[0-9][0-9]", `4\\d\\d`, `4\\d{2}`:
		return "a 4xx code", true
	}
	return "", false
}

// sameShape are the selectors of two expressions that do the same with one metric
// each: sum by (x) (rate(a[5m])) and sum by (x) (rate(b[5m])).
func sameShape(a, b parser.Expr) (*parser.VectorSelector, *parser.VectorSelector, bool) {
	a, b = bare(a), bare(b)
	switch x := a.(type) {
	case *parser.VectorSelector:
		y, ok := b.(*parser.VectorSelector)
		return x, y, ok
	case *parser.MatrixSelector:
		y, ok := b.(*parser.MatrixSelector)
		if !ok || x.Range != y.Range || x.RangeExpr != nil || y.RangeExpr != nil {
			return nil, nil, false
		}
		return sameShape(x.VectorSelector, y.VectorSelector)
	case *parser.AggregateExpr:
		y, ok := b.(*parser.AggregateExpr)
		same := ok && x.Op == y.Op && x.Without == y.Without && slices.Equal(slices.Sorted(slices.Values(x.Grouping)), slices.Sorted(slices.Values(y.Grouping)))
		if !same || x.Op != parser.SUM && x.Op != parser.COUNT {
			return nil, nil, false
		}
		return sameShape(x.Expr, y.Expr)
	case *parser.Call:
		y, ok := b.(*parser.Call)
		if !ok || x.Func.Name != y.Func.Name || x.Func.Name != "rate" && x.Func.Name != "increase" {
			return nil, nil, false
		}
		return sameShape(x.Args[0], y.Args[0])
	}
	return nil, nil, false
}

// added are the conditions of part that whole does not have. False: whole has
// one that part does not, so part is no part of it.
func added(part, whole *parser.VectorSelector) ([]string, bool) {
	theirs := map[string]bool{}
	for _, m := range part.LabelMatchers {
		theirs[m.String()] = true
	}
	for _, m := range whole.LabelMatchers {
		if !theirs[m.String()] {
			return nil, false
		}
		delete(theirs, m.String())
	}
	var out []string
	for _, m := range part.LabelMatchers {
		if theirs[m.String()] && m.Name != model.MetricNameLabel {
			out = append(out, m.String())
		}
	}
	return out, true
}

// sharedBy is the grouping and the window of one side of a share.
func sharedBy(e parser.Expr) (each, over string) {
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.AggregateExpr:
			if each == "" && !n.Without {
				each = grouped(n)
			}
		case *parser.MatrixSelector:
			over = ", over " + spoken(n.Range) + ","
		}
		return nil
	})
	return each, over
}
