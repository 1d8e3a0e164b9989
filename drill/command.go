package drill

import (
	"errors"
	"fmt"
	"strings"
)

// pattern is a command that an action knows: words, some of which may be left
// out together.
type pattern []group

type group struct {
	words    []string
	optional bool
}

// parsePattern reads kubectl [--context prod-eu] rollout undo deploy/checkout.
func parsePattern(text string) (pattern, error) {
	var p pattern
	var cur group
	flush := func() {
		if len(cur.words) > 0 {
			p = append(p, cur)
		}
		cur = group{}
	}
	for _, w := range strings.Fields(text) {
		if rest, ok := strings.CutPrefix(w, "["); ok && !cur.optional {
			flush()
			cur.optional, w = true, rest
		}
		inner, closes := strings.CutSuffix(w, "]")
		closes = closes && cur.optional
		if closes {
			w = inner
		}
		if w != "" {
			cur.words = append(cur.words, w)
		}
		if closes {
			flush()
		}
	}
	if cur.optional {
		return nil, fmt.Errorf("%q: a bracket is not closed", text)
	}
	flush()
	if len(p) == 0 || p[0].optional {
		return nil, fmt.Errorf("%q: a command begins with its program", text)
	}
	return p, nil
}

// matches reports whether the words of a command are the pattern's. A group of
// options may be missing; nothing may be added.
func (p pattern) matches(words []string) bool {
	if len(p) == 0 {
		return len(words) == 0
	}
	g, rest := p[0], p[1:]
	if g.optional && rest.matches(words) {
		return true
	}
	if len(words) < len(g.words) {
		return false
	}
	for i, w := range g.words {
		if words[i] != w {
			return false
		}
	}
	return rest.matches(words[len(g.words):])
}

// commandLines are the commands of a block: prompts, comments and blank lines
// left out, lines that go on joined.
func commandLines(block string) []string {
	var out []string
	joined := ""
	for line := range strings.Lines(strings.ReplaceAll(block, "\r\n", "\n")) {
		line = joined + strings.TrimSpace(line)
		if before, ok := strings.CutSuffix(line, "\\"); ok {
			joined = before
			continue
		}
		joined = ""
		line = strings.TrimPrefix(line, "$ ")
		if line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	if joined = strings.TrimSpace(joined); joined != "" {
		out = append(out, joined)
	}
	return out
}

// splitWords splits a command as a shell would, as far as quotes go. What only
// a shell can do (pipes, variables) stays as it is written, and so is no
// command that an action knows.
func splitWords(line string) ([]string, error) {
	var out []string
	var word strings.Builder
	in, quote := false, rune(0)
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, in = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, in = r, true
		case r == ' ' || r == '\t':
			if in {
				out = append(out, word.String())
				word.Reset()
				in = false
			}
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quote is not closed")
	}
	if in {
		out = append(out, word.String())
	}
	return out, nil
}
