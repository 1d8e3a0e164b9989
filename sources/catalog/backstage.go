package catalog

import (
	"net/url"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/yamltree"
	"github.com/firstpage-oncall/firstpage/sources"
)

// Kinds of Backstage's entities that are read.
const (
	component = "component"
	resource  = "resource"
	system    = "system"
	domain    = "domain"
)

// person is before the name of an owner who is a user, and no team.
const person = "user:"

// backstage reads one entity: Component, Resource and System are services,
// Group and User are who owns them, a System's or Domain's owner stands in for
// a missing one. Others (API, Location, Template) are passed over.
func (r *reader) backstage(n *yaml.Node) {
	r.nodes--
	meta, spec := yamltree.Value(n, "metadata"), yamltree.Value(n, "spec")
	name := strings.TrimSpace(yamltree.Scalar(meta, "name"))
	if name == "" || template(name) {
		return
	}
	switch kind := strings.ToLower(yamltree.Scalar(n, "kind")); kind {
	case component, resource, system, domain:
		r.entity(kind, name, yamltree.Line(meta, "name"), meta, spec)
	case "group", "user":
		r.group(kind, name, yamltree.Line(meta, "name"), meta, spec)
	}
}

func (r *reader) entity(kind, name string, line int, meta, spec *yaml.Node) {
	notes := yamltree.Value(meta, "annotations")
	e := entry{at: place{r.file, line}, kind: kind, Service: sources.Service{
		Name: safe.Outside(name), Description: value(meta, "description"), Tier: value(yamltree.Value(meta, "labels"), "tier"),
		Team: safe.Outside(ref(yamltree.Scalar(spec, "owner"))), Repository: safe.Outside(repository(notes)),
	}}
	e.within = ref(yamltree.Scalar(spec, "system"))
	if kind == system {
		e.within = ref(yamltree.Scalar(spec, "domain"))
	}
	for _, d := range r.texts(yamltree.Value(spec, "dependsOn")) {
		e.DependsOn = append(e.DependsOn, safe.Outside(ref(d)))
	}
	for _, c := range r.texts(yamltree.Value(spec, "dependencyOf")) {
		e.callers = append(e.callers, ref(c))
	}
	e.guessed = append([]string{
		yamltree.Scalar(meta, "title"), yamltree.Scalar(notes, "backstage.io/kubernetes-id"), yamltree.Scalar(notes, "argocd/app-name"),
	}, selected(yamltree.Scalar(notes, "backstage.io/kubernetes-label-selector"))...)
	if d := yamltree.Scalar(notes, "grafana/overview-dashboard"); d != "" {
		e.Dashboards = append(e.Dashboards, sources.Link{Title: safe.Outside("overview"), URL: safe.Outside(d)})
	}
	e.Dashboards = append(e.Dashboards, tagged(notes)...)
	l := r.sorted(yamltree.Value(meta, "links"))
	e.Dashboards, e.Logs, e.Traces, e.Links = append(e.Dashboards, l.dashboards...), l.logs, l.traces, l.others
	e.Runbook, e.Channel = safe.Outside(l.runbook), safe.Outside(l.chat)
	e.Escalation = safe.Outside(escalation(notes))
	r.services = append(r.services, e)
}

func (r *reader) group(kind, name string, line int, meta, spec *yaml.Node) {
	l := r.sorted(yamltree.Value(meta, "links"))
	if kind == "user" {
		name = person + name
	}
	r.teams = append(r.teams, crew{at: place{r.file, line}, Team: sources.Team{
		Name: safe.Outside(name), Runbook: safe.Outside(l.runbook), Links: l.others,
		Dashboards: append(tagged(yamltree.Value(meta, "annotations")), l.dashboards...),
		Channel:    safe.Outside(first(l.chat, yamltree.Scalar(yamltree.Value(spec, "profile"), "email"))),
		Escalation: safe.Outside(escalation(yamltree.Value(meta, "annotations"))),
	}})
}

// ref is the name in a reference [kind:][namespace/]name. The namespace stays
// unless it is the default one, and so does a user's kind: a person is no team.
func ref(s string) string {
	s = strings.TrimSpace(s)
	kind, name, ok := strings.Cut(s, ":")
	if !ok {
		kind, name = "", s
	}
	if len(name) > 8 && strings.EqualFold(name[:8], "default/") {
		name = name[8:]
	}
	if strings.EqualFold(kind, "user") {
		return person + name
	}
	return name
}

