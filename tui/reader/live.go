package reader

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// queryLang is the language of blocks that can be asked.
const queryLang = "promql"

// Answer is what a query of the runbook answers now. All texts are clean.
type Answer struct {
	Rows  []AnswerRow
	Note  string // below the rows; empty: none
	Wrong bool   // Note is an error
}

// AnswerRow is one series.
type AnswerRow struct {
	Name, Value string
	Spark       []float64 // over the last hour, NaN where there is none
}

// answered is an answer and its number: a block is drawn anew for a new one.
type answered struct {
	Answer
	seq uint64
}

// QueryText is the key of a query: the code without blanks around it.
func QueryText(code []byte) string { return strings.TrimSpace(string(code)) }

// SetAnswer shows what a query answers below its block.
func (m *Model) SetAnswer(query string, a Answer) {
	m.lives++
	m.live[query] = answered{a, m.lives}
}

// Queries lists the queries whose blocks are on screen, each once.
func (m *Model) Queries() []string {
	if m.blocks() == 0 || m.width == 0 {
		return nil
	}
	b, row := m.here()
	first, rows := b, -row
	for ; b < len(m.doc.Blocks) && rows < m.height; b++ {
		rows += m.draw(b).n
	}
	var out []string
	seen := map[string]bool{}
	add := func(q string) {
		if q != "" && !seen[q] {
			seen[q] = true
			out = append(out, q)
		}
	}
	for _, c := range m.doc.Codes() {
		if c.Block >= first && c.Block < b && c.Lang == queryLang {
			add(QueryText(c.Code))
		}
	}
	for i := first; i < b; i++ {
		for _, g := range m.links.graphs[i] {
			add(g.query)
		}
	}
	return out
}

// newest is the number of the newest answer in block i.
func (m *Model) newest(i int) uint64 {
	if len(m.live) == 0 {
		return 0
	}
	var n uint64
	for _, c := range m.doc.Codes() {
		if c.Block == i && c.Lang == queryLang {
			n = max(n, m.live[QueryText(c.Code)].seq)
		}
	}
	for _, g := range m.links.graphs[i] {
		n = max(n, m.live[g.query].seq)
	}
	return n
}

// Widths of an answer's columns in cells.
const (
	answerName  = 34
	answerValue = 10
	answerSpark = 24
)

// graphOf draws what a link to a graph asks for, and what answers.
func (d *drawer) graphOf(g graph) []part {
	title := "query of the link"
	if mark := d.links.mark(g.target); mark != "" {
		title = "query of link " + mark
	}
	return d.query([]byte(g.query), g.query, title, 0)
}

// query draws a query, and below it what the query of that key answers.
func (d *drawer) query(src []byte, key, title string, indented int) []part {
	a, ok := d.live[key]
	if ok && !a.Wrong {
		title += ", live"
	}
	b := newBox(d.look, src, queryLang, d.prose-indented, d.width-indented, d.whole)
	b.title = title
	out := []part{{box: b}}
	if !ok {
		return out
	}
	th := d.look.theme
	width := max(d.width-indented-2, 1)
	name, top := 0, 0.0 // one scale for all: they are there to be compared
	for _, r := range a.Rows {
		name, top = max(name, frame.Width(r.Name)), max(top, frame.Top(r.Spark))
	}
	name = min(name, answerName, max(width-answerValue-1, 1))
	var rows []string
	for _, r := range a.Rows {
		value := r.Value
		if value == "" {
			value = "no value"
		}
		line := "  " + th.Muted.Paint(frame.Pad(frame.Cut(r.Name, name), name))
		if name > 0 {
			line += " "
		}
		line += th.Bold.Paint(frame.PadLeft(value, answerValue))
		if room := min(width-name-1-answerValue-2, answerSpark); room >= 8 {
			line += "  " + th.Accent.Paint(frame.SparklineTo(r.Spark, room, top))
		}
		rows = append(rows, line)
	}
	if a.Note != "" {
		style := th.Muted
		if a.Wrong {
			style = th.Warning
		}
		for _, l := range wrap(safe.Text(a.Note), width) {
			rows = append(rows, "  "+style.Paint(ansi.Strip(l)))
		}
	}
	if len(rows) == 0 {
		return out
	}
	return append(out, ready(rows...)...)
}

// NoSeries is the note of a query that answers with nothing.
func NoSeries() string { return "no series answers to this now" }

// MoreSeries is the note about series that are not shown.
func MoreSeries(n int) string { return fmt.Sprintf("%d more series", n) }
