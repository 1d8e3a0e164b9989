package triage

import (
	"fmt"
	"time"
)

// span writes a duration as people say it: 40 s, 6 min, 3 h, 2 d. It is never
// negative.
func span(d time.Duration) string {
	d = d.Abs().Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
	}
	return fmt.Sprintf("%d d", (d+12*time.Hour)/(24*time.Hour))
}
