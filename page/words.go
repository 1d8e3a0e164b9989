package page

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
)

// clauseCells is up to which width a sentence of somebody else's is taken
// whole.
const clauseCells = 90

// what is wrong, in the words of whoever wrote the alert: its summary, else
// title, message or description, trimmed to one clause; else its name as
// words. A text that only repeats the name gives way to one that says more.
func what(it triage.Item) string {
	name := it.Name().String()
	second := ""
	for _, key := range []string{"summary", "title", "message", "description"} {
		v, ok := it.Annotations.Get(key)
		if !ok {
			continue
		}
		c := clause(v)
		switch {
		case c == "" || strings.Contains(c, "{{") || strings.Contains(c, "<error expanding template"):
			// A template that was not or could not be expanded says nothing.
		case !echoes(c, name):
			return c
		case second == "" && !strings.EqualFold(c, name):
			second = c
		}
	}
	if second != "" {
		return second
	}
	return Words(name)
}

// echoes reports whether a text is the name again, with or without an
// instance in brackets.
func echoes(text, name string) bool {
	text, _, _ = strings.Cut(text, " (instance ")
	return strings.EqualFold(letters(text), letters(name))
}

// clause is the first sentence of a text, cut further where it is long and
// has a natural break. Without its full stop.
func clause(v safe.Value) string {
	text := strings.TrimSpace(v.Lines())
	text, _, _ = strings.Cut(text, "\n")
	text = strings.Join(strings.Fields(text), " ")
	text = strings.TrimRight(text[:sentenceEnd(text)], " .!;,:")
	if ansi.StringWidth(text) <= clauseCells {
		return text
	}
	head := ansi.Truncate(text, clauseCells, "")
	best := 0
	for _, sep := range []string{"; ", ", ", " - ", " – ", ": "} {
		if i := strings.LastIndex(head, sep); i > best {
			best = i
		}
	}
	if best > clauseCells/4 {
		return strings.TrimRight(text[:best], " .!;,:")
	}
	return text
}

// sentenceEnd is the index after the first full stop that ends a sentence:
// not one inside a number, a name or an abbreviation.
func sentenceEnd(s string) int {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '.' && c != '!' && c != '?' {
			continue
		}
		if i+1 < len(s) && s[i+1] != ' ' {
			continue
		}
		word := s[strings.LastIndexByte(s[:i], ' ')+1 : i]
		switch strings.ToLower(strings.TrimLeft(word, "(")) {
		case "e.g", "i.e", "etc", "vs", "approx", "no", "min", "max":
			continue
		}
		return i + 1
	}
	return len(s)
}

// Words splits a CamelCase or snake_case name into words; acronyms stay as
// they are: "CPUThrottlingHigh" is "CPU throttling high".
func Words(name string) string {
	var words []string
	rs := []rune(name)
	start := 0
	flush := func(end int) {
		if w := string(rs[start:end]); w != "" {
			if utf8.RuneCountInString(w) == 1 || strings.ToUpper(w) != w {
				w = strings.ToLower(w)
			}
			words = append(words, w)
		}
		start = end
	}
	for i, r := range rs {
		switch {
		case r == '_' || r == '-' || r == ' ' || r == '.' || r == ':' || r == '/':
			flush(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) &&
			(!unicode.IsUpper(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])):
			flush(i)
		}
	}
	flush(len(rs))
	return strings.Join(words, " ")
}

// letters is a text without what separates its words, for comparing.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// says reports whether text holds the part as words of its own, whatever the
// case: "5%" is not in "15%".
func says(text, part string) bool {
	if part == "" {
		return false
	}
	text, part = strings.ToLower(text), strings.ToLower(part)
	for from := 0; ; {
		i := strings.Index(text[from:], part)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(part):])
		inside := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
		number := before == '.' && i >= 2 && unicode.IsDigit(rune(text[i-2]))
		if !inside(before) && !inside(after) && !number {
			return true
		}
		from = i + len(part)
	}
}

// Counted is a number of things: "1 alert", "2 alerts".
func Counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
