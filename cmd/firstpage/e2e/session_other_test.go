//go:build !unix

package e2e

import "syscall"

// session is nothing: this system has no pseudo-terminals of this kind, and
// opening one fails the test with words that say so.
func session() *syscall.SysProcAttr { return nil }
