package catalog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
	"github.com/firstpage-oncall/firstpage/sources"
)

const corpus = "../../testdata/corpus/catalog"

// tree writes files and gives their folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		write(t, p, text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ask reads everything once.
func ask(t *testing.T, paths ...string) (*Source, []sources.Service) {
	t.Helper()
	s := Open(paths)
	got, err := s.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, got
}

// flat writes a service as one line, without what it lacks.
func flat(s sources.Service) string {
	out := s.Name.Raw()
	add := func(key, value string) {
		if value != "" {
			out += " " + key + "=" + value
		}
	}
	list := func(vs []safe.Value) string {
		var t []string
		for _, v := range vs {
			t = append(t, v.Raw())
		}
		return strings.Join(t, ",")
	}
	links := func(ls []sources.Link) string {
		var t []string
		for _, l := range ls {
			t = append(t, l.Title.Raw()+"<"+l.URL.Raw()+">")
		}
		return strings.Join(t, ",")
	}
	add("aka", list(s.Aliases))
	add("team", s.Team.Raw())
	add("tier", s.Tier.Raw())
	add("channel", s.Channel.Raw())
	add("repo", s.Repository.Raw())
	add("runbook", s.Runbook.Raw())
	add("escalation", s.Escalation.Raw())
	add("needs", list(s.DependsOn))
	add("dashboards", links(s.Dashboards))
	add("logs", links(s.Logs))
	add("is", s.Description.Raw())
	return out
}

func flats(ss []sources.Service) []string {
	var out []string
	for _, s := range ss {
		out = append(out, flat(s))
	}
	return out
}

// notes are the source's without the folder.
func notes(s *Source, dir string) []string {
	var out []string
	for _, n := range s.Notes() {
		out = append(out, strings.ReplaceAll(filepath.ToSlash(n.Raw()), filepath.ToSlash(dir)+"/", ""))
	}
	return out
}

func TestOwnFormat(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"services.yaml": `# who owns what
x-slack: &slack "#payments-oncall"
services:
  - name: checkout
    aliases: [checkout-api, Shop-Checkout]
    team: payments
    tier: 1
    repository: https://github.com/acme/shop
    depends_on: [payments, redis]
    dashboards: [https://grafana/d/1, {title: Overview, url: https://grafana/d/2}]
    logs: {errors: https://logs/1}
    description: Takes the money.
    chanel: "#typo"
    zonk: 1
  - name: payments
    team: group:default/team-payments
    channel: "#own"
    runbook: https://h/payments.md
  - cart
  - {team: nobody}
teams:
  payments: {channel: *slack, escalation: call Maude, runbook: https://h/team.md}
  cart:
`, "map.yaml": `
services:
  search: {team: search, aliases: checkout-api}
  empty:
`})
	s, got := ask(t, filepath.Join(dir, "services.yaml"), filepath.Join(dir, "map.yaml"))
	if d := cmp.Diff([]string{
		"checkout aka=Shop-Checkout team=payments tier=1 channel=#payments-oncall repo=https://github.com/acme/shop runbook=https://h/team.md escalation=call Maude" +
			" needs=payments,redis dashboards=<https://grafana/d/1>,Overview<https://grafana/d/2> logs=errors<https://logs/1> is=Takes the money.",
		"payments team=group:default/team-payments channel=#own runbook=https://h/payments.md escalation=call Maude",
		"cart",
		"search team=search",
		"empty",
	}, flats(got)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		`map.yaml:3: alias "checkout-api" of "search" is left out: another service has that name or alias, too`,
		`map.yaml:3: team "search" is not described (owner of this)`,
		`services.yaml:4: "checkout" depends on "redis", which is not described`,
		`services.yaml:4: alias "checkout-api" of "checkout" is left out: another service has that name or alias, too`,
		`services.yaml:13: unknown key "chanel": did you mean "channel"?`,
		`services.yaml:14: unknown key "zonk"`,
		`services.yaml:20: an entry without a name is left out`,
	}, notes(s, dir)); d != "" {
		t.Error(d)
	}
	for _, tc := range [][3]string{
		{"checkout", "", "https://h/team.md"}, {"SHOP-CHECKOUT", "", "https://h/team.md"}, {"payments", "cart", "https://h/payments.md"},
		{"unknown", "team-Payments", "https://h/team.md"}, {"cart", "payments", "https://h/team.md"}, {"cart", "cart", ""}, {"", "", ""},
	} {
		if got := s.Runbook(safe.Outside(tc[0]), safe.Outside(tc[1])); got != tc[2] {
			t.Errorf("runbook of %s, %s: %q, want %q", tc[0], tc[1], got, tc[2])
		}
	}
	if c := s.Counts(); c != (Counts{Files: 2, Services: 5, Teams: 2, WithTeam: 3, WithRunbook: 2, Dependencies: 2}) {
		t.Errorf("%+v", c)
	}
}

