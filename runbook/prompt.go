package runbook

import (
	"regexp"
	"slices"
	"strings"
)

// consoles are the languages in which a line that begins with "# " may be what
// root typed; anywhere else it is a comment.
var consoles = []string{"console", "shell-session", "sh-session", "terminal"}

// prompt is what stands before a typed line: "$ ", "user@host:~$ ",
// "[root@host ~]# ", "sh-5.1# ", "PS C:\>".
var prompt = regexp.MustCompile(`^[ \t]*(?:\$[ \t]+|\[?[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+[^$#>\n]{0,60}[$#] |(?:ba|z|k)?sh-[0-9.]+[$#] |PS [A-Za-z]:\\[^>\n]{0,200}> ?)`)

// rootPrompt is a prompt of root and the beginning of a command. A sentence
// begins with a capital.
var rootPrompt = regexp.MustCompile(`^[ \t]*# +([a-z./][^ ]*)`)

// typed is a block without its prompts and without what was printed.
type typed struct {
	text  string // without a line feed at its end
	lines []int  // for each line of text, its index among the block's lines
}

// Script is what a shell would be given: of a session with prompts what was
// typed and the comments, otherwise all of it. It ends without a line feed.
func (c CodeBlock) Script() string { return c.typed().text }

func (c CodeBlock) typed() typed {
	lines := strings.Split(strings.TrimRight(string(c.Code), "\n"), "\n")
	length := func(string) int { return 0 }
	if c.Lang == "" || shellLike(c.Lang) {
		length = promptLength
		if !slices.ContainsFunc(lines, func(l string) bool { return promptLength(l) > 0 }) && c.asRoot(lines) {
			length = rootLength
		}
	}
	if !slices.ContainsFunc(lines, func(l string) bool { return length(l) > 0 }) {
		all := typed{text: strings.Join(lines, "\n")}
		for i := range lines {
			all.lines = append(all.lines, i)
		}
		return all
	}
	var t typed
	var kept []string
	keep := func(i int, l string) { kept, t.lines = append(kept, l), append(t.lines, i) }
	for i := 0; i < len(lines); i++ {
		n := length(lines[i])
		switch {
		case n > 0:
			more := continued(lines[i:], n, length)
			keep(i, lines[i][n:])
			for range more {
				i++
				keep(i, strings.TrimPrefix(lines[i], "> "))
			}
		case strings.HasPrefix(strings.TrimLeft(lines[i], " \t"), "#"):
			keep(i, lines[i])
		}
	}
	t.text = strings.Join(kept, "\n")
	return t
}

func shellLike(lang string) bool {
	return slices.Contains(shells, lang) || lang == "powershell" || lang == "ps1" || lang == "pwsh"
}

func promptLength(line string) int {
	if t := strings.TrimLeft(line, " \t"); t == "" || t[0] != '$' && t[0] != 'P' && !strings.Contains(t, "@") && !strings.Contains(t, "sh-") {
		return 0 // most lines; the pattern takes its time
	}
	return len(prompt.FindString(line))
}

func rootLength(line string) int {
	if m := rootPrompt.FindStringSubmatchIndex(line); m != nil {
		return m[2]
	}
	return 0
}

// asRoot reports whether the lines that begin with "# " are what root typed:
// in a session, each one like a command, and no other line like one.
func (c CodeBlock) asRoot(lines []string) bool {
	if !slices.Contains(consoles, c.Lang) {
		return false
	}
	found := false
	for _, l := range lines {
		l = strings.TrimLeft(l, " \t")
		switch {
		case strings.HasPrefix(l, "# ") && rootLength(l) == 0:
			return false
		case strings.HasPrefix(l, "# "):
			found = true
		case known(l):
			return false
		}
	}
	return found
}

// known reports whether a line begins with the name of a program we know.
func known(line string) bool {
	first, _, _ := strings.Cut(line, " ")
	return clusterTool(first) != "" || isReader(first) || isTool(first)
}

// maxContinued and maxTyped bound one typed command, in lines and bytes: it is
// read anew for each line.
const (
	maxContinued = 100
	maxTyped     = 8 << 10
)

// continued is how many lines below a typed one belong to it: it ends in a
// backslash or an operator, or inside of a quote, bracket, heredoc or loop.
// What never comes to an end was none of that: then only backslashes count.
func continued(lines []string, skip int, length func(string) int) int {
	text := lines[0][skip:]
	slashes, broken := 0, false
	for n := 0; ; n++ {
		again := goesOn(text)
		if !again {
			return n
		}
		if !broken && strings.HasSuffix(text, `\`) {
			slashes = n + 1
		} else {
			broken = true
		}
		if n+1 >= len(lines) || n >= maxContinued || len(text) > maxTyped || length(lines[n+1]) > 0 {
			return min(slashes, n, len(lines)-1)
		}
		text += "\n" + strings.TrimPrefix(lines[n+1], "> ")
	}
}

// goesOn reports whether a shell would ask for more after this text.
func goesOn(text string) bool {
	if strings.HasSuffix(text, `\`) {
		return true
	}
	if t := strings.TrimRight(text, " \t"); strings.HasSuffix(t, "|") || strings.HasSuffix(t, "&&") {
		return true
	}
	s := readScript(text)
	if s.goesOn {
		return true
	}
	open := 0
	for _, c := range s.cmds {
		if len(c.words) == 0 {
			continue
		}
		for _, w := range c.words[:1] {
			switch w.text {
			case "for", "while", "until", "if", "case", "select":
				open++
			case "done", "fi", "esac":
				open--
			}
		}
	}
	return open > 0
}
