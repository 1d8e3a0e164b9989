// Package git reads local clones: what lies between two revisions of a service
// ([sources.Commits]), and its tags as weak signs of a change
// ([sources.ChangeSource]). The kind's name is "git".
//
// Nothing is fetched, written or run but the git binary, see internal/gitrepo: a
// clone knows what its user last fetched, and a question for more is an error of
// kind NotFound that says how to fetch.
//
// Imported by sources/all and by cmd. It imports sources, internal/gitrepo,
// internal/proc and internal/safe.
//
// Concurrency: a [Source] may be used from several goroutines at once.
package git
