package triage

import (
	"slices"

	"github.com/firstpage-oncall/firstpage/sources"
)

// The bounds of a list that can be read in a storm.
const (
	// alikeMost is how many groups of one name, cluster, severity and state
	// stand side by side; more are one row that opens to them.
	alikeMost = 8
	// MaxRows is how many rows Rows gives, unless more than that are urgent:
	// a critical alert is never folded with others of another name.
	MaxRows = 20
)

// likeness is what groups share that fold into one row of the list.
type likeness struct {
	name, cluster string
	rank          SeverityRank
	state         sources.State
	fold          Fold
}

// stormRows folds rows, which are in order, so that a storm can be read:
// groups of one name that differ in their service first, then, while there are
// still too many, the last of each severity into one row. The order stays; a
// folded row stands where its most urgent group stood, a rest after all rows
// of its kind.
func stormRows(groups []Group) []Group {
	return filled(foldRest(foldAlike(groups)), groups)
}

// filled gives the folded ones among rows, which are made of groups, their items.
func filled(rows, groups []Group) []Group {
	if slices.ContainsFunc(rows, func(g Group) bool { return len(g.Parts) > 0 }) {
		n := 0
		for i := range groups {
			n += len(groups[i].Items)
		}
		layItems(rows, make([]Item, 0, n))
	}
	return rows
}

func foldAlike(groups []Group) []Group {
	if len(groups) <= alikeMost {
		return groups
	}
	of := func(g *Group) likeness {
		return likeness{g.Name.Raw(), g.Cluster, g.Severity.Rank, g.State, g.Fold}
	}
	n := make(map[likeness]int, len(groups))
	for i := range groups {
		n[of(&groups[i])]++
	}
	if len(n) == len(groups) {
		return groups
	}
	parts := make(map[likeness][]Group)
	for i := range groups {
		if k := of(&groups[i]); n[k] > alikeMost {
			if parts[k] == nil {
				parts[k] = make([]Group, 0, n[k])
			}
			parts[k] = append(parts[k], groups[i])
		}
	}
	out := make([]Group, 0, len(n))
	for i := range groups {
		k := of(&groups[i])
		switch {
		case n[k] <= alikeMost:
			out = append(out, groups[i])
		case parts[k] != nil:
			key := sources.Digest("alike", k.name, k.cluster, string(rune('0'+k.rank)), string(k.state))
			g := foldRows(GroupKey(key), parts[k], false)
			g.Name = groups[i].Name
			out = append(out, g)
			parts[k] = nil
		}
	}
	return out
}

// urgent reports whether a row must never be folded with rows of other names.
func urgent(g *Group) bool {
	return g.Severity.Rank <= RankCritical && g.State != sources.Resolved
}

// restKind is what the rows of one rest have in common.
type restKind struct {
	rank  SeverityRank
	state sources.State
}

func kindOf(g *Group) restKind {
	if g.State == sources.Firing {
		return restKind{g.Severity.Rank, g.State}
	}
	return restKind{0, g.State}
}

// foldRest keeps the first rows and folds the others, each severity (and what
// is pending, and what is over) into a row of its own. What would be a rest of
// one row stays that row.
func foldRest(rows []Group) []Group {
	if len(rows) <= MaxRows {
		return rows
	}
	kept := MaxRows
	for ; kept > 0; kept-- {
		kinds := map[restKind]bool{}
		alone := 0
		for i := kept; i < len(rows); i++ {
			if urgent(&rows[i]) {
				alone++
			} else {
				kinds[kindOf(&rows[i])] = true
			}
		}
		if kept+alone+len(kinds) <= MaxRows {
			break
		}
	}
	rest := map[restKind][]Group{}
	for i := kept; i < len(rows); i++ {
		if !urgent(&rows[i]) {
			k := kindOf(&rows[i])
			rest[k] = append(rest[k], rows[i])
		}
	}
	out := slices.Clone(rows[:kept])
	for i := kept; i < len(rows); i++ {
		k := kindOf(&rows[i])
		switch parts := rest[k]; {
		case urgent(&rows[i]):
			out = append(out, rows[i])
		case len(parts) == 1:
			out = append(out, rows[i])
		case parts != nil:
			g := foldRows(GroupKey(sources.Digest("rest", string(rune('0'+k.rank)), string(k.state))), parts, true)
			out = append(out, g)
			rest[k] = nil
		}
	}
	return out
}

// foldRows makes one row of several, which are in order; layItems gives it its
// items.
func foldRows(key GroupKey, parts []Group, rest bool) Group {
	first := &parts[0]
	g := Group{Key: key, Cluster: first.Cluster, Severity: first.Severity, State: first.State, Fold: first.Fold,
		Parts: parts, Rest: rest, Spread: partSpread(parts, rest)}
	for i := range parts {
		if parts[i].Since.After(g.Since) {
			g.Since = parts[i].Since
		}
	}
	return g
}

// layItems copies the items of rows behind one another into to, which has the
// room, so that the items of a folded row are one piece: those of its parts. It
// returns what it filled.
func layItems(rows []Group, to []Item) []Item {
	for i := range rows {
		g, from := &rows[i], len(to)
		if len(g.Parts) > 0 {
			to = layItems(g.Parts, to)
		} else {
			to = append(to, g.Items...)
		}
		g.Items = to[from:len(to):len(to)]
	}
	return to
}

// Without is a row that folds others less one of its parts, for a list that
// shows that part by itself. A last part that is left stands for the row.
func (g *Group) Without(part int) Group {
	parts := slices.Delete(slices.Clone(g.Parts), part, part+1)
	if len(parts) == 1 {
		return parts[0]
	}
	out := foldRows(g.Key, parts, g.Rest)
	out.Name = g.Name
	one := []Group{out}
	layItems(one, make([]Item, 0, out.size()))
	return one[0]
}

// size is the number of a row's alerts, known before layItems.
func (g *Group) size() int {
	if len(g.Parts) == 0 {
		return len(g.Items)
	}
	n := 0
	for i := range g.Parts {
		n += g.Parts[i].size()
	}
	return n
}
