package ical

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Any text ends, soon, and what comes of it is in order: shifts of the window,
// sorted, each with a person and an end after its beginning.
func FuzzParse(f *testing.F) {
	f.Add(calendar(vevent("DTSTART;TZID=Europe/Berlin:20261123T090000\nDTEND;TZID=Europe/Berlin:20261130T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO\nEXDATE:20261207T080000Z\nRDATE;VALUE=PERIOD:20261201T080000Z/PT4H\nSUMMARY:On Call - Ada - Payments\nATTENDEE;CN=\"Ada, O\":mailto:a@b\nUID:1")))
	f.Add(calendar("BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nEND:VTIMEZONE\n",
		vevent("DTSTART;TZID=X:20261123T090000\nDURATION:P1DT2H\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:Bo\nUID:2"),
		vevent("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=X:20261124T090000\nDTSTART;TZID=X:20261124T100000\nDURATION:PT2H\nSUMMARY:Cy\nUID:2")))
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261123\nSUMMARY:a\\, b\n c\nEND:VEVENT")
	f.Add("X;A=\"b\",c;D=^n:e\r\r\n\n f")
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		p := parse(text)
		r := &reader{team: safe.Outside("t"), window: span{now.Add(-past), now.Add(ahead)},
			zones: &zones{own: p.zones, floating: time.UTC, until: now.AddDate(1, 0, 0), known: map[string]*time.Location{}}}
		if err := r.expand(ctx, p.events); err != nil {
			t.Fatalf("it takes too long: %v", err)
		}
		for i, s := range r.shifts {
			if !s.From.Before(s.To) || s.To.Before(r.window.from) || s.From.After(r.window.to) || s.Person.Empty() {
				t.Errorf("shift %+v", s)
			}
			if i > 0 && s.From.Before(r.shifts[i-1].From) {
				t.Error("not sorted")
			}
		}
		if n := len(r.shifts); n > maxShifts {
			t.Errorf("%d shifts", n)
		}
		for _, n := range r.notes(p) {
			if strings.Contains(n.Raw(), "://") {
				t.Errorf("an address in a note: %q", n.Raw())
			}
		}
	})
}
