package runbook

import "strings"

// script is a shell script taken apart as far as filling and judging it needs:
// its simple commands, wherever they stand, and the placeholders with how the
// shell reads the place they are in. It is no parser: what it cannot read it
// calls broken, and then only plainly safe values are put in.
type script struct {
	cmds  []*oneCommand
	spots []spot
	// broken: a quote, bracket or heredoc does not end, or one ends that never
	// began. The place of a spot cannot be relied on then.
	broken bool
	// goesOn: the script ends inside of a quote, bracket or heredoc.
	goesOn bool
}

// oneCommand is one command: words up to a pipe, a semicolon or the end of a line.
type oneCommand struct {
	words  []word
	at     int      // offset of its first byte
	piped  bool     // its input is the output of the command before it
	input  []string // heredoc bodies and here-strings
	writes []string // files that its output goes to

	facts *facts // made once: a command may have thousands of placeholders
}

// word is one word as bash would hand it over, expansions as they are written.
type word struct {
	start, end int // offsets in the script
	text       string
	bare       bool  // nothing in it is quoted or expanded
	spots      []int // placeholders in it
}

// place is how the shell reads the text around a placeholder.
type place int8

const (
	bare place = iota
	inDouble
	inSingle
	// opaque is where quoting differs or another program reads it first: $'',
	// ${}, arithmetic, backticks, heredocs.
	opaque
)

// spot is a placeholder in a script.
type spot struct {
	placeholder
	place place
	cmd   *oneCommand // nil: not in a command
	word  int         // index of its word in the command
	leads bool        // the word begins with it
	code  bool        // the word holds more than a name: JSON, SQL, another script
	list  bool        // the word has braces, where a comma means something
}

// readScript takes a script apart. It always ends, in a time that grows with
// the length of the script.
func readScript(src string) script {
	r := &shellReader{src: src}
	r.list(0)
	r.bodies() // what is due after the last line
	r.namespaces()
	return script{cmds: r.cmds, spots: sortSpots(r.spots), broken: r.broken, goesOn: r.goesOn}
}

type shellReader struct {
	src     string
	pos     int
	depth   int // of nested commands
	opaque  int // above 0: no quoting is tried
	cmds    []*oneCommand
	spots   []spot
	pending []heredoc
	broken  bool
	goesOn  bool
}

// maxShellNesting bounds $( $( ... and the like; the deepest real one is 3.
const maxShellNesting = 50

// heredoc is one whose body begins after the next line feed.
type heredoc struct {
	end    string
	quoted bool // its delimiter is: nothing is expanded
	tabs   bool // <<-
	cmd    *oneCommand
}

func (r *shellReader) has(s string) bool { return strings.HasPrefix(r.src[r.pos:], s) }

func (r *shellReader) unclosed() { r.broken, r.goesOn = true, true }

// list reads commands up to the byte until, which it leaves; 0: to the end.
func (r *shellReader) list(until byte) {
	if r.depth++; r.depth > maxShellNesting {
		r.broken, r.pos = true, len(r.src)
	}
	defer func() { r.depth-- }()
	cmd := &oneCommand{at: -1}
	flush := func(skip int, pipe bool) {
		if len(cmd.words) > 0 || cmd.input != nil || cmd.writes != nil {
			r.cmds = append(r.cmds, cmd)
		}
		cmd = &oneCommand{at: -1, piped: pipe}
		r.pos += skip
	}
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; {
		case until != 0 && c == until:
			flush(0, false)
			return
		case c == '\n':
			flush(1, false)
			r.bodies()
		case c == ' ', c == '\t':
			r.pos++
		case r.has("\\\n"):
			r.pos += 2
		case c == '#':
			r.skipLine()
		case r.has("||"), r.has("&&"), r.has(";;"):
			flush(2, false)
		case r.has("|&"):
			flush(2, true)
		case c == '|':
			flush(1, true)
		case c == ';', c == '&' && !r.has("&>"):
			flush(1, false)
		case r.has("((") && len(cmd.words) == 0:
			r.arithmetic(2)
		case c == '(':
			flush(1, false)
			r.list(')')
			r.closing(")")
		case c == ')': // the end of a pattern of case, or a mistake
			r.broken = true
			flush(1, false)
		case r.redirects():
			r.redirect(cmd)
		default:
			if cmd.at < 0 {
				cmd.at = r.pos
			}
			w := r.word(until)
			r.join(cmd, w)
		}
	}
	flush(0, false)
	if until != 0 {
		r.unclosed()
	}
}

