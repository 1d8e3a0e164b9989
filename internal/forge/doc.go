// Package forge is what GitHub and GitLab have in common as sources of changes:
// which project is which service, what a deployment replaced and whether it goes
// back to something older, what one failing project means for the others, and
// what lies between two revisions.
//
// A kind of forge brings a [Host], which asks its API; [Source] does the rest
// and satisfies sources.ChangeSource, sources.Noter and sources.Commits.
//
// Imported by the sources of forges. It imports sources and internal/safe; it
// knows no protocol and no particular forge.
//
// Concurrency: a [Source] may be used from several goroutines; calls of Changes
// take turns. It asks a few projects at once and waits for all of them.
package forge
