package events

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// fieldError says what is wrong with one field.
type fieldError string

func (e fieldError) Error() string { return string(e) }

// scalar is a text, a number or a boolean: versions and ids are written as
// numbers too. null is empty.
type scalar string

func (s scalar) value() safe.Value { return safe.Outside(string(s)) }

func (s *scalar) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(s))
	case '{', '[':
		return fieldError("a field is not a text: " + clip(string(b), maxQuoted))
	case 'n':
		return nil
	}
	*s = scalar(b)
	return nil
}

// maxQuoted is how much of a bad field is repeated, in runes.
const maxQuoted = 30

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// stamp is a time in JSON: what parseTime reads, as a number or a text.
type stamp struct{ time.Time }

func (t *stamp) UnmarshalJSON(b []byte) error {
	var s scalar
	if err := s.UnmarshalJSON(b); err != nil {
		return err
	}
	at, err := parseTime(string(s))
	t.Time = at
	return err
}

// parseTime reads RFC 3339, or seconds or milliseconds since 1970. Empty is
// the zero time; else the result is in UTC. Errors are of type fieldError.
func parseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return fromNumber(f)
	}
	upper := strings.ToUpper(text)
	if len(upper) > 10 && upper[10] == ' ' {
		upper = upper[:10] + "T" + upper[11:]
	}
	at, err := time.Parse(time.RFC3339, upper)
	if err != nil {
		return time.Time{}, fieldError(fmt.Sprintf("%q is not a time (RFC 3339 with a zone, or unix seconds)", clip(text, maxQuoted)))
	}
	return at.UTC(), nil
}

const (
	// millis is from where on a number is milliseconds: as seconds it would
	// be the year 5138, as milliseconds 1973.
	millis = 1e11
	// latest is the end of the year 9999, the last that RFC 3339 can write.
	latest = 253402300799
)

func fromNumber(f float64) (time.Time, error) {
	if math.Abs(f) >= millis {
		f /= 1000
	}
	if math.IsNaN(f) || f <= 0 || f > latest {
		return time.Time{}, fieldError("the time is out of range")
	}
	sec, frac := math.Modf(f)
	return time.Unix(int64(sec), int64(math.Round(frac*1e3))*1e6).UTC(), nil
}