func TestBackstage(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"catalog-info.yaml": `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  title: Checkout API
  description: Takes the money.
  annotations:
    github.com/project-slug: acme/shop
    backstage.io/source-location: url:https://elsewhere
    backstage.io/kubernetes-id: shop-checkout
    backstage.io/kubernetes-label-selector: 'app=co,tier!=x, app.kubernetes.io/name==checkout-web'
    argocd/app-name: checkout-prod
    pagerduty.com/service-id: PABC12
  links:
    - {url: https://g/1, title: Traffic, icon: dashboard}
    - {url: https://l/1, title: Logs in Loki}
    - {url: https://r/1, title: Runbook, type: runbook}
    - {url: https://r/2, title: Second runbook}
    - {url: https://s/1, title: Slack}
    - {url: https://d/1, title: Dialogs, icon: docs}
spec:
  owner: group:default/team-payments
  system: shop
  dependsOn: ['component:default/payments', 'resource:orders-db', 'payments']
  subcomponentOf: shop-suite
  providesApis: [checkout-api]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments, annotations: {backstage.io/kubernetes-id: shop-checkout}}
spec: {system: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec: {owner: user:maude, dependencyOf: [component:payments, component:gone]}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop, description: All of it}
spec: {domain: sales}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: payments}
spec: {owner: team-other}
---
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: sales}
spec: {owner: guild}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-payments, links: [{url: https://chat/1, title: Chat}]}
spec: {profile: {email: pay@x}}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: maude}
spec: {profile: {email: maude@x}}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: checkout-api}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: '${{ values.name }}'}
`})
	s, got := ask(t, dir)
	if d := cmp.Diff([]string{
		"checkout aka=Checkout API,checkout-prod,co,checkout-web team=team-payments channel=https://s/1 repo=https://github.com/acme/shop runbook=https://r/1 escalation=PagerDuty service PABC12" +
			" needs=payments,orders-db,payments dashboards=Traffic<https://g/1> logs=Logs in Loki<https://l/1> is=Takes the money.",
		"payments team=guild needs=orders-db",
		"orders-db team=user:maude channel=maude@x",
		"shop team=guild is=All of it",
	}, flats(got)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		`catalog-info.yaml:31: team "guild" is not described (owner of this, and 1 more)`,
		`catalog-info.yaml:36: dependency of "gone", which is not described`,
	}, notes(s, dir)); d != "" {
		t.Error(d)
	}
}

// The shape of gitlab-com/runbooks, services/, as of 2019 and as of 2024.
func TestGitLab(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"service-catalog.yml": `
tiers: [{name: sv}, {name: inf}]
services:
  - name: api
    friendly_name: Our API
    tier: sv
    teams: [create, geo]
    label: Service::API2
    owner: reliability
    technical:
      project: [https://gitlab.com/a/b, https://gitlab.com/a/c]
      documents: {design:, sre_guide: https://gitlab.com/r/-/tree/master/docs/api, service: []}
      dependencies: [{service: postgres}, {service: redis}, {service:}]
      logging:
        - {name: Rails, permalink: https://log/1}
        - {name:, permalink:}
    observability: {monitors: {primary_grafana_dashboard: api-main/api-overview}}
  - name: redis
    tier: inf
    teams: [geo]
    infra_owner: caches
    technical: {project:, dependencies:, logging:}
    operations: {runbooks: [https://gitlab.com/r/blob/master/redis.md]}
    observability: {monitors:}
  - name: console
    tier: inf
    teams: [geo]
    technical:
`, "teams.yml": `
teams:
- name: reliability
  slack_channel: production
  oncall_schedule: https://pd/1
- {name: geo, slack_alerts_channel: geo-alerts, engagement_policy:, oncall_schedule:}
`})
	s, got := ask(t, filepath.Join(dir, "*.yml"))
	if d := cmp.Diff([]string{
		"api aka=API2,Our API team=reliability tier=sv channel=#production repo=https://gitlab.com/a/b runbook=https://gitlab.com/r/-/tree/master/docs/api escalation=https://pd/1" +
			" needs=postgres,redis dashboards=primary<api-main/api-overview> logs=Rails<https://log/1> is=Our API",
		"redis team=caches tier=inf runbook=https://gitlab.com/r/blob/master/redis.md",
		"console team=geo tier=inf channel=#geo-alerts",
	}, flats(got)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		`service-catalog.yml:4: "api" depends on "postgres", which is not described`,
		`service-catalog.yml:18: team "caches" is not described (owner of this)`,
	}, notes(s, dir)); d != "" {
		t.Error(d)
	}
}

