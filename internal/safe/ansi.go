package safe

import "strings"

// ANSI is the allow-list for text that a renderer has styled. It keeps SGR
// sequences (except conceal, which hides text) and OSC 8 hyperlinks to http
// and https, keeps line feeds, and treats everything else as Value.Lines
// does, but that a tab is four blanks.
func ANSI(s string) string {
	if plain(s) {
		return s
	}
	c := cleaner{lines: true, tab: "    "}
	c.Grow(len(s))
	for i := 0; i < len(s); {
		if n, keep := sequence(s[i:]); keep {
			c.WriteString(s[i : i+n])
			c.marks = 0
			i += n
			continue
		}
		i += c.next(s[i:])
	}
	return c.String()
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
