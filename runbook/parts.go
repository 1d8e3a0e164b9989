package runbook

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// A large text is parsed in parts, cut before headings that stand at the left
// edge below a blank line. Everything that can be open has ended there, save
// fences and HTML. So split guesses which headings stand in one, and goldmark
// says whether the guess was right: a part is parsed with the line of the next
// part's heading behind it, and the cut holds when goldmark sees that heading
// at the top level. The link definitions, which every part must know, are
// guessed and compared with what the parts define in the same way.

const (
	// partSize is the least size of a part, bytes: a text below twice of it is
	// parsed in one piece. A part of this size takes about 1 ms.
	partSize = 32 << 10
	// partsPerCore evens out that parts of one size take different times.
	partsPerCore = 4
)

// part is a piece of the text, with what was found in it. Indexes of blocks in
// it count from the part's first.
type part struct {
	from, to int // offsets into the text
	line     int // of from, from 1
	last     int // line that ends it
	root     ast.Node
	builder
	defined []parser.Reference // link definitions, in order
	ends    bool               // goldmark saw it end at to
}

// parts parses the text, in parts of at least a size where it is large. The
// blocks of all stand in one row, those of each with room behind them.
func (p *prepared) parts(least int) (all []part, row []Block) {
	all, known := p.split(min(partsPerCore*runtime.GOMAXPROCS(0), len(p.text)/least))
	each(len(all), func(i int) { p.parse(&all[i], known) })
	for i := range all {
		if !all[i].ends { // what follows was parsed from a wrong place
			all = all[:i+1]
			all[i].to = len(p.text)
			p.parse(&all[i], known)
			break
		}
	}
	if known != nil && !defines(all, known) {
		all = all[:1]
		all[0].to = len(p.text)
		p.parse(&all[0], nil)
	}
	return all, p.build(all)
}

// build makes the blocks of all parts, in one row with room for each part's:
// blocks are large, and most of what a document weighs.
func (p *prepared) build(all []part) []Block {
	from := make([]int, len(all)+1)
	for i, x := range all {
		from[i+1] = from[i] + units(x.root)
	}
	row := make([]Block, from[len(all)])
	each(len(all), func(i int) {
		x := &all[i]
		x.builder = builder{doc: &Document{Source: p.source, text: p.text, lines: p.lines, Blocks: row[from[i]:from[i]:from[i+1]]}, prepared: p}
		x.build(x.root, x.line, x.last)
	})
	return row
}

// parse parses one part. known are the link definitions of the whole text;
// nil: they are those of the part.
func (p *prepared) parse(x *part, known links) {
	source, last := p.text, len(p.lines)
	if x.to < len(p.text) {
		last = lineAt(p.lines, x.to)
		if last < len(p.lines) {
			source = source[:p.lines[last]] // with the heading's line
		}
		last--
	}
	reader := text.NewReader(source)
	reader.SetPosition(0, text.NewSegment(x.from, x.from))
	reader.AdvanceLine()
	pc := &partContext{Context: parser.NewContext(), known: known}
	pc.Set(lastCommentEnd, p.lastComment)
	root := markdown().Parse(reader, parser.WithContext(pc))
	x.defined = pc.defined
	x.ends = true
	if x.to < len(p.text) {
		next := root.LastChild()
		if x.ends = next != nil && next.Kind() == ast.KindHeading && next.Pos() == x.to; !x.ends {
			return
		}
		root.RemoveChild(root, next)
	}
	x.root, x.last = root, last
}

// partContext is goldmark's state of one parse. It keeps the link definitions
// in order, and answers for those of the whole text.
type partContext struct {
	parser.Context
	known   links // nil: what goldmark finds itself
	defined []parser.Reference
}

// AddReference is called for each link definition.
func (c *partContext) AddReference(r parser.Reference) {
	c.defined = append(c.defined, r)
	c.Context.AddReference(r)
}

// Reference is called for what may be a link by reference.
func (c *partContext) Reference(label string) (parser.Reference, bool) {
	if c.known == nil {
		return c.Context.Reference(label)
	}
	r, ok := c.known[label]
	return r, ok
}

// each calls f for 0 to n-1, on as many cores as there are. A panic of f is
// the caller's.
func each(n int, f func(i int)) {
	var next atomic.Int64
	var crash atomic.Pointer[any]
	work := func() {
		defer func() {
			if x := recover(); x != nil {
				crash.Store(&x)
			}
		}()
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	}
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if x := crash.Load(); x != nil {
		panic(*x)
	}
}

// join puts the parts together: one row of blocks, which is where they stand
// already, one numbering of slugs.
func (d *Document) join(all []part, row []Block) {
	d.Blocks = row[:0]
	var codes, heads, anchors int
	for _, x := range all {
		codes += len(x.doc.codes)
		heads, anchors = heads+len(x.doc.heads), anchors+len(x.doc.anchors)
	}
	d.codes = make([]CodeBlock, 0, codes)
	d.heads, d.anchors = make([]head, 0, heads), make([]anchor, 0, anchors)
	var deep, large []int
	names := slugger{}
	for _, x := range all {
		first := len(d.Blocks)
		d.Blocks = append(d.Blocks, x.doc.Blocks...)
		for _, c := range x.doc.codes {
			c.Block += first
			d.codes = append(d.codes, c)
		}
		next := 0
		for _, a := range x.doc.anchors {
			a.block += first
			if a.kind != githubAnchor {
				d.anchors = append(d.anchors, a)
				continue
			}
			h := x.doc.heads[next]
			h.block += first
			next++
			d.addHead(h, names.unique(h.Slugs[0]))
		}
		deep, large = append(deep, x.deep...), append(large, x.large...)
	}
	d.explain(deep, "are nested deeper than "+strconv.Itoa(maxNesting)+" levels")
	d.explain(large, "are larger than "+size(maxBlock))
}

// addHead adds a heading of a part, its slug with a number and in GitLab's way.
func (d *Document) addHead(h head, slug string) {
	h.Slugs[0] = strings.ToLower(slug)
	d.anchors = append(d.anchors, anchor{h.Slugs[0], githubAnchor, h.Line, h.block})
	if lab := gitlabSlug(h.Slugs[0]); lab != h.Slugs[0] {
		h.Slugs = slices.Insert(h.Slugs, 1, lab)
		d.anchors = append(d.anchors, anchor{lab, gitlabAnchor, h.Line, h.block})
	}
	d.heads = append(d.heads, h)
	if b := &d.Blocks[h.block]; b.Kind == Heading {
		b.Slugs = h.Slugs
	}
}

// explain says once why blocks became Plain.
func (d *Document) explain(lines []int, why string) {
	if len(lines) > 0 {
		d.Cut = append(d.Cut, fmt.Sprintf("shown as plain text: parts that %s (%d, the first in line %d)", why, len(lines), lines[0]))
	}
}
