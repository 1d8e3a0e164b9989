package poll

import (
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// maxResolved bounds the alerts kept as resolved, newest first. A label that
// changes with every evaluation makes a new alert each time: without a bound
// such a rule would fill the memory within its hour.
const maxResolved = 10_000

// withResolved is the answer at the moment at, followed by the alerts that
// were firing before and are gone, as resolved, newest first, for the time
// keep. Pending alerts that vanish are dropped: they never fired. An alert
// that is back replaces its resolved entry.
//
// prev are the items of the last success at prevAsOf. If that is longer ago
// than keep, we cannot say that an alert ended within that time, and nothing
// is called resolved.
//
// The result shares no memory with prev's slice; answer may be its beginning.
func withResolved(prev []sources.Alert, prevAsOf time.Time, answer []sources.Alert, at time.Time, keep time.Duration) []sources.Alert {
	if len(prev) == 0 || at.Sub(prevAsOf) > keep {
		return answer
	}
	present := make(map[sources.AlertID]bool, len(answer))
	for _, a := range answer {
		present[a.ID] = true
	}
	var gone []sources.Alert
	for _, a := range prev {
		if present[a.ID] {
			continue
		}
		switch a.State {
		case sources.Firing:
			a.State, a.ResolvedAt = sources.Resolved, at
		case sources.Resolved:
			if at.Sub(a.ResolvedAt) >= keep {
				continue
			}
		default:
			continue
		}
		gone = append(gone, a)
	}
	if len(gone) == 0 {
		return answer
	}
	slices.SortStableFunc(gone, func(a, b sources.Alert) int { return b.ResolvedAt.Compare(a.ResolvedAt) })
	gone = gone[:min(len(gone), maxResolved)]
	return slices.Concat(answer, gone)
}
