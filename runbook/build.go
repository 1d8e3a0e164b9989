package runbook

import (
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
	prepared    *prepared
	deep, large []int // first lines of blocks that became Plain
	links       bool  // the block that is being read has some
	at          int   // index of the line that was asked for last
}

// unit is a node that becomes one block, or none.
type unit struct {
	node  ast.Node
	line  int
	items *ast.List // the list of an item
	index int       // of the item in its list
}

// units counts what becomes a block, or none: the nodes below root, of a list
// its items.
func units(root ast.Node) int {
	n := root.ChildCount()
	for c := root.FirstChild(); c != nil; c = c.NextSibling() {
		if list, ok := c.(*ast.List); ok {
			n += list.ChildCount() - 1
		}
	}
	return n
}

// build makes the blocks of a part of the text, from its first line to its
// last. A block ends before the next unit; link definitions and comments are
// units too.
func (b *builder) build(root ast.Node, first, last int) {
	var before unit
	add := func(u unit) {
		u.line = first
		if pos := startOf(u.node); pos >= 0 {
			u.line = max(first, b.lineAt(pos))
		}
		first = u.line
		if before.node != nil {
			b.add(before, max(before.line, u.line-1))
		}
		before = u
	}
	for n, next := root.FirstChild(), ast.Node(nil); n != nil; n = next {
		next = n.NextSibling()
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
	if before.node != nil {
		b.add(before, last)
	}
}

// add adds the block of a unit, without the blank lines at its end.
func (b *builder) add(u unit, end int) {
	for end > u.line && isBlank(b.doc.textLine(end)) {
		end--
	}
	if blk, ok := b.block(u, end); ok {
		b.doc.Blocks = append(b.doc.Blocks, blk)
	}
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
	b.links = false
	deep := b.visit(blk.Node)
	blk.Links = b.links
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
		blk.Kind, blk.Level, blk.Text = Heading, n.Level, own.Text
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
	case *ast.Link, *ast.AutoLink:
		b.links = true
	}
	return n
}

// heading notes a heading. Its slug gets its number, and its variant, when the
// headings of all parts are known.
func (b *builder) heading(h *ast.Heading) {
	line := b.lineAt(startOf(h))
	hd := head{node: h, Line: line, EndLine: line, Text: b.inlineText(h), block: len(b.doc.Blocks)}
	hd.Slugs = []string{Slug(hd.Text)}
	b.anchor("", githubAnchor, line)
	if id := strings.ToLower(b.prepared.ids[line]); id != "" {
		hd.Slugs = append(hd.Slugs, id)
		b.anchor(id, htmlAnchor, line)
	}
	b.doc.heads = append(b.doc.heads, hd)
}

// anchor notes an anchor of the block that is being read.
func (b *builder) anchor(id string, kind anchorKind, line int) {
	b.doc.anchors = append(b.doc.anchors, anchor{id, kind, line, len(b.doc.Blocks)})
}

// unsplit takes a strike-through apart whose parts make an entity when they
// are put together: Glamour joins them and resolves entities afterwards.
func (b *builder) unsplit(n *extast.Strikethrough) {
	var joined strings.Builder
	b.join(&joined, n)
	if s := joined.String(); defuse(s) == s {
		return
	}
	b.links = true // perhaps: what moves is not looked at
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		t := ast.NewText()
		n.Parent().InsertBefore(n.Parent(), n, c)
		n.Parent().InsertBefore(n.Parent(), n, t) // an empty text: the parts are not merged
	}
}
