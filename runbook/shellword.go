package runbook

import (
	"cmp"
	"slices"
	"strings"
)

// wordReader is a word while it is read.
type wordReader struct {
	word
	out  strings.Builder
	code bool // it holds what no plain name or path does
}

// add takes text of the word itself, without its quotes.
func (w *wordReader) add(s string) {
	w.out.WriteString(s)
	for i := range len(s) {
		if !plainByte(s[i]) && s[i] != '=' && s[i] != '~' && s[i] != '^' {
			w.code = true
		}
	}
}

// expand takes text that the shell replaces.
func (w *wordReader) expand(s string) {
	w.out.WriteString(s)
	w.bare = false
}

// word reads one word; until ends it beside blanks and operators.
func (r *shellReader) word(until byte) word {
	w := &wordReader{word: word{start: r.pos, bare: true}}
	for r.pos < len(r.src) {
		c := r.src[r.pos]
		if until != 0 && c == until || strings.IndexByte(" \t\n|&;)>", c) >= 0 && !r.has(">(") {
			break
		}
		if c == '<' && !r.has("<(") {
			if _, ok := angleAt(r.src, r.pos); !ok {
				break
			}
		}
		switch {
		case r.spot(w, bare):
		case c == '\\':
			r.escaped(w)
		case c == '\'':
			r.single(w)
		case c == '"':
			r.double(w)
		case c == '$', c == '`':
			r.dollar(w, until)
		case r.has("<("), r.has(">("):
			start := r.pos
			r.pos += 2
			r.list(')')
			r.closing(")")
			w.expand(r.src[start:min(r.pos, len(r.src))])
		case c == '(': // a function, or an array: X=(a b)
			r.pos++
			r.list(')')
			r.closing(")")
			w.bare = false
		default:
			w.add(r.src[r.pos : r.pos+1])
			r.pos++
		}
	}
	return r.finish(w)
}

// finish closes a word and judges the place of its placeholders.
func (r *shellReader) finish(w *wordReader) word {
	w.end, w.text = r.pos, w.out.String()
	for _, i := range w.spots {
		s := &r.spots[i]
		s.code = w.code
		s.leads = strings.Trim(r.src[w.start:s.start], `'"`) == ""
		s.list = strings.Contains(w.text, "{")
	}
	return w.word
}

// spot takes the placeholder that begins here.
func (r *shellReader) spot(w *wordReader, at place) bool {
	p, ok := placeholderAt(r.src, r.pos)
	if !ok || at == inSingle && p.form == variable {
		return false
	}
	if r.opaque > 0 {
		at = opaque
	}
	w.spots = append(w.spots, len(r.spots))
	r.spots = append(r.spots, spot{placeholder: p, place: at})
	w.expand(r.src[p.start:p.end])
	r.pos = p.end
	return true
}

func (r *shellReader) escaped(w *wordReader) {
	if r.has("\\\n") {
		r.pos += 2
		return
	}
	w.bare = false
	if r.pos+1 == len(r.src) {
		r.pos++
		r.unclosed()
		return
	}
	w.add(r.src[r.pos+1 : r.pos+2])
	r.pos += 2
}

// single reads '...'.
func (r *shellReader) single(w *wordReader) {
	w.bare = false
	for r.pos++; r.pos < len(r.src); {
		switch {
		case r.src[r.pos] == '\'':
			r.pos++
			return
		case r.spot(w, inSingle):
		default:
			w.add(r.src[r.pos : r.pos+1])
			r.pos++
		}
	}
	r.unclosed()
}

// double reads "...".
func (r *shellReader) double(w *wordReader) {
	w.bare = false
	for r.pos++; r.pos < len(r.src); {
		switch c := r.src[r.pos]; {
		case c == '"':
			r.pos++
			return
		case r.spot(w, inDouble):
		case c == '\\' && r.pos+1 < len(r.src):
			if next := r.src[r.pos+1]; strings.IndexByte("$`\"\\", next) >= 0 {
				w.add(string(next))
			} else if next != '\n' {
				w.add(r.src[r.pos : r.pos+2])
			}
			r.pos += 2
		case c == '$' && !r.has("$'") && !r.has(`$"`), c == '`':
			r.dollar(w, 0)
		default:
			w.add(r.src[r.pos : r.pos+1])
			r.pos++
		}
	}
	r.unclosed()
}

