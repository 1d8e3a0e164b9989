package triage

import (
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// LinkKind is what a link leads to.
type LinkKind string

// The kinds, in the order in which links are listed. They are a contract of the
// JSON output and of the configuration.
const (
	RunbookLink   LinkKind = "runbook"
	DashboardLink LinkKind = "dashboard"
	LogsLink      LinkKind = "logs"
	TracesLink    LinkKind = "traces"
	OtherLink     LinkKind = "link"
)

var linkKinds = []LinkKind{RunbookLink, DashboardLink, LogsLink, TracesLink, OtherLink}

// Link is a web address that helps with an alert.
type Link struct {
	Kind  LinkKind
	Title safe.Value // never empty
	// URL is whole, as a browser takes it: http or https, ASCII, without
	// credentials before the host. It may hold a secret in its query: show it by
	// Shown. Empty: it cannot be opened, and Missing says what is missing.
	URL     safe.Value
	From    string // who gave it, in clean words: "annotation dashboard_url", "catalog"
	Missing string // a clause, clean
}

// LinkPrefs are the settings of links.
type LinkPrefs struct {
	// Grafana is the address of Grafana, for dashboards that are named without
	// one; empty: not known.
	Grafana string
	// Bases are addresses before the values of annotations and labels that are no
	// whole address, by the name of those.
	Bases map[string]string
	Add   []AddedLink // offered for every alert that has the labels in them
}

// AddedLink is a link of the configuration. URL is a template: see CheckLink.
type AddedLink struct {
	Title string
	Kind  LinkKind
	URL   string
}

// rangeBefore and rangeAfter are how much of the time around the trouble a link
// shows.
const (
	rangeBefore = 30 * time.Minute
	rangeAfter  = 15 * time.Minute
)

// Links are the links of an item by kind: those of its annotations, of its
// labels, of the configuration and of the catalog. Each address is there once.
// Templates are filled with the item's labels, dashboards of Grafana get the
// time around the onset. The runbook's link is not among them. Nil: there is
// none.
func (b *Board) Links(it Item, on Onset) []Link {
	g := linker{it: it, p: b.Prefs.Links, runbooks: b.Prefs.RunbookKeys, now: b.At, from: on.At}
	if it.State == sources.Resolved {
		g.to = it.ResolvedAt
	}
	g.grafanaManaged()
	for _, a := range it.Annotations {
		g.named("annotation ", a)
	}
	for _, l := range it.Labels {
		g.named("label ", l)
	}
	for _, add := range g.p.Add {
		g.added(add)
	}
	if s, ok := b.Catalog(it.Service.Name); ok {
		g.service(s)
	}
	if t, ok := b.Team(it.Owner.Name); ok {
		g.team(t)
	}
	slices.SortStableFunc(g.out, func(x, y Link) int { return slices.Index(linkKinds, x.Kind) - slices.Index(linkKinds, y.Kind) })
	return g.out
}

// linker gathers the links of one item.
type linker struct {
	it       Item
	p        LinkPrefs
	runbooks []string // annotations and labels that hold the runbook's link
	now      time.Time
	from, to time.Time // of the trouble; zero: not known, it goes on
	out      []Link
}

// add takes a link whose address may still be a template, or a path below base.
// Missing, for one that is no whole address, says which setting would make it one.
func (g *linker) add(l Link, address, base, missing string) {
	if address = strings.TrimSpace(address); noLink(address) {
		return
	}
	if !web(address) {
		switch {
		case base == "" && missing == "":
			return // a word, and no address
		case base == "":
			l.Missing = missing
		default:
			address = strings.TrimRight(base, "/") + "/" + strings.TrimLeft(address, "/")
		}
	}
	if l.Missing == "" {
		u, err := g.fill(address)
		switch {
		case err != nil && l.From == fromConfiguration:
			return // it is for alerts with other labels
		case err != nil:
			l.Missing = safe.Err(err)
		default:
			u = g.inTime(u)
			l.URL = safe.Outside(u.String())
		}
	}
	if l.Title.Empty() {
		l.Title = safe.Outside(string(l.Kind))
	}
	if l.Missing != "" {
		l.Missing += ": " + Readable(safe.Outside(address))
	}
	if !slices.ContainsFunc(g.out, func(o Link) bool { return o.URL == l.URL && o.Missing == l.Missing }) {
		g.out = append(g.out, l)
	}
}

// noLink reports whether a value says that there is none.
func noLink(value string) bool {
	return value == "" || slices.Contains([]string{"none", "n/a", "na", "-", "todo", "tbd", "null"}, strings.ToLower(value))
}

// web reports whether a text is a whole address of the web.
func web(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	return ok && rest != "" && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

const fromConfiguration = "configuration"

// named takes an annotation or label that may hold a link, by its name. A name
// that says nothing has to hold a whole address.
func (g *linker) named(what string, l sources.Label) {
	name, value := l.Name.Raw(), strings.TrimSpace(l.Value.Raw())
	if slices.Contains(g.runbooks, name) || strings.HasPrefix(name, "__") {
		return
	}
	link := Link{Kind: kindOfName(name), Title: l.Name, From: what + l.Name.String()}
	base, missing := g.p.Bases[name], ""
	switch {
	case base != "":
	case namesDashboard(name):
		base, missing, value = g.onGrafana(value)
	case slices.Contains([]string{"kibana", "sentry"}, strings.ToLower(name)):
		missing = "no address is known for " + l.Name.String() + " (configuration: links: {bases: {" + yamlWord(l.Name) + ": URL}})"
	}
	g.add(link, value, base, missing)
}

// namesDashboard reports whether the value of an annotation or label may be a
// dashboard without an address. grafana_folder is no dashboard, and Perses'
// are not on Grafana.
func namesDashboard(name string) bool {
	lower := strings.ToLower(name)
	return lower == "grafana" || strings.Contains(lower, "dashb") && !strings.Contains(lower, "perses")
}

// kindOfName tells what an annotation, a label or a catalog's word leads to.
func kindOfName(name string) LinkKind {
	var words []string
	lower := strings.ToLower(name)
	for _, w := range strings.FieldsFunc(lower, func(c rune) bool { return c < 'a' || c > 'z' }) {
		words = append(words, w, strings.TrimSuffix(w, "s"))
	}
	has := func(any ...string) bool {
		return slices.ContainsFunc(any, func(a string) bool { return slices.Contains(words, a) })
	}
	switch {
	case strings.Contains(lower, "dashb"), has("grafana", "panel"):
		return DashboardLink
	case has("log", "logging", "kibana", "loki", "opensearch", "splunk", "graylog"):
		return LogsLink
	case has("trace", "tracing", "jaeger", "tempo", "zipkin"):
		return TracesLink
	}
	return OtherLink
}

// added takes a link of the configuration.
func (g *linker) added(a AddedLink) {
	kind := a.Kind
	if kind == "" {
		kind = kindOfName(a.Title)
	}
	g.add(Link{Kind: kind, Title: safe.Outside(a.Title), From: fromConfiguration}, a.URL, "", "")
}

// service takes the links of a catalog's entry.
func (g *linker) service(s sources.Service) {
	from := "catalog"
	if g.it.Service.Guess() {
		from = "catalog of " + g.it.Service.Words()
	}
	g.catalog(from, s.Dashboards, s.Logs, s.Traces, s.Links)
	for _, more := range []struct {
		title string
		value safe.Value
	}{{"repository", s.Repository}, {"channel", s.Channel}} {
		g.add(Link{Kind: OtherLink, Title: safe.Outside(more.title), From: from}, more.value.Raw(), "", "")
	}
}

// team takes those of the owner.
func (g *linker) team(t sources.Team) {
	from := "catalog, team "
	if g.it.Owner.Guess() {
		from = "catalog, perhaps team "
	}
	g.catalog(from+Team(t.Name).String(), t.Dashboards, nil, nil, t.Links)
}

func (g *linker) catalog(from string, dashboards, logs, traces, others []sources.Link) {
	for _, l := range dashboards {
		base, missing, path := g.onGrafana(l.URL.Raw())
		g.add(Link{Kind: DashboardLink, Title: l.Title, From: from}, path, base, missing)
	}
	for _, list := range []struct {
		kind  LinkKind
		links []sources.Link
	}{{LogsLink, logs}, {TracesLink, traces}, {OtherLink, others}} {
		for _, l := range list.links {
			g.add(Link{Kind: list.kind, Title: l.Title, From: from}, l.URL.Raw(), "", "")
		}
	}
}

// WebLink is a link that somebody else's text holds as a whole: an alert its
// runbook's, a change its page. A path in a checkout is no address, and cannot be
// opened.
func WebLink(kind LinkKind, address safe.Value, from string) Link {
	l := Link{Kind: kind, Title: safe.Outside(string(kind)), From: from}
	u, err := parseLink(strings.TrimSpace(address.Raw()))
	if err != nil {
		l.Missing = err.Error() + ": " + Readable(address)
		return l
	}
	l.URL = safe.Outside(u.String())
	return l
}
