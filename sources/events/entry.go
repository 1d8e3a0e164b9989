package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// errOther is a well-formed event that is not about a change of a service.
var errOther = errors.New("not a change of a service")

// entry is one object as it is written. CDEvents have Context and Subject; in
// a CloudEvents envelope they stand in Data.
type entry struct {
	Time         stamp  `json:"time"`
	FinishedAt   stamp  `json:"finished_at"`
	Service      scalar `json:"service"`
	Kind         scalar `json:"kind"`
	Version      scalar `json:"version"`
	FromVersion  scalar `json:"from_version"`
	Revision     scalar `json:"revision"`
	FromRevision scalar `json:"from_revision"`
	Env          scalar `json:"env"`
	Namespace    scalar `json:"namespace"`
	Cluster      scalar `json:"cluster"`
	State        scalar `json:"state"`
	Author       scalar `json:"author"`
	Title        scalar `json:"title"`
	URL          scalar `json:"url"`
	ID           scalar `json:"id"`
}

// envelope finds out what kind of object it is.
type envelope struct {
	cdEvent
	Data json.RawMessage `json:"data"`
}

// change reads one object. It returns errOther for events that are no change.
func change(raw []byte) (sources.Change, error) {
	if bytes.Contains(raw, []byte(`"context"`)) {
		var env envelope
		err := json.Unmarshal(raw, &env)
		ev := env.cdEvent
		if ev.Context.Type == "" && len(env.Data) > 0 {
			err = json.Unmarshal(env.Data, &ev)
		}
		switch {
		case ev.Context.Type == "": // some other use of the word
		case err != nil:
			return sources.Change{}, broken(err)
		default:
			return ev.change()
		}
	}
	var e entry
	if err := json.Unmarshal(raw, &e); err != nil {
		return sources.Change{}, broken(err)
	}
	return e.change()
}

// broken says in few words what is wrong with the JSON.
func broken(err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), err.Error() == "unexpected end of JSON input":
		return errors.New("it ends in the middle")
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("not an object but %s", article(kind.Value))
	}
	var bad fieldError
	if errors.As(err, &bad) {
		return bad
	}
	return fmt.Errorf("not JSON: %w", err)
}

func article(s string) string {
	if s != "" && strings.ContainsRune("aeiou", rune(s[0])) {
		return "an " + s
	}
	return "a " + s
}

func (e entry) change() (sources.Change, error) {
	c := sources.Change{
		ID: safe.Text(string(e.ID)), Kind: sources.Deploy, Cluster: safe.Text(string(e.Cluster)),
		Service: e.Service.value(), Namespace: e.Namespace.value(), Env: e.Env.value(),
		Version: e.Version.value(), FromVersion: e.FromVersion.value(),
		Revision: e.Revision.value(), FromRevision: e.FromRevision.value(),
		StartedAt: e.Time.Time, FinishedAt: e.FinishedAt.Time, State: stateOf(string(e.State)),
		Author: e.Author.value(), Title: e.Title.value(), URL: e.URL.value(),
	}
	if e.Kind != "" {
		k, ok := kindOf(string(e.Kind))
		if !ok {
			return c, fmt.Errorf("unknown kind %q", string(e.Kind))
		}
		c.Kind = k
	}
	return check(c)
}

// check refuses what lacks a required field and drops an end before the
// beginning.
func check(c sources.Change) (sources.Change, error) {
	switch {
	case c.StartedAt.IsZero() && c.Service.Empty():
		return c, errors.New("no time and no service")
	case c.StartedAt.IsZero():
		return c, errors.New("no time")
	case c.Service.Empty():
		return c, errors.New("no service")
	}
	if c.FinishedAt.Before(c.StartedAt) {
		c.FinishedAt = time.Time{}
	}
	if c.State == "" && !c.FinishedAt.IsZero() {
		c.State = sources.Done
	}
	return c, nil
}

// kindOf reads a kind as written, and the words that other tools use.
func kindOf(s string) (sources.ChangeType, bool) {
	k := sources.ChangeType(strings.ToLower(strings.TrimSpace(s)))
	switch k {
	case "deployment", "release":
		return sources.Deploy, true
	case "feature_flag", "feature-flag":
		return sources.Flag, true
	}
	return k, slices.Contains(sources.ChangeTypes(), k)
}

