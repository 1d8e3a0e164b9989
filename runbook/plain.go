package runbook

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// plainKinds are the texts that are no Markdown and are shown as they are
// written, by the end of their file's name.
var plainKinds = map[string]string{".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".rst": "reStructuredText", ".org": "Org"}

// ParseFile is Parse for what the name of the file, or of the page, says it is:
// Markdown, or a text of another kind, which becomes Plain blocks. Cut says
// which, and anchors of its headings and labels are known.
func ParseFile(src []byte, w Where) Document {
	name := strings.ReplaceAll(w.Path, `\`, "/")
	if u, err := url.Parse(w.URL); name == "" && err == nil {
		name = u.Path
	}
	kind, ok := plainKinds[strings.ToLower(path.Ext(name))]
	if !ok {
		return Parse(src, w)
	}
	d := Document{Where: w, Cut: []string{kind + " is shown as plain text"}}
	if len(src) > MaxSource {
		src = cutSource(src)
		d.Cut = append(d.Cut, "cut at "+size(len(src))+": the source is larger")
	}
	d.Source = src
	d.text = []byte(safe.Outside(string(src)).Lines())
	d.lines = lineStarts(d.text)
	p := plainReader{d: &d, slugs: slugger{}, marked: marks[kind]}
	for n := range d.lines {
		p.line(strings.TrimRight(string(d.textLine(n+1)), " \r\n"), n+1)
	}
	p.end()
	d.Title = title(&d, p.title)
	return d
}

// plainReader makes a block of each paragraph.
type plainReader struct {
	d      *Document
	slugs  slugger
	marked *regexp.Regexp // a heading that begins with marks; nil: none does
	lines  []string       // of the paragraph
	first  int            // its first line
	title  string
}

// marks are how headings begin.
var marks = map[string]*regexp.Regexp{
	"AsciiDoc": regexp.MustCompile(`^={1,6}[ \t]+(\S.*)$`),
	"Org":      regexp.MustCompile(`^\*{1,6}[ \t]+(\S.*)$`),
}

var (
	// underline is what reStructuredText writes below a heading.
	underline = regexp.MustCompile(`^(=+|-+|~+|\^+|"+|'+|\*+|\++|#+)$`)
	// label names the place below it.
	label = regexp.MustCompile(`^(?:\[\[([^\],]+)|\[#([^\],]+)|\.\. _([^:]+):)`)
)

func (p *plainReader) line(line string, n int) {
	if line == "" {
		p.end()
		return
	}
	if len(p.lines) == 0 {
		p.first = n
	}
	if m := label.FindStringSubmatch(line); m != nil {
		p.anchor(strings.ToLower(m[1]+m[2]+m[3]), n)
	}
	if p.marked != nil {
		if m := p.marked.FindStringSubmatch(line); m != nil {
			p.heading(m[1], n)
		}
	} else if k := len(p.lines); k > 0 && k < 3 && underline.MatchString(line) && len(line) >= len(p.lines[k-1]) && !underline.MatchString(p.lines[k-1]) {
		p.heading(p.lines[k-1], n-1)
	}
	p.lines = append(p.lines, line)
}

func (p *plainReader) heading(text string, n int) {
	text = strings.TrimSpace(text)
	if p.title == "" {
		p.title = text
	}
	p.anchor(p.slugs.unique(Slug(text)), n)
}

// anchor notes an anchor of the block that is being read.
func (p *plainReader) anchor(id string, n int) {
	p.d.anchors = append(p.d.anchors, anchor{id, htmlAnchor, n, len(p.d.Blocks)})
}

func (p *plainReader) end() {
	if len(p.lines) > 0 {
		p.d.Blocks = append(p.d.Blocks, Block{Kind: Plain, Line: p.first, EndLine: p.first + len(p.lines) - 1, Text: strings.Join(p.lines, "\n")})
	}
	p.lines = nil
}
