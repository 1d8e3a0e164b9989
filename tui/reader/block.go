package reader

import (
	"bytes"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark/ast"
	astext "github.com/yuin/goldmark/extension/ast"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

const (
	// Measure is the width in cells at which prose wraps on a wide pane: the
	// eye loses the line beyond it. Code and tables use the whole pane.
	Measure = 84
	gutter  = 2         // cells before a top-level list: the mark of the current step goes there
	maxDeep = 12        // nesting of blocks that is still drawn as such
	minText = 12        // cells; what is nested does not get narrower by its indent
	maxWrap = 64 * 1024 // bytes of plain text that are wrapped; more is shown line by line
)

// drawer draws one block. It lives as long as that takes.
type drawer struct {
	text  []byte // Document.Text
	look  *looks
	links *links
	width int  // cells of the pane
	prose int  // cells at which prose wraps
	whole bool // code is never cut (Render)
	calls int  // pieces Glamour has drawn

	ticked bool                // the block is: the user has done it
	values *runbook.Values     // what placeholders are filled with; nil: they are left
	codes  []runbook.CodeBlock // of the document
	live   map[string]answered // what queries answer; nil: they are not asked
	graphs []graph             // that the block links to
}

func newDrawer(d runbook.Document, l *looks, ln *links, width int) *drawer {
	width = max(width, 1)
	return &drawer{text: d.Text(), look: l, links: ln, width: width, prose: min(width, Measure), codes: d.Codes()}
}

// block draws a top-level block followed by gap blank rows. Rows of text are
// clipped and pass the allow-list here, rows of code when they are painted.
func (d *drawer) block(b runbook.Block, gap int) *drawn {
	var ps []part
	switch {
	case b.Node == nil || b.Kind == runbook.Plain:
		ps = d.plain(b.Text, 0)
	case b.Kind == runbook.Code:
		ps = d.codeBlock(b.Node, b.Code, b.Lang, 0)
		if d.ticked && len(ps) > 0 && ps[0].box != nil {
			ps[0].box.title = strings.TrimSpace(ps[0].box.title + ", done")
		}
	case b.Kind == runbook.Item:
		ps = d.topItem(b)
	default:
		ps = d.node(b.Node, 0, 0)
	}
	for _, g := range d.graphs {
		ps = append(ps, d.graphOf(g)...)
	}
	return d.finish(ps, gap)
}

func (d *drawer) finish(ps []part, gap int) *drawn {
	for _, p := range ps {
		for i, r := range p.rows {
			if ansi.StringWidth(r) > d.width {
				r = ansi.Truncate(r, d.width-1, "") + d.look.theme.Muted.Paint("…")
			}
			p.rows[i] = safe.ANSI(r)
		}
	}
	if len(ps) == 0 {
		gap = 0 // nothing to keep apart
	}
	return finish(ps, gap)
}

// node draws any block node; indented is how many cells stand before it.
func (d *drawer) node(n ast.Node, indented, depth int) []part {
	if depth > maxDeep {
		var b strings.Builder
		flat(&b, n, d.text)
		return d.plain(strings.TrimSpace(b.String()), indented)
	}
	switch n := n.(type) {
	case *ast.Heading:
		return ready(d.heading(n, indented)...)
	case *ast.Paragraph, *ast.TextBlock, *astext.DefinitionTerm:
		return d.paragraph(n, indented, false)
	case *ast.FencedCodeBlock:
		return d.codeBlock(n, n.Lines().Value(d.text), string(n.Language(d.text)), indented)
	case *ast.CodeBlock:
		return d.codeBlock(n, n.Lines().Value(d.text), "", indented)
	case *ast.ThematicBreak:
		return ready(d.look.theme.Rule.Paint(strings.Repeat("─", max(d.prose-indented, 1))))
	case *ast.Blockquote:
		return d.quote(n, indented, depth)
	case *ast.List:
		return d.list(n, indented, depth)
	case *ast.HTMLBlock:
		return d.html(n, indented)
	case *astext.Table:
		return d.table(n, indented)
	case *astext.DefinitionDescription:
		in := d.room(indented, 4)
		return indent(d.children(n, indented+in, depth, n.IsTight), spaces(in), spaces(in))
	case *astext.Footnote:
		mark := footnoteMark(n.Index) + " "
		return d.hang(d.look.theme.Muted.Paint(mark), ansi.StringWidth(mark), indented, func(in int) []part {
			return d.children(n, in, depth, true)
		})
	case *ast.LinkReferenceDefinition:
		return nil
	}
	return d.children(n, indented, depth, false)
}

// children draws the blocks inside a container.
func (d *drawer) children(n ast.Node, indented, depth int, tight bool) []part {
	var out []part
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		ps := d.node(c, indented, depth+1)
		if len(ps) == 0 {
			continue
		}
		if len(out) > 0 && !tight && !together(n, c, out[len(out)-1], ps[0]) {
			out = append(out, part{rows: []string{""}})
		}
		out = append(out, ps...)
	}
	return out
}

// together reports whether no blank row stands before child c of n: a code
// block belongs to the sentence before it and has its frame for distance, a
// tight list belongs to its item's words, a meaning to its term.
func together(n, c ast.Node, before, after part) bool {
	item := n.Kind() == ast.KindListItem
	switch {
	case after.box != nil, before.box != nil && item, c.Kind() == astext.KindDefinitionDescription:
		return true
	}
	list, ok := c.(*ast.List)
	return ok && item && list.IsTight
}

