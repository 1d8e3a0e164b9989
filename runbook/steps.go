package runbook

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Step is one thing to do: an item of a numbered or ticked list, an item that
// holds code, or a block of code by itself that is not plainly a listing.
type Step struct {
	Block         int // index into Document.Blocks
	Line, EndLine int // in Document.Source, from 1
	Code          int // index into Document.Codes of its command, else of its first code; -1: none
}

// Steps lists the steps of the section that a place is in, in order: from the
// heading above it to the next of the same level or higher. A section without
// steps gives those of the whole document. Nil: there are none at all.
func (d Document) Steps(at Pos) []Step {
	from, to := d.section(at)
	if s := d.stepsIn(from, to); len(s) > 0 {
		return s
	}
	return d.stepsIn(0, len(d.Blocks))
}

// section is the range of blocks of the section that a place is in.
func (d Document) section(at Pos) (from, to int) {
	for i := min(at.Block, len(d.Blocks)-1); i >= 0; i-- {
		if d.Blocks[i].Kind != Heading {
			continue
		}
		for to = i + 1; to < len(d.Blocks); to++ {
			if b := d.Blocks[to]; b.Kind == Heading && b.Level <= d.Blocks[i].Level {
				break
			}
		}
		return i, to
	}
	return 0, len(d.Blocks)
}

func (d Document) stepsIn(from, to int) []Step {
	var out []Step
	for i := from; i < to; i++ {
		b := d.Blocks[i]
		code := d.codeOf(i)
		ordered := b.Kind == Item && strings.Trim(b.Marker, "-*+") != ""
		if b.Kind == Item && (ordered || b.Task != NoTask || code >= 0) || b.Kind == Code && toRun(b.Lang) {
			out = append(out, Step{Block: i, Line: b.Line, EndLine: b.EndLine, Code: code})
		}
	}
	return out
}

// codeOf is the code of a block: its first command, else its first code.
func (d Document) codeOf(block int) int {
	first := -1
	for i, c := range d.codes {
		if c.Block != block {
			continue
		}
		if c.Command() {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// StepWords is what a step says before its code, in one clean line; empty: it
// is code alone.
func (d Document) StepWords(s Step) string {
	if s.Block < 0 || s.Block >= len(d.Blocks) || d.Blocks[s.Block].Kind != Item {
		return ""
	}
	end := s.EndLine
	for _, c := range d.codes {
		if c.Block == s.Block {
			end = min(end, c.Line-1)
		}
	}
	var words []string
	for line := s.Line; line <= end && line <= len(d.lines); line++ {
		words = append(words, strings.Fields(d.line(line))...)
	}
	text := strings.Join(words, " ")
	text = strings.TrimLeft(strings.TrimPrefix(text, d.Blocks[s.Block].Marker), " ")
	for _, box := range []string{"[ ] ", "[x] ", "[X] "} {
		text = strings.TrimPrefix(text, box)
	}
	return safe.Text(text)
}

// line is a line of the text, from 1.
func (d Document) line(n int) string {
	from, to := int(d.lines[n-1]), len(d.text)
	if n < len(d.lines) {
		to = int(d.lines[n])
	}
	return string(d.text[from:to])
}

// shells are the languages whose blocks are commands for a shell.
var shells = []string{"bash", "sh", "shell", "zsh", "console", "shell-session", "sh-session", "terminal", "ksh"}

// toRun reports whether code of a language may be something to run or ask: a
// command, a query, or code that does not say what it is.
func toRun(lang string) bool {
	return lang == "" || lang == "promql" || lang == "sql" || slices.Contains(shells, lang)
}

// Command reports whether the block is for a shell to run. A block without a
// language is none: half of those are output.
func (c CodeBlock) Command() bool { return slices.Contains(shells, c.Lang) }

// Command is a step's command with what is known put in; false: the step has
// none that a shell could run.
func (d Document) Command(s Step, v Values) (Filled, bool) {
	if s.Code < 0 || s.Code >= len(d.codes) || !d.codes[s.Code].Command() {
		return Filled{}, false
	}
	return Fill(d.codes[s.Code], v), true
}
