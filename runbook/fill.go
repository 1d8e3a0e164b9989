package runbook

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Filled is a block of code as it would be run, asked or copied.
type Filled struct {
	// Text is what to run or copy: without prompts and what was printed, with
	// what is known put in. It ends without a line feed and may hold hidden
	// characters.
	Text string
	// Source is the block as it was written.
	Source string

	Marks   []Mark   // what was put in, in order
	Missing []Gap    // what was not, in order; placeholders in comments are not listed
	Earlier []Gap    // variables that only an earlier block sets: run alone, this one lacks them
	Hidden  []Hidden // what cannot be seen: in Text, then in Source

	Lang string // of the block, lower case; may be empty
	Line int    // of the block in Document.Source
}

// Mark is a value that was put in: bytes Start to End of Text, quotes included.
type Mark struct {
	Start, End int
	Name       string     // the placeholder's, clean: "namespace"
	Value      safe.Value // before it was quoted
	Origin     string     // clean: the label's name, OriginCluster or OriginLink
}

// Gap is a placeholder that still is one: bytes Start to End of Text.
type Gap struct {
	Start, End int
	Name       string // clean
	// Why says why a known value was left out, clean, one clause; empty: nothing
	// is known.
	Why string
}

// Hidden is a control, bidirectional or invisible character, or a blank that
// is not a plain one.
type Hidden struct {
	At     int // offset in Text; with Source, in Source
	Rune   rune
	Source bool
}

// Fill puts what is known into a block. In a block for a shell, bash takes
// each value as one argument, or as a part of one, wherever its placeholder
// stands; where that cannot be promised only values of plain characters are put
// in (letters, digits, _./:@%+,-), and so it is in any other language but
// PromQL, whose strings and patterns are escaped. A variable that the document
// sets in this block or an earlier one, or that the environment has, is not a
// placeholder. It never fails.
func Fill(c CodeBlock, v Values) Filled {
	f := Filled{Source: string(c.Code), Lang: c.Lang, Line: c.Line}
	t := c.typed()
	w := writer{src: t.text, values: v}
	switch {
	case c.Command(), c.Lang == "" && t.text != strings.TrimRight(f.Source, "\n"):
		w.shell(c)
	case isPromQL(c.Lang):
		w.promql(c)
	default:
		w.plain(c)
	}
	w.out.WriteString(w.src[w.done:])
	f.Text, f.Marks, f.Missing, f.Earlier = w.out.String(), w.marks, w.missing, w.earlier
	f.Hidden = append(hidden(f.Text, false), hidden(f.Source, true)...)
	return f
}

// writer writes Text.
type writer struct {
	src    string
	values Values
	done   int // how much of src is written

	out     strings.Builder
	marks   []Mark
	missing []Gap
	earlier []Gap
}

// put writes a value in place of a placeholder.
func (w *writer) put(p placeholder, v value, quoted string) {
	w.out.WriteString(w.src[w.done:p.start])
	start := w.out.Len()
	w.out.WriteString(quoted)
	w.marks = append(w.marks, Mark{start, w.out.Len(), safe.Text(p.name), safe.Outside(v.value), v.origin})
	w.done = p.end
}

// leave writes a placeholder as it is.
func (w *writer) leave(p placeholder, why string) {
	w.missing = append(w.missing, w.gap(p, why))
}

// gap writes all up to the end of a placeholder, as it is.
func (w *writer) gap(p placeholder, why string) Gap {
	w.out.WriteString(w.src[w.done:p.end])
	w.done = p.end
	end := w.out.Len()
	return Gap{end - (p.end - p.start), end, safe.Text(p.name), safe.Text(why)}
}

// The reasons for not putting a value in.
const (
	whyCode    = "its value has characters that mean something here"
	whyDash    = "its value begins with a dash and would be taken for an option"
	whyCommand = "it would be the command itself"
	// whyAnything is for a label such as name.
	whyAnything = "the alert has a label of this name, but it may mean something else"
	whyNUL      = "its value has a byte that no argument can have"
)

