package runbook

import (
	"slices"
	"strings"
)

// keywords stand before a command and are none.
var keywords = []string{"do", "then", "else", "elif", "if", "while", "until", "!", "time", "{", "coproc"}

// run is a command from its program's name on, without the keywords and
// assignments before it; nil: a keyword begins no command here (for, case).
func (c *oneCommand) run() []word {
	words := c.words
	for len(words) > 0 && (words[0].bare && slices.Contains(keywords, words[0].text) || assigns(words[0].text) != "") {
		words = words[1:]
	}
	if len(words) > 0 && slices.Contains([]string{"for", "case", "select", "function"}, words[0].text) {
		return nil
	}
	return words
}

// assigns is the name of the variable that a word such as X=1 or X+=1 sets.
func assigns(s string) string {
	n := nameLength(s)
	if n > 0 && (strings.HasPrefix(s[n:], "=") || strings.HasPrefix(s[n:], "+=")) {
		return s[:n]
	}
	return ""
}

// assigned are the variables that a script sets.
func (s script) assigned() map[string]bool {
	out := map[string]bool{}
	add := func(name string) {
		if name != "" && nameLength(name) == len(name) {
			out[name] = true
		}
	}
	for _, c := range s.cmds {
		for i, w := range c.words {
			name := assigns(w.text)
			if name == "" && !(w.bare && slices.Contains(keywords, w.text)) {
				setBy(c.words[i:], add)
				break
			}
			add(name)
		}
	}
	return out
}

// setBy adds the variables that a command sets by its arguments.
func setBy(words []word, add func(string)) {
	args := words[1:]
	switch words[0].text {
	case "export", "declare", "local", "readonly", "typeset", "env":
		for _, w := range args {
			add(assigns(w.text))
		}
	case "read", "mapfile", "readarray", "getopts":
		for _, w := range args {
			if !strings.HasPrefix(w.text, "-") {
				add(w.text)
			}
		}
	case "for", "select":
		if len(args) > 0 {
			add(args[0].text)
		}
	case "printf":
		if len(args) > 1 && args[0].text == "-v" {
			add(args[1].text)
		}
	}
}

// base is the name of a program without its path.
func base(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// clusterTool is the name of a tool that speaks to a cluster by a context;
// empty: it is none.
func clusterTool(s string) string {
	switch b := base(s); b {
	case "kubectl", "oc", "helm", "argocd":
		return b
	}
	return ""
}

// texts are the words as strings.
func texts(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return out
}
