package prometheus

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxIntern is the longest text that is looked up among those seen before, in
// bytes. Longer ones (descriptions) are rarely the same twice and dear to hash;
// those that are (runbook links) mostly equal their neighbour, the hint.
const maxIntern = 64

// text reads a string (or null, which is empty). hint is what it probably is;
// texts that were seen before share their memory.
func (s *scanner) text(hint string) (string, error) {
	if null, err := s.null(); null || err != nil {
		return "", err
	}
	b, err := s.bytes()
	if err != nil {
		return "", err
	}
	return s.intern(b, hint), nil
}

func (s *scanner) intern(b []byte, hint string) string {
	if string(b) == hint {
		return hint
	}
	if len(b) > maxIntern {
		return string(b)
	}
	if v, ok := s.seen[string(b)]; ok {
		return v
	}
	v := string(b)
	s.seen[v] = v
	return v
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special marks the first byte of a word that is a quote, a backslash, a
// control character or beyond ASCII (higher bytes may be marked by mistake).
func special(w uint64) uint64 {
	quote, slash := w^(lowBits*'"'), w^(lowBits*'\\')
	return ((quote-lowBits)&^quote | (slash-lowBits)&^slash | (w-lowBits*0x20)&^w | w) & highBits
}

// bytes reads a string and returns what it stands for. The result is valid
// until the next read.
func (s *scanner) bytes() ([]byte, error) {
	if !s.at('"') {
		return nil, s.bad("no text")
	}
	b, i := s.b, s.i+1
	start := i
	for {
		for i+8 <= len(b) {
			m := special(binary.LittleEndian.Uint64(b[i:]))
			if m != 0 {
				i += bits.TrailingZeros64(m) / 8
				break
			}
			i += 8
		}
		if i >= len(b) {
			s.i = len(b)
			return nil, s.bad("")
		}
		switch c := b[i]; {
		case c == '"':
			s.i = i + 1
			return b[start:i], nil
		case c == '\\':
			s.i = i
			return s.unescape(start)
		case c < 0x20:
			s.i = i
			return nil, s.bad("a control character in a text")
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				s.i = i
				return s.unescape(start)
			}
			i += n
		}
	}
}

// unescape is the rest of bytes for a text that is not stored as it is
// written. The text began at start, what lies before s.i is plain.
func (s *scanner) unescape(start int) ([]byte, error) {
	out := append(s.buf[:0], s.b[start:s.i]...)
	for s.i < len(s.b) {
		c := s.b[s.i]
		switch {
		case c == '"':
			s.i++
			s.buf = out
			return out, nil
		case c == '\\':
			var err error
			if out, err = s.escape(out); err != nil {
				return nil, err
			}
		case c < 0x20:
			return nil, s.bad("a control character in a text")
		case c < utf8.RuneSelf:
			out = append(out, c)
			s.i++
		default:
			r, n := utf8.DecodeRune(s.b[s.i:])
			out = utf8.AppendRune(out, r)
			s.i += n
		}
	}
	return nil, s.bad("")
}

// escape reads one escape sequence.
func (s *scanner) escape(out []byte) ([]byte, error) {
	if s.i+1 >= len(s.b) {
		s.i = len(s.b)
		return nil, s.bad("")
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := s.b[s.i+1]
	if k := strings.IndexByte(from, c); k >= 0 {
		s.i += 2
		return append(out, to[k]), nil
	}
	if c != 'u' {
		return nil, s.bad("an unknown escape")
	}
	r, err := s.hex4()
	if err != nil {
		return nil, err
	}
	if utf16.IsSurrogate(r) {
		r2, next := rune(0), s.i
		if s.i+1 < len(s.b) && s.b[s.i] == '\\' && s.b[s.i+1] == 'u' {
			if r2, err = s.hex4(); err != nil {
				return nil, err
			}
		}
		if r = utf16.DecodeRune(r, r2); r == utf8.RuneError {
			s.i = next // a lone surrogate; what follows stands for itself
		}
	}
	return utf8.AppendRune(out, r), nil
}

// hex4 reads \uXXXX.
func (s *scanner) hex4() (rune, error) {
	if s.i+6 > len(s.b) {
		s.i = len(s.b)
		return 0, s.bad("")
	}
	var r rune
	for _, c := range s.b[s.i+2 : s.i+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, s.bad("a broken escape")
		}
		r = r<<4 | rune(c)
	}
	s.i += 6
	return r, nil
}
