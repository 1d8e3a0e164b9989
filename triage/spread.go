package triage

import (
	"slices"
	"strings"
)

// thingLabels name what an alert is about, one of many alike; the first of
// those with equally many values counts: a pod that is all that runs on its
// host says less than the host.
func thingLabels() []string {
	return []string{"instance", "node", "host", "hostname", "nodename", "pod", "namespace"}
}

// spread is over what the items of a plain group spread. A group of a known
// service spreads over nothing that is shown: its row names the service.
func spread(g *Group) Spread {
	if len(g.Items) < 2 || !g.Service.Name.Empty() {
		return Spread{}
	}
	var out Spread
	for _, label := range thingLabels() {
		if !slices.Contains(g.Differ, label) {
			continue
		}
		seen := make(map[string]struct{}, len(g.Items))
		for i := range g.Items {
			if v := g.Items[i].Labels.Value(label).Raw(); v != "" {
				seen[withoutPort(v)] = struct{}{}
			}
		}
		if len(seen) > max(1, out.N) {
			out = Spread{label, len(seen)}
		}
		if out.N == len(g.Items) {
			break
		}
	}
	return out
}

// withoutPort is a host without the number behind its colon. A bare address of
// IPv6 has several colons and no port.
func withoutPort(v string) string {
	i := strings.LastIndexByte(v, ':')
	if i <= 0 || strings.Trim(v[i+1:], "0123456789") != "" || v[i-1] != ']' && strings.IndexByte(v, ':') != i {
		return v
	}
	return v[:i]
}

// partSpread is over what the parts of a folded row spread: a rest over rules,
// groups of one name over services.
func partSpread(parts []Group, rest bool) Spread {
	label := "service"
	if rest {
		label = "alertname"
	}
	seen := make(map[string]struct{}, len(parts))
	for i := range parts {
		v := parts[i].Service.Name.Raw()
		if rest {
			v = parts[i].Name.Raw()
		}
		seen[v] = struct{}{}
	}
	return Spread{label, len(seen)}
}
