// Package gitlab reads the deployments of projects on GitLab as changes, and
// asks it what lies between two revisions. The kind's name is "gitlab". It only
// reads.
//
// What was made or has moved since the beginning of the window is one listing;
// what ran before it is another.
//
// Imported by sources/all. It imports sources, internal/forge, which does what
// does not depend on GitLab, and internal/web.
//
// Concurrency: see forge.Source.
package gitlab
