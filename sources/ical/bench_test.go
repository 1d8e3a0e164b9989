package ical

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// many is a calendar of n events as PagerDuty exports a schedule, every tenth
// of them a weekly rule that is two years old.
func many(n int) string {
	var b strings.Builder
	begin := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	for i := range n {
		at, rule := begin.Add(time.Duration(i)*time.Hour), ""
		if i%10 == 0 {
			at, rule = at.AddDate(-2, 0, 0), "RRULE:FREQ=WEEKLY;INTERVAL=4;BYDAY=MO\n"
		}
		const form = "20060102T150405"
		fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:%d@example.com\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Berlin:%s\nDTEND;TZID=Europe/Berlin:%s\n%sSUMMARY:On Call - Person %d - Payments\nATTENDEE:mailto:p%d@example.com\nURL:https://example.com/schedules/P%d\nDESCRIPTION:The schedule of the payments team\\, with a text that goes on a\n nd on over the line\nEND:VEVENT\n",
			i, at.Format(form), at.Add(time.Hour).Format(form), rule, i%7, i%7, i)
	}
	return calendar(b.String())
}

// BenchmarkTenThousandEvents reads 10,000 events and expands them around now.
// ratio_to_library is the time against that of github.com/arran4/golang-ical for
// the same bytes, which parses only.
func BenchmarkTenThousandEvents(b *testing.B) {
	text := many(10000)
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	var ours, library time.Duration
	for b.Loop() {
		began := time.Now()
		p := parse(text)
		r := &reader{team: safe.Outside("payments"), window: span{now.Add(-past), now.Add(ahead)},
			zones: &zones{own: p.zones, floating: time.UTC, until: now, known: map[string]*time.Location{}}}
		if err := r.expand(context.Background(), p.events); err != nil || len(r.shifts) < 1000 || r.bad.n > 0 {
			b.Fatalf("%v, %d shifts, %v", err, len(r.shifts), r.bad)
		}
		ours += time.Since(began)

		began = time.Now()
		if _, err := ics.ParseCalendar(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		library += time.Since(began)
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ours_ms")
	b.ReportMetric(float64(ours)/float64(library), "ratio_to_library")
}
