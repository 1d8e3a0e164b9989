package catalog

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/yamltree"
	"github.com/firstpage-oncall/firstpage/sources"
)

// The keys of services.yaml; docs/services.md explains them.
var (
	serviceKeys = []string{"name", "aliases", "team", "tier", "channel", "repository", "depends_on", "dashboards", "logs", "traces", "links", "runbook", "escalation", "description", "health"}
	teamKeys    = []string{"name", "aliases", "channel", "dashboards", "links", "runbook", "escalation", "description"}
)

// own reads our own format. A key that it does not have is noted: it is
// probably a slip.
func (r *reader) own(n *yaml.Node) {
	each(yamltree.Value(n, "services"), func(name string, s *yaml.Node) {
		if !r.usable(name, s, serviceKeys) {
			return
		}
		r.services = append(r.services, entry{at: place{r.file, s.Line}, Service: sources.Service{
			Name: safe.Outside(name), Aliases: r.values(yamltree.Value(s, "aliases")),
			Team: value(s, "team"), Tier: value(s, "tier"), Channel: value(s, "channel"), Repository: value(s, "repository"),
			Runbook: value(s, "runbook"), Escalation: value(s, "escalation"), Description: value(s, "description"),
			DependsOn:  r.values(yamltree.Value(s, "depends_on")),
			Dashboards: r.links(yamltree.Value(s, "dashboards")), Logs: r.links(yamltree.Value(s, "logs")),
			Health: r.health(yamltree.Value(s, "health")),
			Traces: r.links(yamltree.Value(s, "traces")), Links: r.links(yamltree.Value(s, "links")),
		}})
	})
	each(yamltree.Value(n, "teams"), func(name string, t *yaml.Node) {
		if !r.usable(name, t, teamKeys) {
			return
		}
		r.teams = append(r.teams, crew{at: place{r.file, t.Line}, Team: sources.Team{
			Name: safe.Outside(name), Aliases: r.values(yamltree.Value(t, "aliases")),
			Channel: value(t, "channel"), Escalation: value(t, "escalation"), Runbook: value(t, "runbook"),
			Dashboards: r.links(yamltree.Value(t, "dashboards")), Links: r.links(yamltree.Value(t, "links")),
		}})
	})
}

// usable reports whether an entry has a name, and notes what is odd about it.
func (r *reader) usable(name string, n *yaml.Node, keys []string) bool {
	if r.nodes--; r.nodes < 0 {
		return false
	}
	if name == "" {
		r.note(n.Line, "an entry without a name is left out")
		return false
	}
	if n.Kind != yaml.MappingNode {
		return true
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Value == "<<" || strings.HasPrefix(k.Value, "x-") || slices.Contains(keys, k.Value) {
			continue
		}
		if near := nearest(k.Value, keys); near != "" {
			r.note(k.Line, "unknown key %q: did you mean %q?", k.Value, near)
		} else {
			r.note(k.Line, "unknown key %q", k.Value)
		}
	}
	return true
}

// nearest finds the key that a word is a slip of: at most one letter in three
// is wrong, or the number of it.
func nearest(word string, keys []string) string {
	best, least := "", len(word)/3+1
	if len(word) > 64 { // no key is that long, and the distance is quadratic
		return ""
	}
	for _, k := range keys {
		if d := levenshtein.Distance(strings.ToLower(word), k, nil); d < least {
			best, least = k, d
		}
	}
	return best
}
