package runbook

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

func isPromQL(lang string) bool {
	return lang == "promql" || lang == "prometheus" || lang == "metricsql"
}

// promql fills a query. In a string a value is escaped as PromQL reads it; in
// a pattern it is quoted first, so that it matches itself. Outside of strings
// it becomes one after a matcher's operator, and is put in as it is where it is
// a plain name or number.
func (w *writer) promql(c CodeBlock) {
	quote, op := byte(0), "" // the string we are in, and the operator before it
	matchers := false        // between braces
	for i := 0; i < len(w.src); {
		ch := w.src[i]
		if p, ok := placeholderAt(w.src, i); ok {
			i = p.end
			if p.form != variable || !isEnvironment(p.name) && !c.isSet(p.name) {
				if quote == 0 {
					op = ""
					if matchers {
						op = matcherBefore(w.src[:p.start])
					}
				}
				w.query(p, quote, op)
			}
			continue
		}
		switch {
		case quote != 0 && ch == '\\' && quote != '`':
			i++
		case quote != 0 && ch == quote:
			quote = 0
		case quote != 0:
		case ch == '{', ch == '}':
			matchers = ch == '{'
		case ch == '"', ch == '\'', ch == '`':
			quote, op = ch, matcherBefore(w.src[:i])
		case ch == '#':
			for i < len(w.src) && w.src[i] != '\n' {
				i++
			}
			continue
		}
		i++
	}
}

// query puts one value into a query.
func (w *writer) query(p placeholder, quote byte, op string) {
	v, ok, why := w.values.find(p.name, p.form == template, false)
	if !ok {
		w.leave(p, why)
		return
	}
	text := v.value
	switch {
	case quote != 0:
		text, ok = inString(text, quote, op)
	case op != "":
		text, ok = inString(text, '"', op)
		text = `"` + text + `"`
	default:
		ok = bareQuery.MatchString(text)
	}
	if !ok {
		w.leave(p, whyCode)
		return
	}
	w.put(p, v, text)
}

// bareQuery is what may stand outside of a string: a name, number or range.
var bareQuery = regexp.MustCompile(`^[A-Za-z0-9_:.]+$`)

// inString writes a value for a string of PromQL; false: it cannot stand
// there.
func inString(v string, quote byte, op string) (string, bool) {
	if !utf8.ValidString(v) {
		return "", false // PromQL is UTF-8
	}
	switch op {
	case "=~", "!~":
		v = regexp.QuoteMeta(v)
	case "=", "!=":
	default:
		// An argument of a function: it may be a pattern or a replacement.
		return v, bareArgument.MatchString(v)
	}
	if quote == '`' {
		return v, !strings.ContainsAny(v, "`\r")
	}
	var out strings.Builder
	for _, r := range v {
		switch {
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\\', r == rune(quote):
			out.WriteByte('\\')
			out.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String(), true
}

var bareArgument = regexp.MustCompile(`^[A-Za-z0-9_/:@%,-]+$`)

// matcherBefore is the operator of a matcher that a text ends in; empty: none.
func matcherBefore(s string) string {
	s = strings.TrimRight(s, " \t\n")
	for _, op := range []string{"=~", "!~", "!=", "="} {
		if before, ok := strings.CutSuffix(s, op); ok {
			if before == "" || strings.IndexByte("=<>!", before[len(before)-1]) >= 0 {
				return "" // a comparison: ==, <=
			}
			return op
		}
	}
	return ""
}

// Query is the expression of a block of PromQL, as Fill left it, without
// comments. ok is false for another language and when nothing is left.
func (f Filled) Query() (expr string, ok bool) { return query(f.Lang, f.Text) }

// Query is Filled.Query of the block as it is written: it may hold
// placeholders.
func (c CodeBlock) Query() (expr string, ok bool) { return query(c.Lang, string(c.Code)) }

func query(lang, src string) (string, bool) {
	if !isPromQL(lang) {
		return "", false
	}
	var out strings.Builder
	quote, done := byte(0), 0
	for i := 0; i < len(src); i++ {
		switch ch := src[i]; {
		case quote != 0 && ch == '\\' && quote != '`':
			i++
		case quote != 0 && ch == quote:
			quote = 0
		case quote != 0:
		case ch == '"', ch == '\'', ch == '`':
			quote = ch
		case ch == '#':
			out.WriteString(strings.TrimRight(src[done:i], " \t"))
			for i < len(src) && src[i] != '\n' {
				i++
			}
			done = i
		}
	}
	out.WriteString(src[min(done, len(src)):])
	expr := strings.TrimSpace(out.String())
	return expr, expr != ""
}
