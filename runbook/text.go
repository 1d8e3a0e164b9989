package runbook

import (
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// join writes the source of the text below a node.
func (b *builder) join(to *strings.Builder, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			to.Write(t.Value(b.doc.text))
		}
		b.join(to, c)
	}
}

// inlineText is the text of a node's inline content as it reads: marks,
// escapes and tags gone, entities resolved, on one clean line.
func (b *builder) inlineText(n ast.Node) string {
	var out strings.Builder
	var add func(ast.Node)
	add = func(n ast.Node) {
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			switch c := c.(type) {
			case *ast.Text:
				v := c.Value(b.doc.text)
				if n.Kind() != ast.KindCodeSpan && !c.IsRaw() && bytes.ContainsAny(v, `&\`) {
					v = []byte(html.UnescapeString(string(util.UnescapePunctuations(v))))
				}
				out.Write(v)
				if c.SoftLineBreak() || c.HardLineBreak() {
					out.WriteByte(' ')
				}
			case *ast.String:
				out.Write(c.Value)
			case *ast.AutoLink:
				out.Write(c.Label(b.doc.text))
			default:
				add(c)
			}
		}
	}
	add(n)
	return safe.Text(strings.TrimSpace(out.String()))
}

// plainText is the clean source of some lines.
func (b *builder) plainText(from, to int) string {
	src, starts := b.prepared.source, b.prepared.sourceLines
	start, end := int(starts[from-1]), len(src)
	if to < len(starts) {
		end = int(starts[to])
	}
	return strings.TrimRight(safe.Outside(string(src[start:end])).Lines(), "\n")
}

// textLine is one line of the text, from 1, with its feed.
func (d *Document) textLine(line int) []byte {
	start, end := int(d.lines[line-1]), len(d.text)
	if line < len(d.lines) {
		end = int(d.lines[line])
	}
	return d.text[start:end]
}

// bytesOf is the size of some lines of the text.
func (d *Document) bytesOf(from, to int) int {
	end := len(d.text)
	if to < len(d.lines) {
		end = int(d.lines[to])
	}
	return end - int(d.lines[from-1])
}

// sourceLine is one line of the source, from 1, without its line end.
func (b *builder) sourceLine(line int) []byte {
	starts, src := b.prepared.sourceLines, b.prepared.source
	start, end := int(starts[line-1]), len(src)
	if line < len(starts) {
		end = int(starts[line])
	}
	l := src[start:end]
	if line == 1 {
		l = bytes.TrimPrefix(l, []byte("\ufeff"))
	}
	return bytes.TrimRight(l, "\r\n")
}
