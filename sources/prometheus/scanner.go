package prometheus

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/firstpage-oncall/firstpage/sources"
)

// maxDepth is how deep JSON may nest; it is the limit of encoding/json.
const maxDepth = 10000

// maxIntern is the longest text that is looked up among those seen before, in
// bytes. Longer ones (descriptions) are rarely the same twice and dear to hash;
// those that are (runbook links) mostly equal their neighbour, the hint.
const maxIntern = 64

// scanner reads one JSON document from front to back. It accepts and rejects
// what encoding/json does (proven by fuzzing) and, as that, replaces invalid
// UTF-8 and lone surrogates by U+FFFD.
type scanner struct {
	b     []byte
	i     int
	depth int
	buf   []byte            // of the last text with escapes
	seen  map[string]string // texts of this document, each stored once
}

func newScanner(b []byte) *scanner {
	return &scanner{b: b, seen: make(map[string]string, min(len(b)/512, 1<<14))}
}

// bad is the error for what cannot be read at the present place.
func (s *scanner) bad(what string) error {
	if s.i >= len(s.b) {
		return sources.Errorf(sources.BadResponse, "the answer ends in the middle (after %d bytes)", len(s.b))
	}
	return sources.Errorf(sources.BadResponse, "the answer is not what Prometheus sends: %s at byte %d", what, s.i)
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\n', '\t', '\r':
			s.i++
		default:
			return
		}
	}
}

// peek skips space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.space(); s.i < len(s.b) {
		return s.bad("something follows its end")
	}
	return nil
}

// null reads a null if it is next.
func (s *scanner) null() (bool, error) {
	if s.peek() != 'n' {
		return false, nil
	}
	return true, s.word("null")
}

func (s *scanner) word(w string) error {
	if len(s.b)-s.i < len(w) {
		for j := range len(s.b) - s.i {
			if s.b[s.i+j] != w[j] {
				return s.bad("no JSON value")
			}
		}
		s.i = len(s.b)
		return s.bad("")
	}
	if string(s.b[s.i:s.i+len(w)]) != w {
		return s.bad("no JSON value")
	}
	s.i += len(w)
	return nil
}

// object reads an object or null. field gets each name, which is valid until
// the next read, and must read the value.
func (s *scanner) object(field func(name []byte) error) error {
	if null, err := s.null(); null || err != nil {
		return err
	}
	if err := s.open('{', "no object"); err != nil {
		return err
	}
	if s.peek() == '}' {
		return s.shut()
	}
	for {
		if s.peek() != '"' {
			return s.bad("no field name")
		}
		name, err := s.bytes()
		if err != nil {
			return err
		}
		if s.peek() != ':' {
			return s.bad("no colon")
		}
		s.i++
		if err := field(name); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.i++
		case '}':
			return s.shut()
		default:
			return s.bad("no comma")
		}
	}
}

// array reads an array or null. item must read one value.
func (s *scanner) array(item func() error) error {
	if null, err := s.null(); null || err != nil {
		return err
	}
	if err := s.open('[', "no list"); err != nil {
		return err
	}
	if s.peek() == ']' {
		return s.shut()
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.i++
		case ']':
			return s.shut()
		default:
			return s.bad("no comma")
		}
	}
}

func (s *scanner) open(c byte, what string) error {
	if s.peek() != c {
		return s.bad(what)
	}
	if s.depth++; s.depth > maxDepth {
		return s.bad("nested too deep")
	}
	s.i++
	return nil
}

func (s *scanner) shut() error {
	s.depth--
	s.i++
	return nil
}

// skip reads any value and checks its syntax.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip() })
	case c == '[':
		return s.array(s.skip)
	case c == '"':
		_, err := s.bytes()
		return err
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	default:
		_, err := s.number()
		return err
	}
}

// number reads a number as it is written.
func (s *scanner) number() ([]byte, error) {
	start := s.i
	if s.at('-') {
		s.i++
	}
	switch {
	case s.at('0'):
		s.i++
	case !s.digits():
		return nil, s.bad("no JSON value")
	}
	if s.at('.') {
		s.i++
		if !s.digits() {
			return nil, s.bad("no digit")
		}
	}
	if s.at('e') || s.at('E') {
		s.i++
		if s.at('+') || s.at('-') {
			s.i++
		}
		if !s.digits() {
			return nil, s.bad("no digit")
		}
	}
	return s.b[start:s.i], nil
}

func (s *scanner) at(c byte) bool { return s.i < len(s.b) && s.b[s.i] == c }

func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' <= 9 {
		s.i++
	}
	return s.i > start
}

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

// lenient reads a number or a string and gives its text; any other value gives
// ok=false.
func (s *scanner) lenient() (text []byte, ok bool, err error) {
	switch c := s.peek(); {
	case c == '"':
		b, err := s.bytes()
		return b, err == nil, err
	case c == '-' || c-'0' <= 9:
		b, err := s.number()
		return b, err == nil, err
	}
	return nil, false, s.skip()
}

// float reads a number, or a number in a string as samples have it.
func (s *scanner) float() (float64, error) {
	at := s.i
	b, ok, err := s.lenient()
	if err != nil {
		return 0, err
	}
	v, perr := strconv.ParseFloat(string(b), 64)
	if !ok || (perr != nil && !errors.Is(perr, strconv.ErrRange)) {
		s.i = at
		return 0, s.bad("no number")
	}
	return v, nil
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

// field finds which of the names a field has: exactly, else without regard to
// case, as encoding/json does. -1: none of them.
func field(name []byte, names []string) int {
	for k, n := range names {
		if string(name) == n {
			return k
		}
	}
	for k, n := range names {
		if strings.EqualFold(string(name), n) {
			return k
		}
	}
	return -1
}