// dollar reads what begins with $ or a backtick and is no placeholder.
func (r *shellReader) dollar(w *wordReader, until byte) {
	start := r.pos
	switch {
	case r.has("$'"):
		r.ansi(w)
		return
	case r.has(`$"`):
		r.pos++
		r.double(w)
		return
	case r.has("$(("):
		r.arithmetic(3)
	case r.has("$("):
		r.pos += 2
		r.list(')')
		r.closing(")")
	case r.has("${"):
		r.parameter(w)
	case r.has("`"):
		if until == '`' { // never: the list takes it before a word does
			r.pos++
			break
		}
		r.pos++
		r.opaque++
		r.list('`')
		r.opaque--
		r.closing("`")
	default: // $NAME of the environment, $1, $?
		r.pos++
		if n := nameLength(r.src[r.pos:]); n > 0 {
			r.pos += n
		} else if r.pos < len(r.src) && strings.IndexByte("0123456789@*#?-$!", r.src[r.pos]) >= 0 {
			r.pos++
		}
	}
	w.expand(r.src[start:min(r.pos, len(r.src))])
}

// ansi reads $'...', where a backslash means something.
func (r *shellReader) ansi(w *wordReader) {
	w.bare = false
	r.opaque++
	defer func() { r.opaque-- }()
	for r.pos += 2; r.pos < len(r.src); {
		switch c := r.src[r.pos]; {
		case c == '\'':
			r.pos++
			return
		case r.spot(w, inSingle):
		case c == '\\' && r.pos+1 < len(r.src):
			w.add(r.src[r.pos : r.pos+2])
			r.pos += 2
		default:
			w.add(r.src[r.pos : r.pos+1])
			r.pos++
		}
	}
	r.unclosed()
}

// parameter reads ${...} that does more than name a variable.
func (r *shellReader) parameter(w *wordReader) {
	r.opaque++
	defer func() { r.opaque-- }()
	depth := 0
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; {
		case depth > 0 && r.spot(w, opaque):
			continue
		case c == '\\':
			r.pos++
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				r.pos++
				return
			}
		}
		r.pos++
	}
	r.pos = min(r.pos, len(r.src))
	r.unclosed()
}

// arithmetic skips ((...)): nothing is filled in there.
func (r *shellReader) arithmetic(skip int) {
	depth := 2
	for r.pos += skip; r.pos < len(r.src); r.pos++ {
		switch r.src[r.pos] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				r.pos++
				return
			}
		}
	}
	r.unclosed()
}

// namespaces finds the NAMESPACE and NS that stand bare after -n in a command
// for a cluster: real runbooks write 44 commands so. Any other word in
// capitals may be meant as it is.
func (r *shellReader) namespaces() {
	for _, c := range r.cmds {
		if !slices.ContainsFunc(c.words, func(w word) bool { return clusterTool(w.text) != "" }) {
			continue
		}
		for i, w := range c.words {
			start := w.start
			switch {
			case !w.bare:
				continue
			case i > 0 && (c.words[i-1].text == "-n" || c.words[i-1].text == "--namespace"):
			case strings.HasPrefix(w.text, "--namespace="):
				start += len("--namespace=")
			default:
				continue
			}
			if name := r.src[start:w.end]; name == "NAMESPACE" || name == "NS" {
				r.spots = append(r.spots, spot{placeholder: placeholder{start: start, end: w.end, name: name, form: capitals}, cmd: c, word: i, leads: start == w.start})
			}
		}
	}
}

func sortSpots(s []spot) []spot {
	slices.SortFunc(s, func(a, b spot) int { return cmp.Compare(a.start, b.start) })
	return s
}
