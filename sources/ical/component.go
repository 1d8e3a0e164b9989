package ical

import "fmt"

// component is one BEGIN ... END of a calendar.
type component struct {
	kind  string // VEVENT
	at    int    // line of its BEGIN
	lines []line
	parts []*component
}

// text is the value of the first property of a name; empty: there is none.
func (c *component) text(name string) string {
	for _, l := range c.lines {
		if l.name == name {
			return l.value
		}
	}
	return ""
}

// first is the first property of a name.
func (c *component) first(name string) (line, bool) {
	for _, l := range c.lines {
		if l.name == name {
			return l, true
		}
	}
	return line{}, false
}

// all are the properties of a name.
func (c *component) all(name string) []line {
	var out []line
	for _, l := range c.lines {
		if l.name == name {
			out = append(out, l)
		}
	}
	return out
}

// maxDepth is how deep components are followed: an observance in a zone in a
// calendar is three.
const maxDepth = 8

// wanted are the properties that are kept of events and zones. The others, long
// descriptions among them, are read and dropped.
var wanted = map[string]bool{
	"UID": true, "DTSTART": true, "DTEND": true, "DURATION": true, "RRULE": true, "RDATE": true, "EXDATE": true,
	"RECURRENCE-ID": true, "SEQUENCE": true, "STATUS": true, "SUMMARY": true, "ATTENDEE": true,
	"TZID": true, "TZOFFSETFROM": true, "TZOFFSETTO": true, "X-LIC-LOCATION": true, "X-WR-TIMEZONE": true,
}

// parsed is what a text gave.
type parsed struct {
	calendars int
	zone      string // X-WR-TIMEZONE
	zones     map[string]*component
	events    []*component
	open      bool // the text ended within a calendar
	lines     int
	bad       troubles
}

// troubles are what could not be read: all are counted, the first named.
type troubles struct {
	n   int
	why []string // "line 7: no value"
}

// maxNoted is how many of them are named.
const maxNoted = 3

func (t *troubles) add(at int, err error) {
	t.n++
	if len(t.why) < maxNoted {
		t.why = append(t.why, fmt.Sprintf("line %d: %v", at, err))
	}
}

// parse reads a text into components. It never fails: a text in which no
// calendar begins gives none.
func parse(text string) *parsed {
	p := &parsed{zones: map[string]*component{}}
	var stack []*component
	unfold(text, func(at int, s string) {
		p.lines = at
		l, err := parseLine(at, s)
		switch {
		case err != nil:
			p.bad.add(at, err)
		case l.name == "BEGIN":
			stack = p.begin(stack, l)
		case l.name == "END":
			stack = p.end(stack, l)
		case len(stack) == 0:
			p.bad.add(at, fmt.Errorf("%s stands in no calendar", excerpt(l.name)))
		case wanted[l.name]:
			c := stack[len(stack)-1]
			c.lines = append(c.lines, l)
		}
	})
	p.open = len(stack) > 0
	if p.open { // cut off: the events that are whole count
		p.close(stack[:1])
	}
	return p
}

func (p *parsed) begin(stack []*component, l line) []*component {
	if len(stack) == maxDepth {
		p.bad.add(l.at, fmt.Errorf("nested deeper than %d", maxDepth))
		return stack
	}
	return append(stack, &component{kind: l.value, at: l.at})
}

// end closes the component of that kind, and those in it that were not closed.
func (p *parsed) end(stack []*component, l line) []*component {
	for i := len(stack) - 1; i >= 0; i-- {
		if stack[i].kind != l.value {
			continue
		}
		for len(stack) > i+1 {
			p.bad.add(stack[len(stack)-1].at, fmt.Errorf("%s does not end", excerpt(stack[len(stack)-1].kind)))
			stack = p.close(stack)
		}
		return p.close(stack)
	}
	p.bad.add(l.at, fmt.Errorf("an end of %s, which has not begun", excerpt(l.value)))
	return stack
}

func (p *parsed) close(stack []*component) []*component {
	c := stack[len(stack)-1]
	stack = stack[:len(stack)-1]
	switch c.kind {
	case "VCALENDAR":
		p.calendars++
		if p.zone == "" {
			p.zone = c.text("X-WR-TIMEZONE")
		}
	case "VEVENT":
		p.events = append(p.events, c)
	case "VTIMEZONE":
		p.zones[c.text("TZID")] = c
	case "STANDARD", "DAYLIGHT":
		if len(stack) > 0 {
			up := stack[len(stack)-1]
			up.parts = append(up.parts, c)
		}
	}
	return stack
}
