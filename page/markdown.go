package page

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// WriteMarkdown writes the page for a chat or an issue, with times in UTC.
// Text from outside cannot make a link, an image, a mention or markup: names
// and queries are code, prose is escaped word by word. The two addresses that
// are meant to be followed (the runbook's link, a change's page) are written
// out in full where they are plain http links. The runbook's text is not in
// it, only where it is. It is the first write error.
func WriteMarkdown(w io.Writer, p Page, o TextOptions) error {
	o = o.resolve(p)
	o.Loc, o.Width = time.UTC, 0
	m := &markdown{text{w: w, p: p, o: o, others: true}}
	m.head()
	m.why()
	m.runbook()
	m.changes()
	m.health()
	m.who()
	m.links()
	return m.err
}

type markdown struct{ text }

func (m *markdown) head() {
	s := m.p.Sentence(m.o.Now, m.o.Loc)
	m.line("## %s %s", escape(s.Severity), code(s.Name))
	m.line("")
	s.Severity, s.Name = "", ""
	m.line("%s", escape(strings.TrimSpace(s.Full())))
	m.line("")
	m.line("As of %s UTC: %s.", m.o.Now.UTC().Format("2006-01-02 15:04"), escape(m.p.stateWords()))
	if !m.p.live(m.o.Now) && !m.p.Over {
		m.line("")
		m.line("**Stale**: %s.", escape(statusWords(m.p.AlertsFeed, m.o)))
	}
}

// clock is a moment with its date, for readers of another day.
func (m *markdown) clock(at time.Time) string {
	if at.IsZero() {
		return "unknown"
	}
	return at.UTC().Format("2006-01-02 15:04") + " UTC"
}

func (m *markdown) heading(title string) {
	m.line("")
	m.line("### %s", title)
	m.line("")
}

// flaw is a list item about a part that is missing or old; true when nothing
// is there.
func flaw[T any](m *markdown, s Slot[T]) bool {
	switch s.State {
	case Waiting, "":
		m.line("- Not loaded.")
		return true
	case Failed:
		m.line("- **Failed**: %s", escape(safe.Err(s.Err)))
		return true
	case Stale:
		m.line("- **Stale**, as of %s: %s", m.clock(s.AsOf), escape(safe.Err(s.Err)))
	}
	return false
}

func (m *markdown) why() {
	m.heading("Why is it firing?")
	flaw(m, m.p.Why)
	for i, line := range m.whyLines() {
		if i == 0 && WhyWords(m.p, m.o.Now, m.o.Loc) != "" { // the sentence
			m.line("- %s", escape(line))
			continue
		}
		label, rest, ok := strings.Cut(line, ": ")
		if ok && !strings.HasPrefix(line, "Value") {
			m.line("- %s: %s", label, code(rest))
			continue
		}
		m.line("- %s", escape(line))
	}
	if on := m.p.Onset.Value; !on.At.IsZero() {
		m.line("- Began %s.%s", m.clock(on.At), escape(sentence(on.Note)))
	}
	if words := HistoryWords(m.p, m.o.Now, m.o.Loc); words != nil {
		m.line("- Before: %s", escape(strings.Join(words, "; ")))
	}
}

func (m *markdown) runbook() {
	rb := m.p.Runbook.Value
	m.heading("Runbook")
	if m.p.Runbook.State != Absent && flaw(m, m.p.Runbook) {
		m.link(rb.Ref.Link)
		return
	}
	if rb.Doc.Empty() {
		m.line("- Not found. %s", ReasonWords(rb.Reason))
		m.link(rb.Ref.Link)
		return
	}
	m.line("- %s in %s, %s", code(runbookTitle(rb)), code(runbookPlace(rb)), viaWords(rb.Doc.Where.Via))
	m.link(rb.Ref.Link)
}

// runbookPlace is the path inside the checkout, which others have too.
func runbookPlace(rb Runbook) string {
	w := rb.Doc.Where
	place := w.Rel
	if place == "" {
		place = w.Path
	}
	if place == "" {
		return safe.Text(w.URL)
	}
	return safe.Text(fmt.Sprintf("%s:%d", place, max(rb.Pos.Line, 1)))
}