// paragraph wraps inline content.
func (d *drawer) paragraph(n ast.Node, indented int, skip bool) []part {
	s := d.inline(n, ast.NewParagraph(), skip)
	if n.Kind() == astext.KindDefinitionTerm {
		s = d.look.theme.Bold.Over(s)
	}
	if s == "" {
		return nil
	}
	return ready(wrap(s, max(d.prose-indented, 1))...)
}

// heading ranks by more than colour: the first level has a heavy rule under
// it, the second stands in a rule, the third has a short one before it.
func (d *drawer) heading(n *ast.Heading, indented int) []string {
	th := d.look.theme
	width := max(d.prose-indented, 1)
	s := d.inline(n, ast.NewHeading(n.Level), false)
	if s == "" {
		return nil
	}
	switch {
	case n.Level == 1:
		rows := wrap(s, width)
		return append(rows, th.Accent.Paint(strings.Repeat("━", width)))
	case n.Level == 2 && width > minText:
		rows := wrap(s, width-3)
		for i, r := range rows {
			lead := th.Rule.Paint("──") + " "
			if i > 0 {
				lead = "   "
			}
			rows[i] = lead + r
		}
		last := len(rows) - 1
		if free := width - ansi.StringWidth(rows[last]) - 1; free > 0 {
			rows[last] += " " + th.Rule.Paint(strings.Repeat("─", free))
		}
		return rows
	case n.Level == 3 && width > minText:
		rows := wrap(s, width-2)
		for i, r := range rows {
			lead := th.Rule.Paint("─") + " "
			if i > 0 {
				lead = "  "
			}
			rows[i] = lead + r
		}
		return rows
	}
	return wrap(s, width)
}

// code frames a code block, or says what stands in its place.
func (d *drawer) code(src []byte, info string, indented int) []part {
	lang, _, _ := strings.Cut(strings.TrimSpace(info), " ")
	lang = strings.ToLower(lang)
	switch lang {
	case "mermaid", "plantuml", "puml", "dot", "graphviz", "d2":
		note := "[diagram: " + lang + ", " + lineCount(src) + ", not drawn in a terminal]"
		return ready(wrap(d.look.theme.Muted.Paint(note), max(d.prose-indented, 1))...)
	}
	if lang == queryLang && d.live != nil {
		return d.query(src, QueryText(src), queryLang, indented)
	}
	return []part{{box: newBox(d.look, src, lang, d.prose-indented, d.width-indented, d.whole)}}
}

// plain wraps text that has no form.
func (d *drawer) plain(s string, indented int) []part {
	s = safe.Outside(s).Lines()
	if len(s) > maxWrap {
		return []part{{box: newBox(d.look, []byte(s), "text", d.prose-indented, d.width-indented, d.whole)}}
	}
	return ready(wrap(strings.TrimRight(s, "\n"), max(d.prose-indented, 1))...)
}

// html shows the text of an HTML block. The summary of a <details> is a line
// of its own: what it hides in a browser follows, open.
func (d *drawer) html(n *ast.HTMLBlock, indented int) []part {
	src := n.Lines().Value(d.text)
	if n.HasClosure() {
		src = append(bytes.Clone(src), n.ClosureLine.Value(d.text)...)
	}
	var out []string
	for _, l := range htmlLines(string(src)) {
		s := l.text
		if l.summary {
			s = d.look.theme.Bold.Paint("▾ " + s)
		}
		out = append(out, wrap(s, max(d.prose-indented, 1))...)
	}
	return ready(out...)
}

// quote draws a bar before its blocks, heavy and with a label for the alerts
// of GitHub.
func (d *drawer) quote(n *ast.Blockquote, indented, depth int) []part {
	th := d.look.theme
	style, bar, label := th.Muted, "│ ", ""
	var out []part
	first, _ := n.FirstChild().(*ast.Paragraph)
	if first != nil {
		label = alertLabel(words(first, d.text))
	}
	in := d.room(indented, 2)
	if in == 0 {
		bar = ""
	}
	if label == "" {
		out = d.children(n, indented+in, depth, false)
	} else {
		style = alertStyle(label, th)
		bar = strings.ReplaceAll(bar, "│", "┃")
		out = ready(style.Paint(label))
		// The label's paragraph goes on below it, without a blank row.
		out = append(out, d.paragraph(first, indented+in, true)...)
		for c := first.NextSibling(); c != nil; c = c.NextSibling() {
			if ps := d.node(c, indented+in, depth+1); len(ps) > 0 {
				if ps[0].box == nil {
					out = append(out, part{rows: []string{""}})
				}
				out = append(out, ps...)
			}
		}
	}
	if bar != "" {
		bar = style.Paint(strings.TrimRight(bar, " ")) + " "
	}
	return indent(out, bar, bar)
}

// alertLabel is the word of a GitHub alert's first line, such as WARNING.
func alertLabel(s string) string {
	if !strings.HasPrefix(s, "[!") {
		return ""
	}
	label, _, ok := strings.Cut(s[2:], "]")
	label = strings.ToUpper(label)
	switch label {
	case "NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION":
		if ok {
			return label
		}
	}
	return ""
}

func alertStyle(label string, th theme.Theme) theme.Style {
	switch label {
	case "WARNING":
		return th.WarningBold
	case "CAUTION":
		return th.Critical
	}
	return th.AccentBold
}
