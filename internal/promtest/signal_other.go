//go:build !unix

package promtest

// Stop skips the test: this system cannot freeze a process.
func (s *process) Stop() { s.t.Skip("this system cannot freeze a process") }

// Cont does nothing: see Stop.
func (s *process) Cont() {}
