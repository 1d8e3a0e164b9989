package events

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName is how the configuration names this kind of source.
const KindName = "events"

// maxBytes is how much is read: of a file its newest part; an answer or an
// output that is larger is an error.
const maxBytes = 8 << 20

// Options says where the events come from: exactly one of File, URL and
// Command is set.
type Options struct {
	File         string                      `yaml:"file,omitempty" doc:"path of a file with one JSON object per line (NDJSON), or a JSON array; a pipeline appends a line for each deploy" example:"~/deploys.ndjson"`
	URL          string                      `yaml:"url,omitempty" instead:"file" doc:"in place of file: an address that answers with the same; {since} in it becomes the beginning of the time asked for in unix seconds, {since_rfc3339} the same as RFC 3339, both down to the full hour" example:"https://ci.example.com/deploys?since={since}"`
	HTTP         promconfig.HTTPClientConfig `yaml:"http,omitempty" instead:"file" doc:"with url: HTTP settings, as for prometheus" example:"{authorization: {credentials_file: ~/.secrets/ci}}"`
	TokenCommand []string                    `yaml:"token_command,omitempty" instead:"file" check:"command" doc:"with url: a program and its arguments, run without a shell, that prints a bearer token" example:"[gh, auth, token]"`
	Command      []string                    `yaml:"command,omitempty" instead:"file" check:"command" doc:"in place of file: a program and its arguments, run without a shell, that prints the same; {since} and {since_rfc3339} in an argument as in url, and $FIRSTPAGE_SINCE, $FIRSTPAGE_UNTIL (unix seconds), $FIRSTPAGE_SINCE_RFC3339, $FIRSTPAGE_UNTIL_RFC3339 in its environment" example:"[~/bin/deploys, --since, '{since}']"`
	Timeout      time.Duration               `yaml:"timeout,omitempty" instead:"file" min:"100ms" doc:"how long the answer of url (5s when left out) or the command (10s) may take" example:"15s"`
}

// Kind describes this source to the configuration.
func Kind() sources.ChangeKind {
	return sources.ChangeKind{
		Name:    KindName,
		Summary: "changes that a pipeline wrote down, or that a command prints: NDJSON, a JSON array or CDEvents",
		Sees:    sources.ChangeTypes(),
		Options: func() any { return &Options{HTTP: promconfig.DefaultHTTPClientConfig} },
		Open:    sources.Opener(Open),
	}
}

// Check says what is wrong with the options together.
func (o Options) Check() error {
	given := 0
	for _, is := range []bool{o.File != "", o.URL != "", len(o.Command) > 0} {
		if is {
			given++
		}
	}
	switch {
	case given == 0:
		return errors.New("say where the events are: one of file, url and command")
	case given > 1:
		return errors.New("file, url and command exclude one another: keep one, and make an entry for each of the others")
	case o.File != "" && o.Timeout != 0:
		return errors.New("timeout goes with url and command")
	case o.URL == "" && len(o.TokenCommand) > 0:
		return errors.New("token_command goes with url")
	case o.URL == "" && !reflect.ValueOf(o.HTTP).IsZero() && !reflect.DeepEqual(o.HTTP, promconfig.DefaultHTTPClientConfig):
		return errors.New("http goes with url")
	}
	return nil
}

// Open checks the options and makes the source; it reads nothing yet.
func Open(o Options, env sources.Env) (*Source, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	s := &Source{id: sources.SourceID{Kind: KindName, Name: env.Name}, now: env.Now}
	if s.id.Name == "" {
		s.id.Name = KindName
	}
	if s.now == nil {
		s.now = time.Now
	}
	switch {
	case o.File != "":
		s.from = file(o.File)
	case o.URL != "":
		u, err := openURL(o, s.id)
		if err != nil {
			return nil, err
		}
		s.from = u
	default:
		s.from = command{argv: slices.Clone(o.Command), timeout: cmp.Or(o.Timeout, patience)}
	}
	return s, nil
}

// origin is a place that events come from.
type origin interface {
	// read returns the bytes, or old and true if they are those of old. What
	// began outside of the span may be among them or not. Errors are
	// *sources.Error.
	read(ctx context.Context, t span, old text) (now text, same bool, err error)
	// where names the origin in an error, without credentials.
	where() string
	// name names it in "line 2 of NAME".
	name() string
}

// span is the time that is asked for.
type span struct{ since, until time.Time }

// text is what an origin holds.
type text struct {
	data []byte // dropped once it was parsed
	cut  bool   // data is only the newest part and begins anywhere
	mark any    // comparable; says which state of the origin this is; nil: not known
}

// Source is the changes of one origin. Make it with [Open].
type Source struct {
	id   sources.SourceID
	from origin
	now  func() time.Time

	mu    sync.Mutex
	last  text
	items []sources.Change // of last, newest first
	notes []safe.Value
}

// Changes lists what began at or after since, newest first, and the last change
// of each service before it. A file or a program that is not there is an error of kind NotFound; a text in which
// nothing can be read is of kind BadResponse; a program that fails is
// Unavailable.
func (s *Source) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, same, err := s.from.read(ctx, span{since, s.now()}, s.last)
	if err == nil && !same {
		err = s.take(now)
	}
	if err != nil {
		s.last, s.items, s.notes = text{}, nil, nil
		return nil, sources.AsError(s.id, err)
	}
	return sources.Since(s.items, since), nil
}

// take reads a new text.
func (s *Source) take(now text) error {
	p := parse(now.data, now.cut)
	if err := p.hopeless(s.from.where()); err != nil {
		return err
	}
	s.items, s.notes = p.changes(s.id, s.from.name()), p.notes()
	now.data = nil
	s.last = now
	return nil
}

// Notes says what of the last call could not be read.
func (s *Source) Notes() []safe.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}