// repository is the address of the source, by the annotations of the forges.
func repository(notes *yaml.Node) string {
	for _, forge := range []struct{ key, base string }{
		{"github.com/project-slug", "https://github.com/"},
		{"gitlab.com/project-slug", "https://gitlab.com/"},
	} {
		if slug := yamltree.Scalar(notes, forge.key); slug != "" {
			return forge.base + slug
		}
	}
	at, ok := strings.CutPrefix(yamltree.Scalar(notes, "backstage.io/source-location"), "url:")
	if !ok {
		return ""
	}
	return at
}

// selected are the values of the labels that name an application in a selector
// of Kubernetes.
func selected(selector string) []string {
	var out []string
	for part := range strings.SplitSeq(selector, ",") {
		k, v, ok := strings.Cut(strings.ReplaceAll(part, "==", "="), "=")
		switch k = strings.TrimSpace(k); {
		case !ok || strings.HasSuffix(k, "!"):
		case k == "app", k == "app.kubernetes.io/name", k == "app.kubernetes.io/instance":
			out = append(out, strings.TrimSpace(v))
		}
	}
	return out
}

// escalation is who else can be called, by the annotations of pagers.
func escalation(notes *yaml.Node) string {
	for _, p := range []struct{ key, words string }{
		{"pagerduty.com/service-id", "PagerDuty service "},
		{"opsgenie.com/team", "Opsgenie team "},
	} {
		if id := yamltree.Scalar(notes, p.key); id != "" {
			return p.words + id
		}
	}
	return ""
}

// wantsTag is one condition of a selector of dashboards, of those that Grafana's
// own search can answer.
var wantsTag = regexp.MustCompile(`^\s*\(?\s*tags\s*@>\s*['"]([^'"]+)['"]\s*\)?\s*$`)

// tagged is the list of the dashboards that an entity selects by their tags: a
// path on Grafana. A selector that wants more than tags, each of them, is not
// read: any other list would be a wrong one. Nil: there is none.
func tagged(notes *yaml.Node) []sources.Link {
	q := url.Values{}
	if tag := yamltree.Scalar(notes, "grafana/tag-selector"); tag != "" {
		q.Add("tag", tag)
	}
	if selector := yamltree.Scalar(notes, "grafana/dashboard-selector"); selector != "" {
		for condition := range strings.SplitSeq(selector, "&&") {
			m := wantsTag.FindStringSubmatch(condition)
			if m == nil {
				return nil
			}
			q.Add("tag", m[1])
		}
	}
	if len(q) == 0 {
		return nil
	}
	return []sources.Link{{Title: safe.Outside("dashboards tagged " + strings.Join(q["tag"], ", ")), URL: safe.Outside("/dashboards?" + q.Encode())}}
}

// sortedLinks is the links of an entity by what they are.
type sortedLinks struct {
	dashboards, logs, traces, others []sources.Link
	runbook, chat                    string
}

// sorted tells links apart by the words in their type, icon and title.
func (r *reader) sorted(n *yaml.Node) sortedLinks {
	var out sortedLinks
	each(n, func(_ string, l *yaml.Node) {
		title, address := yamltree.Scalar(l, "title"), yamltree.Scalar(l, "url")
		if r.nodes--; r.nodes < 0 || address == "" {
			return
		}
		words := strings.FieldsFunc(strings.ToLower(yamltree.Scalar(l, "type")+" "+yamltree.Scalar(l, "icon")+" "+title), func(c rune) bool {
			return c < 'a' || c > 'z'
		})
		has := func(any ...string) bool {
			for _, w := range words {
				for _, a := range any {
					if w == a || w == a+"s" {
						return true
					}
				}
			}
			return false
		}
		link := sources.Link{Title: safe.Outside(title), URL: safe.Outside(address)}
		switch {
		case has("runbook", "playbook"):
			out.runbook = first(out.runbook, address)
		case has("dashboard", "grafana"):
			out.dashboards = append(out.dashboards, link)
		case has("log", "logging", "kibana", "loki"):
			out.logs = append(out.logs, link)
		case has("trace", "tracing", "jaeger", "tempo", "zipkin"):
			out.traces = append(out.traces, link)
		case has("slack", "chat", "teams", "mattermost"):
			out.chat = first(out.chat, address)
		default:
			out.others = append(out.others, link)
		}
	})
	return out
}
