package triage

import (
	"errors"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/alertmanager/matcher/parse"
)

// ParseFilter reads Alertmanager matchers (severity="critical", !=, =~, !~,
// "quoted name"="v", lists in braces or with commas) and plain words, mixed
// and in any order. Words in double quotes are one phrase. An error is a
// *FilterError. An empty text gives the zero Filter.
func ParseFilter(s string) (Filter, error) {
	f := Filter{text: strings.TrimSpace(s)}
	if !utf8.ValidString(s) {
		return Filter{}, &FilterError{s, "this is not UTF-8 text"}
	}
	for rest := skip(s); rest != ""; rest = skip(rest) {
		part, n, err := nextPart(rest)
		if err != nil {
			return Filter{}, err
		}
		rest = rest[n:]
		if part.word != "" {
			f.words = append(f.words, strings.ToLower(part.word))
			continue
		}
		if part.matcher == "" {
			continue
		}
		ms, err := parse.Matchers(part.matcher)
		if err != nil {
			return Filter{}, &FilterError{part.matcher, advise(part.matcher, err)}
		}
		f.matchers = append(f.matchers, ms...)
	}
	return f, nil
}

// filterPart is a word or the text of one matcher or of a list in braces.
type filterPart struct{ word, matcher string }

// nextPart reads the part at the start of s and says how long it is.
func nextPart(s string) (filterPart, int, error) {
	if s[0] == '{' {
		n, err := braces(s)
		return filterPart{matcher: s[:n]}, n, err
	}
	n, err := atom(s)
	if err != nil {
		return filterPart{}, 0, err
	}
	op := n + len(s[n:]) - len(strings.TrimLeftFunc(s[n:], unicode.IsSpace))
	if o := operator(s[op:]); o > 0 {
		if n == 0 {
			return filterPart{}, 0, &FilterError{s, `a label name is missing before ` + s[:o] + `; write it as severity` + s[:o] + `"critical"`}
		}
		v := op + o
		v += len(s[v:]) - len(strings.TrimLeftFunc(s[v:], unicode.IsSpace))
		end, err := value(s[v:])
		if err != nil {
			return filterPart{}, 0, err
		}
		return filterPart{matcher: s[:v+end]}, v + end, nil
	}
	word := s[:n]
	if word[0] == '"' {
		w, err := strconv.Unquote(word)
		if err != nil {
			return filterPart{}, 0, &FilterError{word, `this phrase cannot be read; write \" for a quote and \\ for a backslash inside it`}
		}
		word = w
	}
	return filterPart{word: word}, n, nil
}

// skip passes over blanks and commas.
func skip(s string) string {
	return strings.TrimLeftFunc(s, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// operator is the length of the matcher operator at the start of s, or 0.
func operator(s string) int {
	switch {
	case strings.HasPrefix(s, "=~"), strings.HasPrefix(s, "!="), strings.HasPrefix(s, "!~"):
		return 2
	case strings.HasPrefix(s, "="):
		return 1
	}
	return 0
}

// atom is the length of a name or word: a quoted text, or everything up to a
// blank, a comma or an operator.
func atom(s string) (int, error) {
	if s[0] == '"' {
		return quoted(s)
	}
	for i, r := range s {
		if r == ',' || unicode.IsSpace(r) || operator(s[i:]) > 0 {
			return i, nil
		}
	}
	return len(s), nil
}

// value is the length of a matcher's value: a quoted text, or everything up
// to a blank or a comma.
func value(s string) (int, error) {
	n := 0
	if strings.HasPrefix(s, `"`) {
		var err error
		if n, err = quoted(s); err != nil {
			return 0, err
		}
	}
	for i, r := range s[n:] {
		if r == ',' || unicode.IsSpace(r) {
			return n + i, nil
		}
	}
	return len(s), nil
}

// quoted is the length of the double-quoted text at the start of s.
func quoted(s string) (int, error) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1, nil
		}
	}
	return 0, &FilterError{s, `the closing quote is missing; write it as severity="critical"`}
}

// braces is the length of the list in braces at the start of s.
func braces(s string) (int, error) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			n, err := quoted(s[i:])
			if err != nil {
				return 0, err
			}
			i += n - 1
		case '}':
			return i + 1, nil
		}
	}
	return 0, &FilterError{s, `the closing brace is missing; write it as {severity="critical",team="db"}`}
}

// advise turns the parser's error into what is wrong and a right form.
func advise(part string, err error) string {
	var re *syntax.Error
	if errors.As(err, &re) {
		return "the regular expression is wrong (" + string(re.Code) + "); it has RE2 syntax, as in service=~\"cart|checkout\""
	}
	if strings.HasPrefix(part, "{") {
		return "this list is wrong (" + err.Error() + `); write it as {severity="critical",team="db"}`
	}
	i := strings.IndexAny(part, "=!")
	if i < 0 {
		return "this condition is wrong (" + err.Error() + `); write it as severity="critical"`
	}
	name, rest := strings.TrimSpace(part[:i]), part[i:]
	op := rest[:operator(rest)]
	v := strings.TrimSpace(rest[len(op):])
	switch {
	case v == "":
		return "a value is missing after " + op + "; write it as " + name + op + `"value", or ` + name + `="" for "has no such label"`
	case strings.HasPrefix(v, "="), strings.HasPrefix(v, "~"):
		return "there is no operator " + op + v[:1] + "; use = != =~ or !~, as in " + name + `="` + strings.Trim(v[1:], `"'`) + `"`
	case strings.HasPrefix(v, "'"):
		return `values take double quotes; write it as ` + name + op + `"` + strings.Trim(v, "'") + `"`
	case strings.HasPrefix(v, `"`):
		return "the quoted value cannot be read, or something follows it without a comma or blank; write it as " + name + op + `"value"`
	case strings.ContainsAny(name, "{}\"'`\\"):
		return "the label name is wrong; a name with other than letters, digits and _ takes double quotes, as in \"my name\"" + op + `"value"`
	}
	return "the value needs double quotes because of a character in it; write it as " + name + op + strconv.Quote(v)
}
