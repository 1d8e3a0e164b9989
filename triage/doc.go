// Package triage is the judgement: which alerts are alike, which matters most,
// what service one is about, who owns it, which changes may be its cause, what
// its rule measures and against which limit. It is pure: a snapshot in, a
// board out; the moment comes as an argument.
//
// Imported by page, readiness, tui and cmd. It must not import os or net/http
// and must not call time.Now. A Board is immutable and safe to share.
package triage
