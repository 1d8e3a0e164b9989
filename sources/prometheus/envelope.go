package prometheus

import (
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// envelope is what surrounds every answer of the API.
type envelope struct {
	status, kind, message string
	warnings              []safe.Value
	hasData               bool
}

// decode reads an answer; data reads the value of its "data" field. Without a
// status of success, or without data, there is an error: an answer that says
// nothing must not look like "none".
func decode(s *scanner, data func() error) (envelope, error) {
	var e envelope
	if s.peek() != '{' {
		return e, s.bad("no object")
	}
	names := []string{"status", "data", "errorType", "error", "warnings"}
	err := s.object(func(name []byte) (err error) {
		switch field(name, names) {
		case 0:
			err = s.set(&e.status)
		case 1:
			e.hasData = true
			err = data()
		case 2:
			err = s.set(&e.kind)
		case 3:
			err = s.set(&e.message)
		case 4:
			e.warnings, err = s.values()
		default:
			err = s.skip()
		}
		return err
	})
	if err == nil {
		err = s.end()
	}
	switch {
	case err != nil:
		return e, err
	case e.status == "success" && e.hasData:
		return e, nil
	case e.message != "" || e.kind != "":
		return e, said(e.kind, e.message)
	}
	return e, sources.Errorf(sources.BadResponse, "the answer has no data")
}

// said is the error for what the server says about itself.
func said(kind, message string) error {
	k := sources.BadResponse
	switch kind {
	case "timeout":
		k = sources.Timeout
	case "bad_data", "execution":
		k = sources.BadRequest
	case "unavailable", "internal", "canceled":
		k = sources.Unavailable
	case "not_found":
		k = sources.NotFound
	}
	if kind != "" && message != "" {
		kind += ": "
	}
	return sources.Errorf(k, "%s%s", kind, message)
}

// set reads a text into p; null leaves it as it is.
func (s *scanner) set(p *string) error {
	if null, err := s.null(); null || err != nil {
		return err
	}
	b, err := s.bytes()
	if err == nil {
		*p = s.intern(b, *p)
	}
	return err
}

// values reads a list of texts.
func (s *scanner) values() ([]safe.Value, error) {
	var out []safe.Value
	err := s.array(func() error {
		v, err := s.text("")
		out = append(out, safe.Outside(v))
		return err
	})
	return out, err
}
