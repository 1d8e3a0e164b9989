// Package state keeps files that must survive: a crash in the middle of a
// write, two programs at once, a full disk, a downgrade.
//
// Imported by poll, journal, drill, runbook/resolve, config and cmd. It imports
// internal/safe and the standard library (and golang.org/x/sys on Windows); it
// does not know where the user's directories are: cmd opens a [Dir] and passes
// it on. A Dir is safe for concurrent use, also by several processes.
package state
