package reader

import (
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	astext "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Beyond these, inline content is drawn as plain words. Nobody writes that on
// purpose, and Glamour has no deadline.
const (
	maxInline      = 12        // nesting
	maxInlineNodes = 2000      // in one paragraph
	maxInlineBytes = 64 * 1024 // of one paragraph's text
)

// leaf copies inline content into nodes that Glamour draws rightly. It has a
// text of its own which the copies index: clean, with Markdown's escapes and
// HTML's entities resolved and then written so that Glamour's own resolving
// gives them back unchanged.
type leaf struct {
	src   []byte // of the copies
	from  []byte // of the originals
	links *links
	note  theme.Style // for stand-ins
	nodes int
	skip  bool // until the end of the first line: an alert's label
}

// spot says where a copied node will be: how often Glamour takes backslash
// escapes out of what is written there, beyond once for plain text.
type spot struct {
	extra int
	depth int
}

// copyTo appends copies of n's children to dst.
func (l *leaf) copyTo(dst, n ast.Node, at spot) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if l.nodes++; l.nodes > maxInlineNodes || at.depth > maxInline {
			var b strings.Builder
			flat(&b, c, l.from)
			l.text(dst, strings.ReplaceAll(b.String(), "\n", " "), at)
			continue
		}
		if l.skip {
			t, ok := c.(*ast.Text)
			l.skip = !ok || !(t.SoftLineBreak() || t.HardLineBreak())
			continue
		}
		l.copyNode(dst, c, at)
	}
}

func (l *leaf) copyNode(dst, c ast.Node, at spot) {
	switch c := c.(type) {
	case *ast.Text:
		s := textOf(c, l.from)
		switch {
		case c.HardLineBreak():
			l.text(dst, s, at)
			l.raw(dst, "\n")
		case c.SoftLineBreak():
			l.text(dst, s+" ", at)
		default:
			l.text(dst, s, at)
		}
	case *ast.String:
		l.text(dst, stringOf(c), at)
	case *ast.CodeSpan:
		span := ast.NewCodeSpan()
		// Glamour takes escapes out of a code span only where something wraps it.
		if l.write(span, codeOf(c, l.from), wrapped(dst, at)) {
			l.muted(dst, "`", at)
			dst.AppendChild(dst, span)
			l.muted(dst, "`", at)
		}
	case *ast.Emphasis:
		e := ast.NewEmphasis(c.Level)
		l.copyTo(e, c, spot{at.extra, at.depth + 1})
		if e.HasChildren() {
			dst.AppendChild(dst, e)
		}
	case *astext.Strikethrough:
		s := astext.NewStrikethrough()
		if l.write(s, words(c, l.from), at.extra+1) {
			dst.AppendChild(dst, s)
		}
	case *ast.Link:
		l.link(dst, c, at)
	case *ast.AutoLink:
		s := safe.Text(string(c.Label(l.from)))
		l.linked(dst, string(c.URL(l.from)), at, func(to ast.Node, in spot) { l.text(to, s, in) })
	case *ast.Image:
		l.muted(dst, imageNote(words(c, l.from), string(c.Destination)), at)
	case *ast.RawHTML:
		s := inlineHTML(string(c.Segments.Value(l.from)))
		if s == "\n" {
			l.raw(dst, s)
			return
		}
		l.text(dst, s, at)
	case *astext.FootnoteLink:
		l.muted(dst, footnoteMark(c.Index), at)
	case *astext.FootnoteBacklink, *astext.TaskCheckBox:
		// the way back is a browser's; the box is drawn by the item
	default:
		l.copyTo(dst, c, spot{at.extra, at.depth + 1})
	}
}

// wrapped is how often Glamour resolves escapes in a node that it cannot give
// a style to: once more inside a link, and once inside a table's cell.
func wrapped(dst ast.Node, at spot) int {
	switch dst.Kind() {
	case ast.KindLink, astext.KindTableCell:
		return at.extra + 1
	}
	return at.extra
}

