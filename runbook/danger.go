package runbook

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Danger is one thing in a block that changes something when it is run.
type Danger struct {
	Word string // as one would name it: "kubectl delete", "rm", "DELETE"
	Line int    // in Document.Source, from 1
	Why  string // one clause: "deletes objects"
}

// RunsInside is the Why of a command that opens a shell or runs something
// unknown inside of a container or machine.
const RunsInside = "runs inside a container or machine"

// Changes lists what a block would change if it were run, in order of lines;
// nil: nothing that is known to. Pipes, loops, sudo, xargs, nested shells and
// commands inside of a container are looked through; comments, output and dry
// runs are not meant. It errs to the side of warning: a command that it does
// not know is not marked, but what it does know is, whatever its arguments.
func (c CodeBlock) Changes() []Danger {
	t := c.typed()
	j := judge{line: c.lineOf(t), seen: map[Danger]bool{}}
	switch {
	case c.Command(), c.Lang == "":
		j.script(readScript(t.text), -1, 0)
	case slices.Contains(sqlBlocks, c.Lang):
		src := sqlComment.ReplaceAllStringFunc(t.text, func(s string) string { return strings.Repeat(" ", len(s)) })
		for _, m := range sqlChanges().FindAllStringIndex(src, -1) {
			j.mark(strings.ToUpper(src[m[0]:m[1]]), "changes data", m[0])
		}
	}
	slices.SortStableFunc(j.found, func(a, b Danger) int { return cmp.Compare(a.Line, b.Line) })
	return j.found
}

var (
	sqlChanges = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(sqlWords) })
	sqlComment = regexp.MustCompile(`--[^\n]*`)
)

// lineOf gives the line in the source of an offset into the typed text.
func (c CodeBlock) lineOf(t typed) func(int) int {
	first := c.Line
	if c.fenced {
		first++
	}
	starts := lineStarts([]byte(t.text))
	return func(at int) int {
		return first + t.lines[min(lineAt(starts, at)-1, len(t.lines)-1)]
	}
}

// judge collects what a script changes.
type judge struct {
	line  func(offset int) int
	found []Danger
	seen  map[Danger]bool
}

// mark takes one, once for each line.
func (j *judge) mark(word, why string, at int) {
	d := Danger{Word: word, Line: j.line(at), Why: why}
	if !j.seen[d] {
		j.seen[d] = true
		j.found = append(j.found, d)
	}
}

// maxShells bounds scripts in arguments of scripts.
const maxShells = 6

// script judges the commands of a script. at is where it stands; -1: it is the
// block itself.
func (j *judge) script(s script, at, depth int) {
	if depth > maxShells {
		return
	}
	for i, c := range s.cmds {
		here := at
		if here < 0 {
			here = max(0, c.at)
		}
		words := c.run()
		input := strings.Join(c.input, "\n")
		if c.piped && i > 0 {
			input += "\n" + strings.Join(texts(s.cmds[i-1].words), " ") + "\n" + strings.Join(s.cmds[i-1].input, "\n")
		}
		j.command(texts(words), input, c.piped, here, depth)
		for _, w := range c.writes {
			if protected(w) {
				j.mark("> "+w, "writes a file of the system", here)
			}
		}
	}
}

// protected reports whether a file belongs to the system.
func protected(file string) bool {
	if strings.HasPrefix(file, "/dev/") {
		return !slices.Contains([]string{"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"}, file) && !strings.HasPrefix(file, "/dev/tcp/") && !strings.HasPrefix(file, "/dev/fd/")
	}
	return strings.HasPrefix(file, "/etc/") || strings.HasPrefix(file, "/proc/") || strings.HasPrefix(file, "/sys/") || strings.HasPrefix(file, "/boot/")
}

