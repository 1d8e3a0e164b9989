// Package alertmanager asks one Alertmanager (or anything that speaks version 2
// of its API, such as Mimir's) for the alerts that it holds, with what silences
// and inhibits them, and for its silences. It only reads. docs/alertmanager.md is
// its manual.
//
// Imported by cmd (which wires it) and by tests. It must not import another
// source, config, triage or Bubble Tea: which alert of Prometheus is which of
// Alertmanager is triage's judgement. A [Client] is safe for concurrent use and
// starts no goroutine that outlives a call.
package alertmanager
