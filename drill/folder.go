package drill

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
)

// Sessions keep their files in folders of this name in the system's folder for
// temporary files. The lock in it says that its process lives.
const (
	folderPattern = "firstpage-drill-*"
	lockName      = "session"
)

// newFolder makes a session's folder and locks it. The returned function gives
// the lock up and removes the folder.
func newFolder(ctx context.Context, parent string) (dir string, remove func() error, err error) {
	for range 3 {
		dir, err = os.MkdirTemp(parent, folderPattern)
		if err != nil {
			return "", nil, err
		}
		unlock, err := lockFolder(ctx, dir)
		if err != nil {
			continue // somebody who cleans up took it for a leftover
		}
		return dir, func() error {
			err := os.RemoveAll(dir)
			unlock()
			return err
		}, nil
	}
	return "", nil, errors.New("no folder of its own could be made in " + safe.Text(parent))
}

func lockFolder(ctx context.Context, dir string) (unlock func(), err error) {
	d, err := state.Open(dir)
	if err != nil {
		return nil, err
	}
	return d.Lock(ctx, lockName)
}

// sweep removes what sessions that were killed have left.
func sweep(parent string) {
	old, err := filepath.Glob(filepath.Join(parent, folderPattern))
	if err != nil {
		return
	}
	now, cancel := context.WithCancel(context.Background())
	cancel() // a lock that is taken is not waited for
	for _, dir := range old {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || !ours(info) {
			continue
		}
		if unlock, err := lockFolder(now, dir); err == nil {
			_ = os.RemoveAll(dir) // what cannot be removed waits for the next start
			unlock()
		}
	}
}
