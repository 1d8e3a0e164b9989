package runbook

import (
	"strings"
)

// frontMatter is what is kept of a document's head.
type frontMatter struct {
	lines   int // how many lines it takes, fences included; 0: there is none
	title   string
	aliases []string
}

// maxFrontMatter bounds the search for the closing fence, in lines.
const maxFrontMatter = 500

// readFrontMatter reads a head between `---` (YAML) or `+++` (TOML) lines at
// the very top. It only looks for title and aliases, by lines, so that a head
// that no YAML reader would accept is still cut. A rule (`---`) that happens
// to open a document is not a head: every line in it must look like one.
func readFrontMatter(src string) frontMatter {
	first, rest, ok := strings.Cut(src, "\n")
	fence := strings.TrimRight(first, " \t\r")
	if !ok || (fence != "---" && fence != "+++") {
		return frontMatter{}
	}
	sep := ":"
	if fence == "+++" {
		sep = "="
	}
	var lines []string
	keys := 0
	for len(lines) < maxFrontMatter {
		line, more, found := strings.Cut(rest, "\n")
		line = strings.TrimRight(line, " \t\r")
		if line == fence || (fence == "---" && line == "...") {
			if keys == 0 {
				return frontMatter{}
			}
			m := headFields(lines, sep)
			m.lines = len(lines) + 2
			return m
		}
		key, other := headLine(line, sep)
		if !found || !key && !other {
			return frontMatter{}
		}
		if key {
			keys++
		}
		lines = append(lines, line)
		rest = more
	}
	return frontMatter{}
}

// headLine reports whether a line is a key of front matter, or something else
// that can stand in it: blank, indented, a list item, a comment, a bracket.
func headLine(line, sep string) (key, other bool) {
	if line == "" || strings.IndexByte(" \t#-[]{}", line[0]) >= 0 {
		return false, true
	}
	name, _, ok := strings.Cut(line, sep)
	return ok && len(name) < 80 && !strings.ContainsAny(strings.TrimSpace(name), " \t`*<>"), false
}

func headFields(lines []string, sep string) frontMatter {
	var m frontMatter
	for i := 0; i < len(lines); i++ {
		key, value, ok := strings.Cut(lines[i], sep)
		if !ok || key == "" || key[0] == ' ' || key[0] == '\t' {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.Trim(key, " \t\"'")) {
		case "title":
			m.title = headTitle(value, lines[i+1:])
		case "aliases", "redirect_from", "url", "permalink":
			m.aliases = append(m.aliases, headList(value, lines[i+1:])...)
		case "slug", "id": // of Hugo and Docusaurus: in place of the file's name
			switch s := scalar(value); {
			case strings.HasPrefix(s, "/"):
				m.aliases = append(m.aliases, s)
			case s != "":
				m.aliases = append(m.aliases, "./"+s)
			}
		}
	}
	return m
}

// headTitle is a scalar, or the indented lines of a YAML block scalar.
func headTitle(value string, below []string) string {
	if value != "" && (value[0] == '>' || value[0] == '|') {
		var parts []string
		for _, l := range below {
			if l == "" || (l[0] != ' ' && l[0] != '\t') {
				break
			}
			parts = append(parts, strings.TrimSpace(l))
		}
		return strings.Join(parts, " ")
	}
	return scalar(value)
}

// headList is an inline list, a list over several lines, or one scalar.
func headList(value string, below []string) []string {
	if strings.HasPrefix(value, "[") {
		for _, l := range below {
			if strings.Contains(value, "]") {
				break
			}
			value += " " + strings.TrimSpace(l)
		}
		value, _, _ = strings.Cut(value[1:], "]")
		var out []string
		for part := range strings.SplitSeq(value, ",") {
			if s := scalar(part); s != "" {
				out = append(out, s)
			}
		}
		return out
	}
	if s := scalar(value); s != "" {
		return []string{s}
	}
	var out []string
	for _, l := range below {
		item, ok := strings.CutPrefix(strings.TrimSpace(l), "-")
		if !ok {
			break
		}
		if s := scalar(item); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// scalar takes quotes and a trailing comment off.
func scalar(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || s[0] == '#' {
		return ""
	}
	if q := s[0]; q == '"' || q == '\'' {
		if end := strings.LastIndexByte(s, q); end > 0 {
			s = s[1:end]
			if q == '"' {
				return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s)
			}
			return strings.ReplaceAll(s, "''", "'")
		}
		return s[1:]
	}
	if i := strings.Index(s, " #"); i >= 0 {
		s = strings.TrimSpace(s[:i])
	}
	return s
}
