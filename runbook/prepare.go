package runbook

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// MaxSource is how much of a runbook is read, in bytes; the largest real one
// known is 253 KB. Parse says in Document.Cut that there was more.
const MaxSource = 4 << 20

const (
	// maxMarkers is how many containers (`> > - `) one line may open before
	// the rest is taken as text. The deepest real nesting is 5; the bound
	// keeps the tree shallow enough to be walked.
	maxMarkers = 40
)

// prepared is a source made harmless, line by line.
type prepared struct {
	source []byte // possibly cut
	text   []byte // same number of lines
	head   frontMatter
	ids    map[int]string // `{#id}` of the heading in a line (from 1), cut from the text
	cut    []string

	lines, sourceLines []int32 // offset of each line of text and source
	lastComment        int     // offset in text where the last comment ends; -1: there is no comment
}

// prepare cuts src to the cap and makes the text that is parsed. Every line
// feed of the source is one of the text and no others are made, so that line n
// of the one is line n of the other.
func prepare(src []byte) *prepared {
	p := &prepared{source: src}
	if len(src) > MaxSource {
		p.source = cutSource(src)
		p.cut = append(p.cut, "cut at "+size(len(p.source))+": the source is larger")
	}
	p.sourceLines = lineStarts(p.source)
	p.lines = make([]int32, len(p.sourceLines))
	body := bytes.TrimPrefix(p.source, []byte("\ufeff"))
	if bytes.HasPrefix(body, []byte("---")) || bytes.HasPrefix(body, []byte("+++")) {
		p.head = readFrontMatter(string(body))
	}
	out := make([]byte, 0, len(body)+len(body)/64+16)
	for n := 1; len(body) > 0; n++ {
		line, rest, feed := bytes.Cut(body, []byte{'\n'})
		body = rest
		if n > p.head.lines {
			out = p.appendLine(out, line, n)
		}
		if feed {
			out = append(out, '\n')
			p.lines[n] = int32(len(out))
		}
	}
	p.text = out
	p.lastComment = -1
	if bytes.Contains(out, []byte("<!--")) {
		p.lastComment = bytes.LastIndex(out, []byte("-->")) // far slower than looking for the first
	}
	return p
}

func cutSource(src []byte) []byte {
	cut := src[:MaxSource]
	if i := bytes.LastIndexByte(cut, '\n'); i > 0 {
		return cut[:i+1]
	}
	for i := 0; i < utf8.UTFMax && len(cut) > 0; i++ {
		if r, n := utf8.DecodeLastRune(cut); r != utf8.RuneError || n != 1 {
			break
		}
		cut = cut[:len(cut)-1]
	}
	return cut
}

// appendLine appends one line of the source, made harmless, without its feed.
func (p *prepared) appendLine(out, raw []byte, n int) []byte {
	raw = bytes.TrimRight(raw, "\r")
	kind := look(raw)
	if kind == simple {
		return append(out, raw...)
	}
	line := string(raw)
	if kind&unclean != 0 {
		line = cleanLine(line)
	}
	if kind&special != 0 {
		if strings.TrimSpace(line) == "[[_TOC_]]" || strings.TrimSpace(line) == "[TOC]" {
			return out
		}
		line = defuse(shortcodes(line))
		line = p.cutID(line, n)
	}
	if kind&marker != 0 {
		line = limitMarkers(line)
	}
	return append(out, line...)
}

// What a line needs.
const (
	simple  = 0
	unclean = 1 << iota
	special
	marker
	bracket // special at the start and after a blank
)

// needs says what a byte makes a line need.
var needs = func() (t [256]uint8) {
	for c := range t {
		if c < 0x20 && c != '\t' || c >= 0x7f {
			t[c] = unclean
		}
	}
	t['&'], t['{'], t['['] = special, special, bracket
	for _, c := range ">-*+.)" {
		t[c] = marker
	}
	return t
}()

func look(line []byte) int {
	kind, markers := simple, 0
	for i, c := range line {
		switch need := int(needs[c]); need {
		case simple:
		case marker:
			markers++
		case bracket:
			if i == 0 || line[i-1] == ' ' {
				kind |= special
			}
		default:
			kind |= need
		}
	}
	if markers > maxMarkers {
		kind |= marker
	}
	return kind
}

// cleanLine makes hazardous runes visible and keeps tabs, which mean
// something to Markdown.
func cleanLine(line string) string {
	if !strings.Contains(line, "\t") {
		return safe.Text(line)
	}
	parts := strings.Split(line, "\t")
	for i, part := range parts {
		parts[i] = safe.Text(part)
	}
	return strings.Join(parts, "\t")
}

// cutID takes a heading's own anchor, `## Title {#anchor}`, off the line.
func (p *prepared) cutID(line string, n int) string {
	if !strings.HasPrefix(strings.TrimLeft(line, " "), "#") {
		return line
	}
	trimmed := strings.TrimRight(line, " \t#")
	start := strings.LastIndex(trimmed, "{#")
	if start < 0 || !strings.HasSuffix(trimmed, "}") {
		return line
	}
	id := trimmed[start+2 : len(trimmed)-1]
	if id == "" || strings.ContainsAny(id, " \t{}") {
		return line
	}
	if p.ids == nil {
		p.ids = map[int]string{}
	}
	p.ids[n] = id
	return strings.TrimRight(line[:start], " \t")
}

// limitMarkers takes the meaning from the containers that a line opens beyond
// maxMarkers.
func limitMarkers(line string) string {
	if strings.Trim(line, " \t-") == "" || strings.Trim(line, " \t*") == "" {
		return line // a rule
	}
	count := 0
	for i := 0; i < len(line); {
		n := markerLength(line[i:])
		switch {
		case n == 0:
			return line
		case n == 1 && (line[i] == ' ' || line[i] == '\t'):
		default:
			if count++; count > maxMarkers {
				return line[:i] + `\` + line[i:]
			}
		}
		i += n
	}
	return line
}

// markerLength is the length of the blank or container marker at the start of
// s; 0: there is none.
func markerLength(s string) int {
	switch c := s[0]; {
	case c == ' ', c == '\t', c == '>':
		return 1
	case c == '-', c == '*', c == '+':
		if len(s) == 1 || s[1] == ' ' || s[1] == '\t' {
			return 1
		}
	case c >= '0' && c <= '9':
		i := 1
		for i < len(s) && i < 9 && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if i < len(s) && (s[i] == '.' || s[i] == ')') && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\t') {
			return i + 1
		}
	}
	return 0
}

// size is a number of bytes in words: "300 KiB", "4 MiB".
func size(n int) string {
	if n >= 1<<20 {
		return strconv.Itoa((n+1<<19)>>20) + " MiB"
	}
	return strconv.Itoa((n+1<<9)>>10) + " KiB"
}
