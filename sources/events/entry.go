package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

var errNoTime = errors.New("no time")

// object is the fields of one entry by their names in lower case. What has
// been read is taken out.
type object map[string]json.RawMessage

// readEntry reads one object. It returns errOther for events that are no change.
func readEntry(raw []byte) (entry, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return entry{}, broken(err)
	}
	o := make(object, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) { // upper case first: the exact name wins
		o[strings.ToLower(name)] = fields[name]
	}
	ev, ok, err := asCDEvent(raw, o)
	switch {
	case ok && err != nil:
		return entry{}, broken(err)
	case ok:
		c, err := ev.change()
		return entry{Change: c}, err
	}
	c, err := o.change()
	return entry{Change: c, more: o.rest()}, err
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

// change reads the fields. Behind the name of each stand those that other
// tools use for the same.
func (o object) change() (sources.Change, error) {
	r := reader{object: o}
	at := r.time("time", "timestamp", "started_at", "created_at")
	end := r.time("finished_at")
	c := sources.Change{
		ID: safe.Text(string(r.text("id"))), Kind: sources.Deploy, Cluster: safe.Text(string(r.text("cluster"))),
		Service: r.value("service", "app"), Namespace: r.value("namespace"), Env: r.value("env", "environment"),
		Version: r.value("version"), FromVersion: r.value("from_version", "previous_version"),
		Revision: r.value("revision", "commit", "sha"), FromRevision: r.value("from_revision", "previous_revision"),
		StartedAt: at, FinishedAt: end, State: stateOf(string(r.text("state", "status"))),
		Author: r.value("author", "actor", "user"), Title: r.value("title", "message", "description"), URL: r.value("url", "link"),
	}
	kind := string(r.text("kind"))
	if r.err != nil {
		return c, r.err
	}
	if kind != "" {
		k, ok := sources.ChangeTypeOf(kind)
		if !ok {
			return c, fmt.Errorf("unknown kind %q", kind)
		}
		c.Kind = k
	}
	return check(c)
}

// reader takes fields out of an object; err is the first that was bad.
type reader struct {
	object
	err error
}

// text takes the first of the names that has a value. What is not a text is an
// error under the first name; under another it is something else.
func (r *reader) text(names ...string) scalar {
	for i, n := range names {
		raw, ok := r.object[n]
		if !ok {
			continue
		}
		var s scalar
		if err := s.UnmarshalJSON(raw); err != nil {
			if i == 0 && r.err == nil {
				r.err = err
			}
			continue
		}
		if delete(r.object, n); s != "" {
			return s
		}
	}
	return ""
}

func (r *reader) value(names ...string) safe.Value { return r.text(names...).value() }

func (r *reader) time(names ...string) time.Time {
	t, err := parseTime(string(r.text(names...)))
	if err != nil && r.err == nil {
		r.err = err
	}
	return t
}

const (
	// maxMore is how many unknown fields are kept, maxMoreLen how much of
	// each, in runes: they are a remark on the change, not a copy of its text.
	maxMore    = 8
	maxMoreLen = 80
)

// rest is what was not taken, sorted by name. Without a value: left out.
func (o object) rest() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(o)) {
		var s scalar
		if s.UnmarshalJSON(o[name]) != nil {
			var b bytes.Buffer
			if json.Compact(&b, o[name]) == nil {
				s = scalar(b.String())
			}
		}
		if s == "" || s == "{}" || s == "[]" {
			continue
		}
		if len(out) == maxMore {
			return append(out, "...")
		}
		out = append(out, clip(name, maxMoreLen)+": "+clip(string(s), maxMoreLen))
	}
	return out
}

// check refuses what lacks a required field and drops an end before the
// beginning.
func check(c sources.Change) (sources.Change, error) {
	switch {
	case c.StartedAt.IsZero() && c.Service.Empty():
		return c, errors.New("no time and no service")
	case c.StartedAt.IsZero():
		return c, errNoTime
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

// stateOf reads a state as written, and the words that pipelines use. What is
// not known is empty.
func stateOf(s string) sources.ChangeState {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "running", "in_progress", "pending", "queued", "started":
		return sources.Running
	case "done", "success", "succeeded", "successful", "finished", "completed", "deployed", "superseded":
		return sources.Done
	case "failed", "failure", "error", "cancelled", "canceled":
		return sources.Failed
	}
	return ""
}
