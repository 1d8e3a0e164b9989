//go:build !unix

package promtest

// Stop skips the test: this system cannot freeze a process.
func (s *Server) Stop() { s.t.Skip("this system cannot freeze a process") }

// Cont does nothing: see Stop.
func (s *Server) Cont() {}
