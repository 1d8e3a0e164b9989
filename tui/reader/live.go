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
	for _, c := range m.doc.Codes() {
		q := QueryText(c.Code)
		if c.Block >= first && c.Block < b && c.Lang == queryLang && q != "" && !seen[q] {
			seen[q] = true
			out = append(out, q)
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
	return n
}

// Widths of an answer's columns in cells.
const (
	answerName  = 34
	answerValue = 10
	answerSpark = 24
)

// query draws a query's block, and below it what it answers.
func (d *drawer) query(src []byte, indented int) []part {
	a, ok := d.live[QueryText(src)]
	title := queryLang
	if ok && !a.Wrong {
		title += ", live"
	}
	out := []part{{box: newBox(d.look, src, title, d.prose-indented, d.width-indented, d.whole)}}
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
