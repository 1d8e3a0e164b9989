package triage

import (
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// catalog is the services of all catalogs by lower-case name and alias. Of
// two with the same name the first that has a team counts.
type catalog map[string]*sources.Service

func newCatalog(feeds []sources.Feed[sources.Service]) catalog {
	c := make(catalog)
	put := func(name safe.Value, s *sources.Service) {
		key := strings.ToLower(name.Raw())
		if key == "" {
			return
		}
		if old, ok := c[key]; !ok || old.Team.Empty() && !s.Team.Empty() && old.Name == s.Name {
			c[key] = s
		}
	}
	for i := range feeds {
		for k := range feeds[i].Items {
			put(feeds[i].Items[k].Name, &feeds[i].Items[k])
		}
	}
	for i := range feeds { // a name beats an alias
		for k := range feeds[i].Items {
			for _, a := range feeds[i].Items[k].Aliases {
				if _, taken := c[strings.ToLower(a.Raw())]; !taken {
					put(a, &feeds[i].Items[k])
				}
			}
		}
	}
	return c
}

func (c catalog) find(name string) (*sources.Service, bool) {
	if len(c) == 0 || name == "" {
		return nil, false
	}
	s, ok := c[strings.ToLower(name)]
	return s, ok
}

// owner is the team: the catalog's for the service, else that of a label.
func (j *judge) owner(it *Item) Found {
	if s, ok := j.catalog.find(it.Service.Name.Raw()); ok && !s.Team.Empty() {
		return Found{Name: j.team(s.Team), By: "catalog"}
	}
	for _, name := range j.p.TeamLabels {
		if v, ok := it.Labels.Get(name); ok && !templated(v) {
			return Found{Name: j.team(v), By: name}
		}
	}
	return Found{}
}

func (j *judge) team(v safe.Value) safe.Value {
	t, ok := j.teams[v]
	if !ok {
		t = Team(v)
		j.teams[v] = t
	}
	return t
}

// Team is a team's name in the one form that all spellings share.
func Team(v safe.Value) safe.Value { return safe.Outside(sources.TeamName(v.Raw())) }
