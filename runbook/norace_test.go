//go:build !race

package runbook

const underRace = false
