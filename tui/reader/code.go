package reader

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

const (
	tabWidth  = 4
	framedMin = 16 // cells below which the frame is a bar only
	titleMax  = 24 // cells of a frame's title
)

// box is one code block in its frame. It never wraps a line: a line is cut at
// the right edge and moved sideways. Rows are made when they are painted.
type box struct {
	look  *looks
	title string
	warn  string // behind the title: what running it does; empty: nothing
	note  string // in the bottom: what was filled in
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
		return b.bottom(side)
	}
	side = min(side, b.reach())
	body, cells := cutSpans(b.line(i-1), side, b.inner, b.look.theme.Muted)
	bar := rule.Paint("│") + " "
	if !b.framed() || b.open {
		return strings.TrimRight(bar+body, " ")
	}
	return bar + body + strings.Repeat(" ", b.inner-cells+1) + rule.Paint("│")
}

// bottom is the last row: what was filled in and, where there is room for it,
// that there is more to the right.
func (b *box) bottom(side int) string {
	th := b.look.theme
	more, note := "", ""
	if b.note != "" && b.inner > minText {
		note = " " + ansi.Truncate(safe.Text(b.note), b.inner-4, "…") + " "
	}
	if text := " l shows the rest "; side < b.reach() && b.inner > 2*len(text) && ansi.StringWidth(note)+len(text) < b.inner {
		more = text
	}
	fill := strings.Repeat("─", max(b.inner+2-ansi.StringWidth(note)-len(more), 0))
	if more != "" {
		fill = strings.TrimSuffix(fill, "──")
	} else {
		fill += "┘"
	}
	row := th.Rule.Paint("└" + fill)
	if note != "" {
		row = th.Rule.Paint("└") + th.Accent.Paint(note) + th.Rule.Paint(fill)
	}
	if more != "" {
		row += th.Muted.Paint(more) + th.Rule.Paint("──┘")
	}
	return row
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
	warn := ""
	if b.warn != "" && ansi.StringWidth(title)+len(b.warn)+2 <= b.inner {
		warn = " " + b.warn + " "
	}
	fill := b.inner + 2 - ansi.StringWidth(title) - len(warn)
	return th.Rule.Paint("┌") + th.Muted.Paint(title) + th.Danger.Paint(warn) + th.Rule.Paint(strings.Repeat("─", max(fill, 0))+"┐")
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

// lineCount is the sentence part for a diagram that is not drawn.
func lineCount(code []byte) string {
	n := bytes.Count(bytes.TrimRight(code, "\n"), []byte("\n")) + 1
	if n == 1 {
		return "1 line"
	}
	return strconv.Itoa(n) + " lines"
}
