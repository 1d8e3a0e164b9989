package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources"
)

func TestInclude(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"config.yaml": `
include: [team/one.yaml, $TEAM/two.yaml]
clusters: [{name: mine, prometheus: {url: "http://mine"}}]
theme: dark
services: {labels: [mine]}
severity: {ranks: {p0: page}}
`,
		"team/one.yaml": `
include: [shared.yaml]
clusters: [{name: one, prometheus: {url: "http://one"}}]
theme: light
timeout: 1s
services: {labels: [one], catalog: [services.yaml]}
severity: {ranks: {p0: info, p1: critical}}
`,
		"team/two.yaml": `
include: [shared.yaml]
clusters: [{name: two, prometheus: {url: "http://two"}}]
timeout: 2s
refresh: {rules: 2m}
watchdogs: [Two]
changes: [{kind: git, path: ..}]
`,
		"team/shared.yaml":   "clusters: [{name: shared, prometheus: {url: 'http://shared'}}]\nread_only: true\nrefresh: {rules: 3m, alerts: 3s}",
		"team/services.yaml": "",
	})
	c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kinds(), environment(map[string]string{"TEAM": filepath.Join(dir, "team")}))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, cl := range c.Clusters {
		names = append(names, cl.Name+" "+strings.TrimPrefix(cl.Place.String(), dir))
	}
	type view struct {
		Clusters, Labels, Catalog, Watchdogs, Files []string
		Ranks                                       map[string]string
		Theme                                       string
		Timeout, Rules, Alerts                      time.Duration
		ReadOnly                                    bool
	}
	cut := func(ps []string) (out []string) {
		for _, p := range ps {
			out = append(out, strings.TrimPrefix(p, dir))
		}
		return out
	}
	got := view{names, c.Services.Labels, cut(c.Services.Catalog), c.Watchdogs, cut(c.Files), c.Severity.Ranks,
		c.Theme, c.Timeout, c.Refresh.Rules, c.Refresh.Alerts, c.ReadOnly}
	want := view{
		Clusters: []string{"mine /config.yaml:3:12", "one /team/one.yaml:3:12", "shared /team/shared.yaml:1:12", "two /team/two.yaml:3:12"},
		Labels:   []string{"mine", "one"}, Catalog: []string{"/team/services.yaml"}, Watchdogs: []string{"Two"},
		Files: []string{"/config.yaml", "/team/one.yaml", "/team/shared.yaml", "/team/two.yaml"},
		Ranks: map[string]string{"p0": "page", "p1": "critical"},
		Theme: "dark", Timeout: time.Second, Rules: 3 * time.Minute, Alerts: 3 * time.Second, ReadOnly: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p := c.Changes[0].Options.(*gitOptions).Path; p != dir {
		t.Errorf("a relative path of an included file became %s", p)
	}
}

func TestIncludeProblems(t *testing.T) {
	t.Parallel()
	errs, _, _ := said(t, map[string]string{
		"config.yaml": "zonk: 1\ninclude: [a.yaml, b.yaml]\nclusters: [{name: x, prometheus: {url: http://x}}]\nthem: 2",
		"a.yaml":      "include: [config.yaml]\nclusters: [{name: x, prometheus: {url: http://x}}]",
		"b.yaml":      "include: [b.yaml]\ntheme: [",
	}, nil)
	want := `config.yaml:1:1: unknown key "zonk": allowed: include, clusters, runbooks, services, links, severity, changes, oncall, me, theme, read_only, refresh, timeout, watchdogs
config.yaml:4:1: unknown key "them": did you mean "theme"?
a.yaml:1:11: include: config.yaml includes itself: take the line out
a.yaml:2:12: a cluster called "x" is there already: config.yaml:3:12: give it another name
b.yaml:3:1: not YAML: did not find expected node content (while parsing a flow node from line 3 on)`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(errs, "\n")); diff != "" {
		t.Error(diff)
	}
}

