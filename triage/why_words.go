package triage

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// Tense is when a rule's condition is spoken of.
type Tense int

// The tenses.
const (
	TenseFiring  Tense = iota // it held long enough and fires
	TensePending              // it holds, not yet long enough
	TenseOver                 // it held, and does not any more
)

// Words say why the rule fires: what it measures, the limit and for how long,
// and in a second sentence the value beside the limit. They hold nothing that
// the expression does not say; a form that is not known is quoted with value
// and limit. At is the time of an old value, as "at 14:05"; empty: it is the
// value now. NaN as Value leaves it out. Empty: the rule is not known.
func (w Why) Words(tense Tense, at string) string {
	switch {
	case !w.RuleKnown || w.Query.Empty():
		return ""
	case !w.Parsed:
		return "The rule: " + w.Query.Raw() + "."
	}
	s := speaker{tense: tense, lasting: w.For}
	if text, ok := s.burn(w.Query.Raw()); ok {
		return text
	}
	rest, ok := s.further(w.Rest)
	if !ok { // conditions of alternatives: nothing of one part alone is certain
		return "The rule has several conditions: " + oneLine(w.Query.Raw()) + "."
	}
	root, err := parseExpr(w.Measured)
	if err != nil {
		return "The rule: " + oneLine(w.Query.Raw()) + "."
	}
	e := w.Expr
	if w.Recorded.Known() && e.HasLimit {
		root = w.Recorded.inside(root)
	}
	claim, ok := s.claim(bare(root), e)
	if !ok {
		return w.quoted(at)
	}
	if both, ok := w.bothWindows(claim); ok {
		claim, rest = both, ""
	}
	if rest != "" || s.ending() == "" {
		claim = strings.TrimSuffix(claim, ",")
	}
	text := claim + rest + s.ending() + "."
	if beside := w.beside(at); beside != "" {
		text += " " + beside
	}
	return text
}

// quoted says what is measured and the limit without words of our own.
func (w Why) quoted(at string) string {
	text := "Measured: " + w.Measured
	if !math.IsNaN(w.Value) {
		text += " is " + w.Unit.Format(w.Value)
		if at != "" {
			text = "Measured: " + w.Measured + " was " + w.Unit.Format(w.Value) + " " + at
		}
	}
	limit := w.LimitText
	if w.HasLimit {
		limit = w.Unit.Format(w.Limit)
	}
	text += "; limit: " + w.Op + " " + limit
	if w.Rest != "" {
		text += " " + w.Rest
	}
	return text + "."
}

// speaker makes one sentence.
type speaker struct {
	tense   Tense
	lasting time.Duration
}

// claim is the main clause.
func (s speaker) claim(root parser.Expr, e Expr) (string, bool) {
	if e.Absent {
		return "There " + s.is() + " " + missingWords(root), true
	}
	if e.Op == "" {
		if sel, ok := root.(*parser.VectorSelector); ok {
			return "There " + s.is() + " a series " + sel.String(), true
		}
		return "There " + s.is() + " a result for " + root.String(), true
	}
	if text, ok := s.state(root, e); ok {
		return text, true
	}
	if text, ok := s.onCourse(root, e); ok {
		return text, true
	}
	phrase, ok := phraseOf(root, e.Unit)
	if !ok {
		return "", false
	}
	return upperFirst(phrase) + " " + s.is() + " " + comparedWith(e.Op) + " " + e.limitWords(), true
}

// limitWords is the limit, as an expression in words where its form is known.
func (e Expr) limitWords() string {
	switch {
	case e.HasLimit && e.Unit == Timestamp && e.Limit == 0:
		return "0"
	case e.HasLimit:
		return e.Unit.Format(e.Limit)
	}
	if root, err := parseExpr(e.LimitText); err == nil {
		if text, ok := phraseOf(bare(root), NoUnit); ok {
			return text
		}
	}
	return e.LimitText
}

func comparedWith(op string) string {
	switch op {
	case ">":
		return "above"
	case ">=":
		return "at least"
	case "<":
		return "below"
	case "<=":
		return "at most"
	case "!=":
		return "other than"
	}
	return "exactly"
}

// is is the verb: what fires was so for a while before it did.
func (s speaker) is() string {
	if s.tense == TenseOver || s.tense == TenseFiring && s.lasting > 0 {
		return "was"
	}
	return "is"
}

