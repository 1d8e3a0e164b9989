package triage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// join finds for the alerts of one cluster what Alertmanager says of them. Its
// labels may be others: it has external labels that Prometheus' own API leaves
// out, and alert_relabel_configs may have dropped some. The rule, which
// docs/alertmanager.md states for users:
//
//   - an alert and a view are one when they have the same alertname and all
//     labels that both have are equal;
//   - a view that has all labels of an alert is that alert's, and not that of
//     one with fewer;
//   - of several the one with most labels in common counts, then the one with
//     fewest of its own, then one that is neither silenced nor inhibited: to show
//     an alert that is silenced is a nuisance, to hide one that is not a danger.
//
// A label that was given another value therefore keeps an alert apart.
type join struct {
	byName map[string]*joinName
	taken  map[*sources.AMView]bool
}

// toldAge is up to which age what Alertmanager said of alerts is used: what was
// silenced longer ago may not be any more.
const toldAge = 5 * time.Minute

// told is what Alertmanager says of alerts, unless that is old.
func told(f sources.Feed[sources.AMView], now time.Time) []sources.AMView {
	if now.Sub(f.AsOf) > toldAge {
		return nil
	}
	return f.Items
}

// joinName are the views of one alertname, by which labels they have.
type joinName struct {
	shapes []*joinShape
}

// joinShape are the views with the same names of labels. by has for some of
// these names, joined, the views by the values that they have there.
type joinShape struct {
	names []string // sorted
	views []*sources.AMView
	by    map[string]map[string][]*sources.AMView
}

const between = "\xff" // cannot occur in UTF-8

func newJoin(views []sources.AMView) *join {
	j := &join{byName: map[string]*joinName{}, taken: map[*sources.AMView]bool{}}
	shapes := map[string]*joinShape{}
	for i := range views {
		v := &views[i]
		name, key := v.Name().Raw(), shapeOf(v.Labels)
		n := j.byName[name]
		if n == nil {
			n = &joinName{}
			j.byName[name] = n
		}
		s := shapes[name+between+key]
		if s == nil {
			s = &joinShape{names: strings.Split(key, between), by: map[string]map[string][]*sources.AMView{}}
			shapes[name+between+key] = s
			n.shapes = append(n.shapes, s)
		}
		s.views = append(s.views, v)
	}
	return j
}

// shapeOf are the names of the labels, joined.
func shapeOf(ls sources.Labels) string {
	var b strings.Builder
	for i, l := range ls {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(l.Name.Raw())
	}
	return b.String()
}

// views gives each alert that Alertmanager may have been told of its view, or
// nil. Pending ones it was not told of.
func (j *join) views(alerts []sources.Alert) []*sources.AMView {
	out := make([]*sources.AMView, len(alerts))
	if len(j.byName) == 0 {
		return out
	}
	order := make([]int, len(alerts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(alerts[b].Labels) - len(alerts[a].Labels) })
	for _, exact := range []bool{true, false} {
		for _, i := range order {
			if a := &alerts[i]; out[i] == nil && a.State != sources.Pending {
				out[i] = j.find(a.Labels, exact)
			}
		}
	}
	return out
}

// find is the best view for some labels that is not taken. One that has all of
// them, which is asked for by exact, is taken then, with those that are as good.
func (j *join) find(ls sources.Labels, exact bool) *sources.AMView {
	n := j.byName[ls.Value("alertname").Raw()]
	if n == nil {
		return nil
	}
	var best []*sources.AMView
	common, own := -1, 0 // labels of the best: in common, and all
	for _, s := range n.shapes {
		both := shared(ls, s.names)
		better := cmp.Or(len(both)-common, own-len(s.names))
		if exact && len(both) < len(ls) || better < 0 {
			continue
		}
		free := slices.DeleteFunc(slices.Clone(s.with(both)), func(v *sources.AMView) bool { return j.taken[v] })
		switch {
		case len(free) == 0:
		case better == 0:
			best = append(best, free...)
		default:
			best, common, own = free, len(both), len(s.names)
		}
	}
	if len(best) == 0 {
		return nil
	}
	for _, v := range best {
		j.taken[v] = j.taken[v] || exact
	}
	if i := slices.IndexFunc(best, func(v *sources.AMView) bool { return !v.Quiet() }); i >= 0 {
		return best[i]
	}
	return best[0]
}

// rest are the views that no alert has, in the order given.
func (j *join) rest(views []sources.AMView, joined []*sources.AMView) []*sources.AMView {
	used := map[*sources.AMView]bool{}
	for _, v := range joined {
		used[v] = true
	}
	var out []*sources.AMView
	for i := range views {
		if v := &views[i]; !used[v] && !j.taken[v] {
			out = append(out, v)
		}
	}
	return out
}

// shared are the labels whose names are listed, too. Both are sorted.
func shared(ls sources.Labels, names []string) sources.Labels {
	out := make(sources.Labels, 0, len(ls))
	for _, l := range ls {
		name := l.Name.Raw()
		for len(names) > 0 && names[0] < name {
			names = names[1:]
		}
		if len(names) > 0 && names[0] == name {
			out = append(out, l)
		}
	}
	return out
}

// with are the views that have these labels, all of whose names they have.
func (s *joinShape) with(ls sources.Labels) []*sources.AMView {
	names := shapeOf(ls)
	table := s.by[names]
	if table == nil {
		table = map[string][]*sources.AMView{}
		for _, v := range s.views {
			k := valuesOf(ls, v.Labels)
			table[k] = append(table[k], v)
		}
		s.by[names] = table
	}
	return table[valuesOf(ls, ls)]
}

// valuesOf are the values that a set has for the names of another, joined.
func valuesOf(names, of sources.Labels) string {
	var b strings.Builder
	i := 0
	for _, l := range names {
		for of[i].Name.Compare(l.Name) < 0 {
			i++
		}
		b.WriteString(of[i].Value.Raw())
		b.WriteString(between)
	}
	return b.String()
}
