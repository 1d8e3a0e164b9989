//go:build race

package engine

// underRace: the race detector watches, and makes everything ten times as
// slow. One goroutine at work gives it nothing to find.
const underRace = true
