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
		blank    = true // the line before
		x        = part{line: 1}
	)
	for n, at := range p.lines {
		line := p.textLine(n)
		switch {
		case open.line(line):
			inside = false
		case isBlank(line):
			inside = false
		case blank && n > 0 && atxHeading(line) && int(at)-x.from >= size && len(p.text)-int(at) >= size/2:
			x.to = int(at)
			all = append(all, x)
			x = part{from: int(at), line: n + 1}
		case inside || blank && definesLink(line):
			if !inside {
				defining = append(defining, '\n')
			}
			inside = true
			defining = append(defining, line...)
		}
		blank = isBlank(line)
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
func (o *opened) line(line []byte) bool {
	bare := bytes.TrimLeft(line, " \t>")
	indent := len(line) - len(bare)
	if o.html != "" {
		if bytes.Contains(line, []byte(o.html)) {
			o.html = ""
		}
		return true
	}
	if len(o.fence) > 0 {
		if rest := bytes.TrimLeft(bare, string(o.fence[:1])); len(bare)-len(rest) >= len(o.fence) && isBlank(rest) {
			o.fence = nil
			return true
		}
		// A fence in a list ends with it.
		if o.indent < 2 || indent > 0 || isBlank(line) {
			return true
		}
		o.fence = nil
	}
	if indent < 4 && bytes.HasPrefix(bare, []byte("<")) {
		return o.tag(bare)
	}
	bare = bytes.TrimLeft(bare, " \t>-*+.)0123456789")
	for _, mark := range []string{"`", "~"} {
		rest := bytes.TrimLeft(bare, mark)
		if n := len(bare) - len(rest); n >= 3 && (mark == "~" || bytes.IndexByte(rest, '`') < 0) {
			o.fence, o.indent = bare[:n], len(line)-len(bare)
			return true
		}
	}
	return false
}

// tag looks whether a line opens HTML that a blank line does not end.
func (o *opened) tag(line []byte) bool {
	for begin, end := range map[string]string{"<!--": "-->", "<pre": "</pre>"} {
		if bytes.HasPrefix(line, []byte(begin)) {
			if !bytes.Contains(line, []byte(end)) {
				o.html = end
			}
			return true
		}
	}
	return false
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
