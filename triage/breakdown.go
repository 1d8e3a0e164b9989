package triage

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Breakdown is how an aggregation can be taken apart by a label it adds up. It
// is known of sums of rates and of their quotients.
type Breakdown struct {
	part, whole string   // PromQL of the two sides without aggregation; whole is empty for a plain sum
	selector    string   // of part
	labels      []string // worth asking for, most telling first
	factor      float64  // 100 for a percentage
	unit        Unit
}

// The bounds of what is asked.
const (
	MaxSplits     = 3  // labels
	MaxSplitParts = 50 // series of one side
)

// SideLabel and CountLabel are the labels that a breakdown's queries add, to
// tell in one answer what belongs to what.
const (
	SideLabel  = "firstpage_side"
	CountLabel = "firstpage_label"
)

// BreakdownOf is the breakdown of what an alert's rule measures, of the
// alert's own series only. False: its form is not known, it has too little on
// one side, or nothing was added up.
func BreakdownOf(it Item, e Expr) (Breakdown, bool) {
	if !e.Parsed || e.Absent || e.Op != ">" && e.Op != ">=" {
		return Breakdown{}, false
	}
	root, err := parseExpr(e.Measured)
	if err != nil {
		return Breakdown{}, false
	}
	b := Breakdown{factor: 1, unit: e.Unit}
	top := bare(root)
	if n, ok := top.(*parser.BinaryExpr); ok && e.Unit == Percent {
		if in, ok := withoutHundred(n); ok {
			top, b.factor = bare(in), 100
		}
	}
	n, quotient := top.(*parser.BinaryExpr)
	one := top
	if quotient {
		if n.Op != parser.DIV {
			return Breakdown{}, false
		}
		one = bare(n.LHS)
	}
	part, sel, grouping, ok := summed(one, it)
	if !ok {
		return Breakdown{}, false
	}
	b.part, b.selector = part, sel.String()
	if quotient {
		whole, _, other, ok := summed(bare(n.RHS), it)
		if !ok || !slices.Equal(slices.Sorted(slices.Values(grouping)), slices.Sorted(slices.Values(other))) {
			return Breakdown{}, false
		}
		b.whole = whole
	}
	b.labels = splitLabels(sel, grouping)
	return b, len(b.labels) > 0
}

// summed takes sum by (x) (rate(a[5m])) apart and narrows a to the alert's x.
func summed(e parser.Expr, it Item) (rate string, sel *parser.VectorSelector, grouping []string, ok bool) {
	agg, ok := e.(*parser.AggregateExpr)
	if !ok || agg.Op != parser.SUM || agg.Without {
		return "", nil, nil, false
	}
	call, ok := bare(agg.Expr).(*parser.Call)
	if !ok || call.Func.Name != "rate" && call.Func.Name != "increase" && call.Func.Name != "irate" {
		return "", nil, nil, false
	}
	m, ok := bare(call.Args[0]).(*parser.MatrixSelector)
	if !ok {
		return "", nil, nil, false
	}
	sel, ok = m.VectorSelector.(*parser.VectorSelector)
	if !ok || sel.Name == "" || sel.OriginalOffset != 0 || sel.OriginalOffsetExpr != nil || sel.Timestamp != nil || sel.StartOrEnd != 0 || m.RangeExpr != nil {
		return "", nil, nil, false
	}
	narrow := *sel
	narrow.LabelMatchers = slices.Clone(sel.LabelMatchers)
	for _, name := range agg.Grouping {
		if it.Rule != nil {
			if _, set := it.Rule.Labels.Get(name); set {
				return "", nil, nil, false // the series' own value is not known
			}
		}
		narrow.LabelMatchers = append(narrow.LabelMatchers, equal(name, it.Labels.Value(name).Raw()))
	}
	shown := *m
	shown.VectorSelector = &narrow
	return call.Func.Name + "(" + shown.String() + ")", &narrow, agg.Grouping, true
}

// splitLabels are the labels by which a selector may be split: what tells a
// culprit and is not fixed already.
func splitLabels(sel *parser.VectorSelector, grouping []string) []string {
	var out []string
	for _, name := range []string{"version", "path", "handler", "route", "uri", "method", "device", "topic", "queue", "reason", "instance", "pod"} {
		fixed := slices.Contains(grouping, name)
		for _, m := range sel.LabelMatchers {
			fixed = fixed || m.Name == name
		}
		if !fixed {
			out = append(out, name)
		}
	}
	return out
}

