package triage

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// further are the conditions beside the limit, in words. False: some are
// alternatives, others not, and which belongs to which cannot be told.
func (s speaker) further(rest string) (string, bool) {
	out, alternatives := "", 0
	all := conditionsOf(rest)
	for _, c := range all {
		switch c.op {
		case "and":
			out += ", and only while " + s.conditionWords(c.query)
		case "unless":
			out += ", but not while " + s.conditionWords(c.query)
		case "*":
			out += ", where there is " + c.query
		default:
			out += ", or " + s.conditionWords(c.query)
			alternatives++
		}
	}
	if alternatives > 0 && alternatives < len(all) {
		return "", false
	}
	if out != "" {
		out += ","
	}
	if s.lasting <= 0 {
		out = strings.TrimSuffix(out, ",")
	}
	return out, true
}

// condition is one piece of Expr.Rest.
type condition struct{ op, query string }

// conditionsOf takes Expr.Rest apart: "and (a) unless (b)".
func conditionsOf(rest string) []condition {
	var out []condition
	depth, start, from := 0, 0, 0
	var quoted byte
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case quoted != 0:
			if c == '\\' && quoted != '`' {
				i++
			} else if c == quoted {
				quoted = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quoted = c
		case c == '(':
			if depth == 0 {
				start = i
			}
			depth++
		case c == ')':
			if depth--; depth == 0 {
				out = append(out, condition{strings.TrimSpace(rest[from:start]), rest[start+1 : i]})
				from = i + 1
			}
		}
	}
	return out
}

// conditionWords is a further condition as a clause.
func (s speaker) conditionWords(query string) string {
	root, err := parseExpr(query)
	if err != nil { // "> 0", the other half of 0 < x < 10
		op, limit, _ := strings.Cut(query, " ")
		return "it " + s.is() + " " + comparedWith(op) + " " + limit
	}
	if sel, ok := bare(root).(*parser.VectorSelector); ok {
		return "there " + s.is() + " " + sel.String()
	}
	e := Split(query)
	measured, err := parseExpr(e.Measured)
	if err != nil || e.Op == "" && !e.Absent || e.Rest != "" || e.Indirect && !e.Absent {
		return "this has a result: " + query
	}
	if e.Absent {
		return "there " + s.is() + " " + missingWords(bare(measured))
	}
	phrase, ok := phraseOf(bare(measured), e.Unit)
	if !ok {
		phrase = e.Measured
	}
	if text, ok := s.state(bare(measured), e); ok {
		return "t" + text[1:] // The target ...
	}
	return phrase + " " + s.is() + " " + comparedWith(e.Op) + " " + e.limitWords()
}
