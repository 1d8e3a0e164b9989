package triage

import (
	"math"
	"slices"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Build judges a snapshot at the moment now. The board shares the snapshot's
// memory. An alert that appears twice counts once.
func Build(s sources.Snapshot, p Prefs, now time.Time) *Board {
	n := 0
	for i := range s.Clusters {
		n += len(s.Clusters[i].Alerts.Items)
	}
	j := newJudge(s, p)
	g := grouper{
		items: make([]Item, 0, n),
		group: make([]int32, 0, n),
		byKey: make(map[groupID]int32),
		seen:  make(map[sources.AlertID]at, n),
	}
	for i := range s.Clusters {
		c := &s.Clusters[i]
		j.cluster(c, now)
		told := told(c.AM, now)
		am := newJoin(told)
		views := am.views(c.Alerts.Items)
		for k := range c.Alerts.Items {
			if a := &c.Alerts.Items[k]; !expired(a, now, p.ResolvedFor) {
				g.add(j, c.Name, a, views[k])
			}
		}
		if c.Alerts.Err != nil && c.AM.Err == nil { // a second witness of what is firing
			for _, v := range am.rest(told, views) {
				g.add(j, c.Name, witnessed(c.Name, v), v)
			}
		}
	}
	b := &Board{At: now, Changes: mergeChanges(s.Changes), Snapshot: s, Prefs: p, index: g.seen, deadMen: j.deadMen, deadManIDs: j.dogs, catalog: j.catalog, rotas: rotas(s.Shifts, now)}
	g.finish(b)
	alike := foldAlike(b.Groups)
	for _, rows := range [][]Group{alike, b.Folded} {
		for i := range rows {
			b.Counts.add(&rows[i])
		}
	}
	b.rows = foldRest(alike)
	if len(b.rows) < len(b.Groups) {
		b.share(g.items[:0])
	}
	b.Watch(nil)
	return b
}

// witnessed is an alert that only Alertmanager tells of.
func witnessed(cluster string, v *sources.AMView) *sources.Alert {
	return &sources.Alert{ID: sources.NewAlertID(cluster, v.Labels), Cluster: cluster, Labels: v.Labels, Annotations: v.Annotations,
		State: sources.Firing, Value: math.NaN(), OnlyAM: true}
}

// share lays the items out in the order of the rows, in the memory of the
// unsorted ones, which has done its duty, and lets the groups have them from
// there: however rows fold, an item is in memory once.
func (b *Board) share(to []Item) {
	var point func(rows []Group)
	point = func(rows []Group) {
		for i := range rows {
			if len(rows[i].Parts) > 0 {
				point(rows[i].Parts)
				continue
			}
			b.Groups[b.index[rows[i].Items[0].ID].group].Items = rows[i].Items
		}
	}
	to = layItems(b.rows, to)
	point(b.rows)
	layItems(b.Folded, to)
}

// expired reports whether a resolved alert has been listed long enough.
func expired(a *sources.Alert, now time.Time, keep time.Duration) bool {
	return a.State == sources.Resolved && !a.ResolvedAt.IsZero() && now.Sub(a.ResolvedAt) > keep
}

// groupID is what alike alerts share.
type groupID struct {
	name, service safe.Value
	cluster       string
	fold          Fold
}

// key is the group's name across refreshes: 16 hexadecimal digits.
func (id groupID) key() GroupKey {
	return GroupKey(sources.Digest(id.name.Raw(), id.service.Raw(), id.cluster, string(id.fold)))
}

// grouper gathers items in one slice and sorts them into groups at the end, so
// that 10,000 alerts cost a handful of allocations.
type grouper struct {
	items []Item
	group []int32   // of each item: index into ids
	ids   []groupID // of each group, with its key and number of items
	keys  []GroupKey
	sizes []int32
	byKey map[groupID]int32
	seen  map[sources.AlertID]at
	last  groupID // storms come in runs of alike alerts
	lastG int32
}

func (g *grouper) add(j *judge, cluster string, a *sources.Alert, am *sources.AMView) {
	id := a.ID
	if id == "" {
		id = sources.NewAlertID(cluster, a.Labels)
	}
	if _, twice := g.seen[id]; twice {
		return
	}
	g.seen[id] = at{}
	g.items = append(g.items, Item{Alert: *a})
	it := &g.items[len(g.items)-1]
	it.ID, it.Cluster = id, cluster
	if am != nil {
		it.AM = am
	}
	fold := j.judge(it)
	gid := groupID{it.Name(), it.Service.Name, cluster, fold}
	gi := g.lastG
	if gid != g.last || len(g.ids) == 0 {
		var ok bool
		if gi, ok = g.byKey[gid]; !ok {
			gi = int32(len(g.ids))
			g.byKey[gid] = gi
			g.ids, g.keys = append(g.ids, gid), append(g.keys, gid.key())
			g.sizes = append(g.sizes, 0)
		}
		g.last, g.lastG = gid, gi
	}
	it.Group = g.keys[gi]
	g.group = append(g.group, gi)
	g.sizes[gi]++
}

// finish sorts the items into their groups and the groups into rows.
func (g *grouper) finish(b *Board) {
	heads, folded := g.summaries()
	rank := make([]int32, len(heads))
	for i := range rank {
		rank[i] = int32(i)
	}
	slices.SortFunc(rank, func(x, y int32) int { return compareGroups(&heads[x], &heads[y]) })
	b.Groups, b.Folded = make([]Group, 0, len(heads)-folded), make([]Group, 0, folded)
	for _, i := range rank {
		h := &heads[i]
		where := &b.Groups
		if h.Fold != NotFolded {
			where = &b.Folded
		}
		for k := range h.Items {
			b.index[h.Items[k].ID] = at{h.Fold != NotFolded, int32(len(*where)), int32(k)}
		}
		*where = append(*where, *h)
	}
}

// summaries makes the groups, each with its items in order, and says how many
// are folded.
func (g *grouper) summaries() (heads []Group, folded int) {
	order := make([]int32, len(g.items))
	start := make([]int32, len(g.ids)+1)
	for i, n := range g.sizes {
		start[i+1] = start[i] + n
	}
	next := slices.Clone(start)
	for i, gi := range g.group {
		order[next[gi]] = int32(i)
		next[gi]++
	}
	sorted := make([]Item, len(g.items))
	heads = make([]Group, len(g.ids))
	for gi, id := range g.ids {
		from, to := start[gi], start[gi+1]
		part := order[from:to]
		slices.SortFunc(part, func(x, y int32) int { return compareItems(&g.items[x], &g.items[y]) })
		for k, i := range part {
			sorted[int(from)+k] = g.items[i]
		}
		heads[gi] = Group{Key: g.keys[gi], Name: id.name, Cluster: id.cluster, Fold: id.fold, Items: sorted[from:to:to]}
		summarise(&heads[gi])
		if id.fold != NotFolded {
			folded++
		}
	}
	return heads, folded
}

// summarise fills what a group says of its items, which are in order.
func summarise(h *Group) {
	top := &h.Items[0]
	h.Service, h.Severity, h.State = top.Service, top.Severity, top.State
	h.Since = time.Time{}
	for i := range h.Items {
		if at := h.Items[i].ActiveAt; at.After(h.Since) {
			h.Since = at
		}
	}
	h.Differ = differing(h.Items)
	h.Spread = spread(h)
}

// differing names the labels whose values are not the same on every item; an
// absent label differs from a present one.
func differing(items []Item) []string {
	if len(items) < 2 {
		return nil
	}
	first := items[0].Labels
	same := make([]bool, len(first))
	for i := range same {
		same[i] = true
	}
	var extra map[string]bool
	for k := 1; k < len(items); k++ {
		ls := items[k].Labels
		i := 0
		for _, l := range ls { // both are sorted by name
			for i < len(first) && first[i].Name.Compare(l.Name) < 0 {
				same[i] = false
				i++
			}
			if i < len(first) && first[i].Name == l.Name {
				same[i] = same[i] && first[i].Value == l.Value
				i++
				continue
			}
			if extra == nil {
				extra = make(map[string]bool)
			}
			extra[l.Name.Raw()] = true
		}
		for ; i < len(first); i++ {
			same[i] = false
		}
	}
	var out []string
	for i, l := range first {
		if !same[i] && !extra[l.Name.Raw()] {
			out = append(out, l.Name.Raw())
		}
	}
	for n := range extra {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
