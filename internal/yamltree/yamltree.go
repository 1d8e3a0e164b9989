// Package yamltree looks things up in YAML that others wrote and that need not be
// as it should: what is not there, or is of another kind, reads as nothing.
// Readers of files from outside import it; the configuration, which must be
// exact, has a strict reader of its own. It does no I/O and is safe for
// concurrent use.
package yamltree

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v4"
)

// Documents gives every document of a text to take, in order. It stops at the
// first error: of take, or of the text, whose documents before the fault have
// been given.
func Documents(body []byte, take func(*yaml.Node) error) error {
	ld, err := yaml.NewLoader(bytes.NewReader(body))
	if err != nil {
		return err
	}
	for {
		var doc yaml.Node
		switch err := ld.Load(&doc); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := take(&doc); err != nil {
			return err
		}
	}
}

// Text is a scalar as it is written; null, and what is no scalar, is empty. A
// nil node is none.
func Text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		return ""
	}
	return n.Value
}

// Value is what a mapping has under a key, by itself or merged into it; nil:
// nothing, or no mapping.
func Value(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	if v := own(n, key); v != nil {
		return v
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if m := Target(n.Content[i+1]); n.Content[i].Value == "<<" && m.Kind == yaml.MappingNode && own(m, key) != nil {
			return own(m, key)
		}
	}
	return nil
}

// own is Value without what is merged into the mapping: one that merges
// itself would have no end.
func own(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return Target(n.Content[i+1])
		}
	}
	return nil
}

// Scalar is the text under a key; empty: there is none.
func Scalar(n *yaml.Node, key string) string { return Text(Value(n, key)) }

// Line is the line of a key of a mapping, else the mapping's.
func Line(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i].Line
		}
	}
	return n.Line
}

// Target follows an alias to what it stands for.
func Target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}
