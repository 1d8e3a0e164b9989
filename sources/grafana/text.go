package grafana

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// prose is what a person reads of a text.
type prose struct {
	words string // in one line
	link  string // the first address in it, http or https; empty: none
}

// plain takes the HTML out of a text, as Grafana's editor and many pipelines
// write it: the words stay, and the first address.
func plain(text string) prose {
	var b strings.Builder
	var out prose
	z := html.NewTokenizer(strings.NewReader(text))
	unread := atom.Atom(0) // script or style: not for people
	for {
		switch z.Next() {
		case html.ErrorToken:
			out.words = strings.Join(strings.Fields(b.String()), " ")
			if out.link == "" {
				out.link = address(out.words)
			}
			return out
		case html.TextToken:
			if unread == 0 {
				b.WriteString(z.Token().Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.DataAtom {
			case atom.Script, atom.Style:
				if t.Type == html.StartTagToken {
					unread = t.DataAtom
				}
			case atom.A:
				for _, at := range t.Attr {
					if at.Key == "href" && out.link == "" {
						out.link = address(at.Val)
					}
				}
			}
			if !inline(t.DataAtom) {
				b.WriteByte(' ')
			}
		case html.EndTagToken:
			t := z.Token()
			if t.DataAtom == unread {
				unread = 0
			}
			if !inline(t.DataAtom) {
				b.WriteByte(' ')
			}
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// inline reports whether an element stands within a word or a sentence.
func inline(a atom.Atom) bool {
	switch a {
	case atom.A, atom.B, atom.I, atom.U, atom.S, atom.Em, atom.Strong, atom.Code, atom.Span, atom.Small, atom.Sub, atom.Sup, atom.Font:
		return true
	}
	return false
}

// address is the first http or https address of a text, without what ends the
// sentence behind it.
func address(s string) string {
	for _, w := range strings.Fields(s) {
		for _, scheme := range []string{"https://", "http://"} {
			if i := strings.Index(w, scheme); i >= 0 && len(w) > i+len(scheme) {
				return strings.TrimRight(w[i:], ".,;:!?)>]\"'")
			}
		}
	}
	return ""
}