// link draws words and number. Links inside links do not exist in Markdown,
// but a link inside a cell does.
func (l *leaf) link(dst ast.Node, c *ast.Link, at spot) {
	target := string(c.Destination)
	l.linked(dst, target, at, func(to ast.Node, in spot) { l.copyTo(to, c, in) })
	if mark := l.links.mark(target); mark != "" {
		l.text(dst, nbsp, at)
		l.muted(dst, mark, at)
	}
}

// linked puts what fill writes into a node that Glamour draws as a link's text.
// The node's own destination is one that no URL has: Glamour then writes no
// address behind the words. The hyperlink is ours.
func (l *leaf) linked(dst ast.Node, target string, at spot, fill func(ast.Node, spot)) {
	n := ast.NewLink()
	n.Destination = []byte("%")
	in := spot{at.extra, at.depth + 1}
	if dst.Kind() == astext.KindTableCell {
		in.extra++
	}
	fill(n, in)
	if !n.HasChildren() {
		return
	}
	open := hyperlink(target)
	if open != "" {
		l.text(dst, open, at)
	}
	dst.AppendChild(dst, n)
	if open != "" {
		l.text(dst, closeLink, at)
	}
}

// muted writes a note of ours in the text.
func (l *leaf) muted(dst ast.Node, s string, at spot) {
	switch dst.Kind() {
	case ast.KindParagraph, ast.KindTextBlock:
		s = l.note.Paint(s)
	}
	l.text(dst, s, at)
}

// text appends s to dst, exactly as it is to be read.
func (l *leaf) text(dst ast.Node, s string, at spot) { l.write(dst, s, at.extra+1) }

// write appends a text node whose backslashes survive being resolved n times.
func (l *leaf) write(dst ast.Node, s string, n int) bool {
	if s == "" {
		return false
	}
	s = strings.ReplaceAll(s, "&", "&amp;")
	for range n {
		s = strings.ReplaceAll(s, `\`, `\\`)
	}
	l.raw(dst, s)
	return true
}

func (l *leaf) raw(dst ast.Node, s string) {
	start := len(l.src)
	l.src = append(l.src, s...)
	dst.AppendChild(dst, ast.NewTextSegment(text.NewSegment(start, len(l.src))))
}

// textOf is what a text node says, escapes and entities resolved, clean.
func textOf(t *ast.Text, src []byte) string {
	v := string(t.Segment.Value(src))
	if t.IsRaw() {
		return safe.Text(v)
	}
	return safe.Text(resolve(v))
}

func stringOf(s *ast.String) string {
	v := string(s.Value)
	if s.IsCode() || s.IsRaw() {
		return safe.Text(v)
	}
	return safe.Text(resolve(v))
}

// codeOf is what a code span says. Nothing is resolved in code.
func codeOf(c *ast.CodeSpan, src []byte) string {
	var b strings.Builder
	for n := c.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(src))
		case *ast.String:
			b.Write(n.Value)
		}
	}
	return safe.Text(strings.ReplaceAll(b.String(), "\n", " "))
}

// resolve takes Markdown's backslash escapes and HTML's entities out of a text
// in one pass, so that an escaped ampersand stays one.
func resolve(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && isASCIIPunct(s[i+1]):
			i++
			b.WriteByte(s[i])
		case c == '&':
			n := entity(s[i:])
			b.WriteString(html.UnescapeString(s[i : i+n]))
			i += n - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// entity is the length of the entity that s begins with, 1 if there is none.
// CommonMark wants the semicolon; no entity is longer than 33 bytes.
func entity(s string) int {
	for i := 1; i < len(s) && i < 34; i++ {
		switch c := s[i]; {
		case c == ';':
			return i + 1
		case c != '#' && !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'):
			return 1
		}
	}
	return 1
}

func isASCIIPunct(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// imageNote stands where an image would be: its words, else its file.
func imageNote(alt, target string) string {
	if alt = strings.TrimSpace(alt); alt == "" {
		alt = safe.Text(target[strings.LastIndexByte(target, '/')+1:])
	}
	return "[image: " + alt + "]"
}

func footnoteMark(n int) string { return "[^" + strconv.Itoa(n) + "]" }
