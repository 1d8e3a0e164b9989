package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/sources"
)

// decoder reads the nodes of one file into a Config, strictly. Decoding goes
// on after a problem, so that all of them are found.
type decoder struct {
	log   *log
	host  host
	kinds []sources.ChangeKind
	// set holds the lists that an included file has filled: they are appended
	// to. A list that is not in it holds a default: it is replaced.
	set map[string]bool

	file     string // as named by the user
	dir      string // what relative paths are relative to
	shared   bool   // other users of the machine can read the file
	included bool   // named by a file, not by the user
	pending  []Grant
	part     *entry // the entry of an included file that is being read; else nil
	http     int    // how many HTTP settings are being read, one inside another
	depth    int
}

// maxDepth ends a mapping that contains itself, which an anchor can bring
// about where options nest.
const maxDepth = 64

func (d *decoder) place(n *yaml.Node) Place { return Place{d.file, n.Line, n.Column} }

func (d *decoder) fail(n *yaml.Node, remedy, format string, args ...any) {
	d.log.problems = append(d.log.problems, Problem{d.place(n), fmt.Sprintf(format, args...), remedy})
}

func (d *decoder) warn(n *yaml.Node, remedy, format string, args ...any) {
	d.log.warnings = append(d.log.warnings, Problem{d.place(n), fmt.Sprintf(format, args...), remedy})
}

// wrong reports a value of the wrong type.
func (d *decoder) wrong(n *yaml.Node, f field, want, remedy string) {
	got := describe(n)
	if f.meaning == aSecret && n.Kind == yaml.ScalarNode {
		got = "something else"
	}
	d.fail(n, remedy, "%s: want %s, got %s", f.path, want, got)
}

// value reads n into v. A key without a value leaves v as it is.
func (d *decoder) value(n *yaml.Node, v reflect.Value, f field) {
	n = target(n)
	if d.log.full() || isNull(n) {
		return
	}
	d.depth++
	defer func() { d.depth-- }()
	if d.depth > maxDepth {
		d.fail(n, "", "%s: nested too deeply", clip(f.path))
		return
	}
	if end := d.begin(v, f); end != nil {
		defer end()
	}
	d.note(n, v, f)
	switch v.Type() {
	case typeDuration:
		d.duration(n, v, f)
		return
	case typeURL:
		d.proxyURL(n, v, f)
		return
	case typeChange:
		d.change(n, v, f)
		return
	}
	if readsItself(v) {
		d.scalar(n, v, f)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		d.value(n, p.Elem(), f)
		v.Set(p)
	case reflect.Struct:
		d.structure(n, v, f)
	case reflect.Slice:
		d.list(n, v, f)
	case reflect.Map:
		d.mapping(n, v, f)
	case reflect.String:
		d.text(n, v, f)
	default:
		d.scalar(n, v, f)
	}
}

// readsItself reports whether a type brings its own reader. A struct with keys
// is read key by key all the same: that is stricter and knows the places.
func readsItself(v reflect.Value) bool {
	if v.Type() == typeSecret || v.Kind() == reflect.Struct && len(fieldsOf(v.Type())) > 0 {
		return false
	}
	switch v.Addr().Interface().(type) {
	case yaml.Unmarshaler, encoding.TextUnmarshaler, interface{ UnmarshalYAML(func(any) error) error }:
		return true
	}
	return v.Kind() == reflect.Struct
}

// structure reads a mapping into a struct, key by key.
func (d *decoder) structure(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.MappingNode {
		d.wrong(n, f, "a mapping (key: value)", "")
		return
	}
	if x, ok := v.Addr().Interface().(defaulter); ok {
		x.setDefaults()
	}
	if v.Type() == typeHTTP {
		if v.IsZero() {
			v.Set(reflect.ValueOf(promconfig.DefaultHTTPClientConfig))
		}
		d.http++
		defer func() { d.http-- }()
	}
	d.fields(n, d.pairs(n), v, f, nil)
	switch x := v.Addr().Interface().(type) {
	case *promconfig.HTTPClientConfig:
		d.validate(n, f, x.Validate())
	case *promconfig.TLSConfig:
		d.validate(n, f, x.Validate())
	}
}

func (d *decoder) validate(n *yaml.Node, f field, err error) {
	if err != nil {
		d.fail(n, "", "%s: %v", f.path, err)
	}
}