// closing takes the bracket that a list ended at.
func (r *shellReader) closing(s string) {
	if r.has(s) {
		r.pos += len(s)
		return
	}
	r.unclosed()
}

func (r *shellReader) skipLine() {
	if i := strings.IndexByte(r.src[r.pos:], '\n'); i >= 0 {
		r.pos += i
		return
	}
	r.pos = len(r.src)
}

// join adds a word to a command and tells its placeholders where they are.
func (r *shellReader) join(cmd *oneCommand, w word) {
	for _, i := range w.spots {
		r.spots[i].cmd, r.spots[i].word = cmd, len(cmd.words)
	}
	cmd.words = append(cmd.words, w)
}

// redirects reports whether a redirection begins here, and not a placeholder
// or the output of a command, <(...), which are words.
func (r *shellReader) redirects() bool {
	if r.has("<(") || r.has(">(") {
		return false
	}
	if r.has("&>") || r.src[r.pos] == '>' {
		return true
	}
	if r.src[r.pos] != '<' {
		return false
	}
	_, ok := angleAt(r.src, r.pos)
	return !ok
}

// redirect reads an operator and its file, delimiter or text.
func (r *shellReader) redirect(cmd *oneCommand) {
	// The 2 of 2> is a part of the operator.
	if n := len(cmd.words); n > 0 && cmd.words[n-1].end == r.pos && cmd.words[n-1].bare && strings.Trim(cmd.words[n-1].text, "0123456789") == "" {
		cmd.words = cmd.words[:n-1]
	}
	out := r.src[r.pos] != '<'
	start := r.pos
	for r.pos < len(r.src) && strings.IndexByte("<>&|-", r.src[r.pos]) >= 0 && r.pos-start < 3 {
		if r.src[r.pos] == '<' && r.pos > start {
			if _, ok := angleAt(r.src, r.pos); ok {
				break
			}
		}
		r.pos++
	}
	op := r.src[start:r.pos]
	for r.pos < len(r.src) && (r.src[r.pos] == ' ' || r.src[r.pos] == '\t') {
		r.pos++
	}
	if op == "<<" || op == "<<-" {
		r.delimiter(cmd, op == "<<-")
		return
	}
	if r.pos >= len(r.src) || strings.IndexByte("\n;|&)", r.src[r.pos]) >= 0 {
		return // >&- and the like
	}
	w := r.word(0)
	for _, i := range w.spots {
		r.spots[i].cmd, r.spots[i].word = cmd, max(1, len(cmd.words))
	}
	switch {
	case op == "<<<":
		cmd.input = append(cmd.input, w.text)
	case out:
		cmd.writes = append(cmd.writes, w.text)
	}
}

// delimiter reads the word after <<.
func (r *shellReader) delimiter(cmd *oneCommand, tabs bool) {
	start := r.pos
	for r.pos < len(r.src) && strings.IndexByte(" \t\n;|&<>()", r.src[r.pos]) < 0 {
		r.pos++
	}
	raw := r.src[start:r.pos]
	end := strings.NewReplacer(`'`, "", `"`, "", `\`, "").Replace(raw)
	if end == "" {
		r.broken = true
		return
	}
	r.pending = append(r.pending, heredoc{end: end, quoted: end != raw, tabs: tabs, cmd: cmd})
}

// bodies reads the heredocs that begin in this line.
func (r *shellReader) bodies() {
	due := r.pending
	r.pending = nil
	for _, h := range due {
		start, ended := r.pos, false
		for r.pos < len(r.src) && !ended {
			line, _, feed := strings.Cut(r.src[r.pos:], "\n")
			if h.tabs {
				line = strings.TrimLeft(line, "\t")
			}
			if ended = line == h.end; ended {
				h.cmd.input = append(h.cmd.input, r.src[start:r.pos])
				r.body(start, r.pos, h)
			}
			r.skipLine()
			if feed {
				r.pos++
			}
		}
		if !ended {
			r.body(start, len(r.src), h)
			h.cmd.input = append(h.cmd.input, r.src[start:])
			r.unclosed()
		}
	}
}

// body looks for placeholders in a heredoc. What reads it is not known, so
// that no quoting can be right.
func (r *shellReader) body(from, to int, h heredoc) {
	for i := from; i < to; {
		p, ok := placeholderAt(r.src[:to], i)
		switch {
		case ok && (p.form != variable || !h.quoted):
			r.spots = append(r.spots, spot{placeholder: p, place: opaque, cmd: h.cmd, word: len(h.cmd.words)})
			i = p.end
		case r.src[i] == '\\' && !h.quoted:
			i += 2
		default:
			i++
		}
	}
}
