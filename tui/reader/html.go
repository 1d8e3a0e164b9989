package reader

import (
	"html"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// htmlLine is one line of an HTML block's text.
type htmlLine struct {
	text    string // clean
	summary bool   // the summary of a <details>
}

// htmlLines takes the tags out of an HTML block and keeps the text. Comments,
// scripts and styles are dropped. What looks like a tag but is not one of
// HTML's, such as <namespace>, is text: dropping it would change a command.
func htmlLines(src string) []htmlLine {
	var out []htmlLine
	var cur strings.Builder
	summary, gone := false, ""
	feed := func() {
		s := strings.Join(strings.Fields(safe.Outside(html.UnescapeString(cur.String())).String()), " ")
		if s != "" {
			out = append(out, htmlLine{text: s, summary: summary})
		}
		cur.Reset()
	}
	for len(src) > 0 {
		if src[0] == '\n' {
			if gone == "" {
				feed()
			}
			src = src[1:]
			continue
		}
		name, end, n := tag(src)
		switch {
		case n == 0:
			if gone == "" {
				cur.WriteByte(src[0])
			}
			src = src[1:]
			continue
		case gone != "":
			if end && name == gone {
				gone = ""
			}
		case name == "script" || name == "style":
			if !end {
				gone = name
			}
		case name == "summary":
			feed()
			summary = !end
		case name == "img":
			cur.WriteString(imageNote(attribute(src[:n], "alt"), attribute(src[:n], "src")))
		case name == "li" && !end:
			feed()
			cur.WriteString("• ")
		case name == "td" || name == "th":
			cur.WriteString("  ")
		case breaks(name):
			feed()
		}
		src = src[n:]
	}
	feed()
	return out
}

// inlineHTML is what one inline tag says: a line feed for <br>, a stand-in for
// an image, nothing for other tags of HTML, and itself if it is none.
func inlineHTML(s string) string {
	name, _, n := tag(s)
	switch {
	case n == 0:
		return safe.Text(s)
	case name == "br":
		return "\n"
	case name == "img":
		return imageNote(safe.Text(attribute(s, "alt")), attribute(s, "src"))
	}
	return ""
}

// tag reads the HTML tag or comment that s begins with and returns its length
// in bytes; 0: there is none.
func tag(s string) (name string, end bool, n int) {
	switch {
	case len(s) < 3 || s[0] != '<':
		return "", false, 0
	case strings.HasPrefix(s, "<!--"):
		if i := strings.Index(s[4:], "-->"); i >= 0 {
			return "", false, 4 + i + 3
		}
		return "", false, len(s)
	case strings.HasPrefix(s, "<!") || strings.HasPrefix(s, "<?"):
		if i := strings.IndexByte(s, '>'); i >= 0 {
			return "", false, i + 1
		}
		return "", false, 0
	}
	i := 1
	if s[i] == '/' {
		end = true
		i++
	}
	start := i
	for i < len(s) && (s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z' || s[i] >= '0' && s[i] <= '9') {
		i++
	}
	name = strings.ToLower(s[start:i])
	if !element(name) || i == len(s) || !strings.ContainsRune(" \t\n/>", rune(s[i])) {
		return "", false, 0
	}
	quote := byte(0)
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return name, end, i + 1
		}
	}
	return "", false, 0
}

// attribute is the value of an attribute of a tag; empty if it has none.
func attribute(tag, name string) string {
	lower := strings.ToLower(tag)
	for from := 0; ; {
		i := strings.Index(lower[from:], name+"=")
		if i < 0 {
			return ""
		}
		i += from
		from = i + 1
		if i == 0 || lower[i-1] > ' ' {
			continue
		}
		v := tag[i+len(name)+1:]
		if v == "" {
			return ""
		}
		if q := v[0]; q == '"' || q == '\'' {
			v, _, _ = strings.Cut(v[1:], string(q))
		} else if j := strings.IndexAny(v, " \t\n/>"); j >= 0 {
			v = v[:j]
		}
		return html.UnescapeString(v)
	}
}

// breaks reports whether an element stands on lines of its own.
func breaks(name string) bool {
	switch name {
	case "address", "article", "aside", "blockquote", "br", "center", "dd", "details", "dialog", "div", "dl", "dt",
		"fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
		"li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul":
		return true
	}
	return false
}

// element reports whether HTML has an element of that name (the living
// standard's index, and the old ones that Markdown files still use).
func element(name string) bool {
	if breaks(name) {
		return true
	}
	switch name {
	case "a", "abbr", "acronym", "area", "audio", "b", "base", "bdi", "bdo", "big", "body", "button", "canvas",
		"caption", "cite", "code", "col", "colgroup", "data", "datalist", "del", "dfn", "em", "embed", "font", "head",
		"hgroup", "html", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend", "link", "map", "mark",
		"menu", "meta", "meter", "noscript", "object", "optgroup", "option", "output", "param", "picture", "progress",
		"q", "rp", "rt", "ruby", "s", "samp", "script", "search", "select", "slot", "small", "source", "span",
		"strike", "strong", "style", "sub", "summary", "sup", "svg", "td", "template", "textarea", "th", "time",
		"title", "track", "tt", "u", "var", "video", "wbr":
		return true
	}
	return false
}
