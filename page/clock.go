package page

import (
	"fmt"
	"time"
)

// Ago is an age in words that move in steps: "2 s", "40 s" (by five from 5 s
// on), "7 min" up to 99 min, "3 h" up to 48 h, "2 d". A negative one is "0 s".
func Ago(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 5*time.Second:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/(5*time.Second)*5)
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/(24*time.Hour))
}

// In is how long something takes from now, rounded up so that it is never
// said too early: "1 min" for 5 s, "2 min" for 90 s, "3 h" for 150 min.
func In(d time.Duration) string {
	up := func(unit time.Duration) time.Duration { return (d + unit - 1) / unit }
	switch {
	case d <= time.Minute:
		return "1 min"
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", up(time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", up(time.Hour))
	}
	return fmt.Sprintf("%d d", up(24*time.Hour))
}

// Clock is a moment in loc as people say it seen from now: "14:02",
// "14:02 yesterday", "14:02 tomorrow", "14:02 9 Nov", "14:02 9 Nov 2025". The
// zero time is "unknown".
func Clock(t, now time.Time, loc *time.Location) string {
	if t.IsZero() {
		return "unknown"
	}
	t, now = t.In(loc), now.In(loc)
	switch day := func(d time.Time) string { return d.Format(time.DateOnly) }; day(t) {
	case day(now):
		return t.Format("15:04")
	case day(now.AddDate(0, 0, -1)):
		return t.Format("15:04") + " yesterday"
	case day(now.AddDate(0, 0, 1)):
		return t.Format("15:04") + " tomorrow"
	}
	if t.Year() == now.Year() {
		return t.Format("15:04 2 Jan")
	}
	return t.Format("15:04 2 Jan 2006")
}

// shortClock is within what the day of a time goes without saying: the same
// time of another day is further away than that.
const shortClock = 12 * time.Hour

// ShortClock is Clock for a row with little room: within 12 h of now the day is
// left out, though midnight lies between.
func ShortClock(t, now time.Time, loc *time.Location) string {
	if !t.IsZero() && now.Sub(t).Abs() < shortClock {
		return t.In(loc).Format("15:04")
	}
	return Clock(t, now, loc)
}

// Lasting is a duration as a rule writes it, exactly: "30 s", "90 s", "5 min",
// "1 h", "90 min", "36 h", "2 d".
func Lasting(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day && d%day == 0:
		return fmt.Sprintf("%d d", d/day)
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d%time.Second == 0:
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return d.String()
}
