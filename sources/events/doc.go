// Package events reads changes that something else wrote down: one JSON object
// per line (NDJSON), objects one after another, or a JSON array, from a file
// that a pipeline appends to, from a URL, or from what a command prints. The
// kind's name is "events"; docs/changes/events.md is its manual.
//
// Required are time and service; entry.go has the fields, cdevents.go the
// CDEvents, bare or in a CloudEvents envelope. Entries with the same id are
// one change: the later one adds to the earlier. What no field takes is kept
// as evidence. An entry that cannot be read is counted and noted, never fatal.
//
// Imported by sources/all. It imports sources, internal/web for a URL and
// internal/proc for a command.
//
// Concurrency: a [Source] may be used from several goroutines; they take
// turns.
package events
