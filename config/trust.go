package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Grant is one thing that an included file wants and gets only when the user
// trusts it: a program is run, or something that is the user's (a variable of
// the environment, a file that holds a secret) is sent to addresses that the
// same file names.
type Grant struct {
	Place
	Key  string   // the setting: clusters[0].prometheus.token_command
	Why  string   // what the setting is for, a sentence; may be empty
	Argv []string // as it would run, the program's path resolved; nil: nothing runs
	// Sends are the variables ("$NAME") and files (absolute) that would be
	// read and sent; nil with Argv.
	Sends []string
	// To are the addresses of the same entry as they are written, without
	// path, user and password. They may hold a variable's name.
	To []string
	// Hash is of everything that decides what would run and what would be sent
	// where: the entry as written and, when a program is named by its path or
	// goes by a kubeconfig, the bytes of both. It holds no secret. Hexadecimal SHA-256.
	Hash string
}

// Shown is the command as it may be shown, an argument each: clean, what looks
// like a secret masked. Only what cannot be anything else is masked here: a shell
// must not run what a mask has hidden.
func (g Grant) Shown() []string {
	out := make([]string, len(g.Argv))
	for i, a := range g.Argv {
		out[i] = safe.Text(maskInert(a))
	}
	return out
}

// String is the grant in one clean line.
func (g Grant) String() string {
	s := "runs " + maskText(strings.Join(g.Argv, " "))
	if g.Argv == nil {
		s = "sends " + strings.Join(g.Sends, ", ")
	}
	if len(g.To) > 0 {
		s += map[bool]string{true: " to ", false: " for "}[g.Argv == nil] + strings.Join(g.To, ", ")
	}
	return safe.Text(s)
}

// Option changes how Load reads.
type Option func(*loader)

// Trusting lets included files have what trusted knows by its hash.
func Trusting(trusted func(hash string) bool) Option {
	return func(l *loader) { l.trusted = trusted }
}

// Pending lists what included files want and are not trusted with, in the
// order of Files. Load fails as long as there is one.
func (c *Config) Pending() []Grant { return slices.Clone(c.pending) }

// Trusted lists what included files want and are trusted with.
func (c *Config) Trusted() []Grant { return slices.Clone(c.granted) }

// OnlyPending reports whether trust is all that is missing: nothing else was
// wrong with the files.
func (c *Config) OnlyPending() bool { return c.onlyPending }

// sortGrants tells what is trusted from what is not, and reports the latter.
func (l *loader) sortGrants() {
	c := l.config
	c.onlyPending = len(l.log.problems) == 0
	all := c.pending
	c.pending = nil
	for _, g := range all {
		if l.trusted != nil && l.trusted(g.Hash) {
			c.granted = append(c.granted, g)
			continue
		}
		c.pending = append(c.pending, g)
		says := "this command stands in an included file and is not trusted yet: " + g.String()
		if g.Argv == nil {
			says = "an included file is not trusted yet with what it " + g.String()
		}
		l.log.problems = append(l.log.problems, Problem{g.Place, g.Key + ": " + says, ""})
	}
	c.onlyPending = c.onlyPending && len(c.pending) > 0
}

// entry is what was seen so far of one entry of an included file that may run
// or send something: a server, a source of changes.
type entry struct {
	path  string
	said  []string // its settings as written
	to    []string
	runs  []Grant
	sends *Grant
	// files are what a program would go by: it runs what they name.
	files []string
}

// begin opens an entry when n is one, and gives what closes it. Nil: it is
// none, or is a part of one.
func (d *decoder) begin(v reflect.Value, f field) (end func()) {
	if !d.included || d.part != nil {
		return nil
	}
	switch v.Type() {
	case typePrometheus, typeAlertmanager, typeRunbookHost, typeChange:
	default:
		if f.meaning != aSecret && f.meaning != anURL && f.meaning != aServer && f.meaning != aFeed && f.meaning != aCommand {
			return nil
		}
	}
	d.part = &entry{path: f.path}
	return func() {
		d.close(d.part)
		d.part = nil
	}
}

