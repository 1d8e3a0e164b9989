package reader

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// Beyond these a block is drawn without colours: Chroma takes about 14 ms for
// 100 lines, and a block must be there within a moment.
const (
	maxColourLines = 500
	maxColourLine  = 10_000    // bytes of one line
	maxColourBytes = 24 * 1024 // of a block
)

const (
	tabWidth  = 4
	framedMin = 16 // cells below which the frame is a bar only
	titleMax  = 24 // cells of a frame's title
)

// span is a piece of one line of code in one colour.
type span struct {
	open string // SGR prefix; empty: the terminal's own colour
	text string // clean, without tabs
}

// box is one code block in its frame. It never wraps a line: a line is cut at
// the right edge and moved sideways. Rows are made when they are painted.
type box struct {
	look  *looks
	title string
	src   []byte
	at    []int32  // where each line begins in src; the last entry is its end
	spans [][]span // by line; nil: no colours
	avail int      // cells for the whole box, frame included
	inner int      // cells for the code
	most  int      // cells of the longest line, at least; see width
	open  bool     // no right side, nothing cut: for a text that is printed
}

// newBox frames code in at most avail cells. It is usual cells wide, or wider
// if the code is.
func newBox(l *looks, code []byte, lang string, usual, avail int, whole bool) *box {
	b := &box{look: l, src: bytes.TrimRight(code, "\n"), avail: avail}
	b.title = ansi.Truncate(safe.Text(lang), titleMax, "…")
	longest := b.index()
	plain := len(b.at)-1 > maxColourLines || longest > maxColourLine || len(b.src) > maxColourBytes
	switch {
	case !plain:
		b.colour(lang)
		for _, l := range b.spans {
			b.most = max(b.most, spansWidth(l))
		}
	default: // not measured: a tab or a control picture may be wider than its byte
		b.most = longest
		if bytes.IndexByte(b.src, '\t') >= 0 {
			b.most = longest * tabWidth
		}
	}
	b.frame(usual)
	if whole && b.most > b.inner {
		b.open, b.inner = true, b.most
	}
	return b
}

// index finds the lines and returns the length of the longest in bytes.
func (b *box) index() int {
	b.at = append(b.at, 0)
	longest := 0
	for i := 0; i <= len(b.src); {
		n := bytes.IndexByte(b.src[i:], '\n')
		if n < 0 {
			n = len(b.src) - i
		}
		longest = max(longest, n)
		i += n + 1
		b.at = append(b.at, int32(i))
	}
	return longest
}

// frame settles how wide the box is.
func (b *box) frame(usual int) {
	if !b.framed() {
		b.inner = max(b.avail-2, 1)
		return
	}
	b.inner = min(max(usual-4, b.most), b.avail-4)
}

func (b *box) framed() bool { return b.avail >= framedMin }

// rows is how many rows the box has: its lines, a top and a bottom.
func (b *box) rows() int { return len(b.at) - 1 + 2 }

func (b *box) bytes() int {
	n := len(b.at) * 4
	for _, l := range b.spans {
		n += 24 + len(l)*32
	}
	return n + len(b.src)
}

// reach is how far the box can be moved sideways.
func (b *box) reach() int {
	if b.open {
		return 0
	}
	return max(b.most-b.inner, 0)
}

// line is line i of the code, clean and without tabs.
func (b *box) line(i int) []span {
	if b.spans != nil {
		return b.spans[i]
	}
	end := int(b.at[i+1]) - 1
	s := clean(expand(string(b.src[b.at[i]:end])))
	return []span{{open: b.look.plain, text: s}}
}

// paint draws row i: the top, a line, or the bottom.
func (b *box) paint(i, side int) string {
	rule := b.look.theme.Rule
	switch {
	case i == 0:
		return b.top()
	case i == b.rows()-1:
		if !b.framed() || b.open {
			return rule.Paint("└")
		}
		return rule.Paint("└" + strings.Repeat("─", b.inner+2) + "┘")
	}
	side = min(side, b.reach())
	body, cells := cutSpans(b.line(i-1), side, b.inner, b.look.theme.Muted)
	bar := rule.Paint("│") + " "
	if !b.framed() || b.open {
		return strings.TrimRight(bar+body, " ")
	}
	return bar + body + strings.Repeat(" ", b.inner-cells+1) + rule.Paint("│")
}

func (b *box) top() string {
	th := b.look.theme
	title := b.title
	if ansi.StringWidth(title) > b.inner-2 {
		title = ansi.Truncate(title, max(b.inner-2, 0), "…")
	}
	if title != "" {
		title = " " + title + " "
	}
	if !b.framed() || b.open {
		return th.Rule.Paint("┌") + th.Muted.Paint(strings.TrimRight(title, " "))
	}
	fill := b.inner + 2 - ansi.StringWidth(title)
	return th.Rule.Paint("┌") + th.Muted.Paint(title) + th.Rule.Paint(strings.Repeat("─", max(fill, 0))+"┐")
}

// expand turns tabs into spaces up to the next stop.
func expand(s string) string {
	if strings.IndexByte(s, '\t') < 0 {
		return s
	}
	var b strings.Builder
	col := 0
	for len(s) > 0 {
		if s[0] == '\t' {
			n := tabWidth - col%tabWidth
			b.WriteString("    "[:n])
			col += n
			s = s[1:]
			continue
		}
		n, cells := cluster(s)
		b.WriteString(s[:n])
		col += cells
		s = s[n:]
	}
	return b.String()
}

// clean makes one line harmless, its line end dropped.
func clean(s string) string { return safe.Text(strings.TrimRight(s, "\r\n")) }

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

// lineCount is the sentence part for a diagram that is not drawn.
func lineCount(code []byte) string {
	n := bytes.Count(bytes.TrimRight(code, "\n"), []byte("\n")) + 1
	if n == 1 {
		return "1 line"
	}
	return strconv.Itoa(n) + " lines"
}