// ending is how long the condition has to hold.
func (s speaker) ending() string {
	switch {
	case s.lasting <= 0:
		return ""
	case s.tense == TensePending:
		return "; it fires when that has lasted " + spoken(s.lasting)
	}
	return " for " + spoken(s.lasting) + " in a row"
}

// state tells the two metrics whose 0 has one documented meaning.
func (s speaker) state(root parser.Expr, e Expr) (string, bool) {
	sel, ok := root.(*parser.VectorSelector)
	zero := e.HasLimit && (e.Op == "==" && e.Limit == 0 || e.Op == "!=" && e.Limit == 1 || e.Op == "<" && e.Limit > 0 && e.Limit <= 1)
	if !ok || !zero {
		return "", false
	}
	does := "does not answer"
	if s.is() == "was" {
		does = "did not answer"
	}
	switch sel.Name {
	case "up":
		return "The target " + does + " the scrape (" + sel.String() + ")", true
	case "probe_success":
		return "The target " + does + " the probe as it should (" + sel.String() + ")", true
	}
	return "", false
}

// onCourse tells predict_linear(x[6h], 4 * 3600) < 0 of a free space.
func (s speaker) onCourse(root parser.Expr, e Expr) (string, bool) {
	c, ok := root.(*parser.Call)
	if !ok || c.Func.Name != "predict_linear" || !e.HasLimit || e.Limit != 0 || e.Op != "<" && e.Op != "<=" {
		return "", false
	}
	ahead, known := constantOf(c.Args[1])
	inside, window, ok := ranged(c.Args[0])
	sel, plain := inside.(*parser.VectorSelector)
	if !known || !ok || !plain || ahead <= 0 {
		return "", false
	}
	what := "reach 0"
	if slices.Contains(freeSpace(), sel.Name) {
		what = "be full"
	}
	return upperFirst(inside.String()) + " " + s.is() + " on course to " + what + " within " + spanOf(ahead) +
		", going by the last " + spoken(window) + ",", true
}

// freeSpace are metrics whose 0 means that a volume is full.
func freeSpace() []string {
	return []string{"node_filesystem_avail_bytes", "node_filesystem_free_bytes", "kubelet_volume_stats_available_bytes"}
}

// missingWords is what an absent rule misses.
func missingWords(root parser.Expr) string {
	switch n := root.(type) {
	case *parser.VectorSelector:
		return "no data of " + n.String()
	case *parser.MatrixSelector:
		return "no data of " + n.VectorSelector.String() + " within " + spoken(n.Range)
	case *parser.BinaryExpr:
		if sel, ok := bare(n.LHS).(*parser.VectorSelector); ok && n.Op.IsComparisonOperator() && !n.ReturnBool {
			if v, ok := constantOf(n.RHS); ok {
				return "no series of " + sel.String() + " that is " + comparedWith(n.Op.String()) + " " + number(v)
			}
		}
	}
	return "no result for: " + root.String()
}

// beside compares the value with the limit in a sentence: "It is 12.4% now,
// 2.5 times the limit." Empty: there is no value, or it says nothing more than
// the rule.
func (w Why) beside(at string) string {
	v := w.Value
	if strings.Contains(w.Measured, "predict_linear(") {
		return "" // it is not a value of now
	}
	if !w.Parsed || w.Absent || w.Op == "" || math.IsNaN(v) || math.IsInf(v, 0) || w.Unit == Timestamp || strings.HasPrefix(w.Rest, "or ") {
		return ""
	}
	if (w.Op == "==" || w.Op == "!=") && w.HasLimit && (v == 0 || v == 1) {
		return ""
	}
	text := "It is " + w.Unit.Format(v) + " now"
	if at != "" {
		text = "It was " + w.Unit.Format(v) + " " + at
	}
	if !w.HasLimit {
		return text + "."
	}
	switch {
	case !holds(v, w.Op, w.Limit) && at == "" && w.Op != "==" && w.Op != "!=":
		text += ", within the limit"
	case (w.Op == ">" || w.Op == ">=") && w.Limit > 0 && v >= 1.1*w.Limit:
		text += ", " + figures2(v/w.Limit) + " times the limit"
	}
	return text + "."
}

func holds(v float64, op string, limit float64) bool {
	switch op {
	case ">":
		return v > limit
	case ">=":
		return v >= limit
	case "<":
		return v < limit
	case "<=":
		return v <= limit
	case "==":
		return v == limit
	}
	return v != limit
}
