//go:build unix

package resolve

import "syscall"

// makeFIFO makes a file that blocks whoever opens it to read.
func makeFIFO(path string) error { return syscall.Mkfifo(path, 0o644) }
