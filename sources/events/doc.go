// Package events reads changes that something else wrote down: one JSON object
// per line (NDJSON) or a JSON array, from a file that a pipeline appends to.
// The kind's name is "events".
//
// Required are time (RFC 3339, or seconds or milliseconds since 1970 as a
// number or a text) and service; optional kind (deploy), version,
// from_version, revision, from_revision, env, namespace, cluster, state,
// author, title, url, finished_at and id. Entries with the same id are one
// change: the later one adds to the earlier. CDEvents are recognised by
// context.type. An entry that cannot be read is counted and noted, never
// fatal.
//
// Imported by sources/all. It imports sources and internal/safe.
//
// Concurrency: a [Source] may be used from several goroutines; they take
// turns.
package events
