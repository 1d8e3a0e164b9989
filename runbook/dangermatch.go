package runbook

import (
	"iter"
	"slices"
	"strings"
)

// valuedOptions take the next word, in most of the tools that have them.
const valuedOptions = "-n|--namespace|--context|--kube-context|--cluster|--kubeconfig|-s|--server|--token|--as|--user|--username|--request-timeout|-l|--selector|-c|--container|-o|--output|-w|--write-out|-f|--filename|--file|--profile|--region|--project|--subscription|-g|--resource-group|--zone|--endpoints|--endpoint-url|--cacert|--cert|--key|-h|--host|-p|--port|-a|-u|-C|-e|--env|--workdir|-H|--argocd-context|--auth-token|--image|--as-group|-v|-t|--timeout|--command-timeout|--patch|--type"

// list splits a list of the table.
func list(s string) iter.Seq[string] {
	if s == "" {
		return func(func(string) bool) {}
	}
	return strings.SplitSeq(s, "|")
}

// among reports whether a word is in a list.
func among(words, word string) bool {
	for w := range list(words) {
		if w == word {
			return true
		}
	}
	return false
}

// matches is among for names of programs, where "x*" is a beginning.
func matches(words, word string) bool {
	for w := range list(words) {
		if fits(w, word) {
			return true
		}
	}
	return false
}

// fits compares a word with a pattern that may begin or end in a star.
func fits(pattern, word string) bool {
	tail, open := strings.CutPrefix(pattern, "*")
	middle, more := strings.CutSuffix(tail, "*")
	switch {
	case open && more:
		return middle != "" && strings.Contains(word, middle)
	case open:
		return strings.HasSuffix(word, tail)
	case more:
		return strings.HasPrefix(word, middle)
	}
	return pattern == word
}

// operands are the words that are no options. valued: an option that takes
// the next word does so.
func operands(args []string, valued bool) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--":
		case !strings.HasPrefix(args[i], "-"):
			out = append(out, args[i])
		case valued && among(valuedOptions, args[i]):
			i++
		}
	}
	return out
}

// begins is the entry of a list that some words begin with; empty: none.
func begins(words string, have []string) string {
	for w := range list(words) {
		want := strings.Split(w, " ")
		if len(have) >= len(want) && slices.EqualFunc(want, have[:len(want)], fits) {
			return w
		}
	}
	return ""
}

// anyOf is the first word of have that is in a list: as it is, in any case of
// letters, or with more behind a dash (delete-stack).
func anyOf(words string, have []string) string {
	for _, h := range have {
		lower := strings.ToLower(h)
		for w := range list(words) {
			if fits(w, h) || fits(w, lower) && !strings.HasPrefix(h, "-") || !strings.HasPrefix(w, "-") && strings.HasPrefix(lower, w+"-") {
				return h
			}
		}
	}
	return ""
}
