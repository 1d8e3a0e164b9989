// Package theme turns the seven tokens of the screen (critical, warning, ok,
// stale, muted, accent, plain) into compiled SGR prefixes. A prefix and a
// string cost 0.1 microseconds a cell row where a Lip Gloss style with a width
// costs 17, and panes draw hundreds of rows.
//
// Imported by tui and its panes; it imports nothing of ours. A Theme is
// immutable and safe to share. Colours are written in full (24 bit); Bubble
// Tea reduces them to what the terminal has, and NO_COLOR removes them.
package theme

import (
	"fmt"
	"strconv"
	"strings"
)

// Name is a theme as the configuration writes it.
type Name string

// The themes. Auto follows the terminal's background.
const (
	Auto         Name = "auto"
	Dark         Name = "dark"
	Light        Name = "light"
	HighContrast Name = "high-contrast"
)

// Names lists the themes in the order of the documentation.
func Names() []Name { return []Name{Auto, Dark, Light, HighContrast} }

// Style is one compiled look. The zero Style is plain.
type Style struct{ open string }

// Reset ends every style.
const Reset = "\x1b[m"

// Paint styles text, which must not end in the middle of another style. Styles
// inside the text end this one: see Over.
func (s Style) Paint(text string) string {
	if s.open == "" || text == "" {
		return text
	}
	return s.open + text + Reset
}

// Over styles text that holds styles of its own: after each of them this one
// goes on. For the background of a current row.
func (s Style) Over(text string) string {
	if s.open == "" {
		return text
	}
	return s.open + strings.ReplaceAll(text, Reset, Reset+s.open) + Reset
}

// Palette is the colours of a theme as #rrggbb; empty means the terminal's
// own. The reader builds Glamour's style from it.
type Palette struct {
	Text, Muted, Faint                string
	Accent, OK, Warning, Critical     string
	CriticalText                      string // on Critical as background
	RowText, Row                      string // current row: text on background
	Code, CodeKey, CodeText, CodeNote string
}

// Theme is the looks of the screen. Each is named for what it says, not for
// its colour.
type Theme struct {
	Name    Name
	IsDark  bool
	Palette Palette

	Plain, Bold, Muted, Faint          Style
	Accent, AccentBold                 Style
	OK, Warning, WarningBold           Style
	Stale                              Style // as Warning, never bold: old data
	Critical                           Style // text in the critical colour
	Page                               Style // the severity word: on the critical background
	Danger                             Style // CHANGES PRODUCTION: reversed warning
	Row, RowBlur                       Style // current row with and without focus
	Key                                Style // a key to press
	Filled                             Style // a value filled into a command
	Match                              Style // a search hit
	Rule, RuleFocus, Title, TitleFocus Style
}

// New compiles a theme. Auto means dark or light by isDark.
func New(n Name, isDark bool) Theme {
	switch n {
	case Light:
		isDark = false
	case Dark, HighContrast:
		isDark = true
	}
	p := darkPalette
	switch {
	case n == HighContrast:
		p = contrastPalette
	case !isDark:
		p = lightPalette
	}
	t := Theme{Name: n, IsDark: isDark, Palette: p}
	t.Bold = sgr("1", "", "")
	t.Muted = sgr("", p.Muted, "")
	t.Faint = sgr("", p.Faint, "")
	t.Accent = sgr("", p.Accent, "")
	t.AccentBold = sgr("1", p.Accent, "")
	t.OK = sgr("", p.OK, "")
	t.Warning = sgr("", p.Warning, "")
	t.WarningBold = sgr("1", p.Warning, "")
	t.Stale = t.Warning
	t.Critical = sgr("1", p.Critical, "")
	t.Page = sgr("1", p.CriticalText, p.Critical)
	t.Danger = sgr("1;7", p.Warning, "")
	t.Row = sgr("1", p.RowText, p.Row)
	t.RowBlur = sgr("1", "", "")
	t.Key = sgr("1", p.Accent, "")
	t.Filled = sgr("4", "", "")
	t.Match = sgr("7", "", "")
	t.Rule = sgr("", p.Faint, "")
	t.RuleFocus = sgr("", p.Accent, "")
	t.Title = sgr("1", "", "")
	t.TitleFocus = t.AccentBold
	return t
}

// The palettes were chosen for at least 4.5:1 contrast (WCAG AA) of every text
// colour on black and white terminals; Faint is for rules only.
var (
	darkPalette = Palette{
		Muted: "#9aa3b2", Faint: "#5c6370", Accent: "#7aa2f7", OK: "#7fc98a", Warning: "#e5b454",
		Critical: "#d64550", CriticalText: "#ffffff", RowText: "#ffffff", Row: "#2b3a5e",
		Code: "#c8d3f5", CodeKey: "#86a7f0", CodeText: "#9fd8a3", CodeNote: "#8a93a6",
	}
	lightPalette = Palette{
		Muted: "#5b6370", Faint: "#a0a7b4", Accent: "#1f4fbf", OK: "#1e7a33", Warning: "#8a5a00",
		Critical: "#b3202c", CriticalText: "#ffffff", RowText: "#0b1736", Row: "#cfdcfb",
		Code: "#24344d", CodeKey: "#1f4fbf", CodeText: "#1e6b30", CodeNote: "#646c79",
	}
	contrastPalette = Palette{
		Text: "#ffffff", Muted: "", Faint: "#ffffff", Accent: "#00ffff", OK: "#00ff00", Warning: "#ffff00",
		Critical: "#ff0000", CriticalText: "#ffffff", RowText: "#000000", Row: "#ffffff",
		Code: "#ffffff", CodeKey: "#00ffff", CodeText: "#00ff00", CodeNote: "#ffffff",
	}
)

// sgr compiles attributes ("1;7") and colours ("#rrggbb" or empty) to a style.
func sgr(attrs, fg, bg string) Style {
	var parts []string
	if attrs != "" {
		parts = append(parts, attrs)
	}
	if fg != "" {
		parts = append(parts, "38;2;"+rgb(fg))
	}
	if bg != "" {
		parts = append(parts, "48;2;"+rgb(bg))
	}
	if len(parts) == 0 {
		return Style{}
	}
	return Style{open: "\x1b[" + strings.Join(parts, ";") + "m"}
}

func rgb(hex string) string {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		return "255;255;255"
	}
	return fmt.Sprintf("%d;%d;%d", n>>16&0xff, n>>8&0xff, n&0xff)
}
