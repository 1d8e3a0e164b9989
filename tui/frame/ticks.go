package frame

import "time"

// Tick is a round moment on an axis of time, and how it is written there: the
// clock, and at midnight the day.
type Tick struct {
	At   time.Time
	Text string
}

// Marked puts a line into a sparkline where something happened between its ends.
func Marked(spark string, at []time.Time, from, to time.Time) string {
	cells := []rune(spark)
	for _, t := range at {
		if i := CellOf(t, from, to, len(cells)); i >= 0 && i < len(cells) && !t.Before(from) && !t.After(to) {
			cells[i] = '┊'
		}
	}
	return string(cells)
}

// CellOf is the cell of an axis of w cells that a moment between its ends stands
// in.
func CellOf(t, from, to time.Time, w int) int {
	return max(0, min(w-1, int(float64(w)*float64(t.Sub(from))/float64(to.Sub(from)))))
}

// tickSteps are the distances between times under an axis.
var tickSteps = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour,
	2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// maxTicks bounds the times of an axis of years.
const maxTicks = 200

// Ticks are the round moments of a place on an axis: as close as they are at
// least room cells apart where from and to are so many cells apart, and so on
// until end.
func Ticks(from, to, end time.Time, cells, room int, loc *time.Location) []Tick {
	span := to.Sub(from)
	if span <= 0 || cells <= 0 {
		return nil
	}
	step := tickSteps[len(tickSteps)-1]
	for _, s := range tickSteps {
		if float64(cells)*float64(s)/float64(span) >= float64(room) {
			step = s
			break
		}
	}
	begin := from.In(loc)
	day := time.Date(begin.Year(), begin.Month(), begin.Day(), 0, 0, 0, 0, loc)
	var out []Tick
	for t := day.Add(max(0, from.Sub(day)/step-1) * step); !t.After(end) && len(out) < maxTicks; t = t.Add(step) {
		if t.Before(from) {
			continue
		}
		text := t.In(loc).Format("15:04")
		if text == "00:00" || step >= 24*time.Hour {
			text = t.In(loc).Format("2 Jan")
		}
		out = append(out, Tick{t, text})
	}
	return out
}
