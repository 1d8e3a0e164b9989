//go:build unix

package promtest

import "syscall"

// Stop freezes the process (SIGSTOP): the port accepts, nothing answers. It is
// what a hung server looks like.
func (s *process) Stop() { s.signal(syscall.SIGSTOP) }

// Cont lets a frozen process go on.
func (s *process) Cont() { s.signal(syscall.SIGCONT) }

func (s *process) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("signal %v: %v", sig, err)
	}
}
