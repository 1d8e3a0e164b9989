// Package e2e runs the built binary in a pseudo-terminal against a real
// Prometheus, real git repositories and real files. It holds tests only; fakes
// are for faults that real parts cannot be made to show.
package e2e
