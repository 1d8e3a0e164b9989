package htmldoc

import (
	"bytes"
	"io"
	"net/url"
	"strings"
	"sync"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// Page is what a page says.
type Page struct {
	Markdown []byte // UTF-8, without control characters; empty: there is no text
	// SignIn is true for a page that asks who the reader is in place of its
	// text: it has a password field, or hands over to a single sign-on.
	SignIn bool
	// Plain is true when the page could not be taken apart (nested beyond 512
	// elements): Markdown is its bare words.
	Plain bool
}

// signInText is how many letters a page with a password field may have and
// still be one for signing in. Wikis with a field in their frame have more.
const signInText = 1500

// Convert reads a page. contentType is the header's, for the character set; at
// is the address that relative links start from and may be nil. It never fails
// and takes about 50 ms for 1 MB of ordinary HTML.
func Convert(source []byte, contentType string, at *url.URL) Page {
	r, err := charset.NewReader(bytes.NewReader(source), contentType)
	if err != nil {
		r = bytes.NewReader(source)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		text = source
	}
	doc, err := html.ParseWithOptions(bytes.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		return Page{Markdown: words(text), Plain: true}
	}
	signIn := asksSignIn(doc)
	title := pageTitle(doc)
	root := mainContent(doc)
	w := &rewriter{base: baseOf(doc, at), page: at}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	w.fill(body, root)
	if signIn && letters(body) < signInText {
		return Page{SignIn: true}
	}
	if letters(body) == 0 {
		return Page{}
	}
	if title != "" && find(body, tagged(atom.H1)) == nil {
		h := element(atom.H1)
		h.AppendChild(&html.Node{Type: html.TextNode, Data: title})
		body.InsertBefore(h, body.FirstChild)
	}
	md, err := markdown().ConvertNode(body)
	if err != nil {
		return Page{Markdown: words(text), Plain: true}
	}
	return Page{Markdown: append(bytes.TrimSpace(md), '\n')}
}

// markdown is the converter. Cells are not padded: one long cell would widen
// every row of its table.
var markdown = sync.OnceValue(func() *converter.Converter {
	c := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(commonmark.WithListEndComment(false)),
		strikethrough.NewStrikethroughPlugin(),
		table.NewTablePlugin(
			table.WithNewlineBehavior(table.NewlineBehaviorPreserve),
			table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal),
			table.WithHeaderPromotion(true),
		),
	))
	c.Register.RendererFor(asWritten, converter.TagTypeInline, func(_ converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
		_, _ = w.WriteString(attr(n, "text")) // into memory
		return converter.RenderSuccess
	}, converter.PriorityEarly)
	return c
})

// asWritten is an element of ours whose attribute "text" is Markdown already. A
// page that has one of that name does not keep it.
const asWritten = "firstpage-markdown"

// verbatim makes Markdown that is not escaped.
func verbatim(md string) *html.Node {
	return &html.Node{Type: html.ElementNode, Data: asWritten, Attr: []html.Attribute{{Key: "text", Val: md}}}
}

// words is the text of a page without any structure.
func words(body []byte) []byte {
	var b bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(body))
	skip := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return append(bytes.TrimSpace(b.Bytes()), '\n')
		case html.TextToken:
			if s := strings.TrimSpace(clean(string(z.Text()))); s != "" && skip == "" {
				b.WriteString(html.UnescapeString(s) + "\n")
			}
		case html.StartTagToken:
			if name, _ := z.TagName(); string(name) == "script" || string(name) == "style" {
				skip = string(name)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == skip {
				skip = ""
			}
		}
	}
}

// clean takes out control characters, and the rune that the converter marks
// line ends in code with.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r == '\uf002':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// baseOf is where relative links of a page start from.
func baseOf(doc *html.Node, at *url.URL) *url.URL {
	b := find(doc, func(n *html.Node) bool { return n.DataAtom == atom.Base && attr(n, "href") != "" })
	if b == nil || at == nil {
		return at
	}
	u, err := at.Parse(attr(b, "href"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return at
	}
	return u
}

// asksSignIn reports whether a page has a field for a password, or posts on to
// a single sign-on.
func asksSignIn(doc *html.Node) bool {
	return has(doc, func(n *html.Node) bool {
		if n.DataAtom != atom.Input {
			return false
		}
		name := strings.ToLower(attr(n, "name"))
		return strings.EqualFold(attr(n, "type"), "password") || name == "samlrequest" || name == "samlresponse"
	})
}
