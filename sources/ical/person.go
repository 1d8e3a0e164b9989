package ical

import (
	"regexp"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// maxPeople is how many people one event can put on call.
const maxPeople = 10

// people are those whom an event puts on call, each once: its attendees by their
// names, else whom its summary names, else its attendees by their addresses.
// Rooms and those who declined are none.
func people(c *component) []person {
	var named []person
	var mails []safe.Value
	for _, l := range c.all("ATTENDEE") {
		kind := strings.ToUpper(l.param("CUTYPE"))
		if kind == "ROOM" || kind == "RESOURCE" || strings.EqualFold(l.param("PARTSTAT"), "DECLINED") || len(mails) == maxPeople {
			continue
		}
		mail := mailOf(l.value)
		mails = append(mails, mail)
		if cn := plain(l.param("CN")); cn != "" && !strings.Contains(cn, "@") {
			named = append(named, person{safe.Outside(cn), mail})
		}
	}
	if len(named) > 0 {
		return named
	}
	if name := fromSummary(plain(c.text("SUMMARY"))); name != "" {
		p := person{name: safe.Outside(name)}
		switch {
		case strings.Contains(name, "@") && !strings.Contains(name, " "):
			p.mail = p.name
		case len(mails) == 1:
			p.mail = mails[0]
		}
		return []person{p}
	}
	var out []person
	for _, m := range mails {
		if !m.Empty() {
			out = append(out, person{m, m})
		}
	}
	return out
}

// mailOf is the address of an attendee, which PagerDuty writes without mailto:;
// empty: it is of another kind.
func mailOf(v string) safe.Value {
	if len(v) > 7 && strings.EqualFold(v[:7], "mailto:") {
		v = v[7:]
	}
	if v = strings.TrimSpace(v); strings.Contains(v, "@") && !strings.ContainsAny(v, ":/ ") {
		return safe.Outside(v)
	}
	return safe.Value{}
}

var (
	// level is Grafana OnCall's "[L1] " before a name.
	level = regexp.MustCompile(`^\[L\d\]\s*`)
	// before and behind are what stands around a name: "On Call - NAME - SCHEDULE"
	// (PagerDuty), "NAME is on call", "NAME - On-Call", "NAME (on call)".
	before = regexp.MustCompile(`(?i)^on[ -]?call\s*(?:[-:–]|\bis\b)\s*`)
	behind = regexp.MustCompile(`(?i)\s*(?:[-:–]\s*|\(|\bis\s+|\s)on[ -]?call\)?(?:\s+(?:for|[-–])\s.*)?$`)
	only   = regexp.MustCompile(`(?i)^\s*on[ -]?call\s*$`)
)

// fromSummary is the person that a summary names; empty: it names none.
func fromSummary(s string) string {
	s = level.ReplaceAllString(s, "")
	if only.MatchString(s) {
		return ""
	}
	if loc := before.FindStringIndex(s); loc != nil {
		name, _, _ := strings.Cut(s[loc[1]:], " - ") // the schedule's name follows
		return strings.TrimSpace(name)
	}
	return strings.TrimSpace(behind.ReplaceAllString(s, ""))
}
