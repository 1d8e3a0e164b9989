package runbook

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

const (
	// maxNesting is how many containers or inline marks may stand in each
	// other in a block that is drawn: Glamour takes 21 ms for 12 list levels,
	// 2.2 s for 100 (notes of the feasibility study). Real runbooks reach 5.
	maxNesting = 12
	// maxBlock is the size of a block that is still drawn as Markdown, bytes.
	maxBlock = 256 << 10
)

// builder turns goldmark's tree into blocks.
type builder struct {
	doc         *Document
	prepared    prepared
	sourceLines []int32
	slugs       slugger
	deep, large []int // first lines of blocks that became Plain
}

// unit is a node that becomes one block, or none.
type unit struct {
	node  ast.Node
	line  int
	items *ast.List // the list of an item
	index int       // of the item in its list
}

func (b *builder) build(root ast.Node) {
	units := b.units(root)
	b.doc.Blocks = make([]Block, 0, len(units)) // blocks are large: a long runbook would copy them again and again
	last := b.doc.LineAt(len(b.doc.text))
	for i, u := range units {
		end := last
		if i+1 < len(units) {
			end = max(u.line, units[i+1].line-1)
		}
		for end > u.line && isBlank(b.doc.textLine(end)) {
			end--
		}
		if blk, ok := b.block(u, end); ok {
			b.doc.Blocks = append(b.doc.Blocks, blk)
		}
	}
	b.explain(b.deep, "are nested deeper than "+strconv.Itoa(maxNesting)+" levels")
	b.explain(b.large, "are larger than "+size(maxBlock))
}

// explain says once why blocks became Plain.
func (b *builder) explain(lines []int, why string) {
	if len(lines) > 0 {
		b.doc.Cut = append(b.doc.Cut, fmt.Sprintf("shown as plain text: parts that %s (%d, the first in line %d)", why, len(lines), lines[0]))
	}
}

// units lists the top-level nodes, lists item by item, with their first lines.
// Link definitions and comments are units too: they end the block before.
func (b *builder) units(root ast.Node) []unit {
	out := make([]unit, 0, root.ChildCount())
	line := 1
	add := func(u unit) {
		if pos := startOf(u.node); pos >= 0 {
			line = max(line, b.doc.LineAt(pos))
		}
		u.line = line
		out = append(out, u)
	}
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		list, ok := n.(*ast.List)
		if !ok {
			add(unit{node: n})
			continue
		}
		i := 0
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			add(unit{node: item, items: list, index: i})
			i++
		}
	}
	return out
}

// startOf is the first offset of a node in the text, or -1.
func startOf(n ast.Node) int {
	for ; n != nil; n = n.FirstChild() {
		if n.Type() == ast.TypeBlock && n.Kind() == ast.KindCodeBlock && n.Lines().Len() > 0 {
			return n.Lines().At(0).Start
		}
		if p := n.Pos(); p >= 0 {
			return p
		}
		if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
			return n.Lines().At(0).Start
		}
	}
	return -1
}

// block makes one block. ok is false for what is not shown: link definitions
// and comments.
func (b *builder) block(u unit, end int) (Block, bool) {
	blk := Block{Node: u.node, Line: u.line, EndLine: end}
	if u.node.Kind() == ast.KindLinkReferenceDefinition {
		return blk, false
	}
	if h, ok := u.node.(*ast.HTMLBlock); ok {
		n := b.plainHTML(h)
		if n == nil {
			return blk, false
		}
		blk.Node = n
	}
	firstAnchor, firstCode := len(b.doc.anchors), len(b.doc.codes)
	deep := b.visit(blk.Node)
	for _, c := range b.doc.codes[firstCode:] {
		blk.EndLine = max(blk.EndLine, c.EndLine) // a fence left open holds the blank lines too
	}
	for _, a := range b.doc.anchors[firstAnchor:] {
		if a.kind == htmlAnchor {
			blk.ID = a.id
			break
		}
	}
	b.fill(&blk, u, firstAnchor)
	switch {
	case deep:
		b.deep = append(b.deep, u.line)
	case b.doc.bytesOf(u.line, end) > maxBlock:
		b.large = append(b.large, u.line)
	default:
		return blk, true
	}
	return Block{Kind: Plain, Line: u.line, EndLine: end, ID: blk.ID, Text: b.plainText(u.line, end)}, true
}