// Giant Swarm's catalog is real: 75 components of which five occur twice and one three times, twelve
// groups, and owners that no group is.
func TestRealCatalog(t *testing.T) {
	t.Parallel()
	s, got := ask(t, filepath.Join(corpus, "giantswarm-backstage-catalogs"))
	if c := s.Counts(); c != (Counts{Files: 2, Services: 68, Teams: 12, WithTeam: 67}) {
		t.Errorf("%+v", c)
	}
	i := slices.IndexFunc(got, func(s sources.Service) bool { return s.Name.Raw() == "karpenter-app" })
	if i < 0 || got[i].Repository.Raw() != "https://github.com/giantswarm/karpenter-app" || !strings.HasPrefix(got[i].Team.Raw(), "team-") {
		t.Errorf("%d: %+v", i, got[max(i, 0)])
	}
	twice, ownerless := 0, 0
	for _, n := range notes(s, corpus) {
		switch {
		case strings.Contains(n, "is described at"):
			twice++
		case strings.Contains(n, `owner "team-TEAM-NAME" of "azure-aks-extras" is still to be filled in`), strings.Contains(n, `is not described (owner`):
			ownerless++
		default:
			t.Error(n)
		}
		if file, line, _ := strings.Cut(n, ".yaml:"); !strings.HasSuffix(file, "charts") || line[0] < '1' || line[0] > '9' {
			t.Errorf("no place: %s", n)
		}
	}
	if twice != 7 || ownerless == 0 {
		t.Errorf("%d twice, %d without team: %q", twice, ownerless, notes(s, corpus))
	}
	_, got = ask(t, filepath.Join(corpus, "**", "*.yaml"))
	for name, want := range map[string]string{
		"artist-lookup":  "artist-lookup team=team-a needs=artists-db dashboards=Dashboard<https://example.com/dashboard> is=Artist Lookup",
		"artists-db":     "artists-db team=team-a is=Stores artist details",
		"playback-order": "playback-order team=user:guest is=Playback Order",
		"backstage-demo": "backstage-demo team=backstage/maintainers repo=https://github.com/backstage/demo is=An example deployment of a Backstage application.",
	} {
		if !slices.Contains(flats(got), want) {
			t.Errorf("%s: want %s", name, want)
		}
	}
}

// Own files over somebody else's: the earlier path goes first, without a note.
func TestLayers(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"mine.yaml":              "services: [{name: Agent, aliases: [agent-svc], channel: '#mine', team: me}]\n",
		"theirs/info.yaml":       "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: agent}\nspec: {owner: them, dependsOn: [db]}\n",
		"theirs/again.yaml":      "services: [{name: agent, tier: 2}]\n",
		"theirs/compose.yml":     "services: {web: {image: nginx, depends_on: [db]}}\n",
		"theirs/values.yaml":     "replicas: 2\nservices: {web: {port: 80}}\n",
		"theirs/notes.txt":       "services: [{name: text}]\n",
		"theirs/.git/config.yml": "services: [{name: hidden}]\n",
		"theirs/broken.yaml":     "a: [\n", // does not speak of services
	})
	s, got := ask(t, filepath.Join(dir, "mine.yaml"), filepath.Join(dir, "theirs"), filepath.Join(dir, "gone.yaml"))
	if d := cmp.Diff([]string{"Agent aka=agent-svc team=me tier=2 channel=#mine needs=db"}, flats(got)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"gone.yaml: no file of this name", `mine.yaml:1: "Agent" depends on "db", which is not described`}, notes(s, dir)); d != "" {
		t.Error(d)
	}
}

