package triage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Seen is a service as a cluster's metrics name it.
type Seen struct {
	Label string     // that names it: job, or deployment
	Value safe.Value // of that label
}

// ServiceRow is one service of one cluster: what is known of it without asking
// for its health.
type ServiceRow struct {
	Name    safe.Value
	Team    safe.Value // empty: not known
	Cluster string     // empty: of a catalog, and no cluster shows it
	// By and Labels are what finds its metrics, as those of an Item do.
	By      string
	Labels  sources.Labels
	Queries []sources.HealthQuery // of its entry in the catalog
	Calls   []Item                // what it calls by the catalog, as HealthOf wants services without an alert

	Firing, Pending int      // alerts, those that are folded too
	Worst           Severity // of those that fire; meaningful with Firing only
	Change          sources.Change
	HasChange       bool // Change is its last one
}

// Named reports whether the row's service has that name; case is ignored.
func (r ServiceRow) Named(name safe.Value) bool { return strings.EqualFold(r.Name.Raw(), name.Raw()) }

// Key names the row across refreshes.
func (r ServiceRow) Key() string { return r.Cluster + "\x00" + strings.ToLower(r.Name.Raw()) }

// Item is the row as HealthOf wants a service that has no alert.
func (r ServiceRow) Item() Item {
	return Item{Alert: sources.Alert{Cluster: r.Cluster, Labels: r.Labels}, Service: Found{Name: r.Name, By: r.By}, Queries: r.Queries}
}

// ServiceRows merges the services of the catalogs, of the alerts and of what
// was seen in each cluster, by name; case is ignored and an alias is the
// service it stands for. Jobs of exporters are left out, and deployments that
// the catalog or a job already names are those. By cluster and name; nil when
// there is none.
func ServiceRows(b *Board, seen map[string][]Seen) []ServiceRow {
	g := gatherer{b: b, j: newJudge(b.Snapshot, b.Prefs), rows: map[string]*ServiceRow{}}
	for _, c := range b.Snapshot.Clusters {
		g.jobs(c.Name, seen[c.Name])
	}
	for _, it := range b.Items(func(it Item) bool { return !it.Service.Name.Empty() }) {
		g.alert(it)
	}
	for _, c := range b.Snapshot.Clusters {
		g.deployments(c.Name, seen[c.Name])
	}
	g.fromCatalog()
	return g.finish()
}

type gatherer struct {
	b    *Board
	j    *judge
	rows map[string]*ServiceRow // by Key
}

// row is the row of a service, new when there was none. A name that the
// catalog knows as an alias is the service's.
func (g *gatherer) row(cluster string, name safe.Value) (r *ServiceRow, fresh bool) {
	by := ""
	s, known := g.j.catalog.find(name.Raw())
	if known {
		name, by = s.Name, "catalog:"
	}
	key := ServiceRow{Cluster: cluster, Name: name}.Key()
	if r := g.rows[key]; r != nil {
		return r, false
	}
	r = &ServiceRow{Name: name, Cluster: cluster, By: by}
	if known {
		r.Team, r.Queries, r.Calls = Team(s.Team), s.Health, g.b.Calls(*s)
	}
	g.rows[key] = r
	return r, true
}

// found says which label finds the row's metrics, unless that is known.
func (r *ServiceRow) found(label string, value safe.Value) {
	if !strings.HasSuffix(r.By, ":") && r.By != "" {
		return
	}
	r.By += label
	r.Labels = sources.NewLabels(map[string]string{label: value.Raw()})
}

// jobs adds the jobs that are no exporters. Of jobs that differ in what stands
// before a slash only, each keeps its whole name.
func (g *gatherer) jobs(cluster string, seen []Seen) {
	times := map[string]int{}
	for _, s := range seen {
		if s.Label == "job" {
			times[strings.ToLower(sources.JobName(s.Value.Raw()))]++
		}
	}
	for _, s := range seen {
		if s.Label != "job" || s.Value.Empty() || g.j.exporterKind(s.Value) != notExporter {
			continue
		}
		name := jobName(s.Value)
		if times[strings.ToLower(name.Raw())] > 1 {
			if _, known := g.j.catalog.find(name.Raw()); !known {
				name = s.Value
			}
		}
		r, _ := g.row(cluster, name)
		r.found("job", s.Value)
	}
}

