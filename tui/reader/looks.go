package reader

import (
	"fmt"
	"strconv"
	"strings"

	gansi "charm.land/glamour/v2/ansi"
	"github.com/alecthomas/chroma/v2"

	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// looks is what a theme means for Glamour and Chroma. It is immutable.
type looks struct {
	theme  theme.Theme
	config gansi.StyleConfig
	code   map[chroma.TokenType]string // SGR prefix by token, category or sub-category
	plain  string                      // SGR prefix of code that has no prefix of its own
}

func newLooks(t theme.Theme) *looks {
	p := t.Palette
	yes := true
	accent, code := hex(p.Accent), hex(p.CodeText)
	l := &looks{theme: t, plain: foreground(p.Code)}

	c := &l.config
	c.Strong.Bold = &yes
	c.Emph.Italic = &yes
	c.Strikethrough.CrossedOut = &yes
	c.Code.Color = code
	c.LinkText.Underline, c.LinkText.Color = &yes, accent
	c.Link = c.LinkText
	c.Heading.Bold = &yes
	c.H1.Color, c.H2.Color, c.H3.Color = accent, accent, accent
	column, row, center := t.Rule.Paint("│"), t.Rule.Paint("─"), t.Rule.Paint("┼")
	c.Table.ColumnSeparator, c.Table.RowSeparator, c.Table.CenterSeparator = &column, &row, &center

	key, text, note := foreground(p.CodeKey), foreground(p.CodeText), foreground(p.CodeNote)
	l.code = map[chroma.TokenType]string{
		chroma.Keyword:         key,
		chroma.NameTag:         key,
		chroma.NameAttribute:   key,
		chroma.NameBuiltin:     key,
		chroma.NameFunction:    key,
		chroma.LiteralString:   text,
		chroma.Comment:         note,
		chroma.GenericPrompt:   note,
		chroma.GenericOutput:   note,
		chroma.GenericInserted: text,
		chroma.CommentPreproc:  key,
	}
	return l
}

// token is the SGR prefix of a Chroma token; empty when the terminal's own
// colour is meant.
func (l *looks) token(t chroma.TokenType) string {
	for _, k := range []chroma.TokenType{t, t.SubCategory(), t.Category()} {
		if s, ok := l.code[k]; ok {
			return s
		}
	}
	return l.plain
}

func hex(colour string) *string {
	if colour == "" {
		return nil
	}
	return &colour
}

// foreground compiles #rrggbb to an SGR prefix. An empty or malformed colour
// is the terminal's own.
func foreground(colour string) string {
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("\x1b[38;2;%d;%d;%dm", n>>16&0xff, n>>8&0xff, n&0xff)
}
