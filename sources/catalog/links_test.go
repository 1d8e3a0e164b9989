package catalog

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/sources"
)

// titled are links as title and address.
func titled(list []sources.Link) [][2]string {
	var out [][2]string
	for _, l := range list {
		out = append(out, [2]string{l.Title.Raw(), l.URL.Raw()})
	}
	return out
}

// Each format says in its own way where dashboards, logs, traces and the rest
// lie; what is no dashboard by tags alone is not taken for one.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a.yaml": `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  annotations: {grafana/dashboard-selector: "tags @> 'shop' && (tags @> \"a b\")"}
  links:
    - {url: https://t/1, title: Traces}
    - {url: https://d/1, title: Dialogs, icon: docs}
    - {url: https://x/1}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: cart, annotations: {grafana/dashboard-selector: "tags @> 'a' || title == 'b'", grafana/tag-selector: old}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-atlas, annotations: {grafana/dashboard-selector: "tags @> 'owner:team-atlas'"}, links: [{url: https://w/1, title: Wiki}]}
`, "b.yaml": `
services:
  - name: api
    friendly_name: API
    technical: {documents: {design: https://design/1, sre_guide: https://guide/1, service: [https://s/1, https://s/2], security:}}
`, "c.yaml": `
services: [{name: own, traces: https://t/2, links: {wiki: https://w/2}}, {name: checkout, traces: [https://t/3]}]
teams: [{name: atlas, dashboards: [uid1], links: [{title: chat, url: https://c/1}]}]
`})
	s, got := ask(t, filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml"), filepath.Join(dir, "c.yaml"))
	type links struct{ Dashboards, Traces, Links [][2]string }
	have := map[string]links{}
	for _, x := range got {
		have[x.Name.Raw()] = links{titled(x.Dashboards), titled(x.Traces), titled(x.Links)}
	}
	teams, err := s.Teams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range teams {
		have["team "+x.Name.Raw()] = links{titled(x.Dashboards), nil, titled(x.Links)}
	}
	if d := cmp.Diff(map[string]links{
		"checkout": {[][2]string{{"dashboards tagged shop, a b", "/dashboards?tag=shop&tag=a+b"}}, [][2]string{{"Traces", "https://t/1"}, {"", "https://t/3"}},
			[][2]string{{"Dialogs", "https://d/1"}, {"", "https://x/1"}}},
		"cart": {},
		"api":  {nil, nil, [][2]string{{"design", "https://design/1"}, {"sre_guide", "https://guide/1"}, {"service", "https://s/1"}, {"service", "https://s/2"}}},
		"own":  {nil, [][2]string{{"", "https://t/2"}}, [][2]string{{"wiki", "https://w/2"}}},
		"team team-atlas": {[][2]string{{"dashboards tagged owner:team-atlas", "/dashboards?tag=owner%3Ateam-atlas"}, {"", "uid1"}}, nil,
			[][2]string{{"Wiki", "https://w/1"}, {"chat", "https://c/1"}}},
	}, have); d != "" {
		t.Error(d)
	}
}

// An owner that nobody filled in is none, and the system's stands in.
func TestBlankOwner(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a.yaml": `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout}
spec: {owner: "group:default/team-TEAM-NAME", system: shop}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: payments}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: cart}
spec: {owner: unknown}
`})
	s, got := ask(t, dir)
	if d := cmp.Diff([]string{"checkout team=payments", "cart", "shop team=payments"}, flats(got)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{`a.yaml:4: owner "team-TEAM-NAME" of "checkout" is still to be filled in`, `a.yaml:14: owner "unknown" of "cart" is still to be filled in`}, notes(s, dir)); d != "" {
		t.Error(d)
	}
}
