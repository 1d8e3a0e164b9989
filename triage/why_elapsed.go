package triage

import "github.com/prometheus/prometheus/promql/parser"

// elapsed says time() - x and x - time() of a moment x, in seconds or divided
// into larger units.
func elapsed(n *parser.BinaryExpr) (string, bool) {
	left, right := bare(n.LHS), bare(n.RHS)
	switch {
	case n.Op == parser.SUB && isTime(left) && isMoment(right):
		return moment("the time since ", right)
	case n.Op == parser.SUB && isTime(right) && isMoment(left):
		return moment("the time until ", left)
	case n.Op == parser.SUB && isStampOf(left, right):
		return around("the time between its newest sample and ", right, "")
	case n.Op == parser.DIV:
		return elapsedIn(n)
	}
	return "", false
}

// moment says what happened then; of several, which one.
func moment(head string, e parser.Expr) (string, bool) {
	if n, ok := e.(*parser.AggregateExpr); ok && (n.Op == parser.MAX || n.Op == parser.MIN) {
		which := "the latest of "
		if n.Op == parser.MIN {
			which = "the earliest of "
		}
		return around(head+which, n.Expr, grouped(n))
	}
	return around(head, e, "")
}

// elapsedIn says (time() - x) / 60 / 60, by the larger unit that it makes.
func elapsedIn(n *parser.BinaryExpr) (string, bool) {
	seconds, by := parser.Expr(n), 1.0
	for {
		d, ok := bare(seconds).(*parser.BinaryExpr)
		if !ok || d.Op != parser.DIV {
			break
		}
		c, constant := constantOf(d.RHS)
		if !constant {
			return "", false
		}
		seconds, by = d.LHS, by*c
	}
	name := map[float64]string{60: "minutes", 3600: "hours", 86400: "days"}[by]
	if name == "" || !isElapsed(seconds) {
		return "", false
	}
	text, ok := phrase(seconds)
	return text + ", in " + name + ",", ok
}

// isElapsed reports whether an expression, or what it aggregates, is the time
// since or until something.
func isElapsed(e parser.Expr) bool {
	switch n := bare(e).(type) {
	case *parser.BinaryExpr:
		_, ok := elapsed(n)
		return ok && n.Op == parser.SUB
	case *parser.AggregateExpr:
		return (n.Op == parser.MAX || n.Op == parser.MIN || n.Op == parser.AVG) && isElapsed(n.Expr)
	}
	return false
}

// isMoment reports whether something may be a moment: what is subtracted from
// the time now is one unless its name says that it is something else. Names in
// seconds are of either kind.
func isMoment(e parser.Expr) bool {
	if _, constant := constantOf(e); constant {
		return false
	}
	switch unitOf(e) {
	case quantity(Timestamp), quantity(Seconds), "":
		return true
	}
	return false
}

// isStampOf reports whether one side is the time of the other's samples.
func isStampOf(stamp, of parser.Expr) bool {
	c, ok := stamp.(*parser.Call)
	return ok && c.Func.Name == "timestamp" && bare(c.Args[0]).String() == of.String()
}

func isTime(e parser.Expr) bool {
	c, ok := bare(e).(*parser.Call)
	return ok && c.Func.Name == "time"
}
