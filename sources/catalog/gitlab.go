package catalog

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/yamltree"
	"github.com/firstpage-oncall/firstpage/sources"
)

// What only GitLab's entries have (services/service-catalog-schema.json of
// gitlab-com/runbooks, and the file as it was in 2019 to 2022).
var (
	gitlabServiceKeys = []string{"friendly_name", "technical", "observability", "business", "infra_owner"}
	gitlabTeamKeys    = []string{"slack_channel", "slack_alerts_channel", "product_stage_group", "oncall_schedule", "manager_slug", "engagement_policy"}
)

// ofGitLab reports whether a document is of GitLab's service catalog.
func ofGitLab(n *yaml.Node) bool {
	found := false
	look := func(key string, keys []string) {
		each(yamltree.Value(n, key), func(_ string, e *yaml.Node) {
			found = found || slices.ContainsFunc(keys, func(k string) bool { return yamltree.Value(e, k) != nil })
		})
	}
	look("services", gitlabServiceKeys)
	look("teams", gitlabTeamKeys)
	return found
}

// gitlab reads a service-catalog.yml or teams.yml.
func (r *reader) gitlab(n *yaml.Node) {
	each(yamltree.Value(n, "services"), func(name string, s *yaml.Node) {
		if r.nodes--; r.nodes < 0 || name == "" {
			return
		}
		technical := yamltree.Value(s, "technical")
		e := entry{at: place{r.file, s.Line}, Service: sources.Service{
			Name: safe.Outside(name), Tier: value(s, "tier"), Description: value(s, "friendly_name"),
			Logs: r.links(yamltree.Value(technical, "logging")),
		}}
		// The owner answers for it; teams are all that have a part in it.
		owners := append([]string{yamltree.Scalar(s, "owner"), yamltree.Scalar(s, "infra_owner")}, r.texts(yamltree.Value(s, "teams"))...)
		e.Team = safe.Outside(first(owners...))
		if p := r.texts(yamltree.Value(technical, "project")); len(p) > 0 {
			e.Repository = safe.Outside(p[0])
		}
		if docs := yamltree.Value(technical, "documents"); docs != nil && docs.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(docs.Content); i += 2 {
				for _, address := range r.texts(yamltree.Target(docs.Content[i+1])) {
					e.Links = append(e.Links, sources.Link{Title: safe.Outside(docs.Content[i].Value), URL: safe.Outside(address)})
				}
			}
		}
		runbooks := r.texts(yamltree.Value(yamltree.Value(s, "operations"), "runbooks"))
		guide := yamltree.Scalar(yamltree.Value(technical, "documents"), "sre_guide")
		e.Runbook = safe.Outside(first(append(runbooks, guide)...))
		each(yamltree.Value(technical, "dependencies"), func(on string, d *yaml.Node) {
			if on = first(yamltree.Scalar(d, "service"), on); on != "" {
				r.nodes--
				e.DependsOn = append(e.DependsOn, safe.Outside(on))
			}
		})
		monitors := yamltree.Value(yamltree.Value(s, "observability"), "monitors")
		if d := yamltree.Scalar(monitors, "primary_grafana_dashboard"); d != "" {
			e.Dashboards = []sources.Link{{Title: safe.Outside("primary"), URL: safe.Outside(d)}}
		}
		e.guessed = []string{strings.TrimLeft(strings.TrimPrefix(yamltree.Scalar(s, "label"), "Service"), ":"), yamltree.Scalar(s, "friendly_name")}
		r.services = append(r.services, e)
	})
	each(yamltree.Value(n, "teams"), func(name string, t *yaml.Node) {
		if r.nodes--; r.nodes < 0 || name == "" {
			return
		}
		r.teams = append(r.teams, crew{at: place{r.file, t.Line}, Team: sources.Team{
			Name:       safe.Outside(name),
			Channel:    safe.Outside(channel(first(yamltree.Scalar(t, "slack_channel"), yamltree.Scalar(t, "slack_alerts_channel")))),
			Escalation: safe.Outside(first(yamltree.Scalar(t, "oncall_schedule"), yamltree.Scalar(t, "engagement_policy"))),
		}})
	})
}

// channel is a channel's name as people write it.
func channel(name string) string {
	if name == "" || strings.HasPrefix(name, "#") || strings.Contains(name, "://") {
		return name
	}
	return "#" + name
}