// deployments adds the workloads that nothing else has named.
func (g *gatherer) deployments(cluster string, seen []Seen) {
	for _, s := range seen {
		if s.Label != "deployment" || s.Value.Empty() || g.j.exporterKind(s.Value) != notExporter {
			continue
		}
		if r, fresh := g.row(cluster, s.Value); fresh {
			r.found("pod", s.Value)
		}
	}
}

func (g *gatherer) alert(it Item) {
	r, _ := g.row(it.Cluster, it.Service.Name)
	if by := strings.TrimPrefix(it.Service.By, "catalog:"); r.Labels == nil {
		if v, ok := it.Labels.Get(by); ok {
			r.found(by, v)
		}
	}
	if r.Team.Empty() {
		r.Team = it.Owner.Name
	}
	if st := g.j.standingOf(&it); st != passing {
		return
	}
	switch it.State {
	case sources.Pending:
		r.Pending++
	case sources.Firing:
		if r.Firing++; r.Firing == 1 || it.Severity.Rank < r.Worst.Rank {
			r.Worst = it.Severity
		}
	}
}

// fromCatalog adds what no cluster shows. With one cluster it is that one's.
func (g *gatherer) fromCatalog() {
	have := map[string]bool{}
	for _, r := range g.rows {
		have[strings.ToLower(r.Name.Raw())] = true
	}
	cluster := ""
	if len(g.b.Snapshot.Clusters) == 1 {
		cluster = g.b.Snapshot.Clusters[0].Name
	}
	for _, f := range g.b.Snapshot.Services {
		for _, s := range f.Items {
			if !have[strings.ToLower(s.Name.Raw())] {
				g.row(cluster, s.Name)
			}
		}
	}
}

// finish adds each service's last change.
func (g *gatherer) finish() []ServiceRow {
	last := map[string]sources.Change{}
	for _, c := range g.b.Changes { // newest first
		name := c.Service
		if s, ok := g.j.catalog.find(name.Raw()); ok {
			name = s.Name
		}
		for _, cluster := range []string{c.Cluster, ""} {
			key := ServiceRow{Cluster: cluster, Name: name}.Key()
			if _, have := last[key]; !have && (cluster != "" || c.Cluster == "") {
				last[key] = c
			}
		}
	}
	var out []ServiceRow
	for _, r := range g.rows {
		for i, it := range r.Calls { // as their own rows find them
			if other := g.rows[ServiceRow{Cluster: r.Cluster, Name: it.Service.Name}.Key()]; other != nil {
				r.Calls[i] = other.Item()
			}
		}
		c, ok := last[r.Key()]
		everywhere, ok2 := last[ServiceRow{Name: r.Name}.Key()] // a change that names no cluster is of each
		if ok2 && (!ok || everywhere.StartedAt.After(c.StartedAt)) {
			c, ok = everywhere, true
		}
		r.Change, r.HasChange = c, ok
		out = append(out, *r)
	}
	slices.SortFunc(out, func(x, y ServiceRow) int {
		return cmp.Or(strings.Compare(x.Cluster, y.Cluster), strings.Compare(strings.ToLower(x.Name.Raw()), strings.ToLower(y.Name.Raw())))
	})
	return out
}

// FindServices are the rows that a person means by a name: by name, by the
// catalog's alias, or by a job's; case is ignored.
func (b *Board) FindServices(rows []ServiceRow, name string) []ServiceRow {
	if s, ok := b.catalog.find(name); ok {
		name = s.Name.Raw()
	}
	var out []ServiceRow
	for _, r := range rows {
		job := r.Labels.Value("job").Raw()
		if strings.EqualFold(r.Name.Raw(), name) || job != "" && strings.EqualFold(job, name) {
			out = append(out, r)
		}
	}
	return out
}
