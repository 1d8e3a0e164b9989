package safe

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Value is one piece of outside text. The zero Value is the empty text.
// It is comparable and may be a map key; equality is that of the raw text.
type Value struct{ raw string }

// Outside marks s as text from outside. Decoders call it, nothing else should.
func Outside(s string) Value { return Value{raw: s} }

// String is the text on one line with every control, bidirectional, invisible
// or otherwise deceptive rune made visible. It does not copy when s is clean.
func (v Value) String() string { return clean(v.raw, false) }

// Lines is String with line feeds kept (CR LF counts as one).
func (v Value) Lines() string { return clean(v.raw, true) }

// Raw is the text exactly as it came: for matching, queries, quoting and
// files. It must never be drawn or printed.
func (v Value) Raw() string { return v.raw }

// Empty reports whether there is no text at all.
func (v Value) Empty() bool { return v.raw == "" }

// Compare orders values by their raw text, as strings.Compare does.
func (v Value) Compare(o Value) int { return strings.Compare(v.raw, o.raw) }

// MarshalJSON is lossless for valid UTF-8 and inert on a terminal: C1, DEL,
// bidirectional and invisible runes are written as \uXXXX. Bytes that are not
// UTF-8 become U+FFFD, as JSON has no other way.
func (v Value) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(v.raw)
	if err != nil {
		return nil, err
	}
	return JSON(b), nil
}

// UnmarshalJSON reads a JSON string as outside text.
func (v *Value) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &v.raw) }

// Text is the clean one-line form of s, for outside text that is only shown.
func Text(s string) string { return clean(s, false) }

// Err is the clean one-line form of an error: every error on its way to the
// screen, stderr or a log passes here. A nil error is the empty string.
func Err(err error) string {
	if err == nil {
		return ""
	}
	return clean(err.Error(), false)
}

// Error wraps err so that its message is clean; errors.Is and errors.As see
// through it. A nil error stays nil.
func Error(err error) error {
	if err == nil {
		return nil
	}
	var done cleaned
	if errors.As(err, &done) {
		return err
	}
	return cleaned{err}
}

type cleaned struct{ err error }

func (c cleaned) Error() string { return Err(c.err) }
func (c cleaned) Unwrap() error { return c.err }

// JSON makes a finished JSON document inert on a terminal without changing
// its meaning: runes that String would make visible are written as \uXXXX.
// Outside of strings JSON is ASCII, so this may run over the whole document.
// It does not copy when there is nothing to do.
func JSON(doc []byte) []byte {
	i := 0
	for i < len(doc) {
		if c := doc[i]; c < utf8.RuneSelf {
			if c == 0x7f {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(doc[i:])
		if hazardous(r, n) {
			break
		}
		i += n
	}
	if i == len(doc) {
		return doc
	}
	out := append(make([]byte, 0, len(doc)+64), doc[:i]...)
	for i < len(doc) {
		r, n := utf8.DecodeRune(doc[i:])
		if (r == 0x7f && n == 1) || (r >= utf8.RuneSelf && hazardous(r, n)) {
			out = appendEscaped(out, r)
		} else {
			out = append(out, doc[i:i+n]...)
		}
		i += n
	}
	return out
}

const hexDigits = "0123456789abcdef"

func appendEscaped(out []byte, r rune) []byte {
	u16 := func(out []byte, u rune) []byte {
		return append(out, '\\', 'u', hexDigits[u>>12&0xf], hexDigits[u>>8&0xf], hexDigits[u>>4&0xf], hexDigits[u&0xf])
	}
	if r < 0x10000 {
		return u16(out, r)
	}
	r -= 0x10000
	return u16(u16(out, 0xd800+(r>>10)), 0xdc00+(r&0x3ff))
}
