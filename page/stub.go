package page

import (
	"strings"

	"github.com/firstpage-oncall/firstpage/triage"
)

// StubText begins a runbook for the page's alert in Markdown: what is known of
// the alert, and the questions that somebody who is called has. It is clean and
// ends with a line feed.
func StubText(p Page) string {
	it := p.Item
	var b strings.Builder
	b.WriteString("# " + it.Name().String() + "\n")
	if s := it.Annotations.Value("summary"); !s.Empty() && !strings.Contains(s.String(), "{{") {
		b.WriteString("\nWhen this was begun, the alert said: " + s.String() + "\n")
	}
	b.WriteString("\nWhat do customers notice? Who has to know?\n")
	if q := p.Why.Value.Query; !q.Empty() {
		b.WriteString("\n## What it measures\n\n" + fenced("promql", strings.TrimSpace(q.Lines())))
	}
	b.WriteString("\n## Steps\n\n- [ ] Is it real? Where to look first:\n\n- [ ] What helps, with its command:\n")
	b.WriteString("\n## If that does not help\n\n")
	owner := triage.Unguessed(it).Owner.Name.String()
	if owner == "" {
		owner = "whoever knows this service"
	}
	b.WriteString("- [ ] Call " + owner + ". That is the expected step, not a failure.\n")
	return b.String()
}

// fenced is a block of code whose fence no line of it can end.
func fenced(lang, code string) string {
	fence := "```"
	for strings.Contains(code, fence) {
		fence += "`"
	}
	return fence + lang + "\n" + code + "\n" + fence + "\n"
}
