package rulefile

import (
	"errors"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/yamltree"
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
	return yamltree.Documents(body, func(doc *yaml.Node) error { return r.walk(doc, above, maxDepth) })
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
		config := yamltree.Scalar(n, "kind") == "ConfigMap"
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			var err error
			switch {
			case k.Value == "groups" && yamltree.Target(v).Kind == yaml.SequenceNode:
				err = r.list(yamltree.Target(v), above)
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
		g = yamltree.Target(g)
		rules := yamltree.Value(g, "rules")
		if rules == nil || rules.Kind != yaml.SequenceNode {
			continue
		}
		out := sources.RuleGroup{Name: safe.Outside(yamltree.Scalar(g, "name")), File: r.file, Interval: duration(yamltree.Scalar(g, "interval"))}
		common := r.texts(yamltree.Value(g, "labels"))
		for _, n := range rules.Content {
			if r.nodes--; r.nodes < 0 {
				return errNodes
			}
			if rule, ok := r.rule(yamltree.Target(n), common, above); ok {
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
	name := yamltree.Scalar(n, "alert")
	if name == "" {
		return sources.Rule{}, false
	}
	labels := map[string]string{}
	for k, v := range common {
		labels[k] = v
	}
	for k, v := range r.texts(yamltree.Value(n, "labels")) {
		labels[k] = v
	}
	return sources.Rule{
		Name:          safe.Outside(name),
		Line:          above + yamltree.Line(n, "alert"),
		Query:         safe.Outside(strings.TrimSpace(yamltree.Scalar(n, "expr"))),
		For:           duration(yamltree.Scalar(n, "for")),
		KeepFiringFor: duration(yamltree.Scalar(n, "keep_firing_for")),
		Labels:        sources.NewLabels(labels),
		Annotations:   sources.NewLabels(r.texts(yamltree.Value(n, "annotations"))),
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
		k, v := n.Content[i], yamltree.Target(n.Content[i+1])
		switch {
		case k.Value == "<<" && v.Kind == yaml.MappingNode && n != v:
			for j := 0; j+1 < len(v.Content); j += 2 {
				if _, there := out[v.Content[j].Value]; !there {
					out[v.Content[j].Value] = yamltree.Text(yamltree.Target(v.Content[j+1]))
				}
			}
		case v.Kind == yaml.ScalarNode:
			out[k.Value] = yamltree.Text(v)
		}
	}
	return out
}

// duration reads Prometheus' 1h30m; what is none is 0.
func duration(s string) time.Duration {
	d, err := model.ParseDuration(s)
	if err != nil {
		return 0
	}
	return time.Duration(d)
}
