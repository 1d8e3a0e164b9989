package config

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// pair is one key of a mapping with its value.
type pair struct {
	key         string
	node, value *yaml.Node
}

// pairs lists the keys of a mapping in file order, each once, and what merge
// keys (<<) add to it. Keys that are no text or come twice are problems.
func (d *decoder) pairs(n *yaml.Node) []pair {
	var own []pair
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := target(n.Content[i]), n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			d.fail(k, "", "want a name before the colon, got %s", describe(k))
			continue
		}
		if k.Value == "<<" && k.Style == 0 {
			merged = append(merged, target(v))
			continue
		}
		if j := slices.IndexFunc(own, func(p pair) bool { return p.key == k.Value }); j >= 0 {
			d.fail(k, "", "key %q is here twice: first in line %d", clip(k.Value), own[j].node.Line)
			continue
		}
		own = append(own, pair{k.Value, k, v})
	}
	for len(merged) > 0 {
		m := merged[0]
		merged = merged[1:]
		switch m.Kind {
		case yaml.MappingNode:
			// Merge keys inside merged mappings are not followed: nobody nests
			// them, and a mapping that merges itself would have no end.
			for i := 0; i+1 < len(m.Content); i += 2 {
				k := target(m.Content[i])
				if k.Kind == yaml.ScalarNode && !slices.ContainsFunc(own, func(p pair) bool { return p.key == k.Value }) {
					own = append(own, pair{k.Value, k, m.Content[i+1]})
				}
			}
		case yaml.SequenceNode:
			for _, c := range m.Content {
				if t := target(c); t.Kind == yaml.MappingNode {
					merged = append(merged, t)
				} else {
					d.fail(c, "", "<<: want mappings to merge, got %s", describe(t))
				}
			}
		default:
			d.fail(m, "", "<<: want a mapping to merge, got %s", describe(m))
		}
	}
	return own
}

// describe says what a node is, for "want ..., got ...".
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!null":
			return "nothing"
		case "!!int", "!!float", "!!bool":
			return clip(n.Value)
		}
		return strconv.Quote(clip(n.Value))
	}
	return "something else"
}

// clip shortens text from the file for a message.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// target follows an alias to what it stands for.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// quoted joins names for a sentence.
func quoted(names []string) string { return strings.Join(names, ", ") }
