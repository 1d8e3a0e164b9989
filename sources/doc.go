// Package sources is the vocabulary: what an alert, a rule, a silence, a
// change and a snapshot are, the small interfaces that outside systems
// satisfy, and the kinds of error they report. It does no I/O.
//
// Every room imports it. It imports internal/safe and the standard library
// only. All values are immutable once published in a [Snapshot]: readers share
// them without copying, writers build new ones.
//
// Times are UTC. Durations are time.Duration. A nil slice means the same as an
// empty one unless a comment says otherwise.
package sources
