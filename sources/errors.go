package sources

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Kind classifies what went wrong with a source.
type Kind string

// The kinds of error.
const (
	Unavailable  Kind = "unavailable"  // nothing answers, or it answers 5xx
	Timeout      Kind = "timeout"      // no whole answer within the deadline
	Unauthorized Kind = "unauthorized" // 401, 403, or a login page
	RateLimited  Kind = "rate_limited" // 429; After says how long to wait
	BadRequest   Kind = "bad_request"  // our question is wrong (400, 422)
	BadResponse  Kind = "bad_response" // not what the protocol promises
	TooLarge     Kind = "too_large"    // more bytes than the cap
	NotFound     Kind = "not_found"    // 404: no such endpoint or thing
	Canceled     Kind = "canceled"     // we gave up ourselves
)

// Error is every error that a source reports. Its texts hold no credentials
// and its Error method is clean.
type Error struct {
	Kind   Kind
	Source SourceID
	URL    string        // credentials and query stripped; a path or argv for other sources
	Detail safe.Value    // what happened, in a few words, outside text included
	Hint   string        // what to do about it; may be empty
	After  time.Duration // how long to wait: what the server said with RateLimited, or where asking would bother the user; 0: not said
	Err    error         `json:"-"` // the cause; may be nil
}

// Error is one line: source, URL, what happened, what to do.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Source.Kind != "" {
		b.WriteString(e.Source.Kind)
		if e.Source.Name != "" && e.Source.Name != e.Source.Kind {
			b.WriteString(" " + e.Source.Name)
		}
		b.WriteString(": ")
	}
	if e.URL != "" {
		b.WriteString(e.URL + ": ")
	}
	b.WriteString(e.Short())
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return safe.Text(b.String())
}

// Short is what happened without source, URL and hint.
func (e *Error) Short() string {
	if d := e.Detail.String(); d != "" {
		return d
	}
	return strings.ReplaceAll(string(e.Kind), "_", " ")
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, &Error{Kind: K}) ask for the kind alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Source == SourceID{} && t.Detail.Empty()
}

// IsKind reports whether err is, or wraps, an *Error of the kind.
func IsKind(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// HintOf is what an error says to do about it; empty: nothing.
func HintOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

// AsError turns any error into an *Error of the source; an *Error without a
// source gets this one. A nil error gives nil.
func AsError(id SourceID, err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		if e.Source.Kind != "" {
			return e
		}
		c := *e
		c.Source = id
		return &c
	}
	return &Error{Kind: Unavailable, Source: id, Detail: safe.Outside(err.Error()), Err: err}
}

// Errorf makes an *Error with a formatted detail.
func Errorf(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Detail: safe.Outside(fmt.Sprintf(format, args...))}
}
