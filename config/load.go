package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/sources"
)

// Load reads configuration files and reports everything that is wrong in them
// as one error made of *Problem in file order (see Problems). The first path
// wins over the later ones, each wins over what it includes. No path at all
// means no configuration, which is fine; a path that names no file does not.
// env is the environment (os.Getenv).
//
// The result is never nil: after an error it holds what could be read, and
// Pending says what waits for trust.
func Load(paths []string, kinds []sources.ChangeKind, env func(string) string, opts ...Option) (*Config, error) {
	return load(paths, kinds, realHost(env), opts...)
}

func load(paths []string, kinds []sources.ChangeKind, h host, opts ...Option) (*Config, error) {
	c := Default()
	l := &loader{log: &log{}, host: h, kinds: kinds, config: c, set: map[string]bool{}}
	for _, o := range opts {
		o(l)
	}
	// What counts most is read last; the order of messages is set before.
	files := make([]*document, 0, len(paths))
	for _, p := range paths {
		if d := l.open(p, Place{}, nil); d != nil {
			files = append(files, d)
		}
	}
	for _, d := range slices.Backward(files) {
		l.apply(d)
	}
	c.Files = l.log.order
	l.finish()
	return c, l.log.err()
}

// loader merges files into one Config.
type loader struct {
	log    *log
	host   host
	kinds  []sources.ChangeKind
	config *Config
	set    map[string]bool
	opened []string // absolute

	trusted func(hash string) bool // nil: nothing is
}

// document is one parsed file and those it includes.
type document struct {
	decoder
	root     *yaml.Node
	includes []*document
}

// open reads and parses a file and, first, what it includes. from is the
// place that names it and chain the files on the way there. Nil: it cannot be
// read, which is reported.
func (l *loader) open(path string, from Place, chain []string) *document {
	fail := func(p Place, remedy, format string, args ...any) *document {
		l.log.problems = append(l.log.problems, Problem{p, fmt.Sprintf(format, args...), remedy})
		return nil
	}
	whole := Place{File: path}
	abs, err := filepath.Abs(path)
	if err != nil {
		return fail(whole, "", "cannot be read")
	}
	if slices.Contains(chain, abs) {
		return fail(from, "take the line out", "include: %s includes itself", path)
	}
	if slices.Contains(l.opened, abs) {
		return nil // two files may share a third
	}
	l.opened = append(l.opened, abs)
	l.log.order = append(l.log.order, path)
	f, err := l.host.read(path)
	switch {
	case errors.Is(err, errTooLarge):
		return fail(whole, "", "%v", err)
	case err != nil:
		return fail(whole, "", "%s", reason(err))
	}
	root, p := parse(f.body)
	if p != nil {
		p.File = path
		l.log.problems = append(l.log.problems, *p)
		return nil
	}
	d := &document{root: root, decoder: decoder{log: l.log, host: l.host, kinds: l.kinds, set: l.set,
		file: path, dir: filepath.Dir(abs), shared: f.shared, included: len(chain) > 0}}
	for _, inc := range d.including() {
		if in := l.open(inc.File, Place{path, inc.Line, inc.Column}, append(slices.Clone(chain), abs)); in != nil {
			d.includes = append(d.includes, in)
		}
	}
	return d
}

// including lists the files that a document includes, with the place in this
// document. What is wrong with them is reported when the document is read.
func (d *document) including() []Place {
	if d.root == nil || d.root.Kind != yaml.MappingNode {
		return nil
	}
	quiet := d.decoder
	quiet.log = &log{}
	var files []Place
	for _, p := range quiet.pairs(d.root) {
		list := target(p.value)
		if p.key != "include" || list.Kind != yaml.SequenceNode {
			continue
		}
		for _, n := range list.Content {
			n = target(n)
			if n.Kind != yaml.ScalarNode || n.Value == "" {
				continue
			}
			path, ok := quiet.absolute(n, n.Value, field{})
			if !ok {
				continue
			}
			if info, err := d.host.stat(path); err == nil && info.Mode().IsRegular() {
				files = append(files, Place{path, n.Line, n.Column})
			}
		}
	}
	return files
}

