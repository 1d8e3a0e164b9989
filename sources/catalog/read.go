package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/yamltree"
	"github.com/firstpage-oncall/firstpage/sources"
)

// place is where something is written; line 0: the file as a whole.
type place struct {
	file string
	line int
}

func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// note is what is doubtful, and where.
type note struct {
	at   place
	text string
}

// entry is a service as one place describes it.
type entry struct {
	sources.Service
	at      place
	kind    string   // of Backstage: component, resource, system, domain; else empty
	within  string   // the system or domain whose owner stands in for a missing one
	callers []string // services that say nothing of it and depend on it all the same
	guessed []string // names that it may go by: aliases if no other service has them
}

// crew is a team as one place describes it.
type crew struct {
	sources.Team
	at place
}

// contents is what one file describes.
type contents struct {
	services []entry // with systems and domains
	teams    []crew
	notes    []note
	layer    int // index of the path that it was found by
}

// maxNodes is how many nodes of one file are looked at.
const maxNodes = 1_000_000

var errNodes = errors.New("it holds more than is read")

// reader reads the documents of one file.
type reader struct {
	contents
	file  string
	named bool // by itself: then all of it is meant
	nodes int  // still to be looked at
}

// parse reads a file. With an error it gives the documents before the fault.
// A file that was not named need not hold a catalog.
func parse(name string, body []byte, named bool) (contents, error) {
	if !named && !speaksOfServices.Match(body) {
		return contents{}, nil
	}
	r := &reader{file: name, named: named, nodes: maxNodes}
	err := yamltree.Documents(body, r.document)
	if err == nil && named && len(r.services)+len(r.teams) == 0 && len(r.notes) == 0 {
		r.note(0, "neither services nor teams are in it")
	}
	return r.contents, err
}

// speaksOfServices tells the files that may hold a catalog. Most in a
// repository do not, and need no parsing.
var speaksOfServices = regexp.MustCompile(`backstage\.io/|(?m)^["']?(services|teams)["']?\s*:`)

func (r *reader) note(line int, format string, args ...any) {
	r.notes = append(r.notes, note{place{r.file, line}, fmt.Sprintf(format, args...)})
}

// document reads one document by the format that its content says.
func (r *reader) document(n *yaml.Node) error {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = yamltree.Target(n.Content[0])
	}
	switch {
	case strings.HasPrefix(yamltree.Scalar(n, "apiVersion"), "backstage.io/"):
		r.backstage(n)
	case yamltree.Value(n, "services") == nil && yamltree.Value(n, "teams") == nil, compose(n):
	case ofGitLab(n):
		r.gitlab(n)
	case r.named || onlyKeys(n, "services", "teams"):
		r.own(n)
	}
	if r.nodes < 0 {
		return errNodes
	}
	return nil
}

// compose reports whether the services are containers of docker compose.
func compose(n *yaml.Node) bool {
	found := false
	each(yamltree.Value(n, "services"), func(_ string, s *yaml.Node) {
		found = found || yamltree.Value(s, "image") != nil || yamltree.Value(s, "build") != nil
	})
	return found
}

func onlyKeys(n *yaml.Node, keys ...string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i].Value; !slices.Contains(keys, k) && !strings.HasPrefix(k, "x-") {
			return false
		}
	}
	return true
}

// each gives the entries of a list of mappings, of texts, or of a mapping of
// names to mappings. The name is the key, the text, or what name: says.
func each(n *yaml.Node, take func(name string, entry *yaml.Node)) {
	if n == nil {
		return
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, e := range n.Content {
			e = yamltree.Target(e)
			name := yamltree.Text(e)
			if e.Kind == yaml.MappingNode {
				name = yamltree.Scalar(e, "name")
			}
			take(strings.TrimSpace(name), e)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			e := yamltree.Target(n.Content[i+1])
			name := strings.TrimSpace(n.Content[i].Value)
			if e.Kind != yaml.MappingNode { // checkout: with nothing below it
				e = n.Content[i]
			}
			take(name, e)
		}
	}
}

// texts reads a list of texts; one text is a list of one.
func (r *reader) texts(n *yaml.Node) []string {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
	}
	var out []string
	for _, e := range n.Content {
		if r.nodes--; r.nodes < 0 {
			break
		}
		if s := strings.TrimSpace(yamltree.Text(yamltree.Target(e))); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) values(n *yaml.Node) []safe.Value { return outside(r.texts(n)) }

func outside(texts []string) []safe.Value {
	var out []safe.Value
	for _, s := range texts {
		out = append(out, safe.Outside(s))
	}
	return out
}

// value reads one text.
func value(n *yaml.Node, key string) safe.Value {
	return safe.Outside(strings.TrimSpace(yamltree.Scalar(n, key)))
}

// links reads addresses: one, a list of them, or titles with addresses.
func (r *reader) links(n *yaml.Node) []sources.Link {
	if n == nil {
		return nil
	}
	var out []sources.Link
	add := func(title, url string) {
		if r.nodes--; r.nodes >= 0 && url != "" {
			out = append(out, sources.Link{Title: safe.Outside(title), URL: safe.Outside(url)})
		}
	}
	switch n.Kind {
	case yaml.ScalarNode:
		add("", yamltree.Text(n))
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			add(n.Content[i].Value, yamltree.Text(yamltree.Target(n.Content[i+1])))
		}
	case yaml.SequenceNode:
		for _, e := range n.Content {
			if e = yamltree.Target(e); e.Kind == yaml.ScalarNode {
				add("", yamltree.Text(e))
			} else {
				add(first(yamltree.Scalar(e, "title"), yamltree.Scalar(e, "name")), first(yamltree.Scalar(e, "url"), yamltree.Scalar(e, "permalink")))
			}
		}
	}
	return out
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// template reports whether a name is still to be filled in: scaffolds of new
// services lie beside real ones.
func template(name string) bool { return strings.Contains(name, "{{") || strings.Contains(name, "{%") }
