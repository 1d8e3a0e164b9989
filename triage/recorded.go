package triage

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Recorded is the recording rule behind what an alert measures. Zero: it is
// not recorded, or not known, or two rules record different things under the
// name.
type Recorded struct {
	Name, Query safe.Value // Query as the server prints it
}

// Known reports whether there is one.
func (r Recorded) Known() bool { return !r.Name.Empty() }

// inside is the measured expression as it reads when the recorded series
// itself is measured, all of them; of an aggregation, and of some of the
// series only, it is left as it is.
func (r Recorded) inside(e parser.Expr) parser.Expr {
	sel, ok := bare(e).(*parser.VectorSelector)
	if !ok || sel.Name != r.Name.Raw() || len(sel.LabelMatchers) != 1 || sel.OriginalOffset != 0 || sel.OriginalOffsetExpr != nil || sel.Timestamp != nil || sel.StartOrEnd != 0 {
		return e
	}
	in, err := parseExpr(r.Query.Raw())
	if err != nil {
		return e
	}
	if _, ok := phraseOf(bare(in), NoUnit); !ok {
		return e // its name says more than its text
	}
	return bare(in)
}

// Recordings are the recording rules of one cluster by name; a name with two
// different expressions has an empty one.
type Recordings map[string]safe.Value

func newRecordings(groups []sources.RuleGroup) Recordings {
	out := Recordings{}
	for i := range groups {
		for _, r := range groups[i].Recorded {
			name := r.Name.Raw()
			if q, twice := out[name]; twice && q != r.Query {
				out[name] = safe.Value{}
				continue
			}
			out[name] = r.Query
		}
	}
	return out
}

// behind is the recording rule of what a rule's query measures. It follows
// one level.
func (rs Recordings) behind(query string) Recorded {
	if len(rs) == 0 {
		return Recorded{}
	}
	e := Split(query)
	if !e.Parsed || e.Absent {
		return Recorded{}
	}
	root, err := parseExpr(e.Measured)
	if err != nil {
		return Recorded{}
	}
	name := onlyName(root)
	if q := rs[name]; !q.Empty() {
		return Recorded{Name: safe.Outside(name), Query: q}
	}
	return Recorded{}
}

// unit is that of an aggregation of the recorded series, when the recording
// rule tells more than the name.
func (r Recorded) unit(e Expr) Unit {
	root, err := parseExpr(e.Measured)
	if err != nil {
		return e.Unit
	}
	in, err := parseExpr(r.Query.Raw())
	if err != nil {
		return e.Unit
	}
	switch n := bare(root).(type) {
	case *parser.VectorSelector:
	case *parser.AggregateExpr:
		_, plain := bare(n.Expr).(*parser.VectorSelector)
		if !plain || n.Op != parser.MAX && n.Op != parser.MIN && n.Op != parser.AVG {
			return e.Unit
		}
	default:
		return e.Unit
	}
	if u := settle(unitOf(in), e); u != NoUnit {
		return u
	}
	return e.Unit
}
