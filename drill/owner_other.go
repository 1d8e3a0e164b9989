//go:build !unix

package drill

import "os"

// ours reports whether this user made a file. Where each user has a folder
// for temporary files, all in it are.
func ours(os.FileInfo) bool { return true }
