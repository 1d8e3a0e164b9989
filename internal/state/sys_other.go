//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package state

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// staleLock is after how long a lock file counts as left by a dead process:
// systems without flock do not remove it.
const staleLock = 30 * time.Second

// tryLock takes the lock or returns nil without an error when it is taken.
func tryLock(path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_ = f.Close()
		return func() { _ = os.Remove(path) }, nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if st, serr := os.Stat(path); serr == nil && time.Since(st.ModTime()) > staleLock {
		_ = os.Remove(path)
	}
	return nil, nil
}

func rename(from, to string) error { return os.Rename(from, to) }

func syncDir(string) {}