// fill sets what depends on the kind of node.
func (b *builder) fill(blk *Block, u unit, firstAnchor int) {
	switch n := blk.Node.(type) {
	case *ast.Heading:
		own := &b.doc.heads[len(b.doc.heads)-1]
		own.EndLine = blk.EndLine
		for _, a := range b.doc.anchors[firstAnchor+len(own.Slugs):] {
			own.Slugs = append(own.Slugs, a.id) // of tags in the heading
		}
		blk.Kind, blk.Level, blk.Text, blk.Slugs = Heading, n.Level, own.Text, own.Slugs
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		blk.Kind = Code
		code := b.doc.codes[len(b.doc.codes)-1]
		blk.Lang, blk.Code = code.Lang, code.Code
	case *ast.ListItem:
		blk.Kind, blk.Tight = Item, u.items.IsTight
		blk.Marker = string(u.items.Marker)
		if u.items.IsOrdered() {
			blk.Marker = strconv.Itoa(u.items.Start+u.index) + string(u.items.Marker)
		}
		blk.Task = task(n)
	case *ast.Blockquote:
		blk.Kind = Quote
	case *extast.Table:
		blk.Kind = Table
	case *ast.ThematicBreak:
		blk.Kind = Rule
	case *ast.HTMLBlock:
		blk.Kind = HTML
	default:
		blk.Kind = Paragraph
	}
}

func task(item ast.Node) Task {
	if first := item.FirstChild(); first != nil {
		if box, ok := first.FirstChild().(*extast.TaskCheckBox); ok {
			if box.IsChecked {
				return Ticked
			}
			return Open
		}
	}
	return NoTask
}

// visit makes a block's nodes harmless, gathers its anchors and code, and
// reports whether it nests too deep.
func (b *builder) visit(n ast.Node) (deep bool) {
	b.enter(n)
	// A list item's list is the first level.
	return b.descend(n, containers(n), 0)
}

func containers(n ast.Node) int {
	switch n.Kind() {
	case ast.KindListItem, ast.KindBlockquote, extast.KindDefinitionList:
		return 1
	}
	return 0
}

func (b *builder) descend(n ast.Node, blocks, inlines int) (deep bool) {
	deep = blocks > maxNesting || inlines > maxNesting
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		if k := b.enter(c); k != nil {
			in := inlines
			if k.Type() == ast.TypeInline && k.HasChildren() {
				in++
			}
			deep = b.descend(k, blocks+containers(k), in) || deep
		}
		c = next
	}
	return deep
}

// enter looks at one node. It returns the node that stands in its place, nil
// when there is nothing to descend into.
func (b *builder) enter(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.Heading:
		b.heading(n)
	case *ast.FencedCodeBlock:
		b.code(n, n)
		return nil
	case *ast.CodeBlock:
		b.code(n, nil)
		return nil
	case *ast.RawHTML:
		b.inlineHTML(n)
		return nil
	case *ast.HTMLBlock:
		if n.Parent() == nil || n.Parent().Kind() == ast.KindDocument {
			return nil // seen by block
		}
		b.plainHTML(n)
		return nil
	case *extast.Strikethrough:
		b.unsplit(n)
	}
	return n
}

// heading notes a heading and numbers its slugs, in GitHub's and in GitLab's
// way.
func (b *builder) heading(h *ast.Heading) {
	line := b.doc.LineAt(startOf(h))
	hd := head{Block{Kind: Heading, Node: h, Line: line, EndLine: line, Level: h.Level, Text: b.inlineText(h)}, len(b.doc.Blocks)}
	slug := b.slugs.unique(Slug(hd.Text))
	add := func(id string, kind anchorKind) {
		hd.Slugs = append(hd.Slugs, strings.ToLower(id))
		b.doc.anchors = append(b.doc.anchors, anchor{strings.ToLower(id), kind, line, len(b.doc.Blocks)})
	}
	add(slug, githubAnchor)
	if lab := gitlabSlug(slug); lab != slug {
		add(lab, gitlabAnchor)
	}
	if id := b.prepared.ids[line]; id != "" {
		add(id, htmlAnchor)
	}
	b.doc.heads = append(b.doc.heads, hd)
}

// unsplit takes a strike-through apart whose parts make an entity when they
// are put together: Glamour joins them and resolves entities afterwards.
func (b *builder) unsplit(n *extast.Strikethrough) {
	var joined strings.Builder
	b.join(&joined, n)
	if s := joined.String(); defuse(s) == s {
		return
	}
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		t := ast.NewText()
		n.Parent().InsertBefore(n.Parent(), n, c)
		n.Parent().InsertBefore(n.Parent(), n, t) // an empty text: the parts are not merged
	}
}
