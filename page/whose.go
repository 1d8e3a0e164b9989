package page

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// Whose is who can help with what a name stands for: a service of a catalog, else
// a team that has a schedule, is described or owns a service. An empty name stands
// for every team that has a schedule. Nil: nothing is called so.
func Whose(b *triage.Board, name string) []Who {
	if name == "" {
		var out []Who
		for _, r := range b.Rotas() {
			out = append(out, team(b, r.Team, "schedule"))
		}
		return out
	}
	v := safe.Outside(name)
	if s, ok := b.Catalog(v); ok {
		owner := triage.Found{}
		if !s.Team.Empty() {
			owner = triage.Found{Name: triage.Team(s.Team), By: "catalog"}
		}
		return []Who{WhoOf(b, s.Name, owner)}
	}
	if r, ok := b.Rota(v); ok {
		return []Who{team(b, r.Team, "schedule")}
	}
	if t, ok := b.Team(v); ok {
		return []Who{team(b, t.Name, "catalog")}
	}
	owns := func(s sources.Service) bool {
		return !s.Team.Empty() && strings.EqualFold(triage.Team(s.Team).Raw(), triage.Team(v).Raw())
	}
	for _, f := range b.Snapshot.Services {
		if i := slices.IndexFunc(f.Items, owns); i >= 0 {
			return []Who{team(b, f.Items[i].Team, "catalog")}
		}
	}
	return nil
}

func team(b *triage.Board, name safe.Value, by string) Who {
	return WhoOf(b, safe.Value{}, triage.Found{Name: triage.Team(name), By: by})
}
