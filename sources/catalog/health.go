package catalog

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/yamltree"
	"github.com/firstpage-oncall/firstpage/sources"
)

// The keys of a query of health and its units; docs/health.md explains them.
var (
	healthKeys  = []string{"signal", "title", "query", "unit", "worse", "why"}
	healthUnits = []string{"", "ratio", "percent", "seconds", "bytes", "per_second", "bytes_per_second", "count"}
)

// maxHealth is how many queries of one service are taken: each is asked every
// few seconds.
const maxHealth = 20

// health reads a service's own queries. What is odd is noted.
func (r *reader) health(n *yaml.Node) []sources.HealthQuery {
	var out []sources.HealthQuery
	each(n, func(_ string, q *yaml.Node) {
		text := func(key string) string { return yamltree.Scalar(q, key) }
		signal := first(text("signal"), text("title"))
		switch {
		case !r.usable(signal, q, healthKeys):
			return
		case text("query") == "":
			r.note(q.Line, "health of %q has no query, it is left out", signal)
			return
		case len(out) == maxHealth:
			r.note(q.Line, "more than %d queries of health: %q is left out", maxHealth, signal)
			return
		}
		unit, worse := text("unit"), text("worse")
		if !slices.Contains(healthUnits, unit) {
			r.note(q.Line, "health of %q: unit %q is not known", signal, unit)
			unit = ""
		}
		if worse != "" && worse != "up" && worse != "down" {
			r.note(q.Line, "health of %q: worse is up or down, not %q", signal, worse)
			worse = ""
		}
		out = append(out, sources.HealthQuery{Signal: safe.Outside(signal), Title: safe.Outside(first(text("title"), signal)),
			Query: safe.Outside(text("query")), Unit: safe.Outside(unit), Worse: safe.Outside(worse), Why: safe.Outside(text("why"))})
	})
	return out
}
