package runbook

import (
	"unicode"
	"unicode/utf8"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// hidden lists what cannot be seen in a text.
func hidden(s string, source bool) []Hidden {
	var out []Hidden
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < 0x20 && c != '\n' && c != '\t' || c == 0x7f {
				out = append(out, Hidden{At: i, Rune: rune(c), Source: source})
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.Zs, r) || safe.Text(s[i:i+n]) != s[i:i+n] {
			out = append(out, Hidden{At: i, Rune: r, Source: source})
		}
		i += n
	}
	return out
}
