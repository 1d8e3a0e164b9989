package reader

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	astext "github.com/yuin/goldmark/extension/ast"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

// links are the targets of a document in the order of their first use. In the
// text a link is its words and a number; where it leads stands at the end, so
// that long addresses do not tear the sentences apart and that a screen without
// hyperlinks still says it.
type links struct {
	number  map[string]int // by target as written, from 1
	targets []string
	graphs  map[int][]graph // by block: links to graphs, each query where it is linked first
}

// graph is a link to a graph of an expression that can be asked here.
type graph struct{ target, query string }

// collectLinks walks the blocks that have links.
func collectLinks(d runbook.Document) *links {
	l := &links{number: map[string]int{}, graphs: map[int][]graph{}}
	queries := map[string]bool{}
	for i, b := range d.Blocks {
		if !b.Links {
			continue
		}
		// The walker never fails.
		_ = ast.Walk(b.Node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			target := ""
			switch n := n.(type) {
			case *ast.AutoLink:
				target = string(n.URL(d.Text()))
			case *ast.Link:
				target = string(n.Destination)
				l.count(target, n, d.Text())
			}
			if q, ok := runbook.QueryInLink(target); ok && !queries[QueryText([]byte(q))] {
				q = QueryText([]byte(q))
				queries[q] = true
				l.graphs[i] = append(l.graphs[i], graph{target, q})
			}
			return ast.WalkContinue, nil
		})
	}
	return l
}

// count gives a link its number. One whose words are its address needs none.
func (l *links) count(target string, link ast.Node, src []byte) {
	if target == "" || l.number[target] > 0 || saysTarget(words(link, src), target) {
		return
	}
	l.targets = append(l.targets, target)
	l.number[target] = len(l.targets)
}

func saysTarget(words, target string) bool {
	words = strings.Trim(words, " `")
	return words == target || "mailto:"+words == target || words == strings.TrimSuffix(target, "/")
}

// nbsp keeps a link's number with its words.
const nbsp = "\u00a0"

// mark is the number after a link's words; empty: it has none.
func (l *links) mark(target string) string {
	if n := l.number[target]; n > 0 {
		return "[" + strconv.Itoa(n) + "]"
	}
	return ""
}

// hyperlink opens an OSC 8 link. Only http and https leave the terminal, and
// only as ASCII; anything else has no hyperlink.
func hyperlink(target string) string {
	u, err := url.Parse(target)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	s := u.String()
	for i := range len(s) {
		if s[i] <= 0x20 || s[i] >= 0x7f {
			return ""
		}
	}
	return "\x1b]8;;" + s + "\x07"
}

// words is the text of inline content, without its looks.
func words(n ast.Node, src []byte) string {
	return marked(n, src, &links{})
}

// marked is words with the numbers of links behind them.
func marked(n ast.Node, src []byte, l *links) string {
	var b strings.Builder
	gather(&b, n, src, l, 0)
	return b.String()
}

func gather(b *strings.Builder, n ast.Node, src []byte, l *links, depth int) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.WriteString(textOf(c, src))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.WriteString(stringOf(c))
		case *ast.CodeSpan:
			b.WriteString("`" + codeOf(c, src) + "`")
		case *ast.AutoLink:
			b.WriteString(safe.Text(string(c.Label(src))))
		case *ast.RawHTML:
			b.WriteString(inlineHTML(string(c.Segments.Value(src))))
		case *ast.Image:
			b.WriteString(imageNote(words(c, src), string(c.Destination)))
		case *astext.FootnoteLink:
			b.WriteString(footnoteMark(c.Index))
		default:
			if depth < maxInline {
				gather(b, c, src, l, depth+1)
			} else {
				flat(b, c, src)
			}
		}
		if link, ok := c.(*ast.Link); ok {
			if mark := l.mark(string(link.Destination)); mark != "" {
				b.WriteString(nbsp + mark)
			}
		}
		if c.Type() == ast.TypeBlock {
			b.WriteByte('\n')
		}
	}
}

// flat writes the text of everything under a node that is nested too deep to
// be drawn. It does not recurse.
func flat(b *strings.Builder, top ast.Node, src []byte) {
	for n := top; n != nil; {
		switch t := n.(type) {
		case *ast.Text:
			b.WriteString(textOf(t, src))
			if t.SoftLineBreak() || t.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.WriteString(stringOf(t))
		case *ast.AutoLink:
			b.WriteString(safe.Text(string(t.Label(src))))
		case *ast.RawHTML:
			b.WriteString(inlineHTML(string(t.Segments.Value(src))))
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			b.WriteString(safe.Outside(string(t.Lines().Value(src))).Lines())
		case *ast.HTMLBlock:
			b.WriteString(safe.Outside(string(t.Lines().Value(src))).Lines())
		}
		if c := n.FirstChild(); c != nil {
			n = c
			continue
		}
		for n != top && n.NextSibling() == nil {
			if n.Type() == ast.TypeBlock {
				b.WriteByte('\n')
			}
			n = n.Parent()
		}
		if n == top {
			return
		}
		if n.Type() == ast.TypeBlock {
			b.WriteByte('\n')
		}
		n = n.NextSibling()
	}
}
