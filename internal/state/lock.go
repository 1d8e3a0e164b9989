package state

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// lockPoll is how often a taken lock is tried again.
const lockPoll = 10 * time.Millisecond

// Lock takes the lock of a name and waits for it until ctx ends. It excludes
// other processes and other goroutines; the system gives it up when the
// process dies. The lock is a file of its own beside the named one.
func (d Dir) Lock(ctx context.Context, name string) (unlock func(), err error) {
	path, err := d.file(name)
	if err != nil {
		return nil, err
	}
	path += lockSuffix
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, clean("cannot make", filepath.Dir(path), err)
	}
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		unlock, err := tryLock(path)
		if err != nil {
			return nil, clean("cannot lock", path, err)
		}
		if unlock != nil {
			return unlock, nil
		}
		select {
		case <-ctx.Done():
			return nil, clean("another process holds", path, ctx.Err())
		case <-tick.C:
		}
	}
}
