package page

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// TextOptions are the settings of WriteText and WriteMarkdown. The zero value
// is fine.
type TextOptions struct {
	Now   time.Time      // zero: the moment of the board
	Loc   *time.Location // nil: UTC; Markdown is always in UTC
	Width int            // in cells, for wrapping prose; 0: lines are not wrapped
	// Render draws a runbook's text; nil: its source, made harmless.
	Render func(runbook.Document) string
	// Whole writes the whole runbook instead of the section for this alert.
	Whole bool
}

func (o TextOptions) resolve(p Page) TextOptions {
	if o.Now.IsZero() {
		o.Now = p.At
	}
	if o.Loc == nil {
		o.Loc = time.UTC
	}
	return o
}

// text writes lines and remembers the first error.
type text struct {
	w      io.Writer
	p      Page
	o      TextOptions
	empty  bool // the last line was empty
	others bool // others read it: the user is not "you"
	err    error
}

// WriteText writes the page as plain text that reads from top to bottom, as a
// screen reader does: no columns, no drawing characters, a heading line before
// each section and an empty line after it. Times are in o.Loc, named in
// the second line. It is the first write error.
func WriteText(w io.Writer, p Page, o TextOptions) error {
	t := &text{w: w, p: p, o: o.resolve(p)}
	t.head()
	t.why()
	t.runbook()
	t.changes()
	t.health()
	t.who()
	t.links()
	t.labels()
	return t.err
}

func (t *text) line(format string, args ...any) {
	if t.err != nil {
		return
	}
	s := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	if t.o.Width > 0 {
		s = ansi.Wordwrap(s, t.o.Width, "")
	}
	t.empty = s == ""
	_, t.err = io.WriteString(t.w, s+"\n")
}

// heading begins a section.
func (t *text) heading(format string, args ...any) {
	if !t.empty {
		t.line("")
	}
	t.line(format, args...)
}

func (t *text) clock(at time.Time) string { return Clock(at, t.o.Now, t.o.Loc) }

func (t *text) head() {
	p, o := t.p, t.o
	t.line("%s", p.Sentence(o.Now, o.Loc).Full())
	now := o.Now.In(o.Loc)
	t.line("As of %s, %s.", now.Format("15:04 MST on 2 Jan 2006"), p.stateWords())
	if !p.live(o.Now) && !p.Over {
		t.line("STALE: %s. Newer alerts may be missing.", statusWords(p.AlertsFeed, o))
	}
}

// stateWords are what else is known of the alert in one clause.
func (p Page) stateWords() string {
	words := []string{string(p.Item.State)}
	if p.Over {
		words[0] = "resolved"
	}
	if p.Item.Silenced {
		words = append(words, "silenced")
	}
	if p.Item.Inhibited {
		words = append(words, "inhibited")
	}
	if p.Item.OnlyAM {
		words = append(words, "told by Alertmanager only")
	}
	if n := len(p.Group.Items); n > 1 {
		words = append(words, fmt.Sprintf("one of %d alike", n))
	}
	if p.Item.Cluster != "" {
		words = append(words, "cluster "+safe.Text(p.Item.Cluster))
	}
	return strings.Join(words, ", ")
}

// trouble says that a part is missing or old; true when nothing is there.
func trouble[T any](t *text, s Slot[T]) bool {
	switch s.State {
	case Waiting, "":
		t.line("Not loaded.")
		return true
	case Failed:
		t.line("FAILED: %s", safe.Err(s.Err))
		return true
	case Stale:
		t.line("STALE, as of %s: %s", t.clock(s.AsOf), safe.Err(s.Err))
	}
	return false
}

func (t *text) why() {
	w, on := t.p.Why.Value, t.p.Onset.Value
	t.heading("Why is it firing?")
	trouble(t, t.p.Why)
	for _, line := range t.whyLines() {
		t.line("%s", line)
	}
	if !on.At.IsZero() {
		t.line("Began: %s.%s", t.clock(on.At), sentence(on.Note))
	}
	if t.p.Onset.State == Failed || t.p.Onset.State == Stale {
		t.line("The beginning could not be measured: %s", safe.Err(t.p.Onset.Err))
	}
	if words := HistoryWords(t.p, t.o.Now, t.o.Loc); words != nil {
		t.line("Before: %s", strings.Join(words, "; "))
	}
	if !w.RuleError.Empty() {
		t.line("The rule has an error: %s", w.RuleError)
	}
	if d := t.p.Item.Annotations.Value("description"); !d.Empty() && d != t.p.Item.Annotations.Value("summary") {
		t.line("Description: %s", strings.TrimSpace(d.Lines()))
	}
}

