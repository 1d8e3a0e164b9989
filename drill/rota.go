package drill

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Player is how the schedules of a session name whoever plays; a scenario writes
// "you".
const Player = "Sam Reyes"

// handOver is the hour of a Monday at which a rota changes hands.
const handOver = 9

// writeRotas writes the schedules of the scenario around its present.
func (x *Session) writeRotas(dir string) error {
	for _, r := range x.scenario.OnCall {
		name := "oncall-" + r.Team + ".ics"
		if err := x.files.WriteBytes(name, []byte(r.calendar(x.clock.start))); err != nil {
			return err
		}
		if x.OnCall == nil {
			x.OnCall = map[string]string{}
		}
		x.OnCall[r.Team] = filepath.Join(dir, name)
	}
	return nil
}

// calendar is a rota as iCalendar: one weekly event for each person, in the local
// time of whoever reads it.
func (r Rota) calendar(now time.Time) string {
	monday := now.AddDate(0, 0, -(int(now.Weekday())+6)%7)
	begin := time.Date(monday.Year(), monday.Month(), monday.Day(), handOver, 0, 0, 0, now.Location())
	if now.Before(begin) {
		begin = begin.AddDate(0, 0, -7)
	}
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//firstpage//drill//EN\r\n")
	for i, who := range r.People {
		if who == "you" {
			who = Player
		}
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%s-%d@drill\r\nDTSTART:%s\r\nDURATION:P1W\r\nRRULE:FREQ=WEEKLY;INTERVAL=%d\r\nSUMMARY:%s\r\nEND:VEVENT\r\n",
			r.Team, i, begin.AddDate(0, 0, 7*i).Format("20060102T150405"), len(r.People), who)
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}
