// Package page is the one composition of everything about one alert: what is
// wrong, its runbook, when it began, why it fires, how its service does, what
// changed and who owns it. The screen takes it part by part, `firstpage show`
// as a whole, and the writers turn it into text, Markdown and JSON.
//
// [Open] is pure and immediate. Everything that takes time is a [Part] with a
// [Slot] of its own: its value, its age, its error. A part that fails or hangs
// never holds up another. A further part is one file with its load function
// and its row (see spec), one constant and one slot.
//
// Imported by tui and cmd. It imports sources, runbook, triage and
// internal/safe; it must not import os, net/http, sources/x or
// runbook/resolve, and must not call time.Now: the moment comes as an argument
// or from [Assembler.Now].
//
// A Page is a value and is never changed after it was made: With and Rebase
// give a new one. An Assembler may be used by many goroutines at once.
package page
