package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// BadFile is the error for a file that could not be used and was moved aside.
type BadFile struct {
	Path  string // where it was
	Moved string // where it is now; empty: it could not be moved and is still there
	Why   string // in a few words
	Err   error  // the cause; may be nil
}

// Error names both places.
func (e *BadFile) Error() string {
	if e.Moved == "" {
		return fmt.Sprintf("%s: %s; it could not be moved aside", e.Path, e.Why)
	}
	return fmt.Sprintf("%s: %s; it was moved to %s", e.Path, e.Why, e.Moved)
}

// Unwrap gives the cause.
func (e *BadFile) Unwrap() error { return e.Err }

// ErrOlder is wrapped by the error of ReadFile for a file of an older version.
// The file stays: the caller may read that version, or write anew.
var ErrOlder = errors.New("written by an older version")

// envelope is what every file written by WriteFile looks like.
type envelope struct {
	Version int             `json:"version"`
	Data    json.RawMessage `json:"data"`
}

// WriteFile stores data as JSON with a version. Readers see the old file or
// the new one, never a part: the new one is written beside it, flushed to the
// disk and renamed (mode 0600).
func (d Dir) WriteFile(name string, version int, data any) error {
	path, err := d.file(name)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(data)
	if err != nil {
		return clean("cannot encode", path, err)
	}
	doc, err = json.Marshal(envelope{Version: version, Data: doc})
	if err != nil {
		return clean("cannot encode", path, err)
	}
	return d.replace(path, doc)
}

// WriteBytes stores raw bytes with the same promise as WriteFile.
func (d Dir) WriteBytes(name string, body []byte) error {
	path, err := d.file(name)
	if err != nil {
		return err
	}
	return d.replace(path, body)
}

// replace is the atomic write.
func (d Dir) replace(path string, body []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return clean("cannot make", dir, err)
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*"+tempSuffix) // mode 0600
	if err != nil {
		return clean("cannot write", path, err)
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return clean("cannot write", path, err)
	}
	syncDir(dir)
	return nil
}

// ReadFile reads what WriteFile stored under the same version. A missing file
// gives an error that is fs.ErrNotExist, an older one ErrOlder. A file that is
// damaged, too large (MaxFile) or newer than version is moved aside to
// name.bad and reported by *BadFile; data is then not to be used.
func (d Dir) ReadFile(name string, version int, data any) error {
	body, err := d.ReadBytes(name)
	if err != nil {
		return err
	}
	path := d.File(name)
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		return d.aside(path, "it is damaged", err)
	}
	switch {
	case env.Data == nil:
		return d.aside(path, "it is not a file of this program", nil)
	case env.Version > version:
		return d.aside(path, fmt.Sprintf("it was written by a newer version (%d, this one knows %d)", env.Version, version), nil)
	case env.Version < version:
		return fmt.Errorf("%s: %w (%d, now %d)", path, ErrOlder, env.Version, version)
	}
	if err := json.Unmarshal(env.Data, data); err != nil {
		return d.aside(path, "it is damaged", err)
	}
	return nil
}

// ReadBytes reads a whole file. One that is larger than MaxFile is moved aside
// and reported by *BadFile.
func (d Dir) ReadBytes(name string) ([]byte, error) {
	path, err := d.file(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, clean("cannot read", path, err)
	}
	body, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	_ = f.Close() // before a move: Windows does not rename open files
	if err != nil {
		return nil, clean("cannot read", path, err)
	}
	if len(body) > MaxFile {
		return nil, d.aside(path, "it is too large", nil)
	}
	return body, nil
}

// aside moves a file out of the way without losing an earlier one.
func (d Dir) aside(path, why string, cause error) error {
	e := &BadFile{Path: path, Why: why, Err: cause}
	for n := 1; n < 100; n++ {
		to := path + badSuffix
		if n > 1 {
			to = fmt.Sprintf("%s%s.%d", path, badSuffix, n)
		}
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if rename(path, to) == nil {
			e.Moved = to
		}
		break
	}
	return e
}