// fields spreads pairs over the fields of v. Keys in also are allowed and
// left alone: somebody else reads them.
func (d *decoder) fields(n *yaml.Node, ps []pair, v reflect.Value, f field, also []string) {
	fs := fieldsOf(v.Type())
	seen := make(map[string]bool, len(ps))
	for _, p := range ps {
		i := slices.IndexFunc(fs, func(c field) bool { return c.key == p.key && !c.rest })
		if i < 0 {
			i = slices.IndexFunc(fs, func(c field) bool { return c.rest })
		}
		switch {
		case slices.Contains(also, p.key):
		case i < 0:
			d.unknown(p, fs, also)
		case fs[i].rest:
			d.entry(p, v.FieldByIndex(fs[i].index), fs[i].under(f.path))
		case fs[i].meaning == unsupported:
			d.fail(p.node, "name a file or ${VARIABLE} instead", "%s needs a secret manager, which firstpage has not", join(f.path, p.key))
		default:
			seen[p.key] = !isNull(target(p.value))
			d.value(p.value, v.FieldByIndex(fs[i].index), fs[i].under(f.path))
		}
	}
	for _, c := range fs {
		if !seen[c.key] && c.mustBeSet(v.FieldByIndex(c.index)) {
			d.fail(n, "", "%smissing key %q", prefix(f.path), c.key)
		}
	}
	if p := v.FieldByName("Place"); p.IsValid() && p.Type() == typePlace {
		p.Set(reflect.ValueOf(d.place(n)))
	}
}

// under is the field with the path that it has below a parent.
func (f field) under(parent string) field {
	f.path = join(parent, f.key)
	return f
}

func join(path, key string) string {
	if path == "" || key == "" {
		return path + key
	}
	return path + "." + key
}

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// list reads a sequence. What an included file has put there stays, behind.
func (d *decoder) list(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.SequenceNode {
		remedy := ""
		if n.Kind == yaml.ScalarNode && v.Type().Elem().Kind() == reflect.String && f.meaning != aSecret {
			remedy = "write [" + clip(n.Value) + "]"
		}
		d.wrong(n, f, "a list", remedy)
		return
	}
	items := reflect.MakeSlice(v.Type(), 0, len(n.Content))
	for i, c := range n.Content {
		item := f
		item.path = f.path + "[" + strconv.Itoa(i) + "]"
		if e := target(c); isNull(e) || (e.Kind == yaml.ScalarNode && e.Value == "" && f.meaning != aCommand) {
			d.fail(c, "", "%s is empty", item.path)
			continue
		}
		e := reflect.New(v.Type().Elem()).Elem()
		before := len(d.log.problems)
		d.value(c, e, item)
		if e.Kind() == reflect.String && len(d.log.problems) > before {
			continue
		}
		items = reflect.Append(items, e)
	}
	if f.meaning == aCommand {
		d.command(n, items, f)
	}
	// A list inside an entry of a list belongs to that entry alone, whose number
	// another file has used for another one.
	if !strings.Contains(f.path, "[") {
		if d.set[f.path] {
			items = reflect.AppendSlice(items, v)
		}
		d.set[f.path] = true
	}
	v.Set(items)
}

// mapping reads a mapping of free keys into what is there already.
func (d *decoder) mapping(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.MappingNode {
		d.wrong(n, f, "a mapping (key: value)", "")
		return
	}
	for _, p := range d.pairs(n) {
		d.entry(p, v, f)
	}
}

// entry reads one pair into a map with text keys.
func (d *decoder) entry(p pair, v reflect.Value, f field) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	e := reflect.New(v.Type().Elem()).Elem()
	f.path = join(f.path, p.key)
	d.value(p.value, e, f)
	v.SetMapIndex(reflect.ValueOf(p.key).Convert(v.Type().Key()), e)
}

// change reads one source of changes: kind and name here, the rest into the
// options of its kind.
func (d *decoder) change(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.MappingNode {
		d.wrong(n, f, "a mapping (kind: ..., and its options)", "")
		return
	}
	ps := d.pairs(n)
	var own, rest []pair
	for _, p := range ps {
		if p.key == "kind" || p.key == "name" {
			own = append(own, p)
		} else {
			rest = append(rest, p)
		}
	}
	d.fields(n, own, v, f, nil)
	c := v.Addr().Interface().(*Change)
	names := make([]string, len(d.kinds))
	for i, k := range d.kinds {
		names[i] = k.Name
		if k.Name != c.Kind {
			continue
		}
		c.Options = k.Options()
		before := len(d.log.problems)
		if o := reflect.ValueOf(c.Options); o.Kind() == reflect.Pointer && o.Elem().Kind() == reflect.Struct {
			d.fields(n, rest, o.Elem(), f, []string{"kind", "name"})
		}
		if x, ok := c.Options.(interface{ Check() error }); ok && len(d.log.problems) == before {
			d.validate(n, f, x.Check())
		}
		return
	}
	for _, p := range own {
		if p.key == "kind" && c.Kind != "" {
			d.fail(target(p.value), suggest(c.Kind, names), "%s: no kind of change source is called %q", join(f.path, "kind"), clip(c.Kind))
		}
	}
}

// unknown reports a key that nobody reads.
func (d *decoder) unknown(p pair, fs []field, also []string) {
	names := slices.Clone(also)
	for _, f := range fs {
		if !f.rest && f.meaning != unsupported {
			names = append(names, f.key)
		}
	}
	d.fail(p.node, suggest(p.key, names), "unknown key %q", clip(p.key))
}
