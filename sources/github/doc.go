// Package github reads the deployments of repositories on GitHub, or a GitHub
// Enterprise server, as changes, and asks it what lies between two revisions.
// The kind's name is "github". It only reads.
//
// A listing is asked for once per repository and refresh, by its ETag: an
// unchanged one costs nothing of GitHub's limit. The states of a deployment are
// a request of their own, which is made for those that had not ended when they
// were last looked at.
//
// Imported by sources/all. It imports sources, internal/forge, which does what
// does not depend on GitHub, and internal/web.
//
// Concurrency: see forge.Source.
package github
