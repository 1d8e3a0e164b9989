package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// MissingWords says that a dead-man switch is missing and what that means, then
// what to do if it was taken away on purpose: a sentence each.
func MissingWords(s triage.DeadMan, now time.Time, loc *time.Location) []string {
	return []string{
		fmt.Sprintf("%s has not fired since %s: alerts from %s may not arrive; silence is not good news.",
			s.Name(), Clock(s.Last, now, loc), safe.Text(s.Cluster)),
		fmt.Sprintf("Taken away on purpose? watchdogs: ['!%s'] in the configuration.", s.Name()),
	}
}

type warningJSON struct {
	Kind     string         `json:"kind"` // watchdog_missing
	Text     string         `json:"text"` // times in UTC
	Name     safe.Value     `json:"name"`
	Cluster  string         `json:"cluster"`
	Labels   sources.Labels `json:"labels"`
	LastSeen *time.Time     `json:"last_seen"`
}

// WarningsJSON is the envelope's `warnings`: what puts in doubt that the answer
// is all there is, although every source answered. It is never nil.
func WarningsJSON(b *triage.Board) any {
	out := make([]warningJSON, 0, len(b.Missing))
	for _, s := range b.Missing {
		out = append(out, warningJSON{"watchdog_missing", strings.Join(MissingWords(s, b.At, time.UTC), " "), s.Name(), safe.Text(s.Cluster), s.Labels, stamp(s.Last)})
	}
	return out
}
