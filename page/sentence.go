package page

import (
	"math"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Sentence is the page in one line: what is wrong, value, limit, since, trend,
// owner. Every field is clean text; all but Severity and Name may be empty.
// Subject, Value and Limit are left out of the line where What says them.
type Sentence struct {
	Severity string // PAGE CRIT WARN info ..., "pending" or "RESOLVED"
	Name     string // the alert's
	Subject  string // the service, else the host, namespace or cluster
	What     string // a clause, not ended by a full stop
	Value    string // "now 12.4%", or "was 12.4% at 14:05" when nobody answers
	Limit    string // "limit 5%", "minimum 10%"
	Since    string // "since 14:02 (7 min)", "14:02 to 14:40", "fires in 2 min if it goes on"
	Trend    string // "rising", "falling", "steady"
	Before   string // "fired 3 times in 30 days, usually 20 min"
	Owner    string // "owner payments"
}

// Sentence composes the page's sentence as of now, with times in loc.
func (p Page) Sentence(now time.Time, loc *time.Location) Sentence {
	it := p.Item
	s := Sentence{Severity: it.Severity.Word(), Name: it.Name().String(), Subject: subject(it), What: what(it)}
	switch {
	case p.Over:
		s.Severity = "RESOLVED"
	case it.State == sources.Pending:
		s.Severity = "pending"
	}
	if s.Name == "" {
		s.Name = "alert without a name"
	}
	stale := !p.Over && !p.live(now)
	s.Value, s.Limit = p.numbers(stale, now, loc)
	s.Since = p.since(stale, now, loc)
	if p.Over && s.Value != "" && quantities.MatchString(s.What) {
		s.What = "" // it speaks of the time when it fired, in the present tense
	}
	if t := p.Why.Value.Trend; t != triage.NoTrend && !p.Over && !stale && s.Value != "" {
		s.Trend = string(t)
	}
	s.Before = p.before()
	if o := it.Owner.Words(); o != "" {
		s.Owner = "owner " + o
	}
	return s
}

// oneRun is how long a single run may take to load a page and still quote what
// the board said as current.
const oneRun = time.Minute

// live reports whether the alert's source may be quoted as current at now.
func (p Page) live(now time.Time) bool {
	st := p.AlertsFeed
	f := sources.Feed[struct{}]{Err: st.Err, AsOf: st.AsOf, Every: st.Every}
	if !st.Tried.IsZero() && st.Next.IsZero() { // answered, and not to be asked again
		f.Every = max(f.Every, oneRun/2)
	}
	return f.Live(now)
}

// subject is what the sentence speaks of.
func subject(it triage.Item) string {
	if !it.Service.Name.Empty() {
		return it.Service.Words()
	}
	for _, name := range []string{"instance", "node", "namespace"} {
		if v, ok := it.Labels.Get(name); ok {
			return v.String()
		}
	}
	return safe.Text(it.Cluster)
}

// numbers are the value and the limit in words, empty where they would say
// nothing: no value, an absent() rule, a rule that asks yes or no.
func (p Page) numbers(stale bool, now time.Time, loc *time.Location) (value, limit string) {
	w := p.Why.Value
	v := w.Value
	if !w.Parsed || w.Absent || math.IsNaN(v) || math.IsInf(v, 0) || w.Unit == "timestamp" {
		return "", ""
	}
	switch {
	case w.Op == "" || w.Op == "==" || w.Op == "!=":
		return "", ""
	case !w.HasLimit && w.Unit == "":
		return "", "" // a bare number against another series means nothing to a reader
	case w.HasLimit && (w.Unit == "" || w.Unit == "count") && yesNo(v) && yesNo(w.Limit):
		return "", ""
	case p.Over && len(w.Points) == 0:
		return "", "" // the value is the one it had while it fired
	}
	if text := w.Unit.Format(v); stale {
		value = "was " + text
		if at := p.AlertsFeed.AsOf; !at.IsZero() {
			value += " at " + Clock(at, now, loc)
		}
	} else {
		value = "now " + text
	}
	if !w.HasLimit || w.Limit == 0 || math.IsNaN(w.Limit) || math.IsInf(w.Limit, 0) {
		return value, "" // "more than none" needs no limit
	}
	if strings.HasPrefix(w.Op, "<") {
		return value, "minimum " + w.Unit.Format(w.Limit)
	}
	return value, "limit " + w.Unit.Format(w.Limit)
}

func yesNo(v float64) bool { return v == 0 || v == 1 }

// bare is a value or limit without the words around it.
func bare(s string) string {
	for _, word := range []string{"now ", "was ", "limit ", "minimum "} {
		s = strings.TrimPrefix(s, word)
	}
	s, _, _ = strings.Cut(s, " at ")
	return s
}

// since is when it began, or when it fires, or from when to when it lasted.
func (p Page) since(stale bool, now time.Time, loc *time.Location) string {
	began := p.Onset.Value.At
	switch {
	case p.Over && began.IsZero() && p.Item.ResolvedAt.IsZero():
		return ""
	case p.Over && began.IsZero():
		return "until " + Clock(p.Item.ResolvedAt, now, loc)
	case p.Over && p.Item.ResolvedAt.IsZero():
		return "began " + Clock(began, now, loc)
	case p.Over:
		return Clock(began, p.Item.ResolvedAt, loc) + " to " + Clock(p.Item.ResolvedAt, now, loc)
	case began.IsZero():
		return ""
	case stale:
		return "began " + Clock(began, now, loc)
	case p.Item.State == sources.Pending && p.Why.Value.RuleKnown && !p.Item.ActiveAt.IsZero():
		return "fires in " + In(p.Item.ActiveAt.Add(p.Why.Value.For).Sub(now)) + " if it goes on"
	}
	age := now.Sub(began)
	if age >= 48*time.Hour {
		return "for " + Ago(age)
	}
	return "since " + Clock(began, now, loc) + " (" + Ago(age) + ")"
}
