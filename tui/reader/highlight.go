package reader

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Beyond these a block is drawn without colours: Chroma takes about 14 ms for
// 100 lines, and a block must be there within a moment.
const (
	maxColourLines = 500
	maxColourLine  = 10_000    // bytes of one line
	maxColourBytes = 24 * 1024 // of a block
)

// span is a piece of one line of code in one colour.
type span struct {
	open string // SGR prefix; empty: the terminal's own colour
	text string // clean, without tabs
}

// colour takes the code apart with the lexer of its language. Without one, or
// should the lexer change a byte, the code stays as it is.
func (b *box) colour(lang string) {
	lines := make([]string, 0, len(b.at)-1)
	for i := range len(b.at) - 1 {
		lines = append(lines, clean(expand(string(b.src[b.at[i]:b.at[i+1]-1]))))
	}
	code := strings.Join(lines, "\n")
	b.spans = b.look.tokens(code, lang)
	if !same(b.spans, lines) {
		b.spans = b.spans[:0]
		for _, l := range lines {
			b.spans = append(b.spans, []span{{open: b.look.plain, text: l}})
		}
	}
}

func same(spans [][]span, lines []string) bool {
	if len(spans) != len(lines) {
		return false
	}
	var s strings.Builder
	for i, l := range spans {
		s.Reset()
		for _, p := range l {
			s.WriteString(p.text)
		}
		if s.String() != lines[i] {
			return false
		}
	}
	return true
}

// tokens is nil when there is no lexer for the language. The language is
// never guessed: guessing costs more than colouring, and is often wrong.
func (l *looks) tokens(code, lang string) (lines [][]span) {
	defer func() {
		if recover() != nil { // a lexer's defect must not take the runbook away
			lines = nil
		}
	}()
	if lang == "" || lang == "text" || len(lang) > 32 {
		return nil
	}
	lexer := lexers.Get(lang)
	if lexer == nil {
		return nil
	}
	it, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return nil
	}
	lines = [][]span{nil}
	for t := it(); t != chroma.EOF; t = it() {
		open := l.token(t.Type)
		for i, piece := range strings.Split(t.Value, "\n") {
			if i > 0 {
				lines = append(lines, nil)
			}
			if piece != "" {
				k := len(lines) - 1
				lines[k] = append(lines[k], span{open: open, text: piece})
			}
		}
	}
	for want := strings.Count(code, "\n") + 1; len(lines) > want && lines[len(lines)-1] == nil; {
		lines = lines[:len(lines)-1] // lexers make sure of a final line feed
	}
	return lines
}

func spansWidth(l []span) int {
	n := 0
	for _, s := range l {
		n += ansi.StringWidth(s.text)
	}
	return n
}

// cutSpans draws the cells from..from+width of a line and says how many it
// drew. An ellipsis stands in the first and the last cell where text is hidden.
func cutSpans(l []span, from, width int, mark theme.Style) (string, int) {
	lo, hi := from, from+width
	var b strings.Builder
	if from > 0 && beyond(l, 0) {
		b.WriteString(mark.Paint("…"))
		lo++
	}
	more := beyond(l, hi)
	if more {
		hi--
	}
	col, pos := 0, lo // col: where the text is; pos: where the drawing is
	for _, s := range l {
		rest := s.text
		if col < lo {
			n := 0
			n, col = skip(rest, col, lo)
			rest = rest[n:]
		}
		if rest == "" {
			continue
		}
		if pad := min(col, hi) - pos; pad > 0 { // the half of a wide character
			b.WriteString(strings.Repeat(" ", pad))
			pos += pad
		}
		n, cells := fit(rest, hi-col)
		paint(&b, s.open, rest[:n])
		col += cells
		pos += cells
		if n < len(rest) {
			break
		}
	}
	if more {
		b.WriteString(strings.Repeat(" ", max(hi-pos, 0)))
		b.WriteString(mark.Paint("…"))
		pos = hi + 1
	}
	return b.String(), pos - from
}

// beyond reports whether a line has text behind cell limit.
func beyond(l []span, limit int) bool {
	col := 0
	for _, s := range l {
		if _, col = skip(s.text, col, limit+1); col > limit {
			return true
		}
	}
	return false
}

func paint(b *strings.Builder, open, text string) {
	if open == "" || text == "" {
		b.WriteString(text)
		return
	}
	b.WriteString(open)
	b.WriteString(text)
	b.WriteString(theme.Reset)
}

// skip passes graphemes of s, which begins at cell col, until cell to is
// reached or passed.
func skip(s string, col, to int) (n, end int) {
	for n < len(s) && col < to {
		size, cells := cluster(s[n:])
		n += size
		col += cells
	}
	return n, col
}

// fit is skip that never passes the limit.
func fit(s string, limit int) (n, cells int) {
	for n < len(s) {
		size, c := cluster(s[n:])
		if cells+c > limit {
			break
		}
		n += size
		cells += c
	}
	return n, cells
}