func (m *markdown) link(v safe.Value) {
	if !v.Empty() {
		m.line("- Link: %s", address(safe.Outside(triage.Readable(v))))
	}
}

func (m *markdown) changes() {
	r := m.p.Ranking
	m.heading("What changed?")
	for _, s := range m.p.top() {
		m.line("- **%s** %s, %s, %s.%s", s.Verdict, m.clock(s.StartedAt), code(TitleWithDiff(s.Change)), Before(s), escape(sentence(s.Reason)))
		if !s.URL.Empty() {
			m.line("  %s", address(s.URL))
		}
		if s.Diff != nil && !s.Diff.CompareURL.Empty() && s.Diff.CompareURL != s.URL {
			m.line("  %s", address(s.Diff.CompareURL))
		}
	}
	if more := len(r.Suspects) - TopSuspects; more > 0 {
		m.line("- %d others", more)
	}
	if note := m.p.diffsNote(); note != "" {
		m.line("- Not every change's commits are known: %s", escape(note))
	}
	m.line("")
	m.line("%s%s", foundWords(r), escape(sentence(r.BaseRate)))
	m.asked("Asked", r.Asked)
	m.asked("**Not asked**", r.Failed)
	if unseen := UnseenWords(r); unseen != "" {
		m.line("")
		m.line("%s", unseen)
	}
}

func (m *markdown) asked(label string, sts []sources.Status) {
	if len(sts) > 0 {
		m.line("")
		m.line("%s: %s.", label, escape(m.sources(sts)))
	}
}

func (m *markdown) health() {
	h := m.p.Health.Value
	m.heading("Health")
	if flaw(m, m.p.Health) {
		return
	}
	if h.Note != "" {
		m.line("- %s", escape(h.Note))
	}
	if len(h.Signals) > 0 {
		m.line("- %s", escape(verdictLine(h)))
	}
	for _, line := range append(signalLines(h), versionLines(m.p.Evidence.Value)...) {
		m.line("- %s", escape(line))
	}
	if calls := CallsWords(m.p.Callees.Value); calls != "" {
		m.line("- %s", escape(calls))
	}
}

func (m *markdown) who() {
	m.heading("Who")
	for _, line := range m.whoLines(m.clock) {
		m.line("- %s", escape(line))
	}
}

// code is text as a code span: nothing in it is markup, a link or a mention.
// The fence is longer than any run of backticks inside.
func code(s string) string {
	if s == "" {
		return "(none)"
	}
	longest, run := 0, 0
	for _, r := range s {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// escape is prose from outside: a word that a forge or a chat would turn into
// a link, a mention or a reference becomes code, every character that is
// markup gets a backslash.
func escape(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if active(w) {
			bare := strings.TrimRight(w, ",.;:!?")
			words[i] = code(bare) + w[len(bare):]
			continue
		}
		words[i] = backslash(w)
	}
	return strings.Join(words, " ")
}

// active reports whether a word does something by itself: an address, a
// mention, a reference to an issue or a commit.
func active(w string) bool {
	lower := strings.ToLower(w)
	return strings.ContainsAny(w, "@") || strings.Contains(w, "://") || strings.Contains(lower, "www.") ||
		strings.Contains(lower, "mailto:") || strings.Contains(w, "](") || strings.Contains(w, "<!") ||
		strings.Contains(w, "#") || strings.HasPrefix(lower, "gh-")
}

func backslash(w string) string {
	const special = "\\`*_{}[]<>|~&$"
	if !strings.ContainsAny(w, special) {
		return w
	}
	var b strings.Builder
	for _, r := range w {
		if r < 0x80 && strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// address is a link that shows in full where it leads, if it is a plain http
// one without credentials; else code.
func address(v safe.Value) string {
	s := v.String()
	u, err := url.Parse(s)
	plain := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		!strings.ContainsAny(s, " <>\"`\\") && strings.IndexFunc(s, func(r rune) bool { return r <= 0x20 || r >= 0x7f }) < 0
	if !plain {
		return code(s)
	}
	return "<" + s + ">"
}
