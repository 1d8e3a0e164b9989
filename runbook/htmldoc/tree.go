package htmldoc

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Trees are at most 512 deep: the parser refuses deeper ones.

// find is the first element that passes, in document order; nil: none does.
func find(n *html.Node, ok func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && ok(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if f := find(c, ok); f != nil {
			return f
		}
	}
	return nil
}

func has(n *html.Node, ok func(*html.Node) bool) bool { return find(n, ok) != nil }

func all(n *html.Node, ok func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	if n.Type == html.ElementNode && ok(n) {
		out = append(out, n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out = append(out, all(c, ok)...)
	}
	return out
}

func tagged(as ...atom.Atom) func(*html.Node) bool {
	return func(n *html.Node) bool { return slices.Contains(as, n.DataAtom) }
}

func element(a atom.Atom) *html.Node {
	return &html.Node{Type: html.ElementNode, Data: a.String(), DataAtom: a}
}

// attr is an attribute's value; empty: it has none.
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// classed reports whether an element has one of the classes.
func classed(n *html.Node, names ...string) bool {
	for _, c := range strings.Fields(strings.ToLower(attr(n, "class"))) {
		if slices.Contains(names, c) {
			return true
		}
	}
	return false
}

// textOf is the text below a node as it is, with a line feed for <br>.
func textOf(n *html.Node) string {
	var b strings.Builder
	addText(&b, n)
	return b.String()
}

func addText(b *strings.Builder, n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		b.WriteString(n.Data)
	case n.DataAtom == atom.Br:
		b.WriteByte('\n')
	case n.DataAtom == atom.Script, n.DataAtom == atom.Style, n.DataAtom == atom.Button:
	default:
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			addText(b, c)
		}
	}
}

// letters counts the letters and digits below a node that are to be read.
func letters(n *html.Node) int {
	count := 0
	for _, r := range textOf(n) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			count++
		}
	}
	return count
}

// readable reports whether there is any text below a node.
func readable(n *html.Node) bool {
	if n.Type == html.TextNode {
		return strings.TrimSpace(n.Data) != ""
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if readable(c) {
			return true
		}
	}
	return false
}

// contentIDs are the elements that hold a page's own text in the wikis that
// say so by an id: MediaWiki, Confluence, DokuWiki.
var contentIDs = []string{"mw-content-text", "main-content", "dokuwiki__content"}

// mainContent is the element that holds what the page is about: the wiki's own,
// else <article> or <main>, else the body. One that holds nearly nothing of its
// surroundings' text is passed over: it is a teaser.
func mainContent(doc *html.Node) *html.Node {
	body := find(doc, tagged(atom.Body))
	if body == nil {
		return doc
	}
	if n := find(body, func(n *html.Node) bool { return slices.Contains(contentIDs, attr(n, "id")) }); n != nil && letters(n) > 0 {
		return n
	}
	main := find(body, func(n *html.Node) bool { return n.DataAtom == atom.Main || attr(n, "role") == "main" })
	if main == nil || letters(main) == 0 {
		main = body
	}
	best, most, whole := main, 0, letters(main)
	for _, a := range articles(main, nil) {
		if n := letters(a); n > most {
			best, most = a, n
		}
	}
	if most*2 < whole {
		return main
	}
	return best
}

// articles are those that stand in no other one.
func articles(n *html.Node, out []*html.Node) []*html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Article {
			out = append(out, c)
			continue
		}
		out = articles(c, out)
	}
	return out
}

// pageTitle is the first heading of the page, else its title without the
// site's name behind it.
func pageTitle(doc *html.Node) string {
	if n := find(doc, tagged(atom.H1)); n != nil {
		if t := oneLine(textOf(n)); t != "" {
			return t
		}
	}
	n := find(doc, tagged(atom.Title))
	if n == nil {
		return ""
	}
	t := oneLine(textOf(n))
	for _, sep := range []string{" - ", " | ", " — ", " – ", " · "} {
		if head, _, ok := strings.Cut(t, sep); ok && head != "" {
			return head
		}
	}
	return t
}

func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }
