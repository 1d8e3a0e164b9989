package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ANSI is the allow-list for text that a renderer has styled. It keeps SGR
// sequences (except conceal, which hides text) and OSC 8 hyperlinks to http
// and https, keeps line feeds, and treats everything else as clean does.
func ANSI(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	marks := 0
	for i := 0; i < len(s); {
		if s[i] == 0x1b {
			n, keep := sequence(s[i:])
			if keep {
				b.WriteString(s[i : i+n])
			} else {
				b.WriteRune(visible(0x1b))
				n = 1
			}
			i += n
			marks = 0
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n':
			b.WriteByte('\n')
		case r == '\t':
			b.WriteString("    ")
		case r == '\r' && i+1 < len(s) && s[i+1] == '\n':
		case r >= utf8.RuneSelf && unicode.In(r, unicode.Mn, unicode.Me) && !hazardous(r, n):
			if marks++; marks <= maxCombining {
				b.WriteRune(r)
			}
			i += n
			continue
		case r < 0x20 || r == 0x7f || (r >= utf8.RuneSelf && hazardous(r, n)):
			b.WriteRune(visible(r))
		default:
			b.WriteString(s[i : i+n])
		}
		marks = 0
		i += n
	}
	return b.String()
}

// plain reports whether s is printable ASCII and line feeds only.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 0x20 && c != '\n') || c >= 0x7f {
			return false
		}
	}
	return true
}

// sequence reads the escape sequence at the start of s and reports its length
// and whether it is allowed.
func sequence(s string) (n int, keep bool) {
	switch {
	case strings.HasPrefix(s, "\x1b["):
		for n = 2; n < len(s); n++ {
			switch c := s[n]; {
			case c >= '0' && c <= '9', c == ';', c == ':':
			case c == 'm':
				return n + 1, !conceals(s[2:n])
			default:
				return 1, false
			}
		}
	case strings.HasPrefix(s, "\x1b]8;"):
		return hyperlink(s)
	}
	return 1, false
}

// conceals reports whether SGR parameters switch on conceal (8). The
// parameters of 38, 48 and 58 are colours and are skipped.
func conceals(params string) bool {
	parts := strings.Split(params, ";")
	for i := 0; i < len(parts); i++ {
		switch strings.TrimLeft(parts[i], "0") {
		case "8":
			return true
		case "38", "48", "58":
			if i+1 < len(parts) {
				switch parts[i+1] {
				case "5":
					i += 2
				case "2":
					i += 4
				}
			}
		}
	}
	return false
}

// hyperlink reads an OSC 8 sequence. Its parameters and target must be
// printable ASCII, its end BEL or ST; the target http, https or empty (close).
func hyperlink(s string) (int, bool) {
	for n := 4; n < len(s); n++ {
		switch c := s[n]; {
		case c == 0x07:
			return n + 1, linkAllowed(s[4:n])
		case c == 0x1b:
			if n+1 < len(s) && s[n+1] == '\\' {
				return n + 2, linkAllowed(s[4:n])
			}
			return 1, false
		case c < 0x20 || c >= 0x7f:
			return 1, false
		}
	}
	return 1, false
}

func linkAllowed(body string) bool {
	_, target, ok := strings.Cut(body, ";")
	if !ok {
		return false
	}
	lower := strings.ToLower(target)
	return target == "" || strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}
