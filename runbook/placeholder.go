package runbook

import (
	"slices"
	"strings"
)

// form is how a placeholder is written.
type form int8

const (
	angle    form = iota // <pod-name>
	variable             // $POD, ${POD}
	template             // {{ $labels.pod }}, {{ .Labels.pod }}
	capitals             // NAMESPACE after -n
)

// placeholder is one as it stands in a text.
type placeholder struct {
	start, end int
	name       string // without the marks around it
	form       form
}

// maxName bounds what is between < and >; the longest real one has 42 bytes.
const maxName = 80

// placeholderAt is the placeholder that begins at an offset.
func placeholderAt(src string, at int) (placeholder, bool) {
	switch src[at] {
	case '<':
		return angleAt(src, at)
	case '$':
		return variableAt(src, at)
	case '{':
		return templateAt(src, at)
	}
	return placeholder{}, false
}

// angleAt reads <a name in words>. It is none when it can be a redirection
// (`<file`, `<<EOF`, `<(`), a tag, or one of the words that programs print.
func angleAt(src string, at int) (placeholder, bool) {
	if at > 0 && src[at-1] == '<' || at+2 >= len(src) || src[at] != '<' {
		return placeholder{}, false
	}
	end := at + 1
	for end < len(src) && end-at <= maxName && src[end] != '>' {
		if c := src[end]; !letter(c) && !digit(c) && strings.IndexByte(" _-.,:/", c) < 0 {
			return placeholder{}, false
		}
		end++
	}
	if end >= len(src) || src[end] != '>' {
		return placeholder{}, false
	}
	name := src[at+1 : end]
	if name == "" || !letter(name[0]) || strings.IndexByte(" -/:,", name[len(name)-1]) >= 0 ||
		strings.Contains(name, "://") || slices.Contains(printed, name) || closedTag(src[end:], name) {
		return placeholder{}, false
	}
	return placeholder{start: at, end: end + 1, name: name, form: angle}, true
}

// printed are the words in angle brackets that programs print for "nothing".
var printed = []string{"none", "nil", "null", "unknown", "pending", "invalid", "missing", "unset", "no value", "empty", "br", "hr", "img", "p"}

// closedTag reports whether a name in angle brackets is closed again, as tags
// are, not far behind.
func closedTag(rest, name string) bool {
	name, _, _ = strings.Cut(name, " ")
	return strings.Contains(rest[:min(len(rest), 2<<10)], "</"+name+">")
}

// variableAt reads $NAME and ${NAME}.
func variableAt(src string, at int) (placeholder, bool) {
	rest := src[at+1:]
	if braced, ok := strings.CutPrefix(rest, "{"); ok {
		n := nameLength(braced)
		if n == 0 || n >= len(braced) || braced[n] != '}' {
			return placeholder{}, false
		}
		return placeholder{start: at, end: at + n + 3, name: braced[:n], form: variable}, true
	}
	n := nameLength(rest)
	if n == 0 {
		return placeholder{}, false
	}
	return placeholder{start: at, end: at + n + 1, name: rest[:n], form: variable}, true
}

// templateAt reads {{ $labels.name }} and {{ .Labels.name }}, the two ways in
// which a rule names a label. Other templates belong to other programs.
func templateAt(src string, at int) (placeholder, bool) {
	rest, ok := strings.CutPrefix(src[at:], "{{")
	if !ok {
		return placeholder{}, false
	}
	inner, _, ok := strings.Cut(rest[:min(len(rest), maxName)], "}}")
	if !ok {
		return placeholder{}, false
	}
	end := at + 2 + len(inner) + 2
	inner = strings.Trim(strings.Trim(strings.TrimSpace(inner), "-"), " ")
	name, ok := strings.CutPrefix(inner, "$labels.")
	if !ok {
		name, ok = strings.CutPrefix(inner, ".Labels.")
	}
	if !ok || name == "" || nameLength(name) != len(name) {
		return placeholder{}, false
	}
	return placeholder{start: at, end: end, name: name, form: template}, true
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// plainByte reports whether a byte means nothing to any shell, wherever it
// stands in a word.
func plainByte(c byte) bool {
	return letter(c) || digit(c) || strings.IndexByte("_./:@%+,-", c) >= 0
}

// plain reports whether a value can be put in as it is.
func plain(s string) bool {
	for i := range len(s) {
		if !plainByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// nameLength is the length of the variable's name at the start of s.
func nameLength(s string) int {
	n := 0
	for n < len(s) && (letter(s[n]) || s[n] == '_' || n > 0 && digit(s[n])) {
		n++
	}
	return n
}
