package ical

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// calendar wraps events in a calendar with the line ends of the standard.
func calendar(events ...string) string {
	text := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n" + strings.Join(events, "") + "END:VCALENDAR\n"
	return strings.ReplaceAll(text, "\n", "\r\n")
}

var uid atomic.Int64

// vevent is an event with a UID of its own unless the text has one.
func vevent(text string) string {
	if !strings.Contains(text, "UID:") {

		text += fmt.Sprintf("\nUID:%d@test", uid.Add(1))
	}
	return "BEGIN:VEVENT\n" + strings.TrimSpace(text) + "\nEND:VEVENT\n"
}

// read gives the shifts of a file and the notes, at a moment and in Berlin.
func read(t testing.TB, text string, now time.Time) ([]sources.Shift, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "payments.ics")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(Options{Team: "payments", At: path, Local: berlin(t), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Shifts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got.Items, fmt.Sprint(s.Notes())
}

// words are shifts as one line each, on the clock of Berlin.
func words(t testing.TB, list []sources.Shift) string {
	t.Helper()
	var out []string
	for _, s := range list {
		const form = "Mon 2 Jan 15:04"
		out = append(out, s.Person.String()+" "+s.From.In(berlin(t)).Format(form)+" - "+s.To.In(berlin(t)).Format(form))
	}
	return strings.Join(out, "\n")
}

// at is a moment of 2026 on the clock of Berlin.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	got, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+s, berlin(t))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// first are the first n lines.
func first(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[:min(n, len(lines))], "\n")
}

// A weekly hand-over on Monday at 09:00 stays there when the clocks change, in
// both directions, and no shift overlaps the next or leaves an hour between.
func TestWeeklyOverTheChangeOfClocks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ now, want string }{
		{"03-24 12:00", "Ada Mon 23 Mar 09:00 - Mon 30 Mar 09:00\nBo Mon 30 Mar 09:00 - Mon 6 Apr 09:00"},
		{"10-20 12:00", "Ada Mon 19 Oct 09:00 - Mon 26 Oct 09:00\nBo Mon 26 Oct 09:00 - Mon 2 Nov 09:00"},
	} {
		text := calendar(
			vevent("DTSTART;TZID=Europe/Berlin:20260112T090000\nDTEND;TZID=Europe/Berlin:20260119T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2\nSUMMARY:Ada"),
			vevent("DTSTART;TZID=Europe/Berlin:20260119T090000\nDURATION:P1W\nRRULE:FREQ=WEEKLY;INTERVAL=2\nSUMMARY:Bo"))
		list, notes := read(t, text, at(t, tc.now))
		if got := first(words(t, list), 2); got != tc.want || notes != "[]" {
			t.Errorf("at %s:\n%s\nwant\n%s\nnotes %s", tc.now, got, tc.want, notes)
		}
		for i := 1; i < len(list); i++ {
			if !list[i].From.Equal(list[i-1].To) {
				t.Errorf("%v does not begin when %v ends", list[i], list[i-1])
			}
		}
	}
}

