package why

import (
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

const (
	// nameWidth is the column of the names on the left, in cells.
	nameWidth = 12
	// maxQuery is how many rows of the query stand among the facts; enter shows
	// the whole rule.
	maxQuery = 3
	// maxTop is how many rows of the team's own words stand above the graph at
	// least; beyond, and beyond a quarter of the pane, the rest goes below.
	maxTop = 3
)

// drawing lays out one page.
type drawing struct {
	*Model
	p   page.Page
	now time.Time
	loc *time.Location
}

// top is the sentence and what the team wrote for this moment, as far as that is
// short; below is what it wrote beyond that.
func (d drawing) top() (top, below []string) {
	if text := page.WhyWords(d.p, d.now, d.loc); text != "" {
		top = append(frame.Wrap(text, d.Width()), "")
	}
	own, seen := len(top), ""
	for _, n := range []string{"summary", "title", "message", "description"} {
		v, ok := d.p.Item.Annotations.Get(n)
		if !ok || v.String() == seen {
			continue
		}
		seen = v.String()
		text := strings.TrimSpace(v.Lines())
		if rows := frame.Wrap(text, d.Width()); len(top)-own+len(rows) <= max(maxTop, d.Height()/4) {
			top = append(top, rows...)
			continue
		}
		below = append(below, d.fact("Team wrote", text)...)
	}
	if len(top) > own {
		top = append(top, "")
	}
	return top, below
}

// facts are what is known besides the graph, the most telling first.
func (d drawing) facts() []string {
	p, w := d.p, d.p.Why.Value
	if p.Over { // the trend is that of the time when it fired
		w.Trend = triage.NoTrend
	}
	var rows []string
	add := func(name, text string) {
		if text != "" {
			rows = append(rows, d.fact(name, text)...)
		}
	}
	add("Points at", page.PointsAtWords(p))
	if page.WhyWords(p, d.now, d.loc) == "" {
		for _, f := range plainFacts(w) {
			add(f[0], f[1])
		}
	}
	if o := p.Onset.Value; !o.At.IsZero() {
		add("Began", page.Clock(o.At, d.now, d.loc)+". "+o.Note)
	}
	for i, line := range page.HistoryWords(p, d.now, d.loc) {
		add([]string{"Before", ""}[min(i, 1)], line)
	}
	if h := w.RuleHealth.String(); h != "" && h != "ok" {
		add("Trouble", "the rule's evaluation is "+h+": "+w.RuleError.String())
	}
	switch {
	case p.Why.Err != nil && len(w.Points) > 0:
		add("Graph", "as of "+page.Clock(p.Why.AsOf, d.now, d.loc)+": "+safe.Err(p.Why.Err))
	case p.Why.Err != nil:
		add("Graph", "none: "+safe.Err(p.Why.Err))
	}
	add("Labels", p.Item.Labels.Minus(w.Culprits).Without("alertname").Words("  "))
	rows = append(rows, d.query(w)...)
	add("", page.RecordedWords(w))
	return rows
}

// plainFacts stand for the sentence where there is none.
func plainFacts(w triage.Why) [][2]string {
	var out [][2]string
	switch {
	case w.Absent:
		out = append(out, [2]string{"Measured", "whether any data exists: " + safe.Text(w.Measured)}, [2]string{"Fires", "because there is none"})
	case w.Parsed && w.HasLimit:
		out = append(out, [2]string{"Now", w.Unit.Format(w.Value) + ", limit " + w.Op + " " + w.Unit.Format(w.Limit) + trend(w.Trend)})
	case w.Parsed && w.LimitText != "":
		out = append(out, [2]string{"Now", w.Unit.Format(w.Value) + ", limit " + w.Op + " " + safe.Text(w.LimitText) + trend(w.Trend)})
	case !w.RuleKnown:
		out = append(out, [2]string{"Rule", "not known: the server did not list its rules"})
	}
	if w.For > 0 {
		out = append(out, [2]string{"Fires", "after it has held for " + page.Lasting(w.For)})
	}
	return out
}

func trend(t triage.Trend) string {
	if t == triage.NoTrend {
		return ""
	}
	return ", " + string(t)
}

// query is the beginning of the rule's query.
func (d drawing) query(w triage.Why) []string {
	q := w.Query.String()
	if q == "" {
		return nil
	}
	rows := frame.WrapCode(strings.Join(strings.Fields(q), " "), max(1, d.Width()-nameWidth))
	if len(rows) > maxQuery {
		rows = rows[:maxQuery]
		rows[maxQuery-1] = frame.Cut(rows[maxQuery-1]+frame.Ellipsis, max(1, d.Width()-nameWidth))
	}
	for i, r := range rows {
		name := ""
		if i == 0 {
			name = "Query"
		}
		rows[i] = d.theme.Muted.Paint(frame.Pad(name, nameWidth)) + r
	}
	return rows
}

// wholeRule is the rule as its file has it.
func (d drawing) wholeRule() []string {
	rule := d.p.Item.Rule
	if rule == nil {
		return frame.Wrap("The rule of this alert is not known: the server did not list its rules, or several fit. (esc: back)", d.Width())
	}
	rows := []string{d.theme.Bold.Paint(frame.Cut(rule.Name.String(), d.Width())), ""}
	for _, line := range strings.Split(triage.Pretty(rule.Query).Lines(), "\n") {
		in := len(line) - len(strings.TrimLeft(line, " "))
		in = min(in, d.Width()/2)
		for _, r := range frame.WrapCode(strings.TrimLeft(line, " "), max(1, d.Width()-in)) {
			rows = append(rows, frame.Blank(in)+r)
		}
	}
	rows = append(rows, "")
	add := func(name, text string) {
		if text != "" {
			rows = append(rows, d.fact(name, text)...)
		}
	}
	if rule.For > 0 {
		add("For", page.Lasting(rule.For))
	}
	if rule.KeepFiringFor > 0 {
		add("Keeps on", page.Lasting(rule.KeepFiringFor)+" after it has stopped")
	}
	for _, l := range rule.Labels {
		add("Label", words(l))
	}
	for _, l := range rule.Annotations {
		add("Annotation", words(l))
	}
	if g, ok := d.p.RuleGroup(); ok {
		add("Group", g.Name.String())
		add("File", g.File.String())
		if g.Interval > 0 {
			add("Evaluated", "every "+page.Lasting(g.Interval)+", last at "+page.Clock(g.LastEvaluation, d.now, d.loc))
		}
	}
	if h := rule.Health.String(); h != "" {
		add("Health", strings.TrimSpace(h+" "+rule.LastError.String()))
	}
	return rows
}

func words(l sources.Label) string {
	return l.Name.String() + ": " + strings.TrimSpace(l.Value.Lines())
}

// fact is a name and what there is to say of it.
func (d drawing) fact(name, text string) []string {
	var rows []string
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			name = ""
		}
		for j, r := range frame.Indent("", line, nameWidth, d.Width()) {
			if j == 0 {
				r = d.theme.Muted.Paint(frame.Pad(name, nameWidth)) + r[nameWidth:]
			}
			rows = append(rows, r)
		}
	}
	return rows
}
