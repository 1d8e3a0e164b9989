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
	c := CodeBlock{Node: n, Line: b.lineAt(startOf(n)), Block: len(b.doc.Blocks)}
	c.EndLine = c.Line
	lines := n.Lines()
	if lines.Len() > 0 {
		c.EndLine = b.lineAt(lines.At(lines.Len() - 1).Start)
		c.Code = b.codeLines(lines)
	}
	if fence != nil {
		c.fenced = true
		c.Lang = language(string(fence.Language(b.doc.text)))
		if c.EndLine < len(b.doc.lines) && closesFence(b.doc.textLine(c.EndLine+1)) {
			c.EndLine++
		}
	}
	b.doc.codes = append(b.doc.codes, c)
}

// codeLines is the source of lines of code: the source itself where it stands
// there as it is.
func (b *builder) codeLines(lines *text.Segments) []byte {
	first, last := b.lineAt(lines.At(0).Start), b.lineAt(lines.At(lines.Len()-1).Start)
	if starts := b.prepared.sourceLines; first > 1 && last-first == lines.Len()-1 && last < len(starts) {
		from, to := starts[first-1], starts[last]
		if code := b.prepared.source[from:to:to]; b.atLeft(lines, first) && bytes.IndexByte(code, '\r') < 0 {
			return code
		}
	}
	var out []byte
	for i := range lines.Len() {
		seg := lines.At(i)
		out = append(out, b.codeLine(seg, b.lineAt(seg.Start))...)
		out = append(out, '\n')
	}
	return out
}

// atLeft reports whether lines are whole lines of the text, from a line on.
func (b *builder) atLeft(lines *text.Segments, first int) bool {
	for i := range lines.Len() {
		if seg := lines.At(i); seg.Padding != 0 || seg.Start != int(b.doc.lines[first-1+i]) {
			return false
		}
	}
	return true
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
