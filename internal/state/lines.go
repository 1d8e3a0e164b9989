package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Append adds one value as one line of JSON and flushes it to the disk. The
// file is locked meanwhile, so lines of several processes never mix; the half
// line of a process that was killed stays a line of its own.
func (d Dir) Append(ctx context.Context, name string, value any) error {
	path, err := d.file(name)
	if err != nil {
		return err
	}
	line, err := json.Marshal(value) // escapes line feeds
	if err != nil {
		return clean("cannot encode a line for", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return clean("cannot make", filepath.Dir(path), err)
	}
	unlock, err := d.Lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return clean("cannot write", path, err)
	}
	torn, err := endsTorn(f)
	if err == nil {
		if torn {
			line = append([]byte{'\n'}, line...)
		}
		_, err = f.Write(append(line, '\n'))
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return clean("cannot write", path, err)
	}
	return nil
}

// endsTorn reports whether the last line has no line feed.
func endsTorn(f *os.File) (bool, error) {
	st, err := f.Stat()
	if err != nil || st.Size() == 0 {
		return false, err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, st.Size()-1); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return last[0] != '\n', nil
}

// ReadLines reads what Append stored, oldest first, and counts the lines that
// are not whole JSON values (bad); they are skipped and stay in the file. A
// missing file gives an error that is fs.ErrNotExist.
func (d Dir) ReadLines(name string) (lines []json.RawMessage, bad int, err error) {
	body, err := d.ReadBytes(name)
	if err != nil {
		return nil, 0, err
	}
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte{'\n'})
		body = rest
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0:
		case json.Valid(line):
			lines = append(lines, json.RawMessage(line))
		default:
			bad++
		}
	}
	return lines, bad, nil
}
