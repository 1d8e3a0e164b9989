package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCombining is how many combining marks one base rune may carry. Real
// scripts need up to four (Vietnamese two, pointed Hebrew three); "zalgo" text
// uses dozens to paint over the neighbouring lines.
const maxCombining = 4

// clean returns s with every hazardous rune made visible. With lines, line
// feeds stay; without, they are shown, and trailing ones are dropped (YAML
// block scalars end in one).
func clean(s string, lines bool) string {
	if !lines {
		s = strings.TrimRight(s, "\r\n")
	}
	i, marks := cleanPrefix(s, lines)
	if i == len(s) {
		return s
	}
	c := cleaner{marks: marks, lines: lines, tab: " "}
	c.Grow(len(s) + 16)
	c.WriteString(s[:i])
	for i < len(s) {
		i += c.next(s[i:])
	}
	return c.String()
}

// cleaner writes text rune by rune with every hazardous one made visible.
type cleaner struct {
	strings.Builder
	marks int    // combining marks since the last base rune
	lines bool   // line feeds stay
	tab   string // what a tab becomes
}

// next writes the first rune of s and reports how many bytes it takes.
func (c *cleaner) next(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if r >= utf8.RuneSelf && unicode.In(r, unicode.Mn, unicode.Me) && !hazardous(r, n) {
		if c.marks++; c.marks <= maxCombining {
			c.WriteString(s[:n])
		}
		return n
	}
	c.marks = 0
	switch {
	case r == '\n' && c.lines:
		c.WriteByte('\n')
	case r == '\r' && len(s) > 1 && s[1] == '\n':
		// CR LF is one line end; the LF speaks for both.
	case r == '\t':
		c.WriteString(c.tab)
	case r < 0x20 || r == 0x7f || (r >= utf8.RuneSelf && hazardous(r, n)):
		c.WriteRune(visible(r))
	default:
		c.WriteString(s[:n])
	}
	return n
}

// cleanPrefix returns how many leading bytes of s need no change, and how many
// combining marks they end in.
func cleanPrefix(s string, lines bool) (i, marks int) {
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if (c < 0x20 && (c != '\n' || !lines)) || c == 0x7f {
				return i, marks
			}
			marks = 0
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if hazardous(r, n) {
			return i, marks
		}
		if unicode.In(r, unicode.Mn, unicode.Me) {
			if marks++; marks > maxCombining {
				return i, maxCombining
			}
		} else {
			marks = 0
		}
		i += n
	}
	return i, marks
}

// hazardous reports whether a rune beyond ASCII may not be drawn: invalid
// UTF-8, C1 controls, format characters (bidi, zero width, tags, BOM), line
// and paragraph separators, private use, surrogates, unassigned planes that
// terminals treat at will, and the default-ignorable letters that are blank.
// The emoji and text presentation selectors are harmless and stay.
func hazardous(r rune, size int) bool {
	switch {
	case r == utf8.RuneError && size <= 1:
		return true
	case r >= 0x80 && r <= 0x9f, r == 0x00ad:
		return true
	case r < 0x0300:
		return false
	case r == 0xfe0e || r == 0xfe0f:
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) ||
		unicode.Is(ignorable, r)
}

// ignorable are the runes of Unicode's Default_Ignorable_Code_Point property
// that are not in a category hazardous already refuses (DerivedCoreProperties,
// Unicode 15): blank letters that can hide or pad text.
var ignorable = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x034f, 0x034f, 1}, {0x115f, 0x1160, 1}, {0x17b4, 0x17b5, 1}, {0x180b, 0x180f, 1},
		{0x2065, 0x2065, 1}, {0x2800, 0x2800, 1}, {0x3164, 0x3164, 1}, {0xfe00, 0xfe0d, 1},
		{0xffa0, 0xffa0, 1}, {0xfff0, 0xfff8, 1},
	},
	R32: []unicode.Range32{{0x1bca0, 0x1bca3, 1}, {0x1d173, 0x1d17a, 1}, {0xe0000, 0xe0fff, 1}},
}

// visible is the stand-in for a rune that may not be drawn: the control
// pictures block for C0 and DEL, the replacement character for the rest.
func visible(r rune) rune {
	switch {
	case r < 0x20:
		return 0x2400 + r
	case r == 0x7f:
		return 0x2421
	}
	return utf8.RuneError
}