// close makes the grants of an entry whole, now that its addresses are known:
// a token that a program prints goes there too.
func (d *decoder) close(e *entry) {
	all := e.runs
	if e.sends != nil {
		all = append(all, *e.sends)
	}
	slices.Sort(e.said)
	slices.Sort(e.to)
	for _, g := range all {
		g.To = slices.Compact(slices.Clone(e.to))
		h := sha256.New()
		for _, list := range [][]string{g.Argv, g.Sends, g.To, e.said} {
			frame(h, list)
		}
		files := e.files
		if len(g.Argv) > 0 && filepath.IsAbs(g.Argv[0]) {
			files = append(slices.Clip(files), g.Argv[0])
		}
		if !d.copies(h, g, files) {
			continue
		}
		g.Hash = hex.EncodeToString(h.Sum(nil))
		d.pending = append(d.pending, g)
	}
}

// copies adds the bytes of files to what a grant's hash is of, and reports
// whether all could be read.
func (d *decoder) copies(h hash.Hash, g Grant, files []string) bool {
	for _, path := range files {
		if err := d.host.copy(h, path); err != nil {
			d.log.problems = append(d.log.problems, Problem{g.Place, fmt.Sprintf("%s: %s: %s", g.Key, path, reason(err)), ""})
			return false
		}
	}
	return true
}

// frame writes a list so that no other list gives the same bytes.
func frame(h hash.Hash, list []string) {
	fmt.Fprintf(h, "%d;", len(list)) //nolint:errcheck // a hash never fails
	for _, s := range list {
		fmt.Fprintf(h, "%d:%s,", len(s), s) //nolint:errcheck // a hash never fails
	}
}

// note remembers a setting of the entry as it is written. How long to wait is
// left out: it decides nothing.
func (d *decoder) note(n *yaml.Node, v reflect.Value, f field) {
	if d.part != nil && n.Kind == yaml.ScalarNode && v.Type() != typeDuration {
		d.part.said = append(d.part.said, strings.TrimPrefix(f.path, d.part.path)+"="+n.Value)
	}
}

// address remembers where the entry sends to.
func (d *decoder) address(n *yaml.Node) {
	if d.part != nil {
		d.part.to = append(d.part.to, origin(n.Value))
	}
}

// sending notes that the entry sends something of the user's.
func (d *decoder) sending(n *yaml.Node, f field, what string) {
	if d.part == nil {
		return
	}
	if d.part.sends == nil {
		d.part.sends = &Grant{Place: d.place(n), Key: f.path, Why: f.doc}
	}
	if s := d.part.sends; !slices.Contains(s.Sends, what) {
		s.Sends = append(s.Sends, what)
	}
}

// origin is scheme, host and port of an address as it is written, which may
// hold variables.
func origin(written string) string {
	scheme, rest, ok := strings.Cut(written, "://")
	if !ok {
		scheme, rest = "", written
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if ok {
		return scheme + "://" + rest
	}
	return rest
}

// command checks an argv and, in an included file, notes it.
func (d *decoder) command(n *yaml.Node, argv reflect.Value, f field) {
	if argv.Len() == 0 || argv.Index(0).Len() == 0 {
		d.fail(n, "name a program and its arguments: [program, argument]", "%s: there is no program", f.path)
		return
	}
	// A program named by a path is found from the file's folder, so that a
	// repository can bring its own; a bare name is found on $PATH.
	program := argv.Index(0).String()
	if strings.ContainsRune(program, '/') || strings.ContainsRune(program, filepath.Separator) {
		file := field{path: f.path + "[0]", meaning: aFile} // no key: a program is no secret
		before := len(d.log.problems)
		program = d.pathTo(target(n.Content[0]), program, file)
		if len(d.log.problems) > before {
			return
		}
		argv.Index(0).SetString(program)
	}
	if d.part == nil {
		return
	}
	g := Grant{Place: d.place(n), Key: f.path, Why: f.doc}
	for i := range argv.Len() {
		g.Argv = append(g.Argv, argv.Index(i).String())
	}
	d.part.runs = append(d.part.runs, g)
}

// kubeconfig notes, in an included file, that kubectl would go by a file that
// this one names: such a file may name programs, which kubectl starts.
func (d *decoder) kubeconfig(n *yaml.Node, path string, f field) {
	if d.part == nil || path == "" {
		return
	}
	d.part.files = append(d.part.files, path)
	d.part.runs = append(d.part.runs, Grant{Place: d.place(n), Key: f.path, Why: f.doc, Argv: []string{"kubectl", "--kubeconfig", path}})
}
