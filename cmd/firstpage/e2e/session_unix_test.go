//go:build unix

package e2e

import "syscall"

// session gives a program the terminal as its own, as a shell does.
func session() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true, Setctty: true} }
