package runbook

import "strings"

// maxShortcode bounds the search for the end of one, in bytes.
const maxShortcode = 1000

// shortcodes resolves Hugo's `{{< name args >}}` and `{{% name args %}}` in a
// line. In a link target they become the page they name. A line that is only
// shortcodes loses them and keeps a quoted title (`tab "macOS"`). Elsewhere in
// a sentence they stay as they are written: better read raw than lost.
func shortcodes(line string) string {
	if !strings.Contains(line, "{{<") && !strings.Contains(line, "{{%") {
		return line
	}
	if !strings.Contains(line, ">}}") && !strings.Contains(line, "%}}") {
		return line
	}
	if rest, titles := cutShortcodes(line); strings.TrimSpace(rest) == "" {
		return titles
	}
	return replaceShortcodes(line, func(before, inner, whole string) string {
		if inTarget(before) {
			return target(inner)
		}
		return whole
	})
}

// cutShortcodes gives a line without its shortcodes, and their quoted titles.
func cutShortcodes(line string) (rest, titles string) {
	rest = replaceShortcodes(line, func(_, inner, _ string) string {
		if _, args, _ := strings.Cut(inner, " "); strings.ContainsRune(args, '"') {
			titles = strings.TrimSpace(titles + " " + argument(inner))
		}
		return ""
	})
	return rest, titles
}

// replaceShortcodes puts what by says in place of every shortcode of a line.
// by gets the text since the shortcode before, what is inside and the
// shortcode as it is written.
func replaceShortcodes(line string, by func(before, inner, whole string) string) string {
	var b strings.Builder
	for {
		start := openShortcode(line)
		if start < 0 {
			b.WriteString(line)
			return b.String()
		}
		inner, n := shortcodeAt(line[start:])
		if n == 0 {
			b.WriteString(line[:start+3])
			line = line[start+3:]
			continue
		}
		b.WriteString(line[:start])
		b.WriteString(by(line[:start], inner, line[start:start+n]))
		line = line[start+n:]
	}
}

func openShortcode(s string) int {
	a, b := strings.Index(s, "{{<"), strings.Index(s, "{{%")
	if a < 0 || (b >= 0 && b < a) {
		return b
	}
	return a
}

// shortcodeAt reads the shortcode at the start of s: what is inside and how
// many bytes it takes. Zero bytes: it is not closed on this line.
func shortcodeAt(s string) (inner string, n int) {
	closing := ">}}"
	if s[2] == '%' {
		closing = "%}}"
	}
	end := strings.Index(s[:min(len(s), maxShortcode)], closing)
	if end < 0 {
		return "", 0
	}
	return strings.Trim(s[3:end], " \t/"), end + 3
}

// inTarget reports whether text that ends here stands in a link's target.
func inTarget(before string) bool {
	if i := strings.LastIndex(before, "]("); i >= 0 && !strings.ContainsAny(before[i+2:], ") ") {
		return true
	}
	return strings.HasPrefix(strings.TrimLeft(before, " "), "[") &&
		strings.HasSuffix(strings.TrimRight(before, " "), "]:")
}

// target is a shortcode as part of a link target: its argument, without what
// would end the target.
func target(inner string) string {
	return strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29", "<", "%3C", ">", "%3E").Replace(argument(inner))
}

// argument is the first argument of a shortcode, the value of a named one
// (path="x.md", title="x") included.
func argument(inner string) string {
	_, args, _ := strings.Cut(inner, " ")
	args = strings.TrimSpace(args)
	if name, value, ok := strings.Cut(args, "="); ok && !strings.ContainsAny(name, " \"`/.") {
		args = value
	}
	if args == "" {
		return ""
	}
	if q := args[0]; q == '"' || q == '`' || q == '\'' {
		arg, _, _ := strings.Cut(args[1:], string(q))
		return arg
	}
	arg, _, _ := strings.Cut(args, " ")
	return arg
}
