// Package sourcetest is the conformance suite that every source passes: what
// each failure of the other side turns into, that giving up is quick, that no
// credential and no control character gets out, and that values are in order.
//
// Imported by tests only. It imports sources and internal/safe. The suites
// count goroutines, so call them from a top-level test that is not parallel.
package sourcetest
