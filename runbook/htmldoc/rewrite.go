package htmldoc

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rewriter copies a tree into one that has only what becomes Markdown. What a
// script would unfold (tabs, expanders) is kept: a text must not lack a step
// because nobody clicked.
type rewriter struct {
	base *url.URL // of relative links; nil: they are dropped
	page *url.URL // links to it with a fragment stay within; nil: none do

	names []string // anchors that wait for the next text
	depth int      // of lists and quotes
	cell  bool     // inside a table: a cell is one line
}

// maxDepth is how deep lists and quotes may stand in each other: every line
// carries the marks of all of them.
const maxDepth = 12

// fill copies the children of from.
func (w *rewriter) fill(to, from *html.Node) {
	for c := from.FirstChild; c != nil; c = c.NextSibling {
		w.copy(to, c)
	}
}

func (w *rewriter) copy(to, n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		if strings.TrimSpace(n.Data) != "" {
			w.flush(to)
		}
		to.AppendChild(&html.Node{Type: html.TextNode, Data: clean(n.Data)})
		return
	case n.Type != html.ElementNode || n.Namespace != "" || dropped(n):
		return
	}
	w.anchor(n)
	switch n.DataAtom {
	case atom.Pre:
		w.flush(to)
		to.AppendChild(codeBlock(n))
	case atom.A:
		w.link(to, n)
	case atom.Img:
		w.image(to, n)
	case atom.Input:
		to.AppendChild(verbatim(box(hasAttr(n, "checked"))))
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.heading(to, n)
	case atom.Table:
		w.table(to, n)
	case atom.Summary, atom.Dt:
		w.fill(into(to, atom.P, atom.Strong), n)
	case atom.Li:
		w.item(to, n)
	default:
		w.other(to, n)
	}
}

// other copies elements that mean what they say and takes the tags off all
// others. Callouts become quotes.
func (w *rewriter) other(to, n *html.Node) {
	if kind, ok := callout(n); ok {
		q := into(to, atom.Blockquote)
		if kind != "" {
			p := into(q, atom.P, atom.Strong)
			p.AppendChild(&html.Node{Type: html.TextNode, Data: kind})
		}
		w.fill(q, n)
		return
	}
	switch n.DataAtom {
	case atom.P:
		w.paragraph(to, n)
	case atom.Strong, atom.B, atom.Em, atom.I, atom.Br, atom.Hr, atom.Del, atom.S, atom.Strike:
		w.fill(into(to, n.DataAtom), n)
	case atom.Ul, atom.Ol, atom.Blockquote:
		w.nested(to, n)
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		text := clean(textOf(n))
		if w.cell {
			text = strings.ReplaceAll(text, "|", `\|`)
		}
		w.flush(to)
		into(to, atom.Code).AppendChild(&html.Node{Type: html.TextNode, Data: text})
	case atom.Span, atom.Font, atom.Abbr, atom.Small, atom.Sub, atom.Sup, atom.U, atom.Mark, atom.Label, atom.Time, atom.Ins, atom.Q, atom.Cite, atom.Var:
		w.fill(to, n)
	default:
		if classed(n, "tabbed-set") {
			w.tabs(to, n)
			return
		}
		if w.cell {
			w.paragraph(to, n)
			return
		}
		w.fill(into(to, atom.Div), n)
	}
}

// paragraph is a line of its own in a cell, else a block.
func (w *rewriter) paragraph(to, n *html.Node) {
	switch {
	case !w.cell:
		w.fill(into(to, atom.P), n)
	case readable(n):
		if to.FirstChild != nil {
			into(to, atom.Br)
		}
		w.fill(to, n)
	}
}

// nested copies what marks every line of what it holds.
func (w *rewriter) nested(to, n *html.Node) {
	w.depth++
	defer func() { w.depth-- }()
	if w.depth > maxDepth || w.cell {
		w.fill(to, n)
		return
	}
	list := into(to, n.DataAtom)
	if start := attr(n, "start"); n.DataAtom == atom.Ol && start != "" && len(start) < 6 && strings.Trim(start, "0123456789") == "" {
		list.Attr = append(list.Attr, html.Attribute{Key: "start", Val: start})
	}
	w.fill(list, n)
}

// tabs puts the label of each tab above its text.
func (w *rewriter) tabs(to, n *html.Node) {
	var labels []string
	for _, l := range all(n, tagged(atom.Label)) {
		if l.Parent != nil && classed(l.Parent, "tabbed-labels") {
			labels = append(labels, oneLine(textOf(l)))
		}
	}
	for i, b := range all(n, func(n *html.Node) bool { return classed(n, "tabbed-block") }) {
		if i < len(labels) {
			into(to, atom.P, atom.Strong).AppendChild(&html.Node{Type: html.TextNode, Data: labels[i]})
		}
		w.fill(into(to, atom.Div), b)
	}
}

// into appends elements, one inside the other, and gives the innermost.
func into(to *html.Node, as ...atom.Atom) *html.Node {
	for _, a := range as {
		e := element(a)
		to.AppendChild(e)
		to = e
	}
	return to
}

// dropped reports whether an element is no part of the text.
func dropped(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Nav, atom.Footer, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Canvas, atom.Template,
		atom.Noscript, atom.Button, atom.Select, atom.Textarea, atom.Dialog, atom.Audio, atom.Video, atom.Link, atom.Meta, atom.Head:
		return true
	case atom.Input:
		return !strings.EqualFold(attr(n, "type"), "checkbox")
	case atom.Header:
		return !has(n, isHeading)
	case atom.Aside:
		_, ok := callout(n)
		return !ok
	}
	if n.Data == asWritten || attr(n, "id") == "toc" || attr(n, "role") == "navigation" || attr(n, "aria-hidden") == "true" && n.DataAtom != atom.A {
		return true
	}
	return classed(n, "headerlink", "mw-editsection", "toc", "toc-macro", "linenos", "lineno", "linenumber", "linenumbers", "line-numbers",
		"gutter", "copybtn", "md-clipboard", "breadcrumbs", "page-metadata")
}

func isHeading(n *html.Node) bool {
	return tagged(atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6)(n)
}

// callout reports whether an element is a note, a warning or the like, and the
// word for it where the page says it by colour alone.
func callout(n *html.Node) (kind string, ok bool) {
	class := strings.ToLower(attr(n, "class"))
	switch {
	case classed(n, "confluence-information-macro"):
		if has(n, func(c *html.Node) bool { return classed(c, "title") }) {
			return "", true
		}
		for _, k := range []struct{ class, word string }{{"-warning", "Warning"}, {"-note", "Note"}, {"-tip", "Tip"}} {
			if strings.Contains(class, "macro"+k.class) {
				return k.word, true
			}
		}
		return "Info", true
	case classed(n, "admonition", "callout", "markdown-alert", "theme-admonition", "starlight-aside"), attr(n, "role") == "note":
		return "", true
	}
	return "", false
}

// item is an entry of a list, perhaps with a box to tick.
func (w *rewriter) item(to, n *html.Node) {
	if w.cell || w.depth > maxDepth {
		w.paragraph(to, n)
		return
	}
	li := into(to, atom.Li)
	if n.Parent != nil && classed(n.Parent, "inline-task-list") {
		li.AppendChild(verbatim(box(classed(n, "checked"))))
	}
	w.fill(li, n)
}

func box(ticked bool) string {
	if ticked {
		return "[x] "
	}
	return "[ ] "
}

func hasAttr(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}
