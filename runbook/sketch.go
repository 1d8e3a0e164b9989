package runbook

import (
	"strings"
)

// Sketch is what an index wants to know of a document, read line by line in a
// fraction of the time that Parse takes.
type Sketch struct {
	Title    string
	Aliases  []string      // as Document.Aliases
	Headings []SketchPlace // top-level headings, in order
	Words    []SketchPlace // names such as KubePodCrashLooping, lower case, each with its first line
}

// SketchPlace is a text and the line it stands in, from 1.
type SketchPlace struct {
	Text string
	Slug string // headings: GitHub's, with repeats counted
	Line int
}

// maxWords is how many different names of one document are kept.
const maxWords = 5000

// sketcher scans lines. It agrees with goldmark on the top-level headings of
// all documents that people write; constructs that nobody uses (a fence in an
// indented block) may fool it.
type sketcher struct {
	out   Sketch
	slugs slugger
	seen  map[string]bool

	fence   string // what closes the open fence; empty: none
	comment bool
	html    bool // in an HTML block: until a blank line
	plain   bool // the lines since the last blank can be a setext heading
	para    []string
	paraAt  int
}

// Sketches reads what an index needs from a source.
func Sketches(src []byte) Sketch {
	if len(src) > MaxSource {
		src = cutSource(src)
	}
	body := strings.TrimPrefix(string(src), "\ufeff")
	head := readFrontMatter(body)
	s := sketcher{slugs: slugger{}, seen: map[string]bool{}}
	s.out.Title, s.out.Aliases = head.title, head.aliases
	for n := 1; body != ""; n++ {
		line, rest, _ := strings.Cut(body, "\n")
		body = rest
		if n > head.lines {
			s.line(strings.TrimRight(line, " \t\r"), n)
		}
	}
	return s.out
}

func (s *sketcher) line(line string, n int) {
	trimmed := strings.TrimLeft(line, " \t")
	if s.comment {
		s.comment = !strings.Contains(line, "-->")
		return
	}
	s.words(line, n)
	indent := len(line) - len(trimmed)
	switch {
	case s.fence != "":
		if strings.HasPrefix(strings.TrimLeft(trimmed, "> "), s.fence) && strings.Trim(trimmed, s.fence[:1]+"> ") == "" {
			s.fence = ""
		}
		return
	case trimmed == "":
		s.html = false
		s.end()
		return
	case s.html:
		return
	case strings.HasPrefix(trimmed, "<!--") && indent < 4:
		s.comment = !strings.Contains(trimmed, "-->")
		s.end()
		return
	}
	if f := opensFence(afterMarkers(trimmed)); f != "" {
		s.fence = f
		s.end()
		return
	}
	if indent < 4 && !strings.HasPrefix(line, "\t") {
		if s.heading(trimmed, n) || s.setext(trimmed) {
			return
		}
		if trimmed[0] == '<' && len(s.para) == 0 && opensReal([]byte(trimmed)) {
			s.html = true
			return
		}
	}
	if len(s.para) == 0 {
		s.plain = indent < 4 && !strings.HasPrefix(line, "\t") && markerLength(trimmed) == 0
		s.paraAt = n
	} else if markerLength(trimmed) > 0 && trimmed[0] > '9' || trimmed[0] == '>' || trimmed[0] == '-' || trimmed[0] == '*' || trimmed[0] == '+' {
		s.plain = s.plain && markerLength(trimmed) == 0
	}
	s.para = append(s.para, trimmed)
}

// end ends the paragraph.
func (s *sketcher) end() { s.para, s.plain = s.para[:0], false }

func (s *sketcher) heading(line string, n int) bool {
	level := len(line) - len(strings.TrimLeft(line, "#"))
	if level < 1 || level > 6 || level < len(line) && line[level] != ' ' && line[level] != '\t' {
		return false
	}
	text := strings.Trim(line[level:], " \t")
	if cut := strings.TrimRight(text, "#"); cut == "" || strings.HasSuffix(cut, " ") || strings.HasSuffix(cut, "\t") {
		text = strings.TrimRight(cut, " \t")
	}
	s.add(text, n)
	s.end()
	return true
}

// setext takes an underline: the paragraph above it is a heading.
func (s *sketcher) setext(line string) bool {
	if len(s.para) == 0 || !s.plain || strings.Trim(line, "=") != "" && strings.Trim(line, "-") != "" {
		return false
	}
	s.add(strings.Join(s.para, " "), s.paraAt)
	s.end()
	return true
}

func (s *sketcher) add(text string, n int) {
	if i := strings.LastIndex(text, "{#"); i > 0 && strings.HasSuffix(text, "}") {
		text = strings.TrimRight(text[:i], " \t")
	}
	if strings.ContainsAny(text, "[]<>&\\`*_~") {
		// Inline marks: let the real parser say how it reads.
		if d := Parse([]byte("# "+text), Where{}); len(d.Blocks) > 0 && d.Blocks[0].Kind == Heading {
			text = d.Blocks[0].Text
		}
	}
	s.out.Headings = append(s.out.Headings, SketchPlace{text, s.slugs.unique(Slug(text)), n})
}

// opensFence gives what closes the fence that a line opens.
func opensFence(line string) string {
	for _, c := range []string{"`", "~"} {
		n := len(line) - len(strings.TrimLeft(line, c))
		if n >= 3 && (c == "~" || !strings.Contains(line[n:], "`")) {
			return line[:n]
		}
	}
	return ""
}

// afterMarkers is a line without the containers it opens.
func afterMarkers(line string) string {
	for line != "" {
		n := markerLength(line)
		if n == 0 {
			break
		}
		line = line[n:]
	}
	return line
}

// words notes the names in a line: words of six and more that are written in
// CamelCase or with underscores, as alerts are and English is not.
func (s *sketcher) words(line string, n int) {
	for i := 0; i < len(line); {
		if !nameByte(line[i]) {
			i++
			continue
		}
		start, named := i, false
		for i < len(line) && nameByte(line[i]) {
			c := line[i]
			named = named || c == '_' || i > start && c >= 'A' && c <= 'Z' && line[i-1] >= 'a' && line[i-1] <= 'z'
			i++
		}
		word := strings.Trim(line[start:i], ":_")
		if !named || len(word) < 6 || len(word) > 120 || len(s.out.Words) >= maxWords {
			continue
		}
		word = strings.ToLower(word)
		if !s.seen[word] {
			s.seen[word] = true
			s.out.Words = append(s.out.Words, SketchPlace{Text: word, Line: n})
		}
	}
}

func nameByte(c byte) bool { return alnum(c) || c == '_' || c == ':' }
