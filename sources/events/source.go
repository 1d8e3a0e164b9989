package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// KindName is how the configuration names this kind of source.
const KindName = "events"

// maxBytes is how much of a file is read: its newest part.
const maxBytes = 8 << 20

// Options says where the events come from.
type Options struct {
	File string `yaml:"file" doc:"path of a file with one JSON object per line (NDJSON), or a JSON array; a pipeline appends a line for each deploy" required:"true" example:"~/deploys.ndjson"`
}

// Kind describes this source to the configuration.
func Kind() sources.ChangeKind {
	return sources.ChangeKind{
		Name:    KindName,
		Summary: "changes that a pipeline wrote down: NDJSON, a JSON array or CDEvents",
		Options: func() any { return new(Options) },
		Open: func(opts any, env sources.Env) (sources.ChangeSource, error) {
			o, ok := opts.(*Options)
			if !ok {
				return nil, fmt.Errorf("options of another kind: %T", opts)
			}
			return Open(*o, env)
		},
	}
}

// Open checks the options and makes the source; it reads nothing yet.
func Open(o Options, env sources.Env) (*Source, error) {
	if o.File == "" {
		return nil, errors.New("file: say which file to read")
	}
	name := env.Name
	if name == "" {
		name = KindName
	}
	return &Source{id: sources.SourceID{Kind: KindName, Name: name}, from: file(o.File)}, nil
}

// origin is a place that events come from.
type origin interface {
	// read returns the bytes, or old and true if they are those of old.
	// Errors are *sources.Error.
	read(ctx context.Context, old text) (now text, same bool, err error)
	// where names the origin without credentials.
	where() string
}

// text is what an origin holds.
type text struct {
	data []byte // dropped once it was parsed
	cut  bool   // data is only the newest part and begins anywhere
	mark any    // comparable; says which state of the origin this is
}

// Source is the changes of one origin. Make it with [Open].
type Source struct {
	id   sources.SourceID
	from origin

	mu    sync.Mutex
	last  text
	items []sources.Change // of last, newest first
	notes []safe.Value
}

// Changes lists what began at or after since, newest first. A file that is
// not there is an error of kind NotFound; one in which nothing can be read is
// of kind BadResponse.
func (s *Source) Changes(ctx context.Context, since time.Time) ([]sources.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, same, err := s.from.read(ctx, s.last)
	if err != nil {
		s.last, s.items, s.notes = text{}, nil, nil
		return nil, sources.AsError(s.id, err)
	}
	if !same {
		p := parse(now.data, now.cut)
		if err := p.hopeless(s.from.where()); err != nil {
			s.last, s.items, s.notes = text{}, nil, nil
			return nil, sources.AsError(s.id, err)
		}
		s.items, s.notes = p.changes(s.id, filepath.Base(s.from.where())), p.notes()
		now.data = nil
		s.last = now
	}
	end, _ := slices.BinarySearchFunc(s.items, since, func(c sources.Change, at time.Time) int {
		if c.StartedAt.Before(at) {
			return 0
		}
		return -1
	})
	out := slices.Clone(s.items[:end])
	for i := range out {
		out[i].Evidence = slices.Clone(out[i].Evidence)
	}
	return out, nil
}

// Notes says what of the last call could not be read.
func (s *Source) Notes() []safe.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// file is the path of a regular file.
type file string

func (f file) where() string { return string(f) }

// state is what tells whether a file has changed.
type state struct {
	size int64
	time time.Time
}

func (f file) read(ctx context.Context, old text) (text, bool, error) {
	if err := ctx.Err(); err != nil {
		return text{}, false, f.fail(err)
	}
	info, err := os.Stat(string(f))
	switch {
	case err != nil:
		return text{}, false, f.fail(err)
	case !info.Mode().IsRegular(): // a pipe would hang, or give its text once
		return text{}, false, &sources.Error{Kind: sources.BadRequest, URL: safe.Text(string(f)),
			Detail: safe.Outside("not a regular file"), Hint: "changes: kind events reads a file that a pipeline appends to"}
	}
	mark := state{info.Size(), info.ModTime()}
	// A file of this second may change again without a new time.
	if old.mark == mark && time.Since(mark.time) > 2*time.Second {
		return old, true, nil
	}
	r, err := os.Open(string(f))
	if err != nil {
		return text{}, false, f.fail(err)
	}
	defer func() { _ = r.Close() }() // only read from
	now := text{mark: mark, cut: mark.size > maxBytes}
	if now.cut {
		var head [512]byte
		n, err := r.Read(head[:])
		if err != nil {
			return text{}, false, f.fail(err)
		}
		if isArray(head[:n]) {
			return text{}, false, &sources.Error{Kind: sources.TooLarge, URL: safe.Text(string(f)),
				Detail: safe.Outside(fmt.Sprintf("an array of %d bytes, more than %d", mark.size, maxBytes)),
				Hint:   "write one object per line: then the newest part is read"}
		}
		if _, err := r.Seek(mark.size-maxBytes, io.SeekStart); err != nil {
			return text{}, false, f.fail(err)
		}
	}
	if now.data, err = io.ReadAll(io.LimitReader(r, maxBytes)); err != nil {
		return text{}, false, f.fail(err)
	}
	return now, false, nil
}

// isArray reports whether text begins with [ after space and a byte order mark.
func isArray(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n"), []byte("["))
}

// fail classifies an error of the file system. The message names the path.
func (f file) fail(err error) error {
	e := &sources.Error{Kind: sources.Unavailable, URL: safe.Text(string(f)), Err: err}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	e.Detail = safe.Outside(err.Error())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Kind, e.Detail = sources.NotFound, safe.Outside("no such file")
		e.Hint = "create it (it may be empty) and let the pipeline append a line for each deploy, or correct file: under changes:"
	case errors.Is(err, fs.ErrPermission):
		e.Kind, e.Hint = sources.Unauthorized, "let your user read it"
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind = sources.Timeout
	case errors.Is(err, context.Canceled):
		e.Kind = sources.Canceled
	}
	return e
}