func TestOneEvent(t *testing.T) {
	t.Parallel()
	now := "11-25 12:00" // a Wednesday
	for name, tc := range map[string]struct{ event, want string }{
		"UTC":           {"DTSTART:20261123T080000Z\nDTEND:20261130T080000Z", "X Mon 23 Nov 09:00 - Mon 30 Nov 09:00"},
		"zone by name":  {"DTSTART;TZID=America/New_York:20261123T090000\nDTEND;TZID=America/New_York:20261130T090000", "X Mon 23 Nov 15:00 - Mon 30 Nov 15:00"},
		"Windows zone":  {"DTSTART;TZID=W. Europe Standard Time:20261123T090000\nDTEND;TZID=W. Europe Standard Time:20261130T090000", "X Mon 23 Nov 09:00 - Mon 30 Nov 09:00"},
		"zone quoted":   {`DTSTART;TZID="Pacific Standard Time":20261123T000000` + "\nDURATION:P1W", "X Mon 23 Nov 09:00 - Mon 30 Nov 09:00"},
		"zone prefixed": {"DTSTART;TZID=/freeassociation.sourceforge.net/Europe/London:20261123T080000\nDURATION:P7D", "X Mon 23 Nov 09:00 - Mon 30 Nov 09:00"},
		"floating":      {"DTSTART:20261123T090000\nDTEND:20261130T090000", "X Mon 23 Nov 09:00 - Mon 30 Nov 09:00"},
		"days":          {"DTSTART;VALUE=DATE:20261123\nDTEND;VALUE=DATE:20261130", "X Mon 23 Nov 00:00 - Mon 30 Nov 00:00"},
		"one day":       {"DTSTART;VALUE=DATE:20261125", "X Wed 25 Nov 00:00 - Thu 26 Nov 00:00"},
		"hours":         {"DTSTART:20261125T080000Z\nDURATION:PT12H", "X Wed 25 Nov 09:00 - Wed 25 Nov 21:00"},
		"mixed":         {"DTSTART:20261125T080000Z\nDURATION:P1DT2H30M", "X Wed 25 Nov 09:00 - Thu 26 Nov 11:30"},
		"cancelled":     {"DTSTART:20261125T080000Z\nDURATION:PT12H\nSTATUS:CANCELLED", ""},
		"over":          {"DTSTART:20261120T080000Z\nDURATION:PT12H", ""},
		"far ahead":     {"DTSTART:20270720T080000Z\nDURATION:PT12H", ""},
		"RDATE":         {"DTSTART:20261125T080000Z\nDURATION:PT1H\nRDATE:20261126T080000Z\nRDATE;VALUE=PERIOD:20261127T080000Z/PT2H,20261128T080000Z/20261128T110000Z", "X Wed 25 Nov 09:00 - Wed 25 Nov 10:00\nX Thu 26 Nov 09:00 - Thu 26 Nov 10:00\nX Fri 27 Nov 09:00 - Fri 27 Nov 11:00\nX Sat 28 Nov 09:00 - Sat 28 Nov 12:00"},
		"EXDATE":        {"DTSTART;TZID=Europe/Berlin:20261124T090000\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/Berlin:20261125T090000\nEXDATE;VALUE=DATE:20261127", "X Tue 24 Nov 09:00 - Tue 24 Nov 17:00\nX Thu 26 Nov 09:00 - Thu 26 Nov 17:00"},
		"UNTIL a day":   {"DTSTART;TZID=Europe/Berlin:20261125T090000\nDURATION:PT8H\nRRULE:FREQ=DAILY;UNTIL=20261126", "X Wed 25 Nov 09:00 - Wed 25 Nov 17:00\nX Thu 26 Nov 09:00 - Thu 26 Nov 17:00"},
		"old and daily": {"DTSTART;TZID=Europe/Berlin:20030601T090000\nDURATION:PT8H\nRRULE:FREQ=DAILY;INTERVAL=7;UNTIL=20261201T000000Z", "X Sun 29 Nov 09:00 - Sun 29 Nov 17:00"},
		"folded":        {"DTSTART:2026\n 1125T08\n\t0000Z\nDURATION:PT1H", "X Wed 25 Nov 09:00 - Wed 25 Nov 10:00"},
	} {
		list, notes := read(t, calendar(vevent(tc.event+"\nSUMMARY:X")), at(t, now))
		if got := words(t, list); got != tc.want || notes != "[]" {
			t.Errorf("%s:\n%s\nwant\n%s\nnotes %s", name, got, tc.want, notes)
		}
	}
}

// The zone that a calendar defines itself is followed over both changes, from
// rules that begin in 1601, as Outlook writes them.
func TestZoneOfTheCalendar(t *testing.T) {
	t.Parallel()
	const zone = "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\n" +
		"BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n" +
		"BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
	weekly := vevent("DTSTART;TZID=Customized Time Zone:20260105T090000\nDTEND;TZID=Customized Time Zone:20260112T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO\nSUMMARY:Ada")
	for now, want := range map[string]string{
		"03-24 12:00": "Ada Mon 23 Mar 09:00 - Mon 30 Mar 09:00\nAda Mon 30 Mar 09:00 - Mon 6 Apr 09:00",
		"10-20 12:00": "Ada Mon 19 Oct 09:00 - Mon 26 Oct 09:00\nAda Mon 26 Oct 09:00 - Mon 2 Nov 09:00",
	} {
		list, notes := read(t, calendar(zone, weekly), at(t, now))
		if got := first(words(t, list), 2); got != want || notes != "[]" {
			t.Errorf("at %s:\n%s\nwant\n%s\nnotes %s", now, got, want, notes)
		}
	}
	// Without the definition the name says nothing: that is noted.
	list, notes := read(t, calendar(weekly), at(t, "03-24 12:00"))
	if len(list) == 0 || !strings.Contains(notes, `time zone "Customized Time Zone" is not known: its times are taken as those of Europe/Berlin`) {
		t.Errorf("unknown zone: %d shifts, %s", len(list), notes)
	}
	// Google names the zone of floating times and of days.
	list, _ = read(t, calendar("X-WR-TIMEZONE:America/New_York\n", vevent("DTSTART:20260324T090000\nDURATION:PT1H\nSUMMARY:Ada")), at(t, "03-24 12:00"))
	if got := words(t, list); got != "Ada Tue 24 Mar 14:00 - Tue 24 Mar 15:00" {
		t.Errorf("X-WR-TIMEZONE: %s", got)
	}
}

