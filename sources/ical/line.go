package ical

import (
	"fmt"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// maxLine is the longest unfolded line that is read, in bytes. Long ones are
// descriptions, which nobody needs here.
const maxLine = 64 << 10

// line is one property of a component.
type line struct {
	at     int    // number of its first line in the text, from 1
	name   string // upper case
	params []param
	value  string // escapes are still in it
}

type param struct {
	name   string // upper case
	values []string
}

// param is the first value of a parameter; empty: it is not there.
func (l line) param(name string) string {
	for _, p := range l.params {
		if p.name == name {
			return p.values[0]
		}
	}
	return ""
}

// unfold calls each with every line of the text, joined with those that go on
// with it and begin with a blank, and the number of its first line.
func unfold(text string, each func(at int, s string)) {
	at, held, has, first := 0, "", false, 0
	for len(text) > 0 {
		end := strings.IndexAny(text, "\r\n")
		s, rest := text, ""
		if end >= 0 {
			s, rest = text[:end], text[end+1:]
			if text[end] == '\r' && strings.HasPrefix(rest, "\n") {
				rest = rest[1:]
			}
		}
		text = rest
		at++
		switch {
		case has && s != "" && (s[0] == ' ' || s[0] == '\t'):
			if len(held) < maxLine {
				held += s[1:]
			}
			continue
		case has:
			each(first, held)
		}
		held, first, has = s, at, s != ""
	}
	if has {
		each(first, held)
	}
}

// parseLine reads NAME;PARAMETER=VALUE,"VALUE":VALUE.
func parseLine(at int, s string) (line, error) {
	if len(s) > maxLine {
		return line{}, fmt.Errorf("longer than %d bytes", maxLine)
	}
	n := token(s)
	if n == 0 || n == len(s) {
		return line{}, fmt.Errorf("not NAME:value: %s", excerpt(s))
	}
	l := line{at: at, name: strings.ToUpper(s[:n])}
	for s = s[n:]; s != "" && s[0] == ';'; {
		s = s[1:]
		n := token(s)
		if n == 0 || n == len(s) || s[n] != '=' {
			return line{}, fmt.Errorf("a parameter of %s has no value", l.name)
		}
		p := param{name: strings.ToUpper(s[:n])}
		s = s[n:]
		for more := true; more; more = s != "" && s[0] == ',' {
			var v string
			v, s = paramValue(s[1:])
			p.values = append(p.values, v)
		}
		l.params = append(l.params, p)
	}
	if s == "" || s[0] != ':' {
		return line{}, fmt.Errorf("%s has no value", l.name)
	}
	l.value = s[1:]
	return l, nil
}

// token is the length of a name at the beginning of s.
func token(s string) int {
	for i := range len(s) {
		c := s[i]
		if !(c == '-' || c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9') {
			return i
		}
	}
	return len(s)
}

// paramValue reads one value, in quotes or up to the next of ; : and comma.
func paramValue(s string) (value, rest string) {
	end := strings.IndexAny(s, ";:,")
	if strings.HasPrefix(s, `"`) {
		if q := strings.IndexByte(s[1:], '"'); q >= 0 {
			return caret.Replace(s[1 : 1+q]), s[q+2:]
		}
	}
	if end < 0 {
		end = len(s)
	}
	return caret.Replace(s[:end]), s[end:]
}

// caret undoes the escapes of RFC 6868.
var caret = strings.NewReplacer("^n", " ", "^'", `"`, "^^", "^")

// plain undoes the escapes of a text; line breaks become blanks.
func plain(s string) string {
	if !strings.Contains(s, `\`) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(escapes.Replace(s))
}

var escapes = strings.NewReplacer(`\\`, `\`, `\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\:`, ":")

// maxExcerpt is how many bytes of a bad line are quoted.
const maxExcerpt = 40

// excerpt quotes the beginning of a text. A line with an address in it may hold
// the secret of a feed: then nothing of it is quoted.
func excerpt(s string) string {
	if len(s) > maxExcerpt {
		s = s[:maxExcerpt] + "..."
	}
	if s = safe.Text(strings.ToValidUTF8(s, "")); strings.Contains(s, "://") {
		return "a text with an address"
	}
	return fmt.Sprintf("%q", s)
}
