package reader

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// changesWords is what stands on a block whose commands change something.
const changesWords = "CHANGES PRODUCTION"

// underlined is the look of a value that was filled in.
const underlined = "\x1b[4m"

// SetValues says what placeholders are filled with; key names whose they are.
// It must be called before the document of another alert is set.
func (m *Model) SetValues(key string, v runbook.Values) {
	m.values, m.valuesOf = v, m.hash(key)
}

// codeBlock frames a code block of the document with what the page's alert fills in,
// or says what stands in its place.
func (d *drawer) codeBlock(n ast.Node, src []byte, info string, indented int) []part {
	c, ok := d.codeOf(n)
	if !ok || d.values == nil {
		return d.code(src, info, indented)
	}
	f := runbook.Fill(c, *d.values)
	shown := src
	typed := strings.TrimRight(string(src), "\n") == c.Script()
	if typed {
		shown = []byte(f.Text)
	}
	var ps []part
	if c.Lang == queryLang && d.live != nil {
		ps = d.query(shown, QueryText(src), queryLang, indented) // asked by what is written
	} else {
		ps = d.code(shown, info, indented)
	}
	if len(ps) == 0 || ps[0].box == nil {
		return ps
	}
	b := ps[0].box
	if c.Lang != queryLang && len(c.Changes()) > 0 {
		b.warn = changesWords
	}
	if typed && bytes.Equal(b.src, bytes.TrimRight(shown, "\n")) {
		b.underline(f.Marks)
	}
	b.note = fillWords(f, typed)
	return ps
}

func (d *drawer) codeOf(n ast.Node) (runbook.CodeBlock, bool) {
	for _, c := range d.codes {
		if c.Node == n && n != nil {
			return c, true
		}
	}
	return runbook.CodeBlock{}, false
}

// fillWords says which values were filled in and from where, and what is left
// to fill.
func fillWords(f runbook.Filled, shown bool) string {
	var in, left []string
	seen := map[string]bool{}
	for _, m := range f.Marks {
		text := m.Value.String() + " (" + m.Origin + ")"
		if !seen[text] {
			seen[text] = true
			in = append(in, text)
		}
	}
	for _, g := range f.Missing {
		if !seen[g.Name] {
			seen[g.Name] = true
			left = append(left, g.Name)
		}
	}
	words := ""
	if len(in) > 0 {
		words = "filled in: "
		if !shown {
			words = "copied with: "
		}
		words += strings.Join(in, ", ")
	}
	if len(left) > 0 {
		if words != "" {
			words += "; "
		}
		words += "to fill in: " + strings.Join(left, ", ")
	}
	return words
}

// underline marks the values that were filled in. Lines whose text had to be
// changed to be drawn (tabs, controls) stay without marks: their offsets moved.
func (b *box) underline(marks []runbook.Mark) {
	for i := range b.spans {
		from, to := int(b.at[i]), int(b.at[i+1])-1
		raw := string(b.src[from:to])
		if clean(expand(raw)) != raw {
			continue
		}
		for _, m := range marks {
			if m.Start < to && m.End > from {
				b.spans[i] = underlineIn(b.spans[i], max(m.Start-from, 0), min(m.End-from, to-from))
			}
		}
	}
}

// underlineIn is the spans of a line with bytes start to end underlined.
func underlineIn(l []span, start, end int) []span {
	var out []span
	at := 0
	for _, s := range l {
		lo, hi := max(start-at, 0), min(end-at, len(s.text))
		at += len(s.text)
		if lo >= hi {
			out = append(out, s)
			continue
		}
		for _, piece := range []span{{s.open, s.text[:lo]}, {s.open + underlined, s.text[lo:hi]}, {s.open, s.text[hi:]}} {
			if piece.text != "" {
				out = append(out, piece)
			}
		}
	}
	return out
}
