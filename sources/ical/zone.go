package ical

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a machine without a zone database must not move a hand-over

	"github.com/teambition/rrule-go"
)

// zones finds the time zones that one calendar names.
type zones struct {
	own      map[string]*component // VTIMEZONE by TZID
	floating *time.Location        // of times that name no zone
	until    time.Time             // how far rules of a zone are followed
	known    map[string]*time.Location
	unknown  []string // names that say nothing, in the order met
}

// find is the zone of a TZID. A name that says nothing stands for the zone of
// floating times, and is remembered.
func (z *zones) find(id string) *time.Location {
	if id == "" {
		return z.floating
	}
	if loc, ok := z.known[id]; ok {
		return loc
	}
	loc := named(id)
	if own := z.own[id]; loc == nil && own != nil {
		if loc = named(own.text("X-LIC-LOCATION")); loc == nil {
			loc = z.built(own)
		}
	}
	if loc == nil {
		loc = z.floating
		z.unknown = append(z.unknown, id)
	}
	z.known[id] = loc
	return loc
}

// named is the zone of an IANA name, which may stand behind a prefix
// (/freeassociation.sourceforge.net/Europe/Berlin), or of a Windows name; nil:
// it is neither.
func named(id string) *time.Location {
	id = strings.Trim(id, `"/ `)
	if w, ok := windowsZones[id]; ok {
		id = w
	}
	for id != "" && len(id) < 100 {
		if id != "Local" {
			if loc, err := time.LoadLocation(id); err == nil {
				return loc
			}
		}
		_, id, _ = strings.Cut(id, "/")
	}
	return nil
}

// turn is one change of a zone's offset.
type turn struct {
	at       time.Time
	from, to int // seconds east of UTC
}

// maxTurns bounds what the rules of one zone give: two a year are usual.
const maxTurns = 2000

// built makes a zone from the calendar's own rules; nil: they cannot be read.
func (z *zones) built(c *component) *time.Location {
	var turns []turn
	for _, o := range c.parts {
		from, err := offset(o.text("TZOFFSETFROM"))
		if err != nil {
			return nil
		}
		to, err := offset(o.text("TZOFFSETTO"))
		if err != nil {
			return nil
		}
		for _, at := range z.onsets(o) {
			turns = append(turns, turn{at.Add(-time.Duration(from) * time.Second), from, to})
		}
	}
	if len(turns) == 0 || len(turns) > maxTurns {
		return nil
	}
	slices.SortFunc(turns, func(a, b turn) int { return a.at.Compare(b.at) })
	loc, err := time.LoadLocationFromTZData(c.text("TZID"), tzif(turns))
	if err != nil {
		return nil
	}
	return loc
}

// onsets are the moments at which an observance begins, as if its wall clock
// were UTC.
func (z *zones) onsets(o *component) []time.Time {
	wall := func(s string) (time.Time, bool) {
		t, err := time.Parse(layoutTime, strings.TrimSuffix(s, "Z"))
		return t, err == nil
	}
	start, ok := wall(o.text("DTSTART"))
	if !ok {
		return nil
	}
	out := []time.Time{start}
	for _, l := range o.all("RDATE") {
		for s := range strings.SplitSeq(l.value, ",") {
			if t, ok := wall(s); ok {
				out = append(out, t)
			}
		}
	}
	if rule := o.text("RRULE"); rule != "" {
		opt, err := rrule.StrToROptionInLocation(rule, time.UTC)
		if err != nil || opt.Freq != rrule.YEARLY {
			return out
		}
		if start.Year() < 1970 { // Outlook begins in 1601
			start = time.Date(1970, start.Month(), start.Day(), start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
		}
		if opt.Dtstart = start; opt.Until.IsZero() || opt.Until.After(z.until) {
			opt.Until = z.until
		}
		if r, err := rrule.NewRRule(*opt); err == nil {
			next := r.Iterator()
			for t, ok := next(); ok && len(out) < maxTurns; t, ok = next() {
				out = append(out, t)
			}
		}
	}
	return out
}

// offset reads +0100 or -053000, in seconds.
func offset(s string) (int, error) {
	var h, m, sec int
	if len(s) != 5 && len(s) != 7 || s[0] != '+' && s[0] != '-' {
		return 0, fmt.Errorf("not an offset from UTC: %s", excerpt(s))
	}
	if _, err := fmt.Sscanf((s[1:] + "00")[:6], "%2d%2d%2d", &h, &m, &sec); err != nil || h > 24 || m > 59 || sec > 59 {
		return 0, fmt.Errorf("not an offset from UTC: %s", excerpt(s))
	}
	n := h*3600 + m*60 + sec
	if s[0] == '-' {
		n = -n
	}
	return n, nil
}

// tzif writes the turns as a time zone file (RFC 8536, version 2), which is how
// the standard library takes a zone from outside. Before the first turn its
// earlier offset holds, after the last its later one.
func tzif(turns []turn) []byte {
	offsets := []int{turns[0].from}
	for _, t := range turns {
		if !slices.Contains(offsets, t.to) {
			offsets = append(offsets, t.to)
		}
	}
	header := func(times, types, chars int) []byte {
		b := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []int{0, 0, 0, times, types, chars} {
			b = binary.BigEndian.AppendUint32(b, uint32(n)) //nolint:gosec // counts are small
		}
		return b
	}
	b := header(0, 0, 0) // what a reader of version 1 would get
	b = append(b, header(len(turns), len(offsets), 1)...)
	for _, t := range turns {
		b = binary.BigEndian.AppendUint64(b, uint64(t.at.Unix())) //nolint:gosec // two's complement is meant
	}
	for _, t := range turns {
		b = append(b, byte(slices.Index(offsets, t.to))) //nolint:gosec // see maxOffsets
	}
	for _, o := range offsets {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(o))) //nolint:gosec // within a day
		b = append(b, 0, 0)
	}
	return append(b, 0, '\n', '\n')
}