// apply merges a document over what it includes.
func (l *loader) apply(d *document) {
	for _, in := range slices.Backward(d.includes) {
		l.apply(in)
	}
	if d.root == nil {
		return
	}
	// A list of this document is appended to, not replaced, by the next one.
	d.value(d.root, reflect.ValueOf(l.config).Elem(), field{})
	l.config.pending = append(l.config.pending, d.pending...)
}

// finish looks at what only the merged whole can tell.
func (l *loader) finish() {
	c := l.config
	seen := map[string]Place{}
	for _, cl := range c.Clusters {
		l.unique(seen, "cluster", cl.Name, cl.Place)
	}
	clear(seen)
	for _, h := range c.Runbooks.Hosts {
		name := strings.ToLower(h.Host)
		if _, rest, ok := strings.Cut(name, "://"); ok {
			name = rest
		}
		l.unique(seen, "host of runbooks", strings.TrimSuffix(name, "/"), h.Place)
	}
	clear(seen)
	for i := range c.Changes {
		ch := &c.Changes[i]
		if ch.Name != "" {
			l.unique(seen, "source of changes", ch.Name, ch.Place)
		}
	}
	for i := range c.Changes {
		if ch := &c.Changes[i]; ch.Name == "" {
			ch.Name = ch.Kind
			for n := 2; ; n++ {
				if _, taken := seen[ch.Name]; !taken {
					break
				}
				ch.Name = fmt.Sprintf("%s %d", ch.Kind, n)
			}
			seen[ch.Name] = ch.Place
		}
	}
	if len(c.Clusters) == 0 {
		l.fallback()
	}
	l.sortGrants()
	c.Warnings = l.log.sorted(l.log.warnings)
}

func (l *loader) unique(seen map[string]Place, what, name string, at Place) {
	if first, ok := seen[name]; ok && name != "" {
		// The later of the two is the one to change.
		i, j := slices.Index(l.log.order, first.File), slices.Index(l.log.order, at.File)
		if j < i || j == i && at.Line < first.Line {
			first, at = at, first
		}
		l.log.problems = append(l.log.problems, Problem{at,
			fmt.Sprintf("a %s called %q is there already: %s", what, name, first), "give it another name"})
		return
	}
	seen[name] = at
}

// parse gives the root of a file that holds one YAML document, nil if it is
// empty. A syntax error is a problem without a file name.
func parse(body []byte) (*yaml.Node, *Problem) {
	ld, err := yaml.NewLoader(bytes.NewReader(body))
	if err != nil {
		return nil, &Problem{Message: "cannot be read"}
	}
	var doc yaml.Node
	switch err := ld.Load(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntax(err)
	}
	var more yaml.Node
	switch err := ld.Load(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, syntax(err)
	default:
		return nil, &Problem{Place: Place{Line: more.Line, Column: more.Column},
			Message: "a second document begins here", Remedy: "a configuration is one document: take the --- out"}
	}
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		root := target(doc.Content[0])
		if root.Kind != yaml.MappingNode && !isNull(root) {
			return nil, &Problem{Place: Place{Line: root.Line, Column: root.Column},
				Message: "want settings (key: value), got " + describe(root)}
		}
		return root, nil
	}
	return nil, nil
}

// syntax puts the library's error into a problem.
func syntax(err error) *Problem {
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		return &Problem{Message: "not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	p := &Problem{Place: Place{Line: e.Mark.Line, Column: e.Mark.Column}, Message: "not YAML: " + e.Message}
	if e.ContextMsg != "" && e.ContextMark.Line > 0 {
		p.Message += fmt.Sprintf(" (%s from line %d on)", e.ContextMsg, e.ContextMark.Line)
	}
	switch {
	case strings.Contains(e.Message, "tab character"):
		p.Message, p.Remedy = "not YAML: a tab at the beginning of the line", "use blanks"
	case strings.Contains(e.Message, "mapping values are not allowed"):
		p.Remedy = "put a text that holds a colon and a blank in quotes"
	case strings.Contains(e.Message, "cannot start any token"):
		p.Remedy = "put a text that begins with @, `, % or * in quotes"
	}
	return p
}
