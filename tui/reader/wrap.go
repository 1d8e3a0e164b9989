package reader

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// closeLink ends an OSC 8 hyperlink. BEL, not ST: Glamour takes a backslash
// for Markdown's.
const closeLink = "\x1b]8;;\x07"

// pen is the style that is on at one place of a styled text.
type pen struct {
	sgr  string // the sequences since the last reset
	link string // the OSC 8 sequence that is open
}

// take follows one escape sequence.
func (p *pen) take(seq string) {
	switch {
	case strings.HasPrefix(seq, "\x1b]8;"):
		if _, target, _ := strings.Cut(seq[4:], ";"); strings.Trim(target, "\x07\x1b\\") == "" {
			p.link = ""
		} else {
			p.link = seq
		}
	case seq == "\x1b[m" || seq == "\x1b[0m":
		p.sgr = ""
	case strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m"):
		p.sgr += seq
	}
}

// to writes what turns this pen into the next.
func (p pen) to(next pen, b *strings.Builder) {
	if p.sgr != next.sgr && p.sgr != "" {
		b.WriteString(theme.Reset)
	}
	if p.link != next.link {
		if next.link == "" {
			b.WriteString(closeLink)
		} else {
			b.WriteString(next.link)
		}
	}
	if p.sgr != next.sgr {
		b.WriteString(next.sgr)
	}
}

// glyph is one grapheme of a styled text.
type glyph struct {
	at, n int32 // bytes
	pen   int32 // index into inked.pens
	cells int32
}

// inked is a styled text taken apart: graphemes, each with its pen.
type inked struct {
	src    string
	glyphs []glyph
	pens   []pen
}

func ink(s string) inked {
	t := inked{src: s, glyphs: make([]glyph, 0, len(s)), pens: []pen{{}}}
	cur := int32(0)
	for i := 0; i < len(s); {
		if s[i] == 0x1b {
			_, _, n, _ := ansi.DecodeSequence(s[i:], ansi.NormalState, nil)
			p := t.pens[cur]
			p.take(s[i : i+n])
			if p != t.pens[cur] {
				t.pens = append(t.pens, p)
				cur = int32(len(t.pens) - 1)
			}
			i += max(n, 1)
			continue
		}
		n, cells := cluster(s[i:])
		t.glyphs = append(t.glyphs, glyph{at: int32(i), n: int32(n), pen: cur, cells: int32(cells)})
		i += n
	}
	return t
}

// cluster returns the first grapheme of s: its size in bytes and its width in
// cells. Printable ASCII, nearly all there is, takes the short way.
func cluster(s string) (size, cells int) {
	if s[0] >= 0x20 && s[0] < 0x7f && (len(s) == 1 || s[1] < 0x80) {
		return 1, 1
	}
	_, cells, size, _ = ansi.DecodeSequence(s, ansi.NormalState, nil)
	return max(size, 1), cells
}

// row writes the graphemes from..to as a row that stands alone: it ends every
// style it begins.
func (t inked) row(from, to int, b *strings.Builder) string {
	b.Reset()
	cur := pen{}
	for _, g := range t.glyphs[from:to] {
		if p := t.pens[g.pen]; p != cur {
			cur.to(p, b)
			cur = p
		}
		b.WriteString(t.src[g.at : g.at+g.n])
	}
	cur.to(pen{}, b)
	return b.String()
}

// wrap breaks a styled text into rows of at most width cells, at spaces and
// line feeds; only a word longer than a row is cut, after punctuation if there
// is some. Spaces at a break are dropped.
func wrap(s string, width int) []string {
	width = max(width, 1)
	t := ink(s)
	var rows []string
	var b strings.Builder
	emit := func(from, to int) {
		for to > from && t.is(to-1, ' ') {
			to--
		}
		rows = append(rows, t.row(from, to, &b))
	}
	start, cells := 0, 0  // of the current row
	space, punct := -1, 0 // last place to break at in it
	for i := 0; i < len(t.glyphs); i++ {
		g := t.glyphs[i]
		switch {
		case t.is(i, '\n'):
			emit(start, i)
			start, cells, space, punct = i+1, 0, -1, 0
			continue
		case cells+int(g.cells) > width && i > start && !t.is(i, ' '):
			end, next := i, i
			switch {
			case space > start:
				end, next = space, space+1
			case punct > start+width/2:
				end, next = punct, punct
			}
			emit(start, end)
			start, cells, space, punct = next, 0, -1, 0
			for j := start; j < i; j++ {
				cells += int(t.glyphs[j].cells)
				if t.isPunct(j) {
					punct = j + 1
				}
			}
		}
		switch {
		case t.is(i, ' '):
			if i == start && len(rows) > 0 && start > 0 && !t.is(start-1, '\n') {
				start++ // a space at a break
				continue
			}
			space = i
		case g.cells > 1:
			punct = i + 1
		case t.isPunct(i):
			punct = i + 1
		}
		cells += int(g.cells)
	}
	if start < len(t.glyphs) || len(rows) == 0 {
		emit(start, len(t.glyphs))
	}
	return rows
}

func (t inked) is(i int, c byte) bool {
	g := t.glyphs[i]
	return g.n == 1 && t.src[g.at] == c
}

// isPunct reports whether a long word may be cut after the grapheme.
func (t inked) isPunct(i int) bool {
	g := t.glyphs[i]
	return g.n == 1 && strings.IndexByte("/-_.,:;=&?|", t.src[g.at]) >= 0
}
