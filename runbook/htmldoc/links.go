package htmldoc

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// heading keeps the names by which links know it, those of what it begins
// included. A name that its words give anyway is left out.
func (w *rewriter) heading(to, n *html.Node) {
	h := into(to, n.DataAtom)
	own := slug(textOf(n))
	w.names = slices.DeleteFunc(w.names, func(id string) bool { return strings.EqualFold(id, own) })
	w.flush(h)
	w.fill(h, n)
}

// slug is the anchor that package runbook makes of a heading's words, for
// ordinary words.
func slug(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.TrimSpace(strings.TrimRight(oneLine(text), "¶#")))
}

// anchor notes an element's id or name for the next text.
func (w *rewriter) anchor(n *html.Node) {
	for _, key := range []string{"id", "name"} {
		id := strings.TrimPrefix(attr(n, key), "user-content-")
		if id == "" || len(id) > 200 || len(w.names) >= maxNames || slices.Contains(w.names, id) || strings.ContainsFunc(id, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.:", r)
		}) {
			continue
		}
		w.names = append(w.names, id)
	}
}

// maxNames is how many anchors may lead to the same text.
const maxNames = 8

// flush writes the anchors that wait, as package runbook finds them.
func (w *rewriter) flush(to *html.Node) {
	for _, id := range w.names {
		to.AppendChild(verbatim(`<a id="` + id + `"></a>`))
	}
	w.names = nil
}

// link keeps links that can be followed; of others only the text stays.
func (w *rewriter) link(to, n *html.Node) {
	href := w.address(attr(n, "href"))
	if href == "" || strings.TrimSpace(textOf(n)) == "" && !has(n, tagged(atom.Img)) {
		w.fill(to, n)
		return
	}
	w.flush(to)
	a := into(to, atom.A)
	a.Attr = []html.Attribute{{Key: "href", Val: href}}
	w.fill(a, n)
}

// address is a link made absolute; empty: it is none to follow. A link into
// the page itself stays a fragment.
func (w *rewriter) address(href string) string {
	href = strings.TrimSpace(clean(href))
	if href == "" || w.base == nil && !strings.Contains(href, "://") && href[0] != '#' {
		return ""
	}
	if href[0] == '#' {
		return href
	}
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	if w.base != nil {
		u = w.base.ResolveReference(u)
	}
	switch u.Scheme {
	case "http", "https":
	case "mailto":
		return u.String()
	default:
		return ""
	}
	if w.page != nil && u.Fragment != "" && u.Host == w.page.Host && u.Path == w.page.Path && u.RawQuery == w.page.RawQuery {
		return "#" + u.EscapedFragment()
	}
	u.User = nil
	return u.String()
}

// image keeps a picture's address and what it stands for. One that is drawn
// into the page (an icon, an emoticon) is its word.
func (w *rewriter) image(to, n *html.Node) {
	src, alt := w.address(attr(n, "src")), oneLine(attr(n, "alt"))
	if src == "" || classed(n, "emoticon", "emoji") {
		if alt != "" {
			to.AppendChild(&html.Node{Type: html.TextNode, Data: alt})
		}
		return
	}
	img := into(to, atom.Img)
	img.Attr = []html.Attribute{{Key: "src", Val: src}, {Key: "alt", Val: alt}}
}
