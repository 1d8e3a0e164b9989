package triage

import (
	"errors"
	"math"

	"github.com/prometheus/prometheus/promql/parser"
)

// Expr is a rule's expression split into what is measured and the limit.
type Expr struct {
	Measured  string  // PromQL as the parser prints it; the query itself when not Parsed
	Op        string  // > >= < <= == !=, as if the limit stood on the right; empty: no comparison
	Limit     float64 // meaningful with HasLimit only
	HasLimit  bool
	LimitText string // the limit as PromQL when it is not a constant
	Rest      string // further conditions, as in "and (up == 1)"; empty: none
	Unit      Unit   // of Measured and Limit
	Absent    bool   // fires because Measured is not there at all
	Indirect  bool   // the alert's value is not that of Measured: absent, a comparison made 0 or 1, the other side of an and
	Parsed    bool
}

// maxQuery bounds what is parsed; the longest of 4,000 public rules has 3,248
// bytes.
const maxQuery = 64 << 10

// Split takes a rule's expression apart. It never fails: what cannot be parsed
// has Parsed false and the query as Measured. Of several comparisons joined by
// and, or, unless it is the first from the left; Rest holds the others.
func Split(query string) Expr {
	root, err := parseExpr(query)
	if err != nil {
		return Expr{Measured: query}
	}
	s := splitter{}
	if !s.find(root) {
		s.measured = bare(root)
		s.rest = ""
	}
	return s.expr()
}

var errNoQuery = errors.New("empty, or too long for a query")

// parseExpr parses what any server may have accepted.
func parseExpr(query string) (parser.Expr, error) {
	if len(query) > maxQuery {
		return nil, errNoQuery
	}
	root, err := parser.NewParser(parser.Options{
		EnableExperimentalFunctions: true, EnableBinopFillModifiers: true, EnableUnquotedUTF8Names: true,
	}).ParseExpr(query)
	if err == nil && root == nil {
		err = errNoQuery
	}
	return root, err
}

// splitter walks down the left-most branch to the first comparison.
type splitter struct {
	measured  parser.Expr
	op        string
	limit     float64
	hasLimit  bool
	limitText string // PromQL, when the limit is not a constant
	written   string // the limit as PromQL
	rest      string
	absent    bool
	indirect  bool
}

func (s *splitter) expr() Expr {
	e := Expr{Op: s.op, Limit: s.limit, HasLimit: s.hasLimit, LimitText: s.limitText, Rest: s.rest, Absent: s.absent, Indirect: s.indirect || s.absent, Parsed: true}
	e.Measured = s.measured.String()
	if !e.Absent {
		e.Unit = settle(unitOf(s.measured), e)
	}
	return e
}

// find looks for the first comparison in e and reports whether there is one.
func (s *splitter) find(e parser.Expr) bool {
	switch n := bare(e).(type) {
	case *parser.BinaryExpr:
		switch {
		case n.Op.IsComparisonOperator():
			s.comparison(n)
			return true
		case n.Op.IsSetOperator():
			return s.findSet(n)
		case n.Op == parser.MUL:
			return s.findProduct(n)
		}
	case *parser.Call:
		switch n.Func.Name {
		case "absent", "absent_over_time":
			s.measured, s.absent = bare(n.Args[0]), true
			return true
		case "label_replace", "label_join", "sort", "sort_desc":
			return s.find(n.Args[0])
		}
	case *parser.AggregateExpr:
		return s.findAggregate(n)
	}
	return false
}

// findAggregate looks into max by (x) (a > 5): the same alerts fire for
// max by (x) (a) > 5. With == what is inside is measured.
func (s *splitter) findAggregate(n *parser.AggregateExpr) bool {
	in := *s
	if c, ok := bare(n.Expr).(*parser.BinaryExpr); !ok || !c.Op.IsComparisonOperator() || c.ReturnBool {
		return false
	}
	if !in.find(n.Expr) || in.absent || !in.hasLimit {
		return false
	}
	over := in.op == ">" || in.op == ">="
	under := in.op == "<" || in.op == "<="
	switch {
	case n.Op == parser.MAX && over, n.Op == parser.MIN && under, n.Op == parser.SUM && over && in.limit == 0:
		outer := *n
		outer.Expr = in.measured
		in.measured = &outer
	case in.op == "==" && (n.Op == parser.MAX || n.Op == parser.MIN || n.Op == parser.AVG):
	default:
		return false
	}
	*s = in
	return true
}

// findSet looks into and, or, unless: left first; the right side of unless is
// an exception and never the limit.
func (s *splitter) findSet(n *parser.BinaryExpr) bool {
	left := *s
	if left.find(n.LHS) && !left.absent {
		*s = left
		s.addRest(n.Op.String(), n.RHS)
		return true
	}
	if n.Op == parser.LOR || n.Op == parser.LAND && !left.absent {
		right := *s
		if right.find(n.RHS) && (!right.absent || !left.absent) {
			*s = right
			s.indirect = s.indirect || n.Op == parser.LAND
			s.addRest(n.Op.String(), n.LHS)
			return true
		}
	}
	if left.absent {
		*s = left
		s.addRest(n.Op.String(), n.RHS)
		return true
	}
	if n.Op == parser.LOR {
		return false
	}
	s.measured = bare(n.LHS)
	s.addRest(n.Op.String(), n.RHS)
	return true
}

