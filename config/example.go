package config

import (
	"reflect"
	"strings"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Example is a commented configuration with every key of ours: one cluster,
// everything else commented out and at its default, or at a value for
// illustration where the default is nothing. It loads as it is; a line is
// switched on by taking out its #. kinds are the sources of changes.
func Example(kinds []sources.ChangeKind) string {
	e := &example{kinds: kinds}
	e.b.WriteString("# yaml-language-server: $schema=" + SchemaURL + "\n")
	e.b.WriteString("# " + generatedBy + "\n#\n" + exampleHead)
	e.mapping(reflect.ValueOf(Default()).Elem(), position{})
	return e.b.String()
}

const exampleHead = `# Copy it to the place that "firstpage config path" names and change what needs
# changing. A line that begins with # and a key is a setting at its default, or
# an example where there is no default: take out the # to switch it on.
# docs/configuration.md says more about each key.
`

type example struct {
	b     strings.Builder
	kinds []sources.ChangeKind
}

// position is where a line goes. From mark on everything is commented out: the
// # stands in that column, so that taking it out leaves the line in place.
type position struct {
	indent, mark int
	off          bool // commented out
	open         bool // where what must be set stands uncommented
}

func (e *example) line(p position, s string) {
	if !p.off {
		e.b.WriteString(strings.Repeat(" ", p.indent) + s + "\n")
		return
	}
	e.b.WriteString(strings.Repeat(" ", p.mark) + "#" + strings.Repeat(" ", p.indent-p.mark) + s + "\n")
}

// switchOff comments out what follows, from this column on.
func (p position) switchOff() position {
	if !p.off {
		p.off, p.mark = true, p.indent
	}
	return p
}

func (p position) deeper() position {
	p.indent += 2
	return p
}

// mapping writes the keys of a struct.
func (e *example) mapping(def reflect.Value, p position) {
	for _, f := range fieldsOf(def.Type()) {
		if p.indent == 0 {
			e.b.WriteString("\n")
		}
		e.entry(def.FieldByIndex(f.index), f, p)
	}
}

// entry writes one key with its sentence.
func (e *example) entry(def reflect.Value, f field, p position) {
	for _, l := range wrap(f.hint(), 76-p.indent) {
		e.line(p, "# "+l)
	}
	list := f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct
	switch {
	case list && f.typ.Elem() == typeChange:
		p = p.switchOff()
		e.line(p, f.key+":")
		e.changes(p.deeper())
	case list:
		if p.open = f.key == "clusters"; !p.open {
			p = p.switchOff()
		}
		e.line(p, f.key+":")
		e.item(element(f.typ), p.deeper())
	case f.typ.Kind() == reflect.Struct && f.example == "":
		e.line(p, f.key+":")
		p.open = p.open && f.required
		e.mapping(def, p.deeper())
	default:
		value := written(def, f)
		if value == "" || f.example != "" {
			value = f.example
		}
		if !p.open || !f.mustBeSet(def) || p.off {
			p = p.switchOff()
		}
		key := f.key
		if f.instead {
			key = "# " + key
		}
		e.line(p, strings.TrimRight(key+": "+value, " "))
	}
}

// item writes a mapping as an entry of a list: its first key stands behind
// the dash.
func (e *example) item(def reflect.Value, p position) {
	part := &example{kinds: e.kinds}
	part.mapping(def, position{indent: p.indent + 2, open: p.open, off: p.off, mark: p.mark})
	e.dash(part.b.String(), p)
}

// dash puts a dash before the first key of a block. The sentences above that
// key move out to it.
func (e *example) dash(block string, p position) {
	lines := strings.SplitAfter(block, "\n")
	for i, l := range lines {
		rest := l[min(p.indent+2, len(l)):]
		if p.off {
			rest = l[min(p.indent+3, len(l)):]
		}
		first := !strings.HasPrefix(rest, "#")
		if first {
			rest = "- " + rest
		}
		e.line(p, strings.TrimSuffix(rest, "\n"))
		if first {
			e.b.WriteString(strings.Join(lines[i+1:], ""))
			return
		}
	}
}

// changes writes one entry for each kind.
func (e *example) changes(p position) {
	for _, k := range e.kinds {
		for _, l := range wrap(sentence(k.Summary), 76-p.indent) {
			e.line(p, "# "+l)
		}
		e.line(p, "- kind: "+k.Name)
		p := p.deeper()
		for _, f := range fieldsOf(typeChange) {
			if f.key == "name" {
				f.example = k.Name
				e.entry(reflect.ValueOf(""), f, p)
			}
		}
		e.mapping(reflect.Indirect(reflect.ValueOf(k.Options())), p)
	}
}

// hint is the sentence of a key and its allowed values.
func (f field) hint() string {
	s := f.sentence()
	if f.enum != nil {
		s = strings.TrimSpace(s + " One of " + strings.Join(f.enum, ", ") + ".")
	}
	return s
}

// wrap breaks a sentence into lines of at most width cells, at blanks.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(s) {
		switch {
		case line == "":
			line = w
		case len(line)+1+len(w) > width:
			lines = append(lines, line)
			line = w
		default:
			line += " " + w
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
