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
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// file is the path of a regular file.
type file string

func (f file) where() string { return string(f) }

func (f file) name() string { return filepath.Base(string(f)) }

// state is what tells whether a file has changed.
type state struct {
	size int64
	time time.Time
}

func (f file) read(ctx context.Context, _ span, old text) (text, bool, error) {
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