// findProduct looks through (a > 5) * on (x) group_left (y) info: the factor
// only adds labels.
func (s *splitter) findProduct(n *parser.BinaryExpr) bool {
	if n.VectorMatching == nil {
		return false
	}
	for _, side := range [2][2]parser.Expr{{n.LHS, n.RHS}, {n.RHS, n.LHS}} {
		if in := *s; in.find(side[0]) && !in.absent {
			*s = in
			s.addRest("*", side[1])
			return true
		}
	}
	return false
}

func (s *splitter) addRest(op string, e parser.Expr) {
	more := op + " (" + bare(e).String() + ")"
	if s.rest != "" {
		more = s.rest + " " + more
	}
	s.rest = more
}

// comparison takes apart a comparison.
func (s *splitter) comparison(n *parser.BinaryExpr) {
	left, right, op := bare(n.LHS), bare(n.RHS), n.Op
	v, constant := constantOf(right)
	if !constant {
		if lv, ok := constantOf(left); ok {
			left, right, op, v, constant = right, left, mirror(op), lv, true
		}
	}
	if constant && !math.IsNaN(v) && s.truth(left, op, v) {
		return
	}
	s.op, s.measured, s.written = op.String(), left, right.String()
	if constant && !math.IsNaN(v) {
		s.limit, s.hasLimit = v, true
	} else {
		s.limitText = s.written
	}
	// 0 < x < 10 is (0 < x) < 10: the inner comparison is a further condition.
	if in, ok := left.(*parser.BinaryExpr); ok && in.Op.IsComparisonOperator() && !in.ReturnBool {
		inner := splitter{}
		inner.comparison(in)
		s.measured = inner.measured
		s.rest = "and (" + inner.op + " " + inner.written + ")"
	}
}

// truth sees through (a > bool 5) == 1 and absent(a) == 1.
func (s *splitter) truth(left parser.Expr, op parser.ItemType, v float64) bool {
	holds := op == parser.EQLC && v == 1 || op == parser.GTR && v >= 0 && v < 1 ||
		op == parser.GTE && v > 0 && v <= 1 || op == parser.NEQ && v == 0
	if !holds {
		return false
	}
	switch n := left.(type) {
	case *parser.BinaryExpr:
		if n.Op.IsComparisonOperator() && n.ReturnBool {
			s.indirect = true
			s.comparison(n)
			return true
		}
	case *parser.Call:
		if n.Func.Name == "absent" || n.Func.Name == "absent_over_time" {
			s.measured, s.absent = bare(n.Args[0]), true
			return true
		}
	}
	return false
}

func mirror(op parser.ItemType) parser.ItemType {
	switch op {
	case parser.GTR:
		return parser.LSS
	case parser.LSS:
		return parser.GTR
	case parser.GTE:
		return parser.LTE
	case parser.LTE:
		return parser.GTE
	}
	return op
}

// bare takes parentheses off.
func bare(e parser.Expr) parser.Expr {
	for {
		switch n := e.(type) {
		case *parser.ParenExpr:
			e = n.Expr
		case *parser.StepInvariantExpr:
			e = n.Expr
		default:
			return e
		}
	}
}

// constantOf evaluates an expression that names no series and not the time.
func constantOf(e parser.Expr) (float64, bool) {
	switch n := bare(e).(type) {
	case *parser.NumberLiteral:
		return n.Val, true
	case *parser.UnaryExpr:
		v, ok := constantOf(n.Expr)
		if n.Op == parser.SUB {
			v = -v
		}
		return v, ok
	case *parser.Call:
		if len(n.Args) == 1 && (n.Func.Name == "scalar" || n.Func.Name == "vector") {
			return constantOf(n.Args[0])
		}
		if n.Func.Name == "pi" {
			return math.Pi, true
		}
	case *parser.BinaryExpr:
		a, ok1 := constantOf(n.LHS)
		b, ok2 := constantOf(n.RHS)
		if !ok1 || !ok2 {
			return 0, false
		}
		switch n.Op {
		case parser.ADD:
			return a + b, true
		case parser.SUB:
			return a - b, true
		case parser.MUL:
			return a * b, true
		case parser.DIV:
			return a / b, true
		case parser.MOD:
			return math.Mod(a, b), true
		case parser.POW:
			return math.Pow(a, b), true
		}
	}
	return 0, false
}

// IsVector reports whether a query is PromQL that gives an instant vector.
func IsVector(query string) bool {
	e, err := parseExpr(query)
	return err == nil && e.Type() == parser.ValueTypeVector
}