// shell fills a script.
func (w *writer) shell(c CodeBlock) {
	s := readScript(w.src)
	own := s.assigned()
	for _, sp := range s.spots {
		switch {
		case sp.form == variable && (isEnvironment(sp.name) || own[sp.name]):
			continue
		case sp.form == variable && c.isSet(sp.name):
			w.earlier = append(w.earlier, w.gap(sp.placeholder, ""))
			continue
		}
		v, ok, why := w.values.find(sp.name, sp.form == template, sp.isContext())
		if !ok {
			w.leave(sp.placeholder, why)
			continue
		}
		if quoted, why := sp.quote(v.value, s.broken); why != "" {
			w.leave(sp.placeholder, why)
		} else {
			w.put(sp.placeholder, v, quoted)
		}
	}
}

// quote writes a value for the place of a placeholder; why: it must not be.
func (s spot) quote(v string, broken bool) (quoted, why string) {
	switch {
	case strings.ContainsRune(v, 0):
		return "", whyNUL
	case s.leads && s.isCommand():
		return "", whyCommand
	case s.leads && strings.HasPrefix(v, "-"):
		return "", whyDash
	case plain(v) && !(s.list && s.place == bare && strings.Contains(v, ",")):
		return v, ""
	case broken, s.code, s.place == opaque, s.readAgain():
		return "", whyCode
	}
	single := "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
	switch s.place {
	case inDouble:
		// Out of the quotes and in again: inside of them ! has a meaning at a
		// prompt that no backslash takes away.
		return `"` + single + `"`, ""
	case inSingle:
		return single[1 : len(single)-1], ""
	}
	return single, ""
}

// facts are what the place of a placeholder is judged by.
type facts struct {
	program int  // offset of the program's name; -1: none
	rereads bool // its arguments are read by another shell
}

func (c *oneCommand) known() *facts {
	if c.facts == nil {
		c.facts = &facts{program: -1}
		if words := c.run(); len(words) > 0 {
			c.facts.program = words[0].start
		}
		c.facts.rereads = slices.ContainsFunc(c.words, func(w word) bool { return slices.Contains(rereaders, base(w.text)) })
	}
	return c.facts
}

// isCommand reports whether the placeholder stands where a program's name
// does.
func (s spot) isCommand() bool {
	return s.cmd != nil && s.word < len(s.cmd.words) && s.cmd.words[s.word].start == s.cmd.known().program
}

// isContext reports whether the placeholder is the argument of an option that
// names the cluster to speak to.
func (s spot) isContext() bool {
	if s.cmd == nil || s.word >= len(s.cmd.words) {
		return false
	}
	whole := s.end - s.start
	option, value, joined := strings.Cut(s.cmd.words[s.word].text, "=")
	if joined {
		return isContextOption(option) && len(value) == whole
	}
	return len(option) == whole && s.word > 0 && isContextOption(s.cmd.words[s.word-1].text)
}

func isContextOption(s string) bool { return s == "--context" || s == "--kube-context" }

// rereaders hand their arguments to another shell, which would read a quoted
// value anew.
var rereaders = []string{"ssh", "eval", "watch", "su", "parallel", "trap", "sh", "bash", "zsh", "ksh", "dash", "ash", "fish", "pdsh", "mosh", "runuser"}

func (s spot) readAgain() bool { return s.cmd != nil && s.cmd.known().rereads }

// plain fills a text of which nothing is known but that it has placeholders.
// Shell variables are looked for only where no language is named: elsewhere
// they may be the file's own.
func (w *writer) plain(c CodeBlock) {
	for i := 0; i < len(w.src); {
		p, ok := placeholderAt(w.src, i)
		if !ok || p.form == variable && (c.Lang != "" || isEnvironment(p.name) || c.isSet(p.name)) {
			i++
			continue
		}
		i = p.end
		switch v, ok, why := w.values.find(p.name, p.form == template, false); {
		case !ok:
			w.leave(p, why)
		case !plain(v.value):
			w.leave(p, whyCode)
		default:
			w.put(p, v, v.value)
		}
	}
}
