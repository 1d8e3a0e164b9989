package runbook

import (
	"bytes"
	"sort"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// plainHTML looks through an HTML block. One that is only comments is taken
// out and nil returned. One with something in angle brackets that is no tag
// (a placeholder), or with text beside a comment, becomes a paragraph of its
// text, so that nothing that was written is lost. Any other stays.
func (b *builder) plainHTML(h *ast.HTMLBlock) ast.Node {
	m := markup{text: b.doc.text}
	for i := range h.Lines().Len() {
		m.add(h.Lines().At(i))
	}
	if h.HasClosure() {
		m.add(h.ClosureLine)
	}
	m.scan()
	for _, a := range m.ids {
		b.anchor(a.id, htmlAnchor, b.lineAt(m.offset(a.at)))
	}
	parent := h.Parent()
	switch {
	case m.comments && !m.tags && !m.words:
		parent.RemoveChild(parent, h)
		return nil
	case !m.comments && !m.placeholders:
		return h
	}
	p := ast.NewParagraph()
	p.SetLines(h.Lines())
	p.SetPos(startOf(h))
	for i, seg := range m.segments() {
		t := ast.NewTextSegment(seg.Segment)
		t.SetSoftLineBreak(seg.ends)
		if i == 0 && isBlank(seg.Value(b.doc.text)) {
			continue
		}
		p.AppendChild(p, t)
	}
	parent.ReplaceChild(parent, h, p)
	return p
}

// inlineHTML takes a comment out of a sentence and notes a tag's anchor.
func (b *builder) inlineHTML(n *ast.RawHTML) {
	m := markup{text: b.doc.text}
	for i := range n.Segments.Len() {
		m.add(n.Segments.At(i))
	}
	m.scan()
	for _, a := range m.ids {
		b.anchor(a.id, htmlAnchor, b.lineAt(m.offset(a.at)))
	}
	if m.comments {
		n.Parent().RemoveChild(n.Parent(), n)
	}
}

// markup scans the lines of some HTML.
type markup struct {
	text   []byte
	buf    []byte // the lines joined
	starts []int  // of each line in buf
	lines  []text.Segment

	pieces [][2]int // of buf: what is text
	ids    []markupID

	comments, tags, placeholders, words bool
}

type markupID struct {
	id string // lower case
	at int    // in buf
}

func (m *markup) add(s text.Segment) {
	m.starts = append(m.starts, len(m.buf))
	m.lines = append(m.lines, s)
	m.buf = append(m.buf, m.text[s.Start:s.Stop]...)
}

// offset is where a place in buf stands in the text.
func (m *markup) offset(at int) int {
	i := sort.SearchInts(m.starts, at+1) - 1
	return m.lines[i].Start + at - m.starts[i]
}

func (m *markup) scan() {
	from := 0
	keep := func(to int) {
		if to > from {
			m.pieces = append(m.pieces, [2]int{from, to})
			m.words = m.words || !isBlank(m.buf[from:to])
		}
	}
	open := true // a `-->` may still come
	for i := 0; i < len(m.buf); {
		if m.buf[i] != '<' {
			next := bytes.IndexByte(m.buf[i:], '<')
			if next < 0 {
				break
			}
			i += next
			continue
		}
		n := 1
		if t := tagAt(m.buf[i:]); bytes.HasPrefix(m.buf[i:], []byte("<!--")) && open {
			end := bytes.Index(m.buf[i:], []byte("-->"))
			if open = end >= 0; open {
				m.comments = true
				keep(i)
				n = end + 3
				from = i + n
			}
		} else if t.end > 0 && t.real() {
			m.tags = true
			keep(i)
			m.ids = append(m.ids, tagIDs(t, i)...)
			n = t.end
			from = i + n
		} else if i+1 < len(m.buf) && !strings.ContainsRune(" \t\r\n=<0123456789", rune(m.buf[i+1])) {
			m.placeholders = true
		}
		i += n
	}
	keep(len(m.buf))
}

// tagIDs are the anchors that a tag sets.
func tagIDs(t tag, at int) []markupID {
	var out []markupID
	attrs := string(t.attrs)
	for attrs != "" {
		attrs = strings.TrimLeft(attrs, " \t\r\n/")
		end := strings.IndexAny(attrs, "= \t\r\n")
		if end < 0 {
			break
		}
		name := strings.ToLower(attrs[:end])
		attrs = strings.TrimLeft(attrs[end:], " \t\r\n")
		rest, ok := strings.CutPrefix(attrs, "=")
		if !ok {
			continue
		}
		rest = strings.TrimLeft(rest, " \t\r\n")
		var value string
		if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
			value, attrs, _ = strings.Cut(rest[1:], rest[:1])
		} else {
			end := strings.IndexAny(rest+" ", " \t\r\n")
			value, attrs = rest[:end], rest[end:]
		}
		if (name == "id" || name == "name") && value != "" {
			out = append(out, markupID{strings.ToLower(value), at})
		}
	}
	return out
}

// lineSegment is a piece of text; ends: the line ends after it.
type lineSegment struct {
	text.Segment
	ends bool
}

// segments cuts the pieces at line ends and places them in the text.
func (m *markup) segments() []lineSegment {
	var out []lineSegment
	for _, p := range m.pieces {
		for from := p[0]; from < p[1]; {
			to := p[1]
			if i := bytes.IndexByte(m.buf[from:p[1]], '\n'); i >= 0 {
				to = from + i + 1
			}
			seg := m.buf[from:to]
			ends := seg[len(seg)-1] == '\n'
			stop := to
			if ends {
				stop--
			}
			if stop > from {
				at := m.offset(from)
				out = append(out, lineSegment{text.NewSegment(at, at+stop-from), ends})
			} else if ends && len(out) > 0 {
				out[len(out)-1].ends = true
			}
			from = to
		}
	}
	return out
}
