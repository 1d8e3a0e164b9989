// Package readiness judges whether somebody who is called can act: so far
// whether the runbook that a rule links to is there.
//
// Imported by cmd, which reads the rules and asks the resolver. It judges
// values that it is handed: it must not import os, net/http, a source or the
// resolver, so that a check gives the same answer in CI, on a laptop and twice.
//
// Concurrency: values only; nothing is kept.
package readiness