// command judges one command, and reports whether it is known: marked, or one
// that is known to read only.
func (j *judge) command(args []string, input string, piped bool, at, depth int) (isKnown bool) {
	if len(args) == 0 || depth > maxShells {
		return true
	}
	name := base(args[0])
	before := len(j.found)
	switch w := wrapperOf(name); {
	case w != nil:
		return j.wrapped(w, args, input, piped, at, depth)
	case slices.Contains(shellNames, name):
		return j.shell(args, piped, at, depth)
	case name == "eval":
		j.script(readScript(strings.Join(args[1:], " ")), at, depth+1)
		return true
	case name == "su":
		if i := slices.Index(args, "-c"); i >= 0 && i+1 < len(args) {
			j.script(readScript(args[i+1]), at, depth+1)
			return true
		}
		return false
	case name == "ssh" || name == "mosh" || name == "pdsh":
		return j.remote(args, at, depth)
	case name == "curl" || name == "wget":
		j.http(name, args, at)
		return true
	case name == "find":
		return j.finds(args, at, depth)
	case name == "tee" && slices.ContainsFunc(args[1:], protected):
		j.mark("tee", "writes a file of the system", at)
		return true
	case slices.Contains(sqlTools, name):
		j.sql(name, args, input, at)
		return true
	}
	if inner, ok := inside(name, args); ok {
		return j.inside(name, args, inner, input, at, depth)
	}
	j.byTable(name, args, at)
	return len(j.found) > before || isTool(name) || isReader(name)
}

// table is the rules by the names of their tools, and the readers.
type table struct {
	exact   map[string][]int // indices into rules
	open    []int            // rules with a name that ends in a star
	readers map[string]bool
}

var tables = sync.OnceValue(func() table {
	t := table{exact: map[string][]int{}, readers: map[string]bool{}}
	for i, r := range rules {
		for name := range list(r.tools) {
			if strings.HasSuffix(name, "*") {
				t.open = append(t.open, i)
			} else {
				t.exact[name] = append(t.exact[name], i)
			}
		}
	}
	for name := range list(readers) {
		t.readers[name] = true
	}
	return t
})

// rulesOf are the rules that speak of a program, in their order.
func rulesOf(name string) []int {
	t := tables()
	of := t.exact[name]
	for _, i := range t.open {
		if matches(rules[i].tools, name) && !slices.Contains(of, i) {
			of = append(of[:len(of):len(of)], i)
		}
	}
	return of
}

func isReader(name string) bool { return tables().readers[name] }

// isTool reports whether the table speaks of a program at all.
func isTool(name string) bool { return slices.Contains(sqlTools, name) || len(rulesOf(name)) > 0 }

// byTable looks a command up in the rules; the first that fits speaks.
func (j *judge) byTable(name string, args []string, at int) {
	if len(rulesOf(name)) == 0 || dry(args) {
		return
	}
	if i := slices.Index(args, "--"); i > 0 {
		args = args[:i]
	}
	subs, loose := operands(args[1:], true), operands(args[1:], false)
	if matches(clusterTools, name) && begins(clusterReads, subs) != "" {
		return
	}
	for _, i := range rulesOf(name) {
		r := rules[i]
		if r.reads != "" && begins(r.reads, subs) != "" || r.unless != "" && anyOf(r.unless, args[1:]) != "" {
			continue
		}
		word := begins(r.when, subs)
		if word == "" && r.when != "" {
			word = begins(r.when, loose)
		}
		has := anyOf(r.has, args[1:])
		switch {
		case r.when != "" && word == "", r.has != "" && has == "":
			continue
		case word == "" && has != "":
			word = has
			if len(subs) > 0 && !strings.HasPrefix(has, "-") && subs[0] != has {
				word = subs[0] + " " + has
			}
		}
		j.mark(strings.TrimSpace(name+" "+word), r.why, at)
		return
	}
}

// dry reports whether a command only says what it would do.
func dry(args []string) bool {
	for i, a := range args {
		if rest, ok := strings.CutPrefix(a, "--dry-run"); ok {
			if rest == "" && i+1 < len(args) && args[i+1] == "none" {
				continue
			}
			return rest == "" || strings.HasPrefix(rest, "=") && rest != "=none" && rest != "=false"
		}
	}
	return false
}