// whyLines say what the rule measures, its limit and its value now.
func (t *text) whyLines() []string {
	w := t.p.Why.Value
	if !w.RuleKnown {
		return []string{"The rule of this alert is not known."}
	}
	var out []string
	if words := WhyWords(t.p, t.o.Now, t.o.Loc); words != "" {
		out = append(out, words)
	}
	lasting := ""
	if w.For > 0 {
		lasting = ", for " + Lasting(w.For)
	}
	measured := safe.Text(w.Measured)
	switch {
	case !w.Parsed:
		out = append(out, "Its rule: "+w.Query.String())
	case w.Absent:
		out = append(out, "It fires when there is no data of this"+lasting+": "+measured)
	case w.Op != "" && w.HasLimit:
		out = append(out, "Measured: "+measured, "Fires when that is "+opWords(w.Op)+" "+w.Unit.Format(w.Limit)+lasting+".")
	case w.Op != "":
		out = append(out, "Measured: "+measured, "Fires when that is "+opWords(w.Op)+" this"+lasting+": "+safe.Text(w.LimitText))
	default:
		out = append(out, "It fires when this gives anything"+lasting+": "+measured)
	}
	if recorded := RecordedWords(w); recorded != "" {
		out = append(out, recorded)
	}
	if w.Rest != "" {
		out = append(out, "Further conditions: "+safe.Text(w.Rest))
	}
	if w.Parsed && !w.Absent && !math.IsNaN(w.Value) {
		now := "Value: " + w.Unit.Format(w.Value)
		if at := t.p.AlertsFeed.AsOf; t.p.Why.AsOf.IsZero() && !at.IsZero() && !t.p.live(t.o.Now) {
			now += " at " + t.clock(at)
		}
		if w.Trend != triage.NoTrend {
			now += ", " + string(w.Trend)
		}
		out = append(out, now+".")
	}
	if at := PointsAtWords(t.p); at != "" {
		out = append(out, "Points at: "+at)
	}
	return out
}

func opWords(op string) string {
	switch op {
	case ">":
		return "above"
	case ">=":
		return "at least"
	case "<":
		return "below"
	case "<=":
		return "at most"
	case "==":
		return "equal to"
	case "!=":
		return "other than"
	}
	return op
}

// sentence is a note as a sentence of its own after another; empty stays so.
func sentence(note string) string {
	note = safe.Text(note)
	if note == "" {
		return ""
	}
	return " " + strings.TrimRight(note, ".") + "."
}

func (t *text) changes() {
	r := t.p.Ranking
	t.heading("What changed?")
	for _, s := range t.p.top() {
		t.line("%s: %s, %s, %s.%s", s.Verdict, t.clock(s.StartedAt), TitleWithDiff(s.Change), Before(s), sentence(s.Reason))
	}
	if more := len(r.Suspects) - TopSuspects; more > 0 {
		t.line("%d others.", more)
	}
	if note := t.p.diffsNote(); note != "" {
		t.line("Not every change's commits are known: %s", note)
	}
	t.line("%s", foundWords(r))
	if r.Last != nil && !slices.ContainsFunc(t.p.top(), func(s triage.Suspect) bool { return s.ID == r.Last.ID && s.Source == r.Last.Source }) {
		t.line("Last change of the service: %s, %s.", t.clock(r.Last.StartedAt), TitleWithDiff(*r.Last))
	}
	if words := LastWords(t.p); words != "" {
		t.line("%s", words)
	}
	if r.BaseRate != "" {
		t.line("%s", strings.TrimSpace(sentence(r.BaseRate)))
	}
	if len(r.Asked) > 0 {
		t.line("Asked: %s.", t.sources(r.Asked))
	}
	if len(r.Failed) > 0 {
		t.line("NOT ASKED: %s.", t.sources(r.Failed))
	}
	if unseen := UnseenWords(r); unseen != "" {
		t.line("%s", unseen)
	}
}

func (t *text) sources(sts []sources.Status) string {
	var words []string
	for _, st := range sts {
		words = append(words, statusWords(st, t.o))
	}
	return strings.Join(words, "; ")
}

func (t *text) labels() {
	t.heading("Labels")
	for _, l := range t.p.Item.Labels {
		t.line("%s: %s", l.Name, l.Value)
	}
}