func TestFilesThatChange(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a.yaml": "services: [a]", "b.yaml": "services: [b]"})
	s := Open([]string{dir})
	check := func(want string, wantNotes ...string) {
		t.Helper()
		s.listed = time.Time{}
		got, err := s.Services(t.Context())
		if names := strings.Join(flats(got), " "); err != nil || names != want {
			t.Errorf("%q, %v; want %q", names, err, want)
		}
		if d := cmp.Diff(wantNotes, notes(s, dir)); d != "" {
			t.Error(d)
		}
	}
	check("a b")
	write(t, filepath.Join(dir, "b.yaml"), "services: [b2]")
	write(t, filepath.Join(dir, "c.yaml"), "services: [c]")
	check("a b2 c")
	// An editor in the middle of a word.
	write(t, filepath.Join(dir, "b.yaml"), "services: [b3\n")
	check("a b2 c", "b.yaml:2: not YAML: did not find expected ',' or ']'; what it held before is still used")
	write(t, filepath.Join(dir, "b.yaml"), "services: [b3]\n")
	check("a b3 c")
	if err := os.Remove(filepath.Join(dir, "b.yaml")); err != nil {
		t.Fatal(err)
	}
	check("a c")
	// What is old and unchanged is not read again.
	past := time.Now().Add(-time.Hour)
	for _, n := range []string{"a.yaml", "c.yaml"} {
		if err := os.Chtimes(filepath.Join(dir, n), past, past); err != nil {
			t.Fatal(err)
		}
	}
	check("a c")
	before := s.files[filepath.Join(dir, "a.yaml")]
	check("a c")
	if s.files[filepath.Join(dir, "a.yaml")] != before {
		t.Error("an unchanged file was read again")
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"bad.yaml": "services: [a\n", "empty.yaml": "", "other.yaml": "a: 1\n", "half.yaml": "services: [a]\n---\n- [\n", "services.yaml": "services: [a]"})
	for name, want := range map[string]sources.Kind{"gone.yaml": sources.NotFound, "[": sources.NotFound, "bad.yaml": sources.BadResponse} {
		s := Open([]string{filepath.Join(dir, name)})
		_, err := s.Services(t.Context())
		if !sources.IsKind(err, want) || !strings.HasPrefix(err.Error(), "catalog: "+dir) || !strings.Contains(err.Error(), "services.catalog") {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if link := s.Runbook(safe.Outside("a"), safe.Outside("b")); link != "" {
			t.Errorf("%s: %s", name, link)
		}
	}
	for name, want := range map[string]string{"empty.yaml": "neither services nor teams are in it", "other.yaml": "neither services nor teams are in it", "half.yaml": "half.yaml:4: not YAML: "} {
		s, _ := ask(t, filepath.Join(dir, name))
		if n := notes(s, dir); len(n) != 1 || !strings.Contains(n[0], want) || strings.Contains(n[0], "held before") {
			t.Errorf("%s: %q", name, n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open([]string{dir}).Services(ctx); !sources.IsKind(err, sources.Canceled) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Whatever is in a file, it is read in time, and no text of it reaches a
// terminal as it is.
func TestHostile(t *testing.T) {
	t.Parallel()
	for _, p := range safetest.Payloads() {
		body := fmt.Sprintf("services: [{name: %[1]q, aliases: [%[1]q], team: %[1]q, depends_on: [%[1]q, z]}]", p.Text)
		c, err := parse("f.yaml", []byte(body), true)
		if err != nil {
			continue
		}
		got := join([]contents{c}, nil)
		if len(got.services) != 1 || !strings.Contains(got.services[0].Name.Raw(), safetest.Marker) {
			t.Errorf("%s: %+v", p.Name, got.services)
		}
		for _, n := range got.notes {
			if err := safetest.Inert(n.String(), false); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
	}
	list := "&l [" + strings.Repeat("x,", 20_000) + "x]"
	for _, body := range []string{
		"services: &s [*s]", "services: &s {a: *s}", "services: &s {<<: *s, a: {<<: *s}}", "services: {a: {depends_on: &d [*d]}}",
		"services: [" + strings.Repeat("[", 50_000), "a: &a " + list + "\nservices: [" + strings.Repeat("{name: a, depends_on: *l},", 20_000) + "]",
		"services: 1\nteams: [[]]", "apiVersion: backstage.io/v1\nkind: [Component]\nmetadata: []\nspec: 1", "- services", "services:\nteams:",
	} {
		begin := time.Now()
		c, err := parse("f.yaml", []byte(body), true)
		join([]contents{c}, nil)
		if d := time.Since(begin); d > 5*time.Second {
			t.Errorf("%.40s: %v, %v", body, d, err)
		}
	}
}

// The documented example has every key and nothing to note.
func TestDocumentedExample(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/services.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "## Our own format\n\n```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	for _, key := range append(slices.Clone(serviceKeys), teamKeys...) {
		if !strings.Contains(text, key+":") {
			t.Errorf("no %s in the example", key)
		}
	}
	dir := tree(t, map[string]string{"services.yaml": text})
	s, got := ask(t, dir)
	teams, err := s.Teams(t.Context())
	if err != nil || len(got) != 3 || len(teams) != 2 || len(s.Notes()) != 0 {
		t.Errorf("%q, %+v, %v, %q", flats(got), teams, err, s.Notes())
	}
}

// What comes with the program has nothing doubtful in it.
func TestScenarios(t *testing.T) {
	t.Parallel()
	s, got := ask(t, "../../drill/scenarios")
	if len(got) == 0 || len(s.Notes()) != 0 {
		t.Errorf("%d services, %q", len(got), s.Notes())
	}
}