// Somebody takes over a week, a day is moved, a day falls out, and from some
// week on somebody else has it all.
func TestOccurrencesThatAreReplaced(t *testing.T) {
	t.Parallel()
	const id = "\nUID:rota@test"
	master := vevent("DTSTART;TZID=Europe/Berlin:20261102T090000\nDTEND;TZID=Europe/Berlin:20261102T170000\nRRULE:FREQ=DAILY;COUNT=40\nSUMMARY:Ada" + id)
	list, notes := read(t, calendar(
		vevent("RECURRENCE-ID;TZID=Europe/Berlin:20261126T090000\nDTSTART;TZID=Europe/Berlin:20261126T090000\nDURATION:PT8H\nSUMMARY:first try\nSEQUENCE:1"+id),
		master,
		vevent("RECURRENCE-ID:20261126T080000Z\nDTSTART;TZID=Europe/Berlin:20261126T090000\nDURATION:PT8H\nSUMMARY:Bo\nSEQUENCE:2"+id),
		vevent("RECURRENCE-ID;TZID=Europe/Berlin:20261127T090000\nDTSTART;TZID=Europe/Berlin:20261127T120000\nDURATION:PT2H\nSUMMARY:Ada"+id),
		vevent("RECURRENCE-ID;TZID=Europe/Berlin:20261128T090000\nDTSTART;TZID=Europe/Berlin:20261128T090000\nDURATION:PT2H\nSTATUS:CANCELLED\nSUMMARY:Ada"+id),
		vevent("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261130T090000\nDTSTART;TZID=Europe/Berlin:20261130T100000\nDURATION:PT6H\nSUMMARY:Cy"+id),
		// One from outside of the window is moved into it, and one without its series.
		vevent("RECURRENCE-ID;TZID=Europe/Berlin:20261103T090000\nDTSTART;TZID=Europe/Berlin:20261125T200000\nDURATION:PT1H\nSUMMARY:Di"+id),
		vevent("RECURRENCE-ID:20261126T210000Z\nDTSTART:20261125T210000Z\nDURATION:PT1H\nSUMMARY:Ed\nUID:other@test"),
	), at(t, "11-25 12:00"))
	const want = `Ada Tue 24 Nov 09:00 - Tue 24 Nov 17:00
Ada Wed 25 Nov 09:00 - Wed 25 Nov 17:00
Di Wed 25 Nov 20:00 - Wed 25 Nov 21:00
Ed Wed 25 Nov 22:00 - Wed 25 Nov 23:00
Bo Thu 26 Nov 09:00 - Thu 26 Nov 17:00
Ada Fri 27 Nov 12:00 - Fri 27 Nov 14:00
Ada Sun 29 Nov 09:00 - Sun 29 Nov 17:00
Cy Mon 30 Nov 10:00 - Mon 30 Nov 16:00
Cy Tue 1 Dec 10:00 - Tue 1 Dec 16:00`
	if got := first(words(t, list), 9); got != want || notes != "[]" {
		t.Errorf("\n%s\nwant\n%s\nnotes %s", got, want, notes)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	for summary, want := range map[string]string{
		"On Call - Ada Okafor - Payments Primary": "Ada Okafor",
		"On-Call: Ada Okafor":                     "Ada Okafor",
		"Ada Okafor - on call":                    "Ada Okafor",
		"Ada Okafor is on call":                   "Ada Okafor",
		"Ada Okafor (on-call)":                    "Ada Okafor",
		"[L1] ada.okafor":                         "ada.okafor",
		"ada@example.com":                         "ada@example.com",
		`Okafor\, Ada`:                            "Okafor, Ada",
		"Ada Okafor":                              "Ada Okafor",
		"Anne-Marie Oncalla":                      "Anne-Marie Oncalla",
		"on call":                                 "",
		"":                                        "",
		"on call\nATTENDEE:mailto:ada@example.com":                                                                                                 "ada@example.com",
		"Ada\nATTENDEE;CN=ada@example.com:mailto:ada@example.com":                                                                                  "Ada",
		"Payments\nATTENDEE;CN=\"Okafor, Ada\":mailto:ada@example.com\nATTENDEE;CN=Bo:mailto:bo@example.com":                                       "Okafor, Ada|Bo",
		"Payments\nATTENDEE;CUTYPE=ROOM;CN=War Room:mailto:r@example.com\nATTENDEE;PARTSTAT=DECLINED;CN=Bo:mailto:b\nATTENDEE;CN=^'Ada^':MAILTO:a": `"Ada"`,
	} {
		p := parse(calendar(vevent("DTSTART:20261125T080000Z\nDURATION:PT1H\nSUMMARY:" + summary)))
		var got []string
		for _, who := range people(p.events[0]) {
			got = append(got, who.name.Raw())
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q, want %q", summary, got, want)
		}
	}
	for _, form := range []string{"mailto:ada@example.com", "ada@example.com", "MAILTO:ada@example.com"} {
		p := people(parse(calendar(vevent("SUMMARY:On Call - Ada - Alpha\nATTENDEE:" + form))).events[0])
		if len(p) != 1 || p[0].name != safe.Outside("Ada") || p[0].mail != safe.Outside("ada@example.com") {
			t.Errorf("the address beside a name: %+v", p)
		}
	}
}

// What cannot be read is counted and named by its line; the rest counts.
func TestTroubles(t *testing.T) {
	t.Parallel()
	good := vevent("DTSTART:20261125T080000Z\nDURATION:PT1H\nSUMMARY:Ada")
	for name, tc := range map[string]struct{ text, note string }{
		"no colon":       {calendar("nonsense\n", good), `1 of 11 lines or events unreadable: line 4: not NAME:value: "nonsense"`},
		"no start":       {calendar(vevent("SUMMARY:Bo"), good), "line 4: an event without DTSTART"},
		"no end":         {calendar(vevent("DTSTART:20261125T080000Z"), good), "line 4: an event without DTEND and DURATION"},
		"backwards":      {calendar(vevent("DTSTART:20261125T080000Z\nDTEND:20261125T070000Z"), good), "ends before it begins"},
		"bad time":       {calendar(vevent("DTSTART:2026-11-25"), good), `DTSTART is no time: "2026-11-25"`},
		"bad rule":       {calendar(vevent("DTSTART:20261125T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=XX"), good), "RRULE cannot be read"},
		"too often":      {calendar(vevent("DTSTART:20261125T080000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"), good), "not one of a rota"},
		"bad duration":   {calendar(vevent("DTSTART:20261125T080000Z\nDURATION:P1H"), good), `not a duration: "P1H"`},
		"cut off":        {strings.TrimSuffix(calendar(good, "BEGIN:VEVENT\nDTSTART:20261125T080000Z\n"), "END:VCALENDAR\r\n"), "it ends in the middle, after line 11"},
		"never ends":     {calendar("BEGIN:VEVENT\nSUMMARY:Bo\n", good), `line 4: "VEVENT" does not end`},
		"nameless":       {calendar(vevent("DTSTART:20261125T080000Z\nDURATION:PT1H"), good), "1 of 2 events name nobody"},
		"several":        {calendar("a\n", "b\n", "c\n", "d\n", good), `4 of 14 lines or events unreadable: line 4: not NAME:value: "a"; line 5: not NAME:value: "b"; line 6: not NAME:value: "c"; ...`},
		"byte order, LF": {"\ufeff" + strings.ReplaceAll(calendar(good), "\r", ""), "[]"},
	} {
		list, notes := read(t, tc.text, at(t, "11-25 12:00"))
		if got := words(t, list); got != "Ada Wed 25 Nov 09:00 - Wed 25 Nov 10:00" || !strings.Contains(notes, tc.note) {
			t.Errorf("%s: %q, notes %s, want %q", name, got, notes, tc.note)
		}
	}
}
