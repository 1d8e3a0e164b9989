package triage

import (
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// burnPair is one pair of windows of a burn-rate rule: a[1h] > 14.4 * x and
// a[5m] > 14.4 * x.
type burnPair struct {
	factor, budget float64
	long, short    time.Duration
}

// burn says a rule that is made of pairs of windows and nothing else.
func (s speaker) burn(query string) (string, bool) {
	root, err := parseExpr(query)
	if err != nil {
		return "", false
	}
	pairs, ok := burnPairs(bare(root))
	if !ok {
		return "", false
	}
	var words []string
	for _, p := range pairs {
		if p.budget != pairs[0].budget {
			return "", false
		}
		speed := "faster than it may"
		if p.factor != 1 {
			speed = "more than " + figures(p.factor) + " times as fast as it may"
		}
		words = append(words, speed+" (over both "+spoken(p.long)+" and "+spoken(p.short)+")")
	}
	return "The error budget of " + Ratio.Format(pairs[0].budget) + " " + s.is() + " being spent " +
		strings.Join(words, ", or ") + s.ending() + ".", true
}

func burnPairs(e parser.Expr) ([]burnPair, bool) {
	n, ok := e.(*parser.BinaryExpr)
	if !ok {
		return nil, false
	}
	switch n.Op {
	case parser.LOR:
		l, ok1 := burnPairs(bare(n.LHS))
		r, ok2 := burnPairs(bare(n.RHS))
		return append(l, r...), ok1 && ok2
	case parser.LAND:
		p, ok := pairOf(bare(n.LHS), bare(n.RHS))
		return []burnPair{p}, ok
	}
	return nil, false
}

// pairOf recognises one pair: the same thing over two windows against the same
// product of a factor above 1 and a budget below 1.
func pairOf(l, r parser.Expr) (p burnPair, ok bool) {
	a, ok1 := l.(*parser.BinaryExpr)
	b, ok2 := r.(*parser.BinaryExpr)
	if !ok1 || !ok2 || a.Op != b.Op || a.Op != parser.GTR && a.Op != parser.GTE || a.ReturnBool || b.ReturnBool {
		return p, false
	}
	if bare(a.RHS).String() != bare(b.RHS).String() {
		return p, false
	}
	limit, ok := bare(a.RHS).(*parser.BinaryExpr)
	if !ok || limit.Op != parser.MUL {
		return p, false
	}
	x, ok1 := constantOf(limit.LHS)
	y, ok2 := constantOf(limit.RHS)
	if x < y {
		x, y = y, x
	}
	if !ok1 || !ok2 || x < 1 || !(y > 0 && y < 1) {
		return p, false
	}
	one, two := bare(a.LHS).String(), bare(b.LHS).String()
	long, ok1 := onlyWindow(one)
	short, ok2 := onlyWindow(two)
	if !ok1 || !ok2 || long == short || anyWindow(one) != anyWindow(two) {
		return p, false
	}
	unit := unitOf(bare(a.LHS))
	if unit != quantity(Ratio) && unit != maybeRatio && !burnName.MatchString(one) {
		return p, false
	}
	return burnPair{x, y, max(long, short), min(long, short)}, true
}

var (
	windows  = regexp.MustCompile(`\[(\d+[smhdw])\]|(?:rate|ratio|burnrate|increase)_?(\d+[smhdw])\b`)
	burnName = regexp.MustCompile(`burn_?rate|error|ratio`)
)

func anyWindow(s string) string {
	return windows.ReplaceAllStringFunc(s, func(m string) string { return strings.TrimRight(strings.Map(notDigit, m), "]smhdw") })
}

func notDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// bothWindows is the claim of a rule that wants the same of a long and of a
// short window: a[1h] > x and a[5m] > x. It is said once.
func (w Why) bothWindows(claim string) (string, bool) {
	rest := conditionsOf(w.Rest)
	if len(rest) != 1 || rest[0].op != "and" {
		return "", false
	}
	e := Split(rest[0].query)
	if e.Op != w.Op || e.limitWords() != w.limitWords() || e.Rest != "" || anyWindow(e.Measured) != anyWindow(w.Measured) {
		return "", false
	}
	one, ok1 := onlyWindow(w.Measured)
	two, ok2 := onlyWindow(e.Measured)
	said := "over " + spoken(one)
	if !ok1 || !ok2 || one == two || strings.Count(claim, said) != 1 {
		return "", false
	}
	return strings.Replace(claim, said, "over both "+spoken(max(one, two))+" and "+spoken(min(one, two)), 1), true
}

// onlyWindow is the window of everything in an expression.
func onlyWindow(s string) (time.Duration, bool) {
	var out time.Duration
	for _, m := range windows.FindAllStringSubmatch(s, -1) {
		d, err := model.ParseDuration(m[1] + m[2])
		if err != nil || out != 0 && time.Duration(d) != out {
			return 0, false
		}
		out = time.Duration(d)
	}
	return out, out > 0
}
