// Package config is what the user may set: one commented struct, its defaults,
// and a strict loader that reports every problem at once with its place.
//
// Everything about a setting is declared at its field: `yaml:` is the key,
// `doc:` the sentence for the documentation, `check:`, `enum:`, `min:` and
// `required:` what the loader insists on (see [field] for the list). The JSON
// Schema, the reference and the example in docs are written from the same tags
// ([Schema], [Reference], [Example]). The options of a change source are
// structs of the source's own, read with the same strictness through
// [sources.ChangeKind].
//
// Only cmd imports it. It imports sources for [sources.ChangeKind] and names, and
// internal/safe and internal/state; it must not import a source, a screen or a rule of triage.
// It opens the files it is given and the files they name, and no connection;
// what included files are trusted with is kept in a directory that cmd passes.
// A *Config is built by one goroutine and not changed once the program runs.
package config
