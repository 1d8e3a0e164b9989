// Package promtest runs a real Prometheus, and a real Alertmanager, for tests: rules are evaluated,
// targets are scraped and blocks are read by the program that users have, not
// by an imitation of it.
//
// Imported by tests only. It imports the standard library only. A [Server]
// belongs to one test and is used from one goroutine; the process is killed
// when the test ends.
package promtest
