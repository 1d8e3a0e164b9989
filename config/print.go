package config

import (
	"fmt"
	"io"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// masked stands for a secret, as in prometheus/common.
const masked = "<secret>"

// Print writes the effective configuration as YAML: files, includes, defaults
// and flags together, paths whole, secrets masked. Without secrets the output
// is a configuration again.
func Print(w io.Writer, c *Config) error {
	for _, f := range c.Files {
		if _, err := fmt.Fprintf(w, "# from %s\n", safe.Text(f)); err != nil {
			return err
		}
	}
	root := node(reflect.ValueOf(c).Elem(), field{})
	// What was included is part of what follows.
	root.Content = without(root.Content, "include")
	for i, cl := range c.Clusters {
		if cl.Origin != FromFile && cl.Origin != "" {
			comment(root, i, cl.Origin)
		}
	}
	body, err := yaml.Dump(root, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, inert(string(body)))
	return err
}

// comment says behind a cluster's address who named it, unless a file did.
func comment(root *yaml.Node, cluster int, from Origin) {
	words := map[Origin]string{FromFlag: "from --prometheus", FromEnv: "from $" + Variable, FromDefault: "the default"}
	entry := get(root, "clusters").Content[cluster]
	get(get(entry, "prometheus"), "url").LineComment = words[from]
}

// get is the value of a key that is there.
func get(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return &yaml.Node{}
}

func without(pairs []*yaml.Node, key string) []*yaml.Node {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == key {
			return slices.Delete(pairs, i, i+2)
		}
	}
	return pairs
}

// node turns a value into YAML, masked by what its field means.
func node(v reflect.Value, f field) *yaml.Node {
	switch x := v.Interface().(type) {
	case time.Duration:
		return text(short(x))
	case promconfig.URL:
		if x.URL == nil {
			return text("")
		}
		return text(maskURL(x.String()))
	case promconfig.TLSVersion:
		return text(x.String())
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
		}
		return node(v.Elem(), f)
	case reflect.Struct:
		if len(fieldsOf(v.Type())) > 0 {
			return structNode(v)
		}
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for i := range v.Len() {
			n.Content = append(n.Content, node(v.Index(i), f))
		}
		if v.Type().Elem().Kind() == reflect.String {
			n.Style = yaml.FlowStyle
		}
		return n
	case reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		addMap(n, v, f)
		return n
	case reflect.String:
		return text(maskedAs(f, v.String()))
	}
	n := &yaml.Node{}
	if err := n.Dump(v.Interface()); err != nil {
		return text("")
	}
	return n
}

func structNode(v reflect.Value) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, f := range fieldsOf(v.Type()) {
		e := v.FieldByIndex(f.index)
		switch {
		case f.omit && e.IsZero(), f.typ == typeTLS && e.IsZero():
		case f.typ == typeHTTP && reflect.DeepEqual(e.Interface(), promconfig.DefaultHTTPClientConfig):
		case f.omit && e.Kind() == reflect.Struct && e.Type() == reflect.TypeFor[Alertmanager]() && e.FieldByName("URL").IsZero():
		case f.rest:
			addMap(n, e, f)
		default:
			n.Content = append(n.Content, text(f.key), node(e, f))
		}
	}
	if c, ok := v.Interface().(Change); ok && c.Options != nil {
		if o := reflect.Indirect(reflect.ValueOf(c.Options)); o.Kind() == reflect.Struct {
			n.Content = append(n.Content, structNode(o).Content...)
		}
	}
	return n
}

// addMap adds the entries of a map, by key. The value of a header whose name
// speaks of a secret is masked like one.
func addMap(n *yaml.Node, v reflect.Value, f field) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		e := v.MapIndex(k)
		if h, ok := e.Interface().(promconfig.Header); ok && sensitive.MatchString(k.String()) && len(h.Values) > 0 {
			h.Values = []string{masked}
			e = reflect.ValueOf(h)
		}
		n.Content = append(n.Content, text(k.String()), node(e, f))
	}
}

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// maskedAs is a text as it may be shown.
func maskedAs(f field, s string) string {
	switch {
	case s == "":
		return ""
	case f.meaning == aSecret, f.meaning == aFeed && strings.Contains(s, "://"):
		return masked
	case f.meaning == anURL || f.meaning == aServer:
		return maskURL(s)
	case f.meaning == aCommand:
		return maskText(s)
	}
	return s
}

// sensitive are the words in a name that announce a secret.
var sensitive = regexp.MustCompile(`(?i)token|secret|passw|auth|api[-_]?key|private|signature|\bsig\b|\bkey\b|cookie|session`)

// maskURL hides user, password and the values of parameters whose names speak
// of a secret.
func maskURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return masked
	}
	if u.User != nil {
		u.User = url.User("xxxxx")
	}
	if q := u.Query(); len(q) > 0 {
		hidden := false
		for name := range q {
			if sensitive.MatchString(name) {
				q[name], hidden = []string{"xxxxx"}, true
			}
		}
		if hidden {
			u.RawQuery = q.Encode()
		}
	}
	if u.String() == s {
		return s
	}
	return u.String()
}

// inArgument finds what looks like a secret in an argument of a command:
// token=..., Authorization: Bearer ..., and a user in an address.
var inArgument = regexp.MustCompile(`(?i)((?:token|secret|passw\w*|api[-_]?key|authorization)["']?\s*[:=]\s*(?:bearer\s+|basic\s+)?|bearer\s+|://)([^\s"'@]+@|[^\s"'/]+)`)

// inertSecret are the letters of secrets that no shell makes anything of.
var inertSecret = regexp.MustCompile(`^[A-Za-z0-9._~+=:%@-]*$`)

// maskText hides what looks like a secret in a command.
func maskText(s string) string { return mask(s, nil) }

// maskInert hides it only where nothing but a secret can be hidden.
func maskInert(s string) string { return mask(s, inertSecret) }

func mask(s string, only *regexp.Regexp) string {
	return inArgument.ReplaceAllStringFunc(s, func(m string) string {
		g := inArgument.FindStringSubmatch(m)
		switch {
		case only != nil && !only.MatchString(g[2]):
			return m
		case g[1] != "://":
			return g[1] + masked
		case strings.HasSuffix(g[2], "@"):
			return g[1] + "xxxxx@"
		}
		return m
	})
}

// inert cleans a document line by line. The YAML library escapes controls; the
// invisible runes that it lets through must not reach a terminal either.
func inert(doc string) string {
	lines := strings.SplitAfter(doc, "\n")
	for i, l := range lines {
		end := strings.TrimSuffix(l, "\n")
		lines[i] = safe.Text(end) + l[len(end):]
	}
	return strings.Join(lines, "")
}
