package triage

import (
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// First is the first item of the most urgent row; false when there is no row.
func (b *Board) First() (sources.AlertID, bool) {
	if len(b.Groups) == 0 {
		return "", false
	}
	return b.Groups[0].Items[0].ID, true
}

// Item finds an alert, folded ones too.
func (b *Board) Item(id sources.AlertID) (Item, bool) {
	g, i, ok := b.find(id)
	if !ok {
		return Item{}, false
	}
	return g.Items[i], true
}

// GroupOf finds the group that an alert is in, folded ones too.
func (b *Board) GroupOf(id sources.AlertID) (Group, bool) {
	g, _, ok := b.find(id)
	if !ok {
		return Group{}, false
	}
	return *g, true
}

func (b *Board) find(id sources.AlertID) (*Group, int, bool) {
	w, ok := b.index[id]
	if !ok {
		w, ok = b.known(id)
	}
	if !ok {
		return nil, 0, false
	}
	if w.folded {
		return &b.Folded[w.group], int(w.item), true
	}
	return &b.Groups[w.group], int(w.item), true
}

// known finds an alert by the ID that it had while only Alertmanager told of it.
func (b *Board) known(id sources.AlertID) (at, bool) {
	for _, s := range []struct {
		groups []Group
		folded bool
	}{{b.Groups, false}, {b.Folded, true}} {
		for g := range s.groups {
			for i := range s.groups[g].Items {
				if it := &s.groups[g].Items[i]; it.AM != nil && sources.NewAlertID(it.Cluster, it.AM.Labels) == id {
					return at{s.folded, int32(g), int32(i)}, true
				}
			}
		}
	}
	return at{}, false
}

// Rows is the list as it is shown: the groups that hold an item which the
// filter lets through, each with those items only and its summary made of them,
// in the order asked for, and folded further where they are too many to be read:
// groups of one name that differ in their service and, in order of urgency, the
// least urgent of each severity. A row that folds others has Parts. By service
// nothing is folded further: a row of many services has no place among them.
// The rows are shared: they must not be changed.
func (b *Board) Rows(f Filter, o Order) []Group {
	groups := b.Groups
	if !f.Empty() {
		groups = b.matching(f)
	}
	switch {
	case o.urgency() && f.Empty():
		return b.rows
	case o.urgency():
		return stormRows(groups)
	case o != ByService:
		groups = filled(foldAlike(groups), groups)
	}
	rows := slices.Clone(groups)
	slices.SortStableFunc(rows, func(x, y Group) int { return o.compare(keysOf(&x), keysOf(&y)) })
	return rows
}

// matching is the groups that hold an item which the filter lets through.
func (b *Board) matching(f Filter) []Group {
	var out []Group
	for _, g := range b.Groups {
		var kept []Item
		for i := range g.Items {
			if f.Match(g.Items[i]) {
				kept = append(kept, g.Items[i])
			}
		}
		switch len(kept) {
		case 0:
		case len(g.Items):
			out = append(out, g)
		default:
			g.Items = kept
			summarise(&g)
			out = append(out, g)
		}
	}
	return out
}

// Silent lists the clusters whose alerts are not current: never answered,
// failing, or old. "Nothing is firing" may be said only when it is empty, and
// when there is a cluster at all.
func (b *Board) Silent() []string {
	var out []string
	for _, c := range b.Snapshot.Clusters {
		if !c.Alerts.Live(b.At) {
			out = append(out, c.Name)
		}
	}
	return out
}

// Held counts the firing alerts of a cluster's Prometheus, and those of them
// that its Alertmanager holds.
func (b *Board) Held(cluster string) (held, firing int) {
	for _, it := range b.Items(func(it Item) bool { return it.Cluster == cluster && it.State == sources.Firing && !it.OnlyAM }) {
		firing++
		if it.AM != nil {
			held++
		}
	}
	return held, firing
}

// Catalog finds a service in the catalogs by name or alias; case is ignored.
func (b *Board) Catalog(name safe.Value) (sources.Service, bool) {
	s, ok := b.catalog.find(name.Raw())
	if !ok {
		return sources.Service{}, false
	}
	return *s, true
}

// Calls are the services that one calls by its entry in a catalog, as items
// without an alert; nil when it names none.
func (b *Board) Calls(s sources.Service) []Item {
	var out []Item
	for _, name := range s.DependsOn {
		it := Item{Service: Found{Name: name}}
		if known, ok := b.Catalog(name); ok {
			it.Service.Name, it.Queries = known.Name, known.Health
		}
		out = append(out, it)
	}
	return out
}

// Team finds a team in the catalogs by name or alias, in any of its spellings;
// case is ignored.
func (b *Board) Team(name safe.Value) (sources.Team, bool) {
	is := func(v safe.Value) bool {
		return strings.EqualFold(sources.TeamName(v.Raw()), sources.TeamName(name.Raw()))
	}
	for _, f := range b.Snapshot.Teams {
		for _, t := range f.Items {
			if !name.Empty() && (is(t.Name) || slices.ContainsFunc(t.Aliases, is)) {
				return t, true
			}
		}
	}
	return sources.Team{}, false
}
