// Package proc is the one way to start a program: an argument vector and no
// shell, a deadline, a cap on the output, and a process group that is killed
// as a whole when the deadline passes or the caller gives up.
//
// Imported by adapters that ask programs (git, kubectl, event commands) and by
// internal/web for token_command. It imports internal/safe only. All functions
// are safe for concurrent use. Nothing here starts a shell; a runbook's shell
// block, when it is run, gets a function of its own in this package.
package proc
