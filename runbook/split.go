package runbook

import (
	"bytes"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// links are link definitions by their label as goldmark looks it up.
type links map[string]parser.Reference

// split guesses where the text can be cut in pieces of about one size, and
// which links the whole defines (nil: it is one part). Both guesses are checked.
func (p *prepared) split(pieces int) ([]part, links) {
	if pieces < 2 {
		return []part{{to: len(p.text), line: 1}}, nil
	}
	size := len(p.text) / pieces
	var (
		all      []part
		defining []byte // the paragraphs that begin with a definition
		inside   bool   // one of them
		open     opened
		blank    = true // the line before is
		fresh    = true // no paragraph goes on from the line before
		x        = part{line: 1}
	)
	for n, at := range p.lines {
		line := p.textLine(n)
		empty := isBlank(line)
		belongs := open.line(line, empty)
		switch {
		case belongs, empty:
			inside = false
		case blank && line[0] == '#' && int(at)-x.from >= size && len(p.text)-int(at) >= size/2 && atxHeading(line):
			x.to = int(at)
			all = append(all, x)
			x = part{from: int(at), line: n + 1}
		case inside || fresh && definesLink(line):
			if !inside {
				defining = append(defining, '\n')
			}
			inside = true
			defining = append(defining, line...)
		}
		blank, fresh = empty, empty || belongs || line[0] == '#'
	}
	x.to = len(p.text)
	if len(all) == 0 {
		return []part{x}, nil
	}
	pc := &partContext{Context: parser.NewContext()}
	markdown().Parse(text.NewReader(defining), parser.WithContext(pc))
	return append(all, x), firstOf(pc.defined)
}

// textLine is a line of the text, from 0, with its feed.
func (p *prepared) textLine(n int) []byte {
	if n+1 < len(p.lines) {
		return p.text[p.lines[n]:p.lines[n+1]]
	}
	return p.text[p.lines[n]:]
}

// atxHeading reports whether a line is a heading that begins at the left edge.
func atxHeading(line []byte) bool {
	rest := bytes.TrimLeft(line, "#")
	level := len(line) - len(rest)
	return level >= 1 && level <= 6 && len(rest) > 1 && rest[0] == ' '
}

// definesLink reports whether a line may be a link definition.
func definesLink(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("[")) && bytes.Contains(line, []byte("]:"))
}

// opened is what is open at a line: a fence or HTML.
type opened struct {
	fence  []byte // as it was opened; empty: none
	indent int    // of the fence
	html   string // what ends it; empty: none
}

// line takes the next line, and reports whether it belongs to what is open.
func (o *opened) line(line []byte, empty bool) bool {
	if o.html != "" {
		if bytes.Contains(line, []byte(o.html)) {
			o.html = ""
		}
		return true
	}
	if empty {
		return len(o.fence) > 0
	}
	indent := 0
	for indent < len(line)-1 && (line[indent] == ' ' || line[indent] == '\t' || line[indent] == '>') {
		indent++
	}
	bare := line[indent:]
	if len(o.fence) > 0 {
		n := run(bare)
		if bare[0] == o.fence[0] && n >= len(o.fence) && isBlank(bare[n:]) {
			o.fence = nil
			return true
		}
		if o.indent < 2 || indent > 0 {
			return true
		}
		o.fence = nil // one in a list ends with it
	}
	if indent < 4 && bare[0] == '<' {
		return o.tag(bare)
	}
	if bytes.IndexByte([]byte("`~>-*+0123456789"), bare[0]) < 0 {
		return false
	}
	bare = bytes.TrimLeft(bare, " \t>-*+.)0123456789")
	n := run(bare)
	if n < 3 || bare[0] != '~' && (bare[0] != '`' || bytes.IndexByte(bare[n:], '`') >= 0) {
		return false
	}
	o.fence, o.indent = bare[:n], len(line)-len(bare)
	return true
}

// run is how often the first byte is repeated.
func run(line []byte) int {
	n := 0
	for n < len(line) && line[n] == line[0] {
		n++
	}
	return n
}

// tag looks whether a line opens HTML that a blank line does not end.
func (o *opened) tag(line []byte) bool {
	end := ""
	switch {
	case bytes.HasPrefix(line, []byte("<!--")):
		end = "-->"
	case bytes.HasPrefix(line, []byte("<pre")):
		end = "</pre>"
	default:
		return false
	}
	if !bytes.Contains(line, []byte(end)) {
		o.html = end
	}
	return true
}

// firstOf maps definitions by their labels; the first of a label counts.
func firstOf(defined []parser.Reference) links {
	out := links{}
	for _, r := range defined {
		if label := util.ToLinkReference(r.Label()); out[label] == nil {
			out[label] = r
		}
	}
	return out
}

// defines reports whether the definitions of the parts are the known ones.
func defines(all []part, known links) bool {
	var defined []parser.Reference
	for _, x := range all {
		defined = append(defined, x.defined...)
	}
	found := firstOf(defined)
	for label, r := range found {
		k := known[label]
		if k == nil || !bytes.Equal(k.Destination(), r.Destination()) || !bytes.Equal(k.Title(), r.Title()) {
			return false
		}
	}
	return len(found) == len(known)
}
