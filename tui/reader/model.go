package reader

import (
	"hash/maphash"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// maxCache is about how many bytes of drawn blocks are kept. A screen is some
// 20 KB, so this is everything that was looked at in an hour.
const maxCache = 16 << 20

// Model is the reader's state: a document, where in it the top of the pane is,
// and what was drawn. It belongs to one goroutine.
type Model struct {
	look          *looks
	width, height int // cells and rows of the pane

	key      string
	doc      runbook.Document
	id       uint64 // of the document's text: what was drawn of equal text is used again
	links    *links
	starts   []int // where each line of the text begins, and its end
	guess    []int // rows of each block: a guess until it was drawn at this width
	total    int   // sum of guess
	top      anchor
	side     int // cells by which code is moved to the left
	steps    []runbook.Step
	step     int          // the current one; index into steps
	ticks    map[int]bool // lines of the blocks that are ticked
	find     search
	values   runbook.Values      // what placeholders are filled with
	valuesOf uint64              // whose they are; 0: nobody's, placeholders are left as they are
	live     map[string]answered // by query
	lives    uint64              // answers so far
	places   map[string]place

	seed  maphash.Seed
	cache map[cacheKey]*drawn
	held  int // bytes in cache, about
}

// anchor is the top of the pane: a row of a block. It stays on the same text
// when the block gets another height, because it remembers the height that it
// was taken at.
type anchor struct {
	block, row int
	was        int // rows of the block then; 0: not known
	line       int // if not 0: the source line that is at the top, instead of row
}

// place is where a document was left.
type place struct {
	id    uint64
	top   anchor
	side  int
	step  int
	ticks map[int]bool
	line  int // source line of the top row, for a text that has changed
}

type cacheKey struct {
	doc    uint64
	block  int
	ticked bool
	live   uint64 // the newest answer that it shows
	values uint64 // whose values fill its code; 0: it has none
	width  int
	theme  theme.Name
	dark   bool
}

// New makes an empty reader.
func New(t theme.Theme) *Model {
	return &Model{
		look:   newLooks(t),
		links:  &links{},
		places: map[string]place{},
		seed:   maphash.MakeSeed(),
		cache:  map[cacheKey]*drawn{},
		ticks:  map[int]bool{},
		live:   map[string]answered{},
	}
}

// SetTheme changes the colours; the place stays.
func (m *Model) SetTheme(t theme.Theme) {
	old := m.look.theme
	if old.Name != t.Name || old.IsDark != t.IsDark {
		m.look = newLooks(t)
	}
}

// SetSize sets the pane's width in cells and height in rows. The text at the
// top stays at the top.
func (m *Model) SetSize(width, height int) {
	width, height = max(width, 0), max(height, 0)
	if width != m.width {
		m.width = width
		m.estimate()
	}
	m.height = height
}

// Key is the key of the document that is shown; empty: none.
func (m *Model) Key() string { return m.key }

// SetDocument shows a document. A key that was shown before comes back at the
// place where it was left; a new one starts at pos. The same key with an equal
// document changes nothing; with a changed one, the line at the top stays.
func (m *Model) SetDocument(key string, d runbook.Document, pos runbook.Pos) {
	id := m.fingerprint(d)
	if key == m.key && id == m.id && len(d.Blocks) == len(m.doc.Blocks) {
		m.doc = d // the same words, perhaps newer facts about where they are from
		return
	}
	m.leave()
	m.key, m.doc, m.id, m.side = key, d, id, 0
	m.links, m.starts = collectLinks(d), lineStarts(d.Text())
	m.estimate()
	m.steps, m.step, m.ticks = d.Steps(pos), 0, map[int]bool{}
	m.find = search{}
	clear(m.live)
	old, seen := m.places[key]
	if seen {
		m.step, m.ticks = min(old.step, max(len(m.steps)-1, 0)), old.ticks
	}
	switch {
	case seen && old.id == id:
		m.top, m.side = old.top, old.side
	case seen:
		m.top = anchor{block: m.blockAt(old.line), line: old.line}
		m.side = old.side
	default:
		m.top = anchor{block: pos.Block, line: pos.Line}
	}
	m.top.block = min(max(m.top.block, 0), max(m.blocks()-1, 0))
}

// leave remembers the place in the document that is shown.
func (m *Model) leave() {
	if m.key != "" && m.blocks() > 0 {
		m.places[m.key] = place{id: m.id, top: m.top, side: m.side, step: m.step, ticks: m.ticks, line: m.Line()}
	}
}

func (m *Model) fingerprint(d runbook.Document) uint64 {
	var h maphash.Hash
	h.SetSeed(m.seed)
	_, _ = h.Write(d.Source) // a hash never fails
	_ = h.WriteByte(0)
	_, _ = h.Write(d.Text())
	for _, c := range d.Cut {
		_, _ = h.WriteString(c)
	}
	return h.Sum64()
}

// Rows is what is on screen: exactly as many rows as the pane is high, none
// wider than the pane, not padded, empty beyond the end.
func (m *Model) Rows() []string {
	rows := make([]string, 0, m.height)
	if m.width == 0 {
		return make([]string, m.height)
	}
	for b, r := m.here(); len(rows) < m.height && b < m.blocks(); b, r = b+1, 0 {
		marked := r == 0 && m.atStep(b)
		for d := m.draw(b); r < d.n && len(rows) < m.height; r++ {
			rows = append(rows, m.highlight(d.row(r, m.side, m.width)))
			if marked {
				rows[len(rows)-1], marked = m.mark(rows[len(rows)-1]), false
			}
		}
	}
	for len(rows) < m.height {
		rows = append(rows, "")
	}
	return rows
}

// blocks counts the blocks that are shown: the document's and one for the
// notes behind its end, if there are any.
func (m *Model) blocks() int {
	n := len(m.doc.Blocks)
	if n > 0 && (len(m.links.targets) > 0 || len(m.doc.Cut) > 0) {
		n++
	}
	return n
}

// draw is block i, drawn now or before.
func (m *Model) draw(i int) *drawn {
	k := cacheKey{doc: m.id, block: i, ticked: m.ticked(i), live: m.newest(i), values: m.fillsFrom(i), width: m.width, theme: m.look.theme.Name, dark: m.look.theme.IsDark}
	if d, ok := m.cache[k]; ok {
		m.learn(i, d.n)
		return d
	}
	dr := newDrawer(m.doc, m.look, m.links, m.width)
	var d *drawn
	if i == len(m.doc.Blocks) {
		d = dr.notes(m.doc)
	} else {
		dr.ticked, dr.live, dr.graphs = k.ticked, m.live, m.links.graphs[i]
		if m.valuesOf != 0 {
			dr.values = &m.values
		}
		d = dr.block(m.doc.Blocks[i], gap(m.doc.Blocks, i, m.blocks()))
	}
	if m.held += d.bytes; m.held > maxCache {
		clear(m.cache)
		m.held = d.bytes
	}
	m.cache[k] = d
	m.learn(i, d.n)
	return d
}

// fillsFrom is whose values block i shows; 0: it has no code.
func (m *Model) fillsFrom(i int) uint64 {
	for _, c := range m.doc.Codes() {
		if c.Block == i {
			return m.valuesOf
		}
	}
	return 0
}

func (m *Model) hash(s string) uint64 {
	var h maphash.Hash
	h.SetSeed(m.seed)
	_, _ = h.WriteString(s) // a hash never fails
	return h.Sum64()
}

func (m *Model) learn(i, rows int) {
	m.total += rows - m.guess[i]
	m.guess[i] = rows
}

// gap is how many blank rows follow block i of n: none after the last, in a
// tight list, and between a sentence and the command it speaks of.
func gap(blocks []runbook.Block, i, n int) int {
	if i+1 >= n {
		return 0
	}
	if i+1 >= len(blocks) {
		return 1
	}
	b, next := blocks[i], blocks[i+1]
	switch {
	case b.Kind == runbook.Item && next.Kind == runbook.Item && b.Tight && b.Node != nil && next.Node != nil &&
		b.Node.Parent() == next.Node.Parent():
		return 0
	case b.Kind == runbook.Paragraph && next.Kind == runbook.Code && next.Line-b.EndLine <= 2:
		return 0
	}
	return 1
}

// notes is what stands behind the end: what was left out, and where the links
// lead.
func (d *drawer) notes(doc runbook.Document) *drawn {
	th := d.look.theme
	var out []string
	for _, c := range doc.Cut {
		out = append(out, wrap(th.Warning.Paint(safe.Text(c)), d.prose)...)
	}
	if len(d.links.targets) > 0 {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, th.Rule.Paint("──")+" "+th.Muted.Paint("Links"))
	}
	ps := ready(out...)
	for _, t := range d.links.targets {
		mark := d.links.mark(t) + " "
		where := safe.Text(t)
		if strings.HasPrefix(where, "#") {
			where += " (in this runbook)"
		}
		if open := hyperlink(t); open != "" {
			where = open + where + closeLink
		}
		ps = append(ps, d.hang(th.Muted.Paint(mark), len(mark), 0, func(in int) []part {
			return ready(wrap(where, max(d.width-in, 1))...)
		})...)
	}
	return d.finish(ps, 0)
}

// Render draws a whole document, for printing. Prose wraps at width; a line of
// code is never cut and never wrapped, as nobody can scroll a print: its row
// may be wider. The result ends in a line feed unless it is empty.
func Render(d runbook.Document, width int, t theme.Theme) string {
	ln, look := collectLinks(d), newLooks(t)
	n := len(d.Blocks)
	notes := n > 0 && (len(ln.targets) > 0 || len(d.Cut) > 0)
	if notes {
		n++
	}
	var b strings.Builder
	for i := range n {
		dr := newDrawer(d, look, ln, width)
		dr.whole = true
		var out *drawn
		if i == len(d.Blocks) {
			out = dr.notes(d)
		} else {
			out = dr.block(d.Blocks[i], gap(d.Blocks, i, n))
		}
		for r := range out.n {
			b.WriteString(strings.TrimRight(out.row(r, 0, 0), " "))
			b.WriteByte('\n')
		}
	}
	return b.String()
}
