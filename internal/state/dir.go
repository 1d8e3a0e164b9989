package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// MaxFile is the largest file that ReadFile and ReadLines accept, in bytes.
const MaxFile = 64 << 20

// Dir is one directory of files. File names are relative, with slashes; parts
// before the last are subdirectories, made when something is written.
type Dir struct{ path string }

// Open makes the directory if it is missing (mode 0700) and removes what
// interrupted writes have left in it for more than an hour.
func Open(path string) (Dir, error) {
	if path == "" {
		return Dir{}, errors.New("state: no directory was given")
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return Dir{}, clean("cannot make", path, err)
	}
	old, _ := filepath.Glob(filepath.Join(path, "*"+tempSuffix)) // the pattern is fine: no error
	for _, f := range old {
		if st, err := os.Lstat(f); err == nil && time.Since(st.ModTime()) > time.Hour {
			_ = os.Remove(f)
		}
	}
	return Dir{path: path}, nil
}

// Path is the directory's path.
func (d Dir) Path() string { return d.path }

// File is the path of a file in d, for messages. It is not made.
func (d Dir) File(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

// List returns the names of the regular files that match the pattern
// (path.Match, one directory level), sorted. Temporary and lock files and
// files that were moved aside are left out.
func (d Dir) List(pattern string) ([]string, error) {
	if !filepath.IsLocal(filepath.FromSlash(pattern)) {
		return nil, fmt.Errorf("state: %q is not inside the directory", pattern)
	}
	paths, err := filepath.Glob(d.File(pattern))
	if err != nil {
		return nil, fmt.Errorf("state: pattern %q: %w", pattern, err)
	}
	var names []string
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil || !st.Mode().IsRegular() || internal(p) {
			continue
		}
		rel, err := filepath.Rel(d.path, p)
		if err != nil {
			return nil, err
		}
		names = append(names, filepath.ToSlash(rel))
	}
	return names, nil
}

// Remove deletes a file. A file that is not there is no error.
func (d Dir) Remove(name string) error {
	path, err := d.file(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return clean("cannot remove", path, err)
	}
	return nil
}

// file checks a name and gives its path.
func (d Dir) file(name string) (string, error) {
	if d.path == "" {
		return "", errors.New("state: the directory is not open")
	}
	local := filepath.FromSlash(name)
	if name == "" || name == "." || !filepath.IsLocal(local) {
		return "", fmt.Errorf("state: %s is not a file name inside the directory", safe.Text(fmt.Sprintf("%q", name)))
	}
	return filepath.Join(d.path, local), nil
}

const (
	tempSuffix = ".tmp"
	lockSuffix = ".lock"
	badSuffix  = ".bad"
)

// internal reports whether a file is one of our own aids.
func internal(path string) bool {
	for _, s := range []string{tempSuffix, lockSuffix, badSuffix} {
		if strings.HasSuffix(path, s) || strings.Contains(filepath.Base(path), s+".") {
			return true
		}
	}
	return false
}

// clean is an error with a path that reads the same for every cause.
func clean(what, path string, err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		err = pe.Err
	case errors.As(err, &le):
		err = le.Err
	}
	return safe.Error(fmt.Errorf("%s %s: %w", what, path, err))
}
