package prometheus

import (
	"errors"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/sources"
)

// maxDepth is how deep JSON may nest; it is the limit of encoding/json.
const maxDepth = 10000

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
	switch s.peek() {
	case '{':
		return s.object(func([]byte) error { return s.skip() })
	case '[':
		return s.array(s.skip)
	case '"':
		_, err := s.bytes()
		return err
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
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
