//go:build unix

package drill

import (
	"os"
	"syscall"
)

// ours reports whether this user made a file: in a shared folder another's
// may have the same name.
func ours(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}
