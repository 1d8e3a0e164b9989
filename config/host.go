package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// maxFile caps a configuration file, in bytes. The largest that people write
// are a few hundred kilobytes.
const maxFile = 1 << 20

var errTooLarge = errors.New("larger than 1 MiB: this is no configuration")

// host is the machine as the loader sees it; a test brings its own.
type host struct {
	env  func(string) string
	stat func(path string) (fs.FileInfo, error)
	open func(path string) (fs.File, error)
}

// file is what was read of one file.
type file struct {
	body   []byte
	shared bool // a regular file that every user of the machine can read
}

func realHost(env func(string) string) host {
	if env == nil {
		env = func(string) string { return "" }
	}
	return host{env: env, stat: os.Stat, open: func(p string) (fs.File, error) { return os.Open(p) }}
}

// home is the user's directory, empty if not known.
func (h host) home() string {
	if s := h.env("HOME"); s != "" {
		return s
	}
	return h.env("USERPROFILE")
}

func (h host) read(path string) (file, error) {
	f, err := h.open(path)
	if err != nil {
		return file{}, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	info, err := f.Stat()
	if err != nil {
		return file{}, err
	}
	body, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(body) > maxFile {
		err = errTooLarge
	}
	return file{body, info.Mode().IsRegular() && info.Mode().Perm()&0o004 != 0}, err
}

// copy writes all bytes of a file to w.
func (h host) copy(w io.Writer, path string) error {
	f, err := h.open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	_, err = io.Copy(w, f)
	return err
}
