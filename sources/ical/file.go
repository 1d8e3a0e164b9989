package ical

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// file is the path of a calendar.
type file string

func (f file) shown() string { return safe.Text(string(f)) }

func (f file) kept() (answer, bool) { return answer{}, false }

// fileState is what tells whether a file has changed.
type fileState struct {
	size int64
	time time.Time
}

func (f file) read(ctx context.Context, old any) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, f.fail(err)
	}
	info, err := os.Stat(string(f))
	switch {
	case err != nil:
		return answer{}, f.fail(err)
	case !info.Mode().IsRegular():
		return answer{}, f.fail(errors.New("not a regular file"))
	case info.Size() > maxBytes:
		return answer{}, &sources.Error{Kind: sources.TooLarge, URL: f.shown(), Detail: safe.Outside(fmt.Sprintf("%d bytes, more than %d", info.Size(), maxBytes))}
	}
	mark := fileState{info.Size(), info.ModTime()}
	// A file of this second may change again without a new time.
	if old == any(mark) && time.Since(mark.time) > 2*time.Second {
		return answer{mark: mark, same: true}, nil
	}
	r, err := os.Open(string(f))
	if err != nil {
		return answer{}, f.fail(err)
	}
	defer func() { _ = r.Close() }() // only read from
	text, err := io.ReadAll(io.LimitReader(r, maxBytes))
	if err != nil {
		return answer{}, f.fail(err)
	}
	return answer{text: string(text), mark: mark}, nil
}

// fail classifies an error of the file system.
func (f file) fail(err error) error {
	e := &sources.Error{Kind: sources.Unavailable, URL: f.shown(), Err: err}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	e.Detail = safe.Outside(err.Error())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Kind, e.Detail, e.Hint = sources.NotFound, safe.Outside("no such file"), "correct ical: under oncall:"
	case errors.Is(err, fs.ErrPermission):
		e.Kind, e.Hint = sources.Unauthorized, "let your user read it"
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind = sources.Timeout
	case errors.Is(err, context.Canceled):
		e.Kind = sources.Canceled
	}
	return e
}
