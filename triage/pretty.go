package triage

import "github.com/firstpage-oncall/firstpage/internal/safe"

// Pretty writes an expression in lines, indented as promtool would; the query
// as it is where it cannot be parsed.
func Pretty(query safe.Value) safe.Value {
	root, err := parseExpr(query.Raw())
	if err != nil {
		return query
	}
	return safe.Outside(root.Pretty(0))
}