// stateOf reads a state as written, and the words that pipelines use. What is
// not known is empty.
func stateOf(s string) sources.ChangeState {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "running", "in_progress", "pending", "queued", "started":
		return sources.Running
	case "done", "success", "succeeded", "successful", "finished", "completed":
		return sources.Done
	case "failed", "failure", "error", "cancelled", "canceled":
		return sources.Failed
	}
	return ""
}

// cdEvent is what we read of https://cdevents.dev, specification 0.1 to 0.5.
type cdEvent struct {
	Context struct {
		ID        scalar `json:"id"`
		Type      scalar `json:"type"`
		Timestamp stamp  `json:"timestamp"`
	} `json:"context"`
	Subject struct {
		ID      scalar `json:"id"`
		Content struct {
			Environment struct {
				ID scalar `json:"id"`
			} `json:"environment"`
			ArtifactID scalar `json:"artifactId"`
		} `json:"content"`
	} `json:"subject"`
}

func (e cdEvent) change() (sources.Change, error) {
	c := sources.Change{
		ID: safe.Text(string(e.Context.ID)), StartedAt: e.Context.Timestamp.Time, State: sources.Done,
		Service: e.Subject.ID.value(), Env: e.Subject.Content.Environment.ID.value(),
		Version: safe.Outside(purlVersion(string(e.Subject.Content.ArtifactID))),
	}
	what, ok := strings.CutPrefix(string(e.Context.Type), "dev.cdevents.service.")
	verb, _, _ := strings.Cut(what, ".")
	switch {
	case !ok:
		return c, errOther
	case verb == "deployed", verb == "upgraded":
		c.Kind = sources.Deploy
	case verb == "rolledback":
		c.Kind = sources.Rollback
	case verb == "removed":
		c.Kind, c.Title = sources.Infra, safe.Outside("service removed")
	default:
		return c, errOther
	}
	return check(c)
}

// purlVersion is the version of a package URL (pkg:oci/app@1.2?tag=x): what
// stands behind the @, or the tag if that is a digest.
func purlVersion(s string) string {
	s, _, _ = strings.Cut(s, "#")
	s, query, _ := strings.Cut(s, "?")
	i := strings.LastIndexByte(s, '@')
	if !strings.HasPrefix(s, "pkg:") || i < 0 || strings.Contains(s[i:], "/") {
		return ""
	}
	v, err := url.PathUnescape(s[i+1:])
	if err != nil {
		v = s[i+1:]
	}
	if q, err := url.ParseQuery(query); err == nil && q.Get("tag") != "" && strings.HasPrefix(v, "sha256:") {
		return q.Get("tag")
	}
	return v
}

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
		return fieldError("a field is not a text: " + clip(string(b)))
	case 'n':
		return nil
	}
	*s = scalar(b)
	return nil
}

func clip(s string) string {
	if r := []rune(s); len(r) > 30 {
		return string(r[:30]) + "..."
	}
	return s
}

// stamp is a time: RFC 3339, or seconds or milliseconds since 1970, as a
// number or a text. UTC.
type stamp struct{ time.Time }

func (t *stamp) UnmarshalJSON(b []byte) error {
	var s scalar
	if err := s.UnmarshalJSON(b); err != nil {
		return err
	}
	text := strings.TrimSpace(string(s))
	if text == "" {
		return nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return t.number(f)
	}
	upper := strings.ToUpper(text)
	if len(upper) > 10 && upper[10] == ' ' {
		upper = upper[:10] + "T" + upper[11:]
	}
	at, err := time.Parse(time.RFC3339, upper)
	if err != nil {
		return fieldError(fmt.Sprintf("%q is not a time (RFC 3339 with a zone, or unix seconds)", clip(text)))
	}
	t.Time = at.UTC()
	return nil
}

const (
	// millis is from where on a number is milliseconds: as seconds it would
	// be the year 5138, as milliseconds 1973.
	millis = 1e11
	// latest is the end of the year 9999, the last that RFC 3339 can write.
	latest = 253402300799
)

func (t *stamp) number(f float64) error {
	if math.Abs(f) >= millis {
		f /= 1000
	}
	if math.IsNaN(f) || f <= 0 || f > latest {
		return fieldError("the time is out of range")
	}
	sec, frac := math.Modf(f)
	t.Time = time.Unix(int64(sec), int64(math.Round(frac*1e3))*1e6).UTC()
	return nil
}
