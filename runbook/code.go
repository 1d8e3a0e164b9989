package runbook

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// code records a code block with its source bytes. fence is nil for indented
// code.
func (b *builder) code(n ast.Node, fence *ast.FencedCodeBlock) {
	c := CodeBlock{Node: n, Line: b.doc.LineAt(startOf(n)), Block: len(b.doc.Blocks)}
	var out []byte
	last := c.Line
	lines := n.Lines()
	for i := range lines.Len() {
		seg := lines.At(i)
		last = b.doc.LineAt(seg.Start)
		out = append(out, b.codeLine(seg, last)...)
		out = append(out, '\n')
	}
	c.Code, c.EndLine = out, last
	if fence != nil {
		c.fenced = true
		c.Lang = language(string(fence.Language(b.doc.text)))
		if last < len(b.doc.lines) && closesFence(b.doc.textLine(last+1)) {
			c.EndLine = last + 1
		}
	}
	b.doc.codes = append(b.doc.codes, c)
}

// codeLine is the source of one line of code. The text before it in the line
// (indent, quote marks) is ASCII and the same in source and text, so its
// length tells where the code begins.
func (b *builder) codeLine(seg text.Segment, line int) []byte {
	prefix := b.doc.text[b.doc.lines[line-1]:seg.Start]
	src := b.sourceLine(line)
	if !bytes.HasPrefix(src, prefix) {
		return bytes.TrimRight(seg.Value(b.doc.text), "\r\n")
	}
	src = src[len(prefix):]
	if seg.Padding == 0 {
		return src
	}
	// A tab that is partly indent: what is left of it is blanks.
	return append(bytes.Repeat([]byte{' '}, seg.Padding), src...)
}

// closesFence reports whether a line can be the end of a fence, in a quote or
// item too.
func closesFence(line []byte) bool {
	line = bytes.Trim(line, " \t\r\n>")
	return len(line) >= 3 && (len(bytes.Trim(line, "`")) == 0 || len(bytes.Trim(line, "~")) == 0)
}

// language is the first word of an info string, without attributes
// (`{.bash}`, `bash{1,3}`, `bash,ignore`).
func language(word string) string {
	word = strings.TrimLeft(strings.ToLower(word), "{.")
	if i := strings.IndexAny(word, "{},:"); i >= 0 {
		word = word[:i]
	}
	return word
}
