package page

import (
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/triage"
)

func (t *text) health() {
	h := t.p.Health.Value
	if h.Service.Empty() {
		t.heading("Health")
	} else {
		t.heading("Health of %s", h.Service)
	}
	if trouble(t, t.p.Health) {
		return
	}
	if h.Note != "" {
		t.line("%s", safe.Text(h.Note))
	}
	if len(h.Signals) > 0 {
		t.line("%s", verdictLine(h))
	}
	for _, line := range append(signalLines(h), versionLines(t.p.Evidence.Value)...) {
		t.line("%s", line)
	}
	if calls := CallsWords(t.p.Callees.Value); calls != "" {
		t.line("%s", calls)
	}
}

// verdictLine is how the service does, as a sentence.
func verdictLine(h triage.Health) string {
	switch c, _ := triage.ConditionOf(h); c {
	case triage.ServiceUsual:
		return "Nothing is worse than an hour ago."
	case triage.ServiceUnknown:
		return "Whether that is worse than an hour ago is not known."
	case triage.ServiceEasing:
		return "Worse than an hour ago, past its worst: " + h.Verdict() + "."
	case triage.ServiceDown:
		return "Down: " + h.Verdict() + "."
	default:
		return "Worse than an hour ago: " + h.Verdict() + "."
	}
}

// CallsWords is how the services do that are called, in one line: "calls:
// payments ok, cart errors up"; empty: none are known.
func CallsWords(cs []triage.Callee) string {
	var parts []string
	for _, c := range cs {
		parts = append(parts, c.Name.String()+" "+c.Words())
	}
	if len(parts) == 0 {
		return ""
	}
	return "calls: " + strings.Join(parts, ", ")
}

// versionLines are the errors by version in words, when there is more than one.
func versionLines(e triage.Evidence) []string {
	if len(e.Versions) < 2 {
		return nil
	}
	var out []string
	for _, v := range e.Versions {
		line := "errors of version " + v.Version.String() + ": "
		if v.Current {
			line += triage.Ratio.Format(v.Now()) + " now"
		} else {
			line += triage.Ratio.Format(v.Ratio()) + " until it was gone"
		}
		out = append(out, line)
	}
	return out
}

// signalLines are the golden signals in words, the instances with how many
// there are.
func signalLines(h triage.Health) []string {
	var out []string
	counted := h.Instances == ""
	for _, s := range h.Signals {
		line := signalLine(s)
		if s.Name == "instances" && !counted && s.Err == nil && s.HasNow {
			line = strings.Replace(line, s.Unit.Format(s.Now)+" now", h.Instances+" now", 1)
			counted = true
		}
		out = append(out, line)
	}
	if !counted {
		out = append(out, "instances: "+h.Instances+" now")
	}
	return out
}

// signalLine is a golden signal in words: "errors: 12.4% now, 0.1% an hour
// ago, up".
func signalLine(s triage.Signal) string {
	name := s.Title
	if name == "" {
		name = s.Name
	}
	if s.Err != nil {
		return name + ": FAILED: " + safe.Err(s.Err)
	}
	line := name + ": no value now"
	if s.HasNow {
		line = name + ": " + s.Unit.Format(s.Now) + " now"
	}
	if s.HasBefore {
		line += ", " + s.Unit.Format(s.Before) + " an hour ago"
	} else {
		line += ", no value an hour ago"
	}
	if s.HasDay {
		line += ", " + s.Unit.Format(s.Day) + " a day ago"
	}
	switch s.Verdict {
	case "":
	case triage.Usual:
		line += ", usual for this hour"
	default:
		line += ", " + s.Verdict
	}
	return line
}
