package runbook

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Runbooks write `<namespace>` for "put the namespace here". CommonMark calls
// that a tag and Glamour drops tags, which changes what a command means. So
// only tags that people really format text with are HTML here; everything
// else in angle brackets is text, from the parser on.

// realTag reports whether a lower case name is a tag for formatting text. With
// bare, the tag has no attributes: `<a>` and `<img>` mean nothing without, and
// names that are also everyday words are placeholders then.
func realTag(name string, bare bool) bool {
	switch name {
	case "b", "i", "u", "s", "q", "p", "em", "strong", "code", "pre", "kbd", "samp", "tt", "sub", "sup", "del", "ins",
		"strike", "mark", "small", "big", "font", "center", "abbr", "cite", "dfn", "nobr", "wbr", "br", "hr",
		"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "details", "summary",
		"div", "span", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col",
		"figure", "figcaption":
		return true
	case "a", "img", "picture", "video", "section", "article", "header", "footer", "nav", "aside", "main":
		return !bare
	}
	return false
}

// tag is one thing in angle brackets.
type tag struct {
	name    string // lower case; empty: not a tag
	closing bool
	end     int // bytes it takes, brackets included; 0: not closed
	attrs   []byte
}

// real reports whether the tag formats text.
func (t tag) real() bool {
	return t.name != "" && realTag(t.name, !t.closing && len(bytes.Trim(t.attrs, " \t\r\n/")) == 0)
}

// tagAt reads what stands at the start of s, which begins with `<`.
func tagAt(s []byte) tag {
	i := 1
	var t tag
	if i < len(s) && s[i] == '/' {
		t.closing = true
		i++
	}
	start := i
	for i < len(s) && alnum(s[i]) {
		i++
	}
	if i == start || s[start] < 'A' || i < len(s) && !bytes.ContainsRune([]byte(" \t\r\n/>"), rune(s[i])) {
		return tag{}
	}
	t.name = strings.ToLower(string(s[start:i]))
	attrs := i
	for quote := byte(0); i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'':
			quote = c
		case c == '>':
			t.attrs, t.end = s[attrs:i], i+1
			return t
		case c == '<':
			return t
		}
	}
	return t
}

// htmlBlocks is goldmark's HTML block parser for real tags and closed comments.
type htmlBlocks struct{ parser.BlockParser }

func (p htmlBlocks) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	trimmed := bytes.TrimLeft(line, " ")
	offset := segment.Start + len(line) - len(trimmed)
	if len(trimmed) > 0 && (isComment(trimmed, offset, pc) || opensReal(trimmed)) {
		return p.BlockParser.Open(parent, reader, pc)
	}
	return nil, parser.NoChildren
}

// opensReal is for a block's first line, where the tag may go on below.
func opensReal(line []byte) bool {
	t := tagAt(line)
	if t.name == "" {
		return false
	}
	if t.end == 0 {
		return realTag(t.name, false) && t.name != "a" && t.name != "img"
	}
	return t.real()
}

// lastCommentEnd keeps, per parse, where the last `-->` of the whole text
// stands, an int.
var lastCommentEnd = parser.NewContextKey()

// isComment reports whether a comment that is closed somewhere begins here. An
// unclosed one would swallow the rest of the document.
func isComment(at []byte, offset int, pc parser.Context) bool {
	last, _ := pc.Get(lastCommentEnd).(int)
	return bytes.HasPrefix(at, []byte("<!--")) && last >= offset+2
}

// rawHTML is goldmark's inline HTML parser for real tags and comments.
type rawHTML struct{ parser.InlineParser }

func (p rawHTML) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if bytes.HasPrefix(line, []byte("<!--")) {
		return p.InlineParser.Parse(parent, block, pc)
	}
	t := tagAt(line)
	if t.name == "" || !t.closing && t.end == 0 && !realTag(t.name, false) || t.end > 0 && !t.real() {
		return nil
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// autoLinks is goldmark's `<https://...>` parser for schemes that people link
// to: `<host:port>` is a placeholder, not a link.
type autoLinks struct{ parser.InlineParser }

func (p autoLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	// A scheme has at most 32 letters.
	end := bytes.IndexAny(line[:min(len(line), 40)], ":@>")
	if end > 1 && line[end] == ':' {
		switch strings.ToLower(string(line[1:end])) {
		case "http", "https", "ftp", "ftps", "mailto", "ssh", "git", "tel", "slack", "file":
		default:
			return nil
		}
	}
	return p.InlineParser.Parse(parent, block, pc)
}

// linkDefinitions is goldmark's parser of link definitions for paragraphs that
// begin with a bracket; it would make a reader for every paragraph.
type linkDefinitions struct{ parser.ParagraphTransformer }

func (p linkDefinitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	if lines := node.Lines(); lines.Len() > 0 {
		at := lines.At(0)
		if first := util.TrimLeftSpace(at.Value(reader.Source())); len(first) > 0 && first[0] != '[' {
			return
		}
	}
	p.ParagraphTransformer.Transform(node, reader, pc)
}

// paragraphTransformers, blockParsers and inlineParsers are goldmark's defaults
// with ours in place.
func paragraphTransformers() []util.PrioritizedValue {
	ps := parser.DefaultParagraphTransformers()
	for i, p := range ps {
		if p.Value == parser.LinkReferenceParagraphTransformer {
			ps[i].Value = linkDefinitions{parser.LinkReferenceParagraphTransformer}
		}
	}
	return ps
}

func blockParsers() []util.PrioritizedValue {
	ps := parser.DefaultBlockParsers()
	for i, p := range ps {
		if p.Value == parser.NewHTMLBlockParser() {
			ps[i].Value = htmlBlocks{parser.NewHTMLBlockParser()}
		}
	}
	return ps
}

func inlineParsers() []util.PrioritizedValue {
	ps := parser.DefaultInlineParsers()
	for i, p := range ps {
		switch p.Value {
		case parser.NewRawHTMLParser():
			ps[i].Value = rawHTML{parser.NewRawHTMLParser()}
		case parser.NewAutoLinkParser():
			ps[i].Value = autoLinks{parser.NewAutoLinkParser()}
		}
	}
	return ps
}
