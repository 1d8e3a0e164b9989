package reader

import (
	"bytes"
	"errors"
	"strings"

	gansi "charm.land/glamour/v2/ansi"
	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark/ast"
	astext "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// errGlamour is why a block is drawn as plain words instead.
var errGlamour = errors.New("glamour failed")

// glamour draws one node of ours, which indexes src, in at most width cells;
// width 0: unwrapped. The renderer has state, so each call has its own.
func (l *looks) glamour(n ast.Node, src []byte, width int) (out string, err error) {
	defer func() {
		if recover() != nil { // what Glamour cannot draw is drawn as words
			err = errGlamour
		}
	}()
	doc := ast.NewDocument()
	doc.AppendChild(doc, n)
	r := renderer.NewRenderer(renderer.WithNodeRenderers(util.Prioritized(gansi.NewRenderer(gansi.Options{
		WordWrap:         width,
		InlineTableLinks: true,
		PreserveNewLines: true,
		Styles:           l.config,
	}), 1000)))
	var b bytes.Buffer
	if err := r.Render(&b, src, doc); err != nil {
		return "", err
	}
	return strings.Trim(b.String(), "\n"), nil
}

// maxGlamour is how many pieces of one block Glamour draws (0.1 ms each); the
// rest of a list of thousands inside one item is drawn as words.
const maxGlamour = 300

// inline draws the inline content of n as one styled text, not wrapped. kind is
// the node that the copies hang under: a paragraph or a heading. skip leaves
// out the first line.
func (d *drawer) inline(n ast.Node, kind ast.Node, skip bool) string {
	l := leaf{from: d.text, links: d.links, note: d.look.theme.Muted, skip: skip}
	if d.calls++; d.calls <= maxGlamour {
		l.copyTo(kind, n, spot{})
		if !kind.HasChildren() {
			return ""
		}
		if len(l.src) <= maxInlineBytes {
			if s, err := d.look.glamour(kind, l.src, 0); err == nil {
				return s
			}
		}
	}
	s := words(n, d.text)
	if skip {
		_, s, _ = strings.Cut(s, "]")
	}
	return strings.TrimSpace(s)
}

// Glamour takes 0.1 ms for a row; tables beyond this are drawn without it.
const maxTableRows = 200

// table draws a table: by Glamour if no word has to be cut for it, else one
// record after the other, each cell under its heading.
func (d *drawer) table(n *astext.Table, indented int) []part {
	width := d.width - indented
	cells, head := d.cells(n)
	if len(cells) > maxTableRows {
		return d.source(cells, indented)
	}
	if natural, longest := measure(cells); longest <= width {
		l := leaf{from: d.text, links: d.links, note: d.look.theme.Muted}
		out, err := d.look.glamour(l.table(n), l.src, min(natural, width))
		if err == nil && whole(out, cells, width) {
			return ready(strings.Split(strings.Trim(tidyRows(out), "\n"), "\n")...)
		}
	}
	return d.records(cells, head, indented)
}

// table copies a table. Its rows get as many cells as it has columns.
func (l *leaf) table(n *astext.Table) *astext.Table {
	t := astext.NewTable()
	t.Alignments = n.Alignments
	for r := n.FirstChild(); r != nil; r = r.NextSibling() {
		row := astext.NewTableRow(n.Alignments)
		for c := r.FirstChild(); c != nil && row.ChildCount() < len(n.Alignments); c = c.NextSibling() {
			cell := astext.NewTableCell()
			row.AppendChild(row, cell)
			if r.Kind() != astext.KindTableHeader {
				l.copyTo(cell, c, spot{})
				continue
			}
			bold := ast.NewEmphasis(2)
			if l.copyTo(bold, c, spot{}); bold.HasChildren() {
				cell.AppendChild(cell, bold)
			}
		}
		for row.ChildCount() < len(n.Alignments) {
			row.AppendChild(row, astext.NewTableCell())
		}
		if _, ok := r.(*astext.TableHeader); ok {
			t.AppendChild(t, astext.NewTableHeader(row))
			continue
		}
		t.AppendChild(t, row)
	}
	return t
}

// cells is the words of a table's cells, the heading first if it has one.
func (d *drawer) cells(n *astext.Table) (rows [][]string, head bool) {
	for r := n.FirstChild(); r != nil; r = r.NextSibling() {
		var row []string
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			row = append(row, strings.TrimSpace(marked(c, d.text, d.links)))
		}
		if _, ok := r.(*astext.TableHeader); ok {
			head = true
		}
		rows = append(rows, row)
	}
	return rows, head
}

