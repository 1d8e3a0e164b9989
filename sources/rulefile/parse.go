package rulefile

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// maxNodes is how many nodes of one file are looked at.
	maxNodes = 4_000_000
	// maxDepth is how deep groups may lie: values of a chart of charts have 8.
	maxDepth = 24
)

var errNodes = errors.New("it holds more than is read")

// parse reads the groups with alerting rules out of a file, in its order. With
// an error it gives what stands before the fault.
func parse(file string, body []byte) ([]sources.RuleGroup, error) {
	r := &reader{file: safe.Outside(file), nodes: maxNodes}
	err := r.documents(body, 0)
	return r.groups, err
}

// reader walks the nodes of a file.
type reader struct {
	file   safe.Value
	groups []sources.RuleGroup
	nodes  int // still to be looked at
}

// documents reads every document of a text that begins below a line of the
// file.
func (r *reader) documents(body []byte, above int) error {
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
		if err := r.walk(&doc, above, maxDepth); err != nil {
			return err
		}
	}
}

// walk looks for groups of rules wherever they are: at the top of a rule file,
// under the spec of a Kubernetes object, in the items of a list, in a chart's
// values. Other aliases are not followed: what they stand for was walked already.
func (r *reader) walk(n *yaml.Node, above, depth int) error {
	if r.nodes--; r.nodes < 0 {
		return errNodes
	}
	if depth == 0 {
		return nil
	}
	switch n.Kind {
	case yaml.DocumentNode, yaml.SequenceNode:
		for _, c := range n.Content {
			if err := r.walk(c, above, depth-1); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		config := scalar(n, "kind") == "ConfigMap"
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			var err error
			switch {
			case k.Value == "groups" && target(v).Kind == yaml.SequenceNode:
				err = r.list(target(v), above)
			case config && k.Value == "data":
				err = r.data(v, above)
			default:
				err = r.walk(v, above, depth-1)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// data reads the files in a ConfigMap. One that is no YAML is no rule file.
func (r *reader) data(n *yaml.Node, above int) error {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 1; i < len(n.Content); i += 2 {
		v := n.Content[i]
		if v.Kind != yaml.ScalarNode || !speaksOfAlerts([]byte(v.Value)) {
			continue
		}
		at := above + v.Line - 1
		if v.Style == yaml.LiteralStyle {
			at++ // the text begins below its `|`
		}
		if err := r.documents([]byte(v.Value), at); errors.Is(err, errNodes) {
			return err
		}
	}
	return nil
}

// list reads groups.
func (r *reader) list(groups *yaml.Node, above int) error {
	for _, g := range groups.Content {
		g = target(g)
		rules := value(g, "rules")
		if rules == nil || rules.Kind != yaml.SequenceNode {
			continue
		}
		out := sources.RuleGroup{Name: safe.Outside(scalar(g, "name")), File: r.file, Interval: duration(scalar(g, "interval"))}
		common := r.texts(value(g, "labels"))
		for _, n := range rules.Content {
			if r.nodes--; r.nodes < 0 {
				return errNodes
			}
			if rule, ok := r.rule(target(n), common, above); ok {
				out.Rules = append(out.Rules, rule)
			}
		}
		if len(out.Rules) > 0 {
			r.groups = append(r.groups, out)
		}
	}
	return nil
}

// rule reads an alerting rule. common are the labels of its group, which its
// own go before.
func (r *reader) rule(n *yaml.Node, common map[string]string, above int) (sources.Rule, bool) {
	name := scalar(n, "alert")
	if name == "" {
		return sources.Rule{}, false
	}
	labels := map[string]string{}
	for k, v := range common {
		labels[k] = v
	}
	for k, v := range r.texts(value(n, "labels")) {
		labels[k] = v
	}
	return sources.Rule{
		Name:          safe.Outside(name),
		Line:          above + lineOf(n, "alert"),
		Query:         safe.Outside(strings.TrimSpace(scalar(n, "expr"))),
		For:           duration(scalar(n, "for")),
		KeepFiringFor: duration(scalar(n, "keep_firing_for")),
		Labels:        sources.NewLabels(labels),
		Annotations:   sources.NewLabels(r.texts(value(n, "annotations"))),
	}, true
}

// texts reads a mapping of names to texts; what is no text is left out.
func (r *reader) texts(n *yaml.Node) map[string]string {
	out := map[string]string{}
	if n == nil || n.Kind != yaml.MappingNode {
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		r.nodes--
		k, v := n.Content[i], target(n.Content[i+1])
		switch {
		case k.Value == "<<" && v.Kind == yaml.MappingNode && n != v:
			for j := 0; j+1 < len(v.Content); j += 2 {
				if _, there := out[v.Content[j].Value]; !there {
					out[v.Content[j].Value] = text(target(v.Content[j+1]))
				}
			}
		case v.Kind == yaml.ScalarNode:
			out[k.Value] = text(v)
		}
	}
	return out
}

// text is a scalar as Prometheus reads it into a text; null is empty.
func text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		return ""
	}
	return n.Value
}

// value is what a mapping has under a key; nil: nothing.
func value(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	if v := own(n, key); v != nil {
		return v
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if m := target(n.Content[i+1]); n.Content[i].Value == "<<" && m.Kind == yaml.MappingNode && own(m, key) != nil {
			return own(m, key)
		}
	}
	return nil
}

// own is value without what is merged into the mapping: one that merges
// itself would have no end.
func own(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return target(n.Content[i+1])
		}
	}
	return nil
}

func scalar(n *yaml.Node, key string) string {
	if v := value(n, key); v != nil {
		return text(v)
	}
	return ""
}

// lineOf is the line of a key of a mapping, else the mapping's.
func lineOf(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i].Line
		}
	}
	return n.Line
}

// target follows an alias to what it stands for.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// duration reads Prometheus' 1h30m; what is none is 0.
func duration(s string) time.Duration {
	d, err := model.ParseDuration(s)
	if err != nil {
		return 0
	}
	return time.Duration(d)
}
