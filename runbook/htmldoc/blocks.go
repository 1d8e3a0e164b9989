package htmldoc

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// codeBlock is a <pre> with nothing but its text and its language.
func codeBlock(n *html.Node) *html.Node {
	text := strings.TrimRight(strings.Trim(clean(codeText(n)), "\n"), " \t")
	code := element(atom.Code)
	code.AppendChild(&html.Node{Type: html.TextNode, Data: text + "\n"})
	if l := language(n); l != "" {
		code.Attr = []html.Attribute{{Key: "class", Val: "language-" + l}}
	}
	pre := element(atom.Pre)
	pre.AppendChild(code)
	return pre
}

// codeText is the text of a code block without line numbers and buttons; a
// line that is an element of its own ends in a line feed.
func codeText(n *html.Node) string {
	var b strings.Builder
	var add func(*html.Node)
	add = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
			return
		case n.Type != html.ElementNode || dropped(n):
			return
		case n.DataAtom == atom.Br:
			b.WriteByte('\n')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			add(c)
		}
		if (n.DataAtom == atom.Div || n.DataAtom == atom.P || n.DataAtom == atom.Tr) && !strings.HasSuffix(b.String(), "\n") {
			b.WriteByte('\n')
		}
	}
	add(n)
	return b.String()
}

var (
	// inClass finds a language in the classes of a code block or of what it
	// stands in: highlight.js and MkDocs, GitHub, Sphinx, MediaWiki.
	inClass = regexp.MustCompile(`(?:^|\s)(?:language-|lang-|brush:\s*|highlight-source-|mw-highlight-lang-|highlight-)([A-Za-z0-9+#_.-]{1,30})(?:\s|;|$)`)
	// inBrush is Confluence's way.
	inBrush = regexp.MustCompile(`(?:^|;)\s*brush:\s*([A-Za-z0-9+#_.-]{1,30})`)
)

// languageDepth is how far above a block its language may stand: a table with
// line numbers is in between.
const languageDepth = 8

// language is what a code block is written in; empty: nobody says.
func language(n *html.Node) string {
	if m := inBrush.FindStringSubmatch(attr(n, "data-syntaxhighlighter-params")); m != nil {
		return known(m[1])
	}
	if c := find(n, tagged(atom.Code)); c != nil {
		if l := classLanguage(c); l != "" {
			return l
		}
	}
	at := n
	for range languageDepth {
		if l := classLanguage(at); l != "" {
			return l
		}
		at = at.Parent
		if at == nil || !tagged(atom.Div, atom.Figure, atom.Table, atom.Tbody, atom.Tr, atom.Td)(at) {
			break
		}
	}
	return ""
}

func classLanguage(n *html.Node) string {
	for _, key := range []string{"data-language", "data-lang"} {
		if l := attr(n, key); l != "" && inClass.MatchString("lang-"+l) {
			return known(l)
		}
	}
	if m := inClass.FindStringSubmatch(attr(n, "class")); m != nil {
		return known(m[1])
	}
	return ""
}

// known leaves out words that say that there is no language.
func known(l string) string {
	switch l = strings.ToLower(l); l {
	case "text", "plain", "plaintext", "none", "default", "nohighlight", "notranslate":
		return ""
	}
	return l
}

// maxColumns is how many cells of a row are kept: each row is filled up to the
// longest one.
const maxColumns = 64

// table copies a table of data. One whose cells hold code, tables or headings
// is for layout: its cells follow each other as blocks.
func (w *rewriter) table(to, n *html.Node) {
	if below(n, tagged(atom.Pre, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4)) {
		w.cells(to, n)
		return
	}
	w.flush(to)
	w.cell = true
	defer func() { w.cell = false }()
	t := into(to, atom.Table)
	for _, r := range all(n, tagged(atom.Tr)) {
		row, count := into(t, atom.Tr), 0
		for c := r.FirstChild; c != nil; c = c.NextSibling {
			if (c.DataAtom != atom.Td && c.DataAtom != atom.Th) || dropped(c) {
				continue
			}
			if count++; count > maxColumns {
				break
			}
			w.anchor(c)
			w.fill(into(row, c.DataAtom), c)
		}
	}
}

// has2 is has for what is below n.
func below(n *html.Node, ok func(*html.Node) bool) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if has(c, ok) {
			return true
		}
	}
	return false
}

func (w *rewriter) cells(to, n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.DataAtom {
		case atom.Td, atom.Th, atom.Caption:
			if !dropped(c) {
				w.fill(into(to, atom.Div), c)
			}
		default:
			w.cells(to, c)
		}
	}
}
