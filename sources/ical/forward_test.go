package ical

import (
	"testing"
	"time"
)

// The years before are skipped (see forward). A skip that lands on the night in
// which the clocks leave out the hour of the hand-over must not move it for the
// days after.
func TestADailyHandOverInTheHourThatIsLeftOut(t *testing.T) {
	t.Parallel()
	const event = "DTSTART;TZID=Europe/Berlin:20240101T023000\nDURATION:P1D\nRRULE:FREQ=DAILY\nSUMMARY:X"
	for day := range 8 { // the clocks change on 29 March
		now := at(t, "03-29 12:00").AddDate(0, 0, day)
		list, _ := read(t, calendar(vevent(event)), now)
		for _, s := range list {
			if from := s.From.In(berlin(t)); from.YearDay() > 90 && from.Format("15:04") != "02:30" {
				t.Fatalf("at %s a shift begins at %s", now.Format(time.DateTime), from.Format(time.DateTime))
			}
		}
	}
}
