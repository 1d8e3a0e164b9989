package runbook

import (
	"bytes"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// markdown is the parser: the extensions that Glamour's own renderer knows
// (GFM and definition lists). Footnotes are left out on purpose: Glamour
// prints a warning to stdout for their nodes and drops them, so `[^1]` stays
// text. Heading ids are made by us, for two dialects.
var markdown = sync.OnceValue(func() parser.Parser {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(blockParsers()...),
			parser.WithInlineParsers(inlineParsers()...),
			parser.WithParagraphTransformers(paragraphTransformers()...),
		)),
		goldmark.WithExtensions(extension.GFM, extension.DefinitionList),
	).Parser()
})

// Parse reads a runbook. It never fails: what is beyond the caps (4 MiB of
// source, a block of 256 KB, nesting of 12) becomes Plain or is cut, and
// Document.Cut says so. A large source is parsed in parts, on as many cores as
// there are; the result is that of the whole.
func Parse(src []byte, w Where) Document {
	return parse(src, w, partSize)
}

// parse is Parse with the least size of a part, in bytes.
func parse(src []byte, w Where, least int) Document {
	p := prepare(src)
	d := Document{
		Where:   w,
		Source:  p.source,
		Aliases: p.head.aliases,
		Cut:     p.cut,
		text:    p.text,
		lines:   p.lines,
	}
	d.join(p.parts(least))
	d.shareSets()
	d.Title = title(&d, p.head.title)
	return d
}

// title is the front matter's, else the first heading's text, else the file's
// name.
func title(d *Document, head string) safe.Value {
	if t := strings.TrimSpace(head); t != "" {
		return safe.Outside(t)
	}
	for _, b := range d.Blocks {
		if b.Kind == Heading && b.Text != "" {
			return safe.Outside(b.Text)
		}
	}
	name := d.Where.Rel
	if name == "" {
		name = d.Where.Path
	}
	if name == "" || len(d.Blocks) == 0 && len(d.Source) == 0 {
		return safe.Value{}
	}
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	return safe.Outside(strings.TrimSuffix(base, path.Ext(base)))
}

// lineStarts gives the offset of each line.
func lineStarts(b []byte) []int32 {
	starts := make([]int32, 1, bytes.Count(b, []byte{'\n'})+1)
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return starts
		}
		at += i + 1
		starts = append(starts, int32(at))
	}
}

// lineAt is the number, from 1, of the line that holds an offset.
func lineAt(starts []int32, offset int) int {
	return sort.Search(len(starts), func(i int) bool { return int(starts[i]) > offset })
}

// lineAt is Document.LineAt, quick where the line is one soon after that of the
// call before.
func (b *builder) lineAt(offset int) int {
	lines := b.doc.lines
	for i := b.at; i < min(len(lines), b.at+8) && int(lines[i]) <= offset; i++ {
		if i+1 == len(lines) || int(lines[i+1]) > offset {
			b.at = i
			return i + 1
		}
	}
	line := b.doc.LineAt(offset)
	b.at = line - 1
	return line
}

// LineAt is the line in Source, from 1, of an offset into Text (a segment's
// start, a node's Pos).
func (d Document) LineAt(offset int) int { return max(1, lineAt(d.lines, offset)) }

// Outline is the headings of the document, in order, those inside list items
// and quotes included: the Line of such a one lies within another block. The
// result is new.
func (d Document) Outline() []Block {
	out := make([]Block, len(d.heads))
	for i, h := range d.heads {
		out[i] = Block{Kind: Heading, Node: h.node, Line: h.Line, EndLine: h.EndLine, Level: h.node.Level, Text: h.Text, Slugs: h.Slugs}
	}
	return out
}

// isBlank reports whether a line holds nothing.
func isBlank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}
