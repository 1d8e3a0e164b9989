package sources

import (
	"fmt"
	"time"
)

// Span is a duration as evidence and reasons say it, rounded: "40 s", "6 min"
// up to two hours, "3 h" up to two days, "2 d". The sign is left out.
func Span(d time.Duration) string {
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
