package runbook

import (
	"html"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// longestEntity is the longest name of an HTML entity plus `&` and `;`
// (CounterClockwiseContourIntegral, HTML 5).
const longestEntity = 33

// defuse replaces the entities of a line that stand for a control, line end
// or invisible rune by the visible stand-in. It covers what goldmark resolves
// (in link targets) and what html.UnescapeString does, which Glamour calls on
// text and code spans alike and which also takes entities without `;`.
func defuse(line string) string {
	i := strings.IndexByte(line, '&')
	if i < 0 {
		return line
	}
	var b strings.Builder
	done := 0
	for i < len(line) {
		n := entityLength(line[i:])
		if n > 1 {
			if by, harm := harmful(line[i : i+n]); harm {
				b.WriteString(line[done:i])
				b.WriteString(by)
				done = i + n
			}
		}
		i += max(n, 1)
		next := strings.IndexByte(line[i:], '&')
		if next < 0 {
			break
		}
		i += next
	}
	if done == 0 {
		return line
	}
	b.WriteString(line[done:])
	return b.String()
}

// entityLength is how many bytes at the start of s (which begins with `&`) may
// be one entity.
func entityLength(s string) int {
	i := 1
	if i < len(s) && s[i] == '#' {
		i++
		if i < len(s) && (s[i] == 'x' || s[i] == 'X') {
			i++
		}
		// Any number of digits is one reference: leading zeros do not end it.
		for i < len(s) && hexDigit(s[i]) {
			i++
		}
	} else {
		for i < len(s) && i < longestEntity && alnum(s[i]) {
			i++
		}
	}
	if i < len(s) && s[i] == ';' {
		i++
	}
	return i
}

// harmful resolves one entity and gives what to write instead when it may not
// be resolved later.
func harmful(entity string) (string, bool) {
	plain := html.UnescapeString(entity)
	if plain == entity {
		return "", false
	}
	numeric := strings.HasPrefix(entity, "&#")
	clean := safe.Text(strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(plain))
	if clean != plain {
		return clean, true
	}
	// Browsers and html.UnescapeString read 0x80 to 0x9f as Windows-1252,
	// goldmark as C1 controls: only the first reading may win.
	if numeric && plain[0] >= 0x80 {
		return plain, true
	}
	return "", false
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