// cellFrame is what Glamour puts around a cell: a space on each side and the
// rule between columns.
const cellFrame = 3

// measure is how wide a table wants to be, and how wide it has to be so that no
// word is cut.
func measure(rows [][]string) (natural, longest int) {
	var want, must []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(want) {
				want, must = append(want, 0), append(must, 0)
			}
			want[i] = max(want[i], ansi.StringWidth(c))
			for _, w := range strings.Fields(c) {
				must[i] = max(must[i], ansi.StringWidth(w))
			}
		}
	}
	for i := range want {
		natural += want[i] + cellFrame
		longest += must[i] + cellFrame
	}
	return natural, longest
}

// whole reports whether a drawn table is not too wide and holds every word of
// its cells. Where Glamour lacks room it cuts words and ends headings with an
// ellipsis.
func whole(out string, rows [][]string, width int) bool {
	plain := ansi.Strip(out)
	have := map[string]int{}
	for _, line := range strings.Split(plain, "\n") {
		if ansi.StringWidth(line) > width {
			return false
		}
		for _, w := range strings.Fields(line) {
			have[w]++
		}
	}
	for _, r := range rows {
		for _, c := range r {
			for _, w := range strings.Fields(c) {
				if have[w]--; have[w] < 0 {
					return false
				}
			}
		}
	}
	return true
}

// records draws a table that is too wide for its columns as one paragraph for
// each cell, under the heading's words.
func (d *drawer) records(rows [][]string, head bool, indented int) []part {
	width := d.prose - indented
	var names []string
	if head && len(rows) > 1 {
		names, rows = rows[0], rows[1:]
	}
	var out []string
	for k, r := range rows {
		if k > 0 {
			out = append(out, "")
		}
		for i, c := range r {
			if i < len(names) && names[i] != "" {
				c = d.look.theme.Bold.Paint(names[i]+":") + " " + c
			}
			if c == "" {
				continue
			}
			for j, line := range wrap(c, max(width-2, 1)) {
				if j > 0 {
					line = "  " + line
				}
				out = append(out, line)
			}
		}
	}
	return ready(out...)
}

// maxColumn is the cells that a column of a large table is padded to.
const maxColumn = 48

// source draws a table that is too long for Glamour: aligned, one line for each
// row, moved sideways like code.
func (d *drawer) source(rows [][]string, indented int) []part {
	var widths []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = min(max(widths[i], ansi.StringWidth(c)), maxColumn)
		}
	}
	var b strings.Builder
	for _, r := range rows {
		for i, c := range r {
			if i > 0 {
				b.WriteString(" │ ")
			}
			b.WriteString(c)
			if i < len(r)-1 {
				b.WriteString(spaces(max(widths[i]-ansi.StringWidth(c), 0)))
			}
		}
		b.WriteByte('\n')
	}
	return []part{{box: newBox(d.look, []byte(b.String()), "table", d.prose-indented, d.width-indented, d.whole)}}
}

// tidyRows takes the padding off the right of each row, and the sequences that
// end a style only to begin it again.
func tidyRows(s string) string {
	lines := strings.Split(s, "\n")
	var b strings.Builder
	for i, l := range lines {
		t := ink(strings.TrimRight(l, " "))
		lines[i] = t.row(0, len(t.glyphs), &b)
	}
	return strings.Join(lines, "\n")
}