// Counts asks which of the labels the series have, with how many values: one
// series for each, named by CountLabel.
func (b Breakdown) Counts() string {
	parts := make([]string, 0, len(b.labels))
	for _, name := range b.labels {
		parts = append(parts, "label_replace(count(count by ("+name+") ("+b.selector+")), "+
			strconv.Quote(CountLabel)+", "+strconv.Quote(name)+`, "", "")`)
	}
	return strings.Join(parts, " or ")
}

// Choose picks the labels to split by from the answer to Counts: at most
// MaxSplits, each with at least two and at most MaxSplitParts values, an
// instance among them if there is one.
func (b Breakdown) Choose(counts sources.Vector) []string {
	var out []string
	for _, name := range b.labels {
		for _, s := range counts {
			if s.Labels.Value(CountLabel).Raw() == name && s.V >= 2 && s.V <= MaxSplitParts {
				out = append(out, name)
			}
		}
	}
	if len(out) <= MaxSplits {
		return out
	}
	if i := slices.IndexFunc(out, isPlace); i >= MaxSplits {
		out[MaxSplits-1] = out[i]
	}
	return out[:MaxSplits]
}

func isPlace(name string) bool { return name == "instance" || name == "pod" }

// By asks for the breakdown by one label: both sides in one answer, told apart
// by SideLabel.
func (b Breakdown) By(name string) string {
	side := func(rate, is string) string {
		return "label_replace(topk(" + strconv.Itoa(MaxSplitParts) + ", sum by (" + name + ") (" + rate + ")), " +
			strconv.Quote(SideLabel) + ", " + strconv.Quote(is) + `, "", "")`
	}
	if b.whole == "" {
		return side(b.part, "part")
	}
	return side(b.part, "part") + " or " + side(b.whole, "whole")
}

// Pointer is one value of a label that makes up most of what is measured.
type Pointer struct {
	Name, Value safe.Value
	Measured    float64 // of that value alone, in the unit of what is measured
}

// PointsAt is what a breakdown found.
type PointsAt struct {
	Pointers []Pointer // most telling label first; nil: no value stands out
	Place    string    // "instance" or "pod" when it was split by that and none stands out; else empty
	Unit     Unit
}

// A value stands out when it makes up this part of the whole, and of a
// quotient when its own is this many times that of all others.
const (
	outstandingShare = 0.7
	outstandingTimes = 2
)

// Outstanding is the value of a label that stands out in the answer to By.
// False: none does.
func (b Breakdown) Outstanding(name string, v sources.Vector) (Pointer, bool) {
	var best Pointer
	var most, sum, of, all float64
	values := 0
	wholes := map[safe.Value]float64{}
	for _, s := range v {
		if s.Labels.Value(SideLabel).Raw() == "whole" && s.V > 0 {
			wholes[s.Labels.Value(name)] = s.V
			all += s.V
		}
	}
	for _, s := range v {
		if s.Labels.Value(SideLabel).Raw() != "part" || !(s.V >= 0) || math.IsInf(s.V, 0) {
			continue
		}
		values++
		sum += s.V
		if s.V > most {
			most, best = s.V, Pointer{Name: safe.Outside(name), Value: s.Labels.Value(name)}
		}
	}
	if best.Value.Empty() || most < outstandingShare*sum {
		return Pointer{}, false
	}
	if b.whole == "" {
		best.Measured = most * b.factor
		return best, values >= 2
	}
	of = wholes[best.Value]
	if !(of > 0) || len(wholes) < 2 || !(all > of) {
		return Pointer{}, false
	}
	if most/of < outstandingTimes*(sum-most)/(all-of) {
		return Pointer{}, false
	}
	best.Measured = most / of * b.factor
	return best, true
}

// Words are the pointers as one line: version="1.42.0" (12.9%); path="/pay"
// (31%). No single instance. Empty: nothing was found out.
func (p PointsAt) Words() string {
	words := make([]string, 0, len(p.Pointers))
	for _, x := range p.Pointers {
		words = append(words, x.Name.String()+"="+strconv.Quote(x.Value.String())+" ("+p.Unit.Format(x.Measured)+")")
	}
	text := strings.Join(words, "; ")
	if text != "" {
		text += "."
	}
	if p.Place != "" {
		text = strings.TrimSpace(text + " No single " + p.Place + ".")
	}
	return text
}

func equal(name, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, name, value)
}
