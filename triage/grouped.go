package triage

import (
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// ErrNotGrouped is the reason why a query cannot be answered for many services
// at once.
var ErrNotGrouped = errors.New("cannot be asked for many at once")

// Grouped is a query that has one answer for one value of a label, made to
// answer for every value at once: each aggregation keeps the label, and so
// does each match of two sides. For each value the answer is that of the query
// with the selector label="value". What the query selects is left as it is:
// its selector has to let the values through. An error is ErrNotGrouped, or
// that of the parser.
func Grouped(query, label string) (string, error) {
	root, err := parseExpr(query)
	if err != nil {
		return "", err
	}
	if err := keepLabel(root, label); err != nil {
		return "", err
	}
	return root.String(), nil
}

// keepLabel changes an expression so that its result keeps the label wherever
// its series have it.
func keepLabel(root parser.Expr, label string) error {
	var wrong error
	parser.Inspect(root, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.AggregateExpr:
			if n.Without {
				n.Grouping = slices.DeleteFunc(n.Grouping, func(l string) bool { return l == label })
			} else if !slices.Contains(n.Grouping, label) {
				n.Grouping = append(slices.Clone(n.Grouping), label)
			}
		case *parser.BinaryExpr:
			keepMatching(n.VectorMatching, label)
		case *parser.Call:
			switch n.Func.Name {
			// One answer for all, whatever the labels.
			case "scalar", "absent", "absent_over_time", "vector":
				wrong = fmt.Errorf("%w: %s", ErrNotGrouped, n.Func.Name)
			}
		}
		return nil
	})
	return wrong
}

func keepMatching(m *parser.VectorMatching, label string) {
	switch {
	case m == nil:
	case m.On && !slices.Contains(m.MatchingLabels, label):
		m.MatchingLabels = append(slices.Clone(m.MatchingLabels), label)
	case !m.On:
		m.MatchingLabels = slices.DeleteFunc(slices.Clone(m.MatchingLabels), func(l string) bool { return l == label })
	}
}