// Two files named by the user are both the user's own; the first wins.
func TestTwoPaths(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"a.yaml": "theme: dark\nwatchdogs: [A]",
		"b.yaml": "theme: light\nread_only: true\nwatchdogs: [B]\nchanges: [{kind: events, command: [date]}]",
	})
	c, err := config.Load([]string{filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml")}, kinds(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Theme != "dark" || !c.ReadOnly || !cmp.Equal(c.Watchdogs, []string{"A", "B"}) || len(c.Pending()) != 0 {
		t.Errorf("%+v", c)
	}
}

// A list with a default in an entry is replaced, also when an included file has
// an entry of the same number.
func TestListsOfEntriesAreTheirOwn(t *testing.T) {
	t.Parallel()
	type options struct {
		Tags []string `yaml:"tags" doc:"Tags."`
	}
	kinds := []sources.ChangeKind{{Name: "graphs", Options: func() any { return &options{Tags: []string{"deploy"}} }}}
	dir := tree(t, map[string]string{
		"config.yaml": "include: [team.yaml]\nchanges: [{kind: graphs, tags: [own]}, {kind: graphs, tags: []}, {kind: graphs}]",
		"team.yaml":   "changes: [{kind: graphs, tags: [team]}, {kind: graphs, tags: [other]}]",
	})
	c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kinds, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, ch := range c.Changes {
		got = append(got, ch.Options.(*options).Tags)
	}
	if diff := cmp.Diff([][]string{{"own"}, {}, {"deploy"}, {"team"}, {"other"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCommandsOfIncludedFilesAreRefused(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"config.yaml": "include: [team/team.yaml]\nchanges: [{kind: events, name: own, command: [date]}]",
		"team/team.yaml": `
clusters: [{name: x, prometheus: {url: http://x, token_command: [./token, --password=hunter2]}}]
changes: [{kind: events, command: [gh, api]}]
`, "team/token": "#!/bin/sh\necho t\n"}
	errs, _, c := said(t, files, nil)
	dir := filepath.Dir(c.Files[0])
	want := `team/team.yaml:2:65: clusters[0].prometheus.token_command: this command stands in an included file and is not trusted yet: runs team/token --password=<secret> for http://x
team/team.yaml:3:35: changes[0].command: this command stands in an included file and is not trusted yet: runs gh api`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(errs, "\n")); diff != "" {
		t.Error(diff)
	}
	p := c.Pending()
	if len(p) != 2 || !cmp.Equal(p[0].Argv, []string{filepath.Join(dir, "team/token"), "--password=hunter2"}) ||
		p[1].Key != "changes[0].command" || len(p[0].Hash) != 64 {
		t.Fatalf("%+v", p)
	}

	// The hash stays while nothing changes, and follows argument and program.
	again := func() []config.Grant {
		c, _ := config.Load(c.Files[:1], kinds(), nil)
		return c.Pending()
	}
	if diff := cmp.Diff(p, again()); diff != "" {
		t.Error(diff)
	}
	write := func(name, body string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("team/token", "#!/bin/sh\necho t; evil\n")
	write("team/team.yaml", strings.Replace(files["team/team.yaml"], "[gh, api]", "[gh, 'api,']", 1))
	q := again()
	if q[0].Hash == p[0].Hash || q[1].Hash == p[1].Hash {
		t.Error("a changed command keeps its hash")
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	c, dir := wholeConfig(t)
	var b bytes.Buffer
	if err := config.Print(&b, c); err != nil {
		t.Fatal(err)
	}
	want := `# from DIR/config.yaml
clusters:
  - name: prod-eu
    prometheus:
      url: https://prometheus.eu.example.com/prefix
      http:
        basic_auth:
          username: u
          password_file: DIR/home/prom
        follow_redirects: false
        enable_http2: true
        http_headers:
          X-Api-Key:
            values: [<secret>]
          X-Scope-OrgID:
            values: [eu]
      token_command: [DIR/bin/token, --for, eu]
      timeout: 1d
`
	got := strings.ReplaceAll(b.String(), dir, "DIR")
	if !strings.HasPrefix(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	for _, line := range []string{"  - name: 'true'\n", "    token: <secret>\n", "    command: [gh, api, x y]\n",
		"    name: git 2\n", "    service: '12345'\n", "    since: 2h\n", "theme: light\n", "  ranks:\n    p0: page\n"} {
		if !strings.Contains(got, line) {
			t.Errorf("missing %q in\n%s", line, got)
		}
	}
	for _, secret := range []string{"t0ken", "k3y"} {
		if strings.Contains(got, secret) {
			t.Errorf("%s is printed:\n%s", secret, got)
		}
	}
}

// What is printed is a configuration again, with the same meaning, as long as
// it holds no secret.
func TestPrintedConfigurationLoads(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"defaults": "",
		"much": strings.NewReplacer("X-Api-Key", "X-Plain", `token: "${TOKEN}", `, "", "~/", "home/", "$SRC", "src", "${HOST}", "h").
			Replace(whole),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			for n, b := range wholeFiles {
				files[n] = b
			}
			files["config.yaml"] = body
			dir := tree(t, files)
			path := filepath.Join(dir, "config.yaml")
			first := load(t, path)
			if err := os.WriteFile(path, []byte(first), 0o600); err != nil {
				t.Fatal(err)
			}
			if second := load(t, path); second != strings.Replace(first, " # the default", "", 1) {
				t.Error(cmp.Diff(first, second))
			}
		})
	}
}

func load(t *testing.T, path string) string {
	t.Helper()
	c, err := config.Load([]string{path}, kinds(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := config.Print(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMasking(t *testing.T) {
	t.Parallel()
	_, _, c := said(t, map[string]string{"config.yaml": `
clusters:
  - {name: a, prometheus: {url: "https://us3r:s3cret@x/", http: {proxy_url: "http://pr0xy:s3cret@p:1", proxy_connect_header: {X-Plain: [s3cret]}}}}
changes:
  - {kind: events, url: "https://x/feed?token=s3cret&n=5"}
  - {kind: events, name: c, command: [curl, -H, "Authorization: Bearer s3cret", "https://me:s3cret@y/z", "--token=s3cret", "token", "https://y/plain"]}
`}, nil)
	var b bytes.Buffer
	if err := config.Print(&b, c); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"s3cret", "us3r", "pr0xy"} {
		if strings.Contains(b.String(), s) {
			t.Errorf("%s is printed:\n%s", s, b.String())
		}
	}
	for _, s := range []string{"https://xxxxx@x/", "n=5", "token=xxxxx", "https://xxxxx@y/z", "https://y/plain", "--token=<secret>"} {
		if !strings.Contains(b.String(), s) {
			t.Errorf("%s is not printed:\n%s", s, b.String())
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	fresh := func() *config.Config { c, _ := wholeConfig(t); return c }
	c := fresh()
	if err := c.UsePrometheus("https://other.example.com"); err != nil {
		t.Fatal(err)
	}
	if cl := c.Clusters[0]; len(c.Clusters) != 1 || cl.Name != "other.example.com" || cl.Origin != config.FromFlag ||
		cl.Prometheus.HTTP.BasicAuth != nil || cl.Prometheus.TokenCommand != nil || cl.Alertmanager.URL != "" {
		t.Errorf("credentials of another cluster went along: %+v", cl)
	}
	c = fresh()
	if err := c.UsePrometheus("http://us.example.com:9090"); err != nil {
		t.Fatal(err)
	}
	if cl := c.Clusters[0]; len(c.Clusters) != 1 || cl.Name != "true" || cl.Prometheus.HTTP.BasicAuth == nil {
		t.Errorf("a configured address lost its settings: %+v", cl)
	}
	c = fresh()
	if err := c.Select("true"); err != nil || len(c.Clusters) != 1 || c.Clusters[0].Name != "true" {
		t.Errorf("%v %+v", err, c.Clusters)
	}
	c = fresh()
	same := c.Clusters[0].Alertmanager.URL
	if err := errors.Join(c.Select(c.Clusters[0].Name), c.UseAlertmanager(same)); err != nil || c.Clusters[0].Alertmanager.HTTP.BasicAuth == nil {
		t.Errorf("%v: a configured address lost its settings: %+v", err, c.Clusters[0].Alertmanager)
	}
	if err := c.UseAlertmanager("http://am2:9093"); err != nil || c.Clusters[0].Alertmanager.URL != "http://am2:9093" || c.Clusters[0].Alertmanager.HTTP.BasicAuth != nil ||
		!c.Clusters[0].Alertmanager.HTTP.FollowRedirects {
		t.Errorf("%v: credentials of another address went along: %+v", err, c.Clusters[0].Alertmanager)
	}
	c = fresh()
	if err := c.SetTheme("high-contrast"); err != nil || c.Theme != "high-contrast" {
		t.Error(err, c.Theme)
	}
	before := len(c.Clusters)
	if c.UseAlertmanager("") != nil || c.UsePrometheus("") != nil || c.Select("") != nil || c.SetTheme("") != nil || len(c.Clusters) != before || c.Theme != "high-contrast" {
		t.Error("a flag that is not given changes something")
	}
	for _, e := range []struct {
		err  error
		want string
	}{
		{c.UsePrometheus("us:9090"), `--prometheus: "us:9090" is not an address: the scheme is missing: did you mean http://us:9090?`},
		{c.UseAlertmanager("am:9093"), `--alertmanager: "am:9093" is not an address: the scheme is missing: did you mean http://am:9093?`},
		{c.UseAlertmanager("http://am:9093"), fmt.Sprintf("--alertmanager: it is not said which of the %d clusters it belongs to: add --cluster", before)},
		{c.Select("prod-ue"), `--cluster: no cluster is called "prod-ue": did you mean "prod-eu"?`},
		{c.SetTheme("solarized"), `--theme: "solarized" is no theme: allowed: auto, dark, light, high-contrast`},
	} {
		if errorText(e.err) != e.want {
			t.Errorf("%v, want %s", e.err, e.want)
		}
	}
}

// A source of changes that names a cluster goes with it: to ask one cluster
// must not fail because of what another one has.
func TestChangesFollowTheirCluster(t *testing.T) {
	t.Parallel()
	type options struct {
		Cluster string `yaml:"cluster" doc:"Which."`
	}
	kube := []sources.ChangeKind{
		{Name: "kube", Options: func() any { return &options{} }},
		{Name: "plain", Options: func() any { return &struct{}{} }},
	}
	dir := tree(t, map[string]string{"config.yaml": `clusters: [{name: eu, prometheus: {url: "http://eu"}}, {name: us, prometheus: {url: "http://us"}}]
changes: [{kind: kube, name: a, cluster: eu}, {kind: kube, name: b, cluster: us}, {kind: kube, name: c}, {kind: plain, name: d}, {kind: kube, name: e, cluster: nowhere}]`})
	for name, tc := range map[string]struct {
		narrow func(*config.Config) error
		want   string
	}{
		"none":       {func(*config.Config) error { return nil }, "a b c d e"},
		"select":     {func(c *config.Config) error { return c.Select("us") }, "b c d e"},
		"configured": {func(c *config.Config) error { return c.UsePrometheus("http://eu") }, "a c d e"},
		"other":      {func(c *config.Config) error { return c.UsePrometheus("http://other") }, "c d e"},
	} {
		c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kube, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := tc.narrow(c); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, ch := range c.Changes {
			left = append(left, ch.Name)
		}
		if got := strings.Join(left, " "); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}
