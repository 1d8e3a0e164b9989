package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	promconfig "github.com/prometheus/common/config"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources"
)

// gitOptions and eventOptions stand for the options of real kinds: one relies
// on the names of its keys, the other on tags.
type gitOptions struct {
	Path    string        `yaml:"path" required:"true" doc:"The clone."`
	Service string        `yaml:"service" doc:"The service it holds."`
	Since   time.Duration `yaml:"since" min:"1m" doc:"How far to look back."`
}

type eventOptions struct {
	Path    string            `yaml:"path,omitempty" check:"file" doc:"A file."`
	URL     string            `yaml:"url,omitempty" doc:"An address."`
	Command []string          `yaml:"command,omitempty" doc:"A program."`
	Token   promconfig.Secret `yaml:"token,omitempty" doc:"A token."`
	Env     string            `yaml:"token_env,omitempty" doc:"The name of a variable."`
	Limit   int               `yaml:"limit" doc:"How many."`
	State   string            `yaml:"state,omitempty" enum:"open|closed" doc:"Which."`
}

func kinds() []sources.ChangeKind {
	return []sources.ChangeKind{
		{Name: "git", Options: func() any { return &gitOptions{Since: time.Hour} }},
		{Name: "events", Options: func() any { return &eventOptions{Limit: 100} }},
	}
}

// tree writes files into a new directory. Modes are 0600, or 0644 when the
// name ends in "!" (which is cut).
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range files {
		mode := os.FileMode(0o600)
		if strings.HasSuffix(name, "!") {
			name, mode = name[:len(name)-1], 0o644
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func environment(m map[string]string) func(string) string {
	return func(name string) string { return m[name] }
}

// said is what Load says about a tree whose main file is config.yaml, the
// directory cut from every line.
func said(t *testing.T, files, env map[string]string) (errs, warnings string, c *config.Config) {
	t.Helper()
	dir := tree(t, files)
	c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kinds(), environment(env))
	if c == nil {
		t.Fatal("Load gave no config")
	}
	cut := func(s string) string { return strings.ReplaceAll(s, dir+string(filepath.Separator), "") }
	if err != nil {
		errs = cut(err.Error())
		if n := len(config.Problems(err)); n != strings.Count(errs, "\n")+1 {
			t.Errorf("Problems gives %d, the error has %d lines", n, strings.Count(errs, "\n")+1)
		}
	}
	for _, w := range c.Warnings {
		warnings += cut(w.String()) + "\n"
	}
	return errs, strings.TrimSuffix(warnings, "\n"), c
}

// transcript holds YAML and, behind a line of dashes, what Load says about it.
var transcript = []struct{ name, files string }{
	{"unknown keys, all at once, in file order", `
clusters:
  - name: a
    promethius: {url: "http://x:9090"}
    prometheus: {url: "http://x:9090", htttp: {}}
zonk: 1
read-only: true
runbooks: {Fetch: ask}
----
config.yaml:4:5: unknown key "promethius": did you mean "prometheus"?
config.yaml:5:40: unknown key "htttp": did you mean "http"?
config.yaml:6:1: unknown key "zonk": allowed: include, clusters, runbooks, services, links, severity, changes, oncall, me, theme, read_only, refresh, timeout, watchdogs
config.yaml:7:1: unknown key "read-only": did you mean "read_only"?
config.yaml:8:12: unknown key "Fetch": did you mean "fetch"?
`},
	{"wrong types", `
refresh:
  alerts: [10s]
  rules: 30
  changes: soon
timeout: -5s
clusters: {name: a}
read_only: maybe
theme: [dark]
services: text
watchdogs: Watchdog
severity: {ranks: [a]}
----
config.yaml:3:11: refresh.alerts: want a duration such as 30s, got a list
config.yaml:4:10: refresh.rules: want a duration such as 30s, got 30: a number needs its unit: s, m, h or d
config.yaml:5:12: refresh.changes: want a duration such as 30s, got "soon"
config.yaml:6:10: timeout: -5s is negative
config.yaml:7:11: clusters: want a list, got a mapping
config.yaml:8:12: read_only: want true or false, got "maybe"
config.yaml:9:8: theme: want a text, got a list
config.yaml:10:11: services: want a mapping (key: value), got "text"
config.yaml:11:12: watchdogs: want a list, got "Watchdog": write [Watchdog]
config.yaml:12:19: severity.ranks: want a mapping (key: value), got a list
`},
	{"values that are not allowed", `
theme: drak
runbooks: {fetch: sometimes, hosts: [{host: "https://u:pa/ss@h"}, {host: "h/wiki"}, {host: ftp://g}, {}, {host: h}, {host: "https://H/"}]}
severity: {label: "", ranks: {boom: pager, low: none}}
refresh: {alerts: 10ms}
timeout: 0
----
config.yaml:2:8: theme: "drak" is not one of its values: did you mean dark? allowed: auto, dark, light, high-contrast
config.yaml:3:19: runbooks.fetch: "sometimes" is not one of its values: allowed: ask, always, never
config.yaml:3:45: runbooks.hosts[0].host: want the name of a host, with a port if links have one: write it like github.example.com or wiki.example.com:8443
config.yaml:3:74: runbooks.hosts[1].host: want the name of a host, with a port if links have one: write it like github.example.com or wiki.example.com:8443
config.yaml:3:92: runbooks.hosts[2].host: want the name of a host, with a port if links have one: write it like github.example.com or wiki.example.com:8443
config.yaml:3:102: runbooks.hosts[3]: missing key "host"
config.yaml:3:117: a host of runbooks called "h" is there already: config.yaml:3:106: give it another name
config.yaml:4:19: severity.label is empty
config.yaml:4:37: severity.ranks.boom: "pager" is not one of its values: did you mean page? allowed: page, critical, warning, info, none
config.yaml:5:19: refresh.alerts: 10ms is too short: at least 1s
config.yaml:6:10: timeout: 0 is too short: at least 100ms
`},
	{"addresses", `
clusters:
  - {name: a, prometheus: {url: "localhost:9090"}}
  - {name: b, prometheus: {url: "ftp://x"}}
  - {name: c, prometheus: {url: "http://u:pa/ss@x:9090/"}}
  - {name: d, prometheus: {url: "https://"}}
  - {name: e, prometheus: {url: "https://x/graph?g0.expr=up"}}
  - {name: f, prometheus: {url: "https://x y"}}
  - {name: g, prometheus: {url: ["https://x"]}}
  - {name: h, prometheus: {url: "https://x", http: {proxy_url: "p:3128"}}, alertmanager: {}}
----
config.yaml:3:33: clusters[0].prometheus.url: "localhost:9090" is not an address: the scheme is missing: did you mean http://localhost:9090?
config.yaml:4:33: clusters[1].prometheus.url: "ftp://x" is not an address of http or https: write it like http://host:9090
config.yaml:5:33: clusters[2].prometheus.url: this is not an address: write it like http://host:9090
config.yaml:6:33: clusters[3].prometheus.url: "https://" is not an address: the host is missing: write it like http://host:9090
config.yaml:7:33: clusters[4].prometheus.url: this is the address of a page, want that of the server: cut it before the ? or #, and before /graph or /alerts
config.yaml:8:33: clusters[5].prometheus.url: "https://x y" is not an address: it holds blanks or control characters: write it like http://host:9090
config.yaml:9:33: clusters[6].prometheus.url: want a text, got a list
config.yaml:10:64: clusters[7].prometheus.http.proxy_url: "p:3128" is not an address: the scheme is missing: did you mean http://p:3128?
config.yaml:10:90: clusters[7].alertmanager: missing key "url"
`},
	{"names", `
clusters:
  - prometheus: {url: "http://x"}
  - {name: "", prometheus: {url: "http://x"}}
  - {name: one, prometheus: {url: "http://x"}}
  - {name: one, prometheus: {url: "http://y"}}
  - {name: two}
  - {name: "t\e[2Jwo", prometheus: {url: "http://y"}}
  -
  - just-a-name
changes:
  - {kind: git, path: clone, name: x}
  - {kind: events, name: x}
----
config.yaml:3:5: clusters[0]: missing key "name"
config.yaml:4:12: clusters[1].name is empty
config.yaml:6:5: a cluster called "one" is there already: config.yaml:5:5: give it another name
config.yaml:7:5: clusters[4]: missing key "prometheus"
config.yaml:8:12: clusters[5].name: a name may not hold control or invisible characters, or blanks around it
config.yaml:9:4: clusters[6] is empty
config.yaml:10:5: clusters[7]: want a mapping (key: value), got "just-a-name"
config.yaml:13:5: a source of changes called "x" is there already: config.yaml:12:5: give it another name
`},
	{"files that are not there", `
include: [team.yaml, clone]
services: {catalog: [services.yaml, $NOPE/x.yaml, ~/y.yaml, none/**/*.yaml, .]}
runbooks: {checkouts: [{path: runbooks}, {path: file}, {url: "https://x"}]}
clusters:
  - name: a
    prometheus:
      url: http://x
      token_command: [./token.sh]
      http: {basic_auth: {username: u, password_file: secret}, tls_config: {ca_file: ca.pem}}
changes:
  - {kind: git, path: src}
  - {kind: events, path: clone}
----
config.yaml:2:11: include[0]: team.yaml: no such file or directory
config.yaml:2:22: include[1]: clone is a directory, want a file
config.yaml:3:22: services.catalog[0]: services.yaml: no such file or directory
config.yaml:3:37: services.catalog[1]: the environment variable NOPE is not set
config.yaml:3:51: services.catalog[2]: ~ stands for nothing: HOME is not set: write the whole path
config.yaml:4:31: runbooks.checkouts[0].path: runbooks: no such file or directory
config.yaml:4:49: runbooks.checkouts[1].path: file is not a directory
config.yaml:4:56: runbooks.checkouts[2]: missing key "path"
config.yaml:9:23: clusters[0].prometheus.token_command[0]: token.sh: no such file or directory
config.yaml:10:55: clusters[0].prometheus.http.basic_auth.password_file: secret: no such file or directory
config.yaml:10:86: clusters[0].prometheus.http.tls_config.ca_file: ca.pem: no such file or directory
config.yaml:12:23: changes[0].path: src: no such file or directory
config.yaml:13:26: changes[1].path: clone is a directory, want a file
`},
	{"sources of changes", `
changes:
  - {kind: gti, path: clone}
  - {path: clone}
  - {kind: kubernetes}
  - {kind: git, pth: clone, since: 1s}
  - {kind: events, limit: many, state: opne, command: date, token: [x]}
  - {kind: events, command: [], limit: 1}
  - text
----
config.yaml:3:12: changes[0].kind: no kind of change source is called "gti": did you mean "git"?
config.yaml:4:5: changes[1]: missing key "kind"
config.yaml:5:12: changes[2].kind: no kind of change source is called "kubernetes": allowed: git, events
config.yaml:6:5: changes[3]: missing key "path"
config.yaml:6:17: unknown key "pth": did you mean "path"?
config.yaml:6:36: changes[3].since: 1s is too short: at least 1m
config.yaml:7:27: changes[4].limit: want a whole number, got "many"
config.yaml:7:40: changes[4].state: "opne" is not one of its values: did you mean open? allowed: open, closed
config.yaml:7:55: changes[4].command: want a list, got "date": write [date]
config.yaml:7:68: changes[4].token: want a text, got a list
config.yaml:8:29: changes[5].command: there is no program: name a program and its arguments: [program, argument]
config.yaml:9:5: changes[6]: want a mapping (kind: ..., and its options), got "text"
`},
	{"HTTP settings that exclude each other", `
clusters:
  - name: a
    prometheus:
      url: http://x
      http:
        basic_auth: {username: u, password: p, password_ref: vault}
        authorization: {credentials: c}
  - name: b
    prometheus:
      url: http://x
      http: {tls_config: {min_version: TLS9, cert: x}, http_headers: {Host: {values: [x]}}}
----
config.yaml:7:9: clusters[0].prometheus.http: at most one of basic_auth, oauth2 & authorization must be configured
config.yaml:7:48: clusters[0].prometheus.http.basic_auth.password_ref needs a secret manager, which firstpage has not: name a file or ${VARIABLE} instead
config.yaml:12:13: clusters[1].prometheus.http: setting header "Host" is not allowed
config.yaml:12:26: clusters[1].prometheus.http.tls_config: exactly one of key or key_file must be configured when a client certificate is configured
config.yaml:12:40: clusters[1].prometheus.http.tls_config.min_version: want a TLS version, got "TLS9": allowed: TLS10, TLS11, TLS12, TLS13
`},
	{"keys twice, keys that are none, merges of nothing", `
theme: dark
theme: light
refresh: {alerts: 10s, alerts: 20s}
? [a, b]
: c
services: {<<: text}
----
config.yaml:3:1: key "theme" is here twice: first in line 2
config.yaml:4:24: key "alerts" is here twice: first in line 4
config.yaml:5:3: want a name before the colon, got a list
config.yaml:7:16: <<: want a mapping to merge, got "text"
`},
	{"a tab", "theme: dark\n\ttimeout: 5s\n----\nconfig.yaml:2:1: not YAML: a tab at the beginning of the line: use blanks\n"},
	{"an open bracket", "watchdogs: [a, b\ntheme: dark\n----\nconfig.yaml:2:6: not YAML: did not find expected ',' or ']' (while parsing a flow sequence from line 1 on)\n"},
	{"a colon", "theme: a: b\n----\nconfig.yaml:1:9: not YAML: mapping values are not allowed in this context: put a text that holds a colon and a blank in quotes\n"},
	{"an at sign", "theme: @x\n----\nconfig.yaml:1:8: not YAML: found character that cannot start any token (while scanning for the next token from line 1 on): put a text that begins with @, `, % or * in quotes\n"},
	{"two documents", "theme: dark\n---\ntheme: light\n----\nconfig.yaml:2:1: a second document begins here: a configuration is one document: take the --- out\n"},
	{"a list", "- a\n----\nconfig.yaml:1:1: want settings (key: value), got a list\n"},
	{"an unknown anchor", "theme: *x\n----\nconfig.yaml:1:8: not YAML: unknown anchor 'x' referenced\n"},
	{"a control character", "theme: \x01\n----\nconfig.yaml: not YAML: control characters are not allowed (value: 1)\n"},
}

func TestMessages(t *testing.T) {
	t.Parallel()
	for _, c := range transcript {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body, want, _ := strings.Cut(c.files, "----\n")
			got, warnings, _ := said(t, map[string]string{"config.yaml": body, "file": "", "clone/": ""}, nil)
			if diff := cmp.Diff(strings.Split(strings.TrimSpace(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Error(diff)
			}
			if warnings != "" {
				t.Errorf("warnings: %s", warnings)
			}
			if strings.Contains(got, "pa/ss") || strings.ContainsRune(got, '\x1b') {
				t.Errorf("the message quotes a secret or a control character: %q", got)
			}
		})
	}
}

const whole = `
clusters:
  - name: prod-eu
    prometheus:
      url: https://prometheus.eu.example.com/prefix
      token_command: [bin/token, --for, eu]
      timeout: 1d
      http: &http
        basic_auth: {username: u, password_file: ~/prom}
        http_headers: {X-Scope-OrgID: {values: [eu]}, X-Api-Key: {values: [k3y]}}
        follow_redirects: false
    alertmanager: {url: "http://am:9093", http: *http}
  - name: "true"
    prometheus: {url: "http://${HOST}:9090", http: {<<: *http, enable_http2: false}}
runbooks:
  checkouts: [{url: "https://github.com/acme/runbooks/", path: $SRC/runbooks, content: docs}]
  fetch: never
  hosts: [{host: "github.example.com:8443", http: *http}, {host: "http://wiki", token_command: [bin/token]}]
services: {catalog: [~/services.yaml]}
severity: {ranks: {p0: page, yawn: none}}
changes:
  - {kind: git, path: clone}
  - {kind: git, path: ./clone, service: 12345, since: 2h}
  - {kind: events, command: [gh, api, "x y"], token: "${TOKEN}", limit: 0x10}
theme: light
read_only: true
refresh: {alerts: 1m30s}
`

var wholeFiles = map[string]string{"config.yaml": whole, "bin/token": "", "home/prom": "", "home/services.yaml": "",
	"src/runbooks/": "", "clone/": ""}

func wholeConfig(t *testing.T) (*config.Config, string) {
	t.Helper()
	dir := tree(t, wholeFiles)
	c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kinds(), environment(map[string]string{
		"HOME": filepath.Join(dir, "home"), "SRC": filepath.Join(dir, "src"), "HOST": "us.example.com", "TOKEN": "t0ken"}))
	if err != nil || c.Warnings != nil {
		t.Fatal(err, c.Warnings)
	}
	return c, dir
}

func TestWholeFile(t *testing.T) {
	t.Parallel()
	c, dir := wholeConfig(t)
	in := func(p string) string { return filepath.Join(dir, p) }

	eu := c.Clusters[0]
	http := promconfig.DefaultHTTPClientConfig
	http.FollowRedirects = false
	http.BasicAuth = &promconfig.BasicAuth{Username: "u", PasswordFile: in("home/prom")}
	http.HTTPHeaders = &promconfig.Headers{Headers: map[string]promconfig.Header{
		"X-Scope-OrgID": {Values: []string{"eu"}}, "X-Api-Key": {Values: []string{"k3y"}}}}
	same := cmp.Comparer(func(a, b promconfig.HTTPClientConfig) bool {
		return a.String() == b.String() && cmp.Equal(a.BasicAuth, b.BasicAuth)
	})
	want := config.Cluster{Name: "prod-eu", Origin: config.FromFile,
		Place: config.Place{File: in("config.yaml"), Line: 3, Column: 5},
		Prometheus: config.Prometheus{URL: "https://prometheus.eu.example.com/prefix", HTTP: http, Timeout: 24 * time.Hour,
			TokenCommand: []string{in("bin/token"), "--for", "eu"}},
		Alertmanager: config.Alertmanager{URL: "http://am:9093", HTTP: http}}
	if diff := cmp.Diff(want, eu, same); diff != "" {
		t.Error(diff)
	}
	us := c.Clusters[1]
	http.EnableHTTP2 = false
	if us.Prometheus.URL != "http://us.example.com:9090" || us.Name != "true" || !cmp.Equal(us.Prometheus.HTTP, http, same) {
		t.Errorf("second cluster: %+v", us)
	}
	if diff := cmp.Diff([]config.Checkout{{URL: "https://github.com/acme/runbooks/", Path: in("src/runbooks"), Content: "docs"}}, c.Runbooks.Checkouts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"p0": "page", "yawn": "none"}, c.Severity.Ranks); diff != "" {
		t.Error(diff)
	}
	var got []any
	for _, ch := range c.Changes {
		got = append(got, ch.Kind, ch.Name, ch.Options)
	}
	if diff := cmp.Diff([]any{
		"git", "git", &gitOptions{Path: in("clone"), Since: time.Hour},
		"git", "git 2", &gitOptions{Path: in("clone"), Service: "12345", Since: 2 * time.Hour},
		"events", "events", &eventOptions{Command: []string{"gh", "api", "x y"}, Token: "t0ken", Limit: 16},
	}, got); diff != "" {
		t.Error(diff)
	}
	d := config.Default()
	if c.Theme != "light" || !c.ReadOnly || c.Runbooks.Fetch != "never" || c.Refresh.Alerts != 90*time.Second ||
		c.Refresh.Rules != d.Refresh.Rules || c.Timeout != d.Timeout || !cmp.Equal(c.Services.Labels, d.Services.Labels) {
		t.Errorf("%+v", c)
	}
}

func TestNoFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env, url, cluster, err, warning string
		from                            config.Origin
	}{
		"nothing":  {"", "http://localhost:9090", "localhost:9090", "", "", config.FromDefault},
		"variable": {"https://p.example.com/x", "https://p.example.com/x", "p.example.com", "", "", config.FromEnv},
		"bad":      {"p:9090", "p:9090", "prometheus", "$PROMETHEUS_URL: \"p:9090\" is not an address: the scheme is missing: did you mean http://p:9090?", "", config.FromEnv},
		"user in it": {"http://u:s3cret@p", "http://u:s3cret@p", "p", "",
			"$PROMETHEUS_URL: the address holds a name or password: use http.basic_auth with a password_file in a configuration file", config.FromEnv},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.Load(nil, kinds(), environment(map[string]string{"PROMETHEUS_URL": c.env}))
			if msg := errorText(err); msg != c.err {
				t.Errorf("error %q, want %q", msg, c.err)
			}
			cl := got.Clusters[0]
			if len(got.Clusters) != 1 || cl.Prometheus.URL != c.url || cl.Name != c.cluster || cl.Origin != c.from || !cl.Prometheus.HTTP.FollowRedirects {
				t.Errorf("%+v", cl)
			}
			var w string
			for _, p := range got.Warnings {
				w += p.String()
			}
			if w != c.warning {
				t.Errorf("warning %q, want %q", w, c.warning)
			}
		})
	}
	// A file without clusters leaves the variable its say.
	_, _, c := said(t, map[string]string{"config.yaml": "theme: dark"}, map[string]string{"PROMETHEUS_URL": "http://e"})
	if c.Clusters[0].Prometheus.URL != "http://e" || c.Theme != "dark" {
		t.Errorf("%+v", c)
	}
	// An empty file is a configuration; a missing one that was named is not.
	for _, body := range []string{"", "# nothing\n", "---\n", "clusters:\n"} {
		if errs, _, _ := said(t, map[string]string{"config.yaml": body}, nil); errs != "" {
			t.Errorf("%q: %s", body, errs)
		}
	}
	errs, _, _ := said(t, nil, nil)
	if want := "config.yaml: no such file or directory"; errs != want {
		t.Errorf("%q, want %q", errs, want)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"config.yaml!": `
clusters:
  - {name: a, prometheus: {url: "http://u:s3cret@x", http: {bearer_token: s3cret}}}
  - {name: b, prometheus: {url: "http://x", http: {authorization: {credentials: "${TOKEN}"}}}}
  - {name: c, prometheus: {url: "http://x", http: {basic_auth: {password_file: open}, tls_config: {ca_file: ca}}}}
  - {name: d, prometheus: {url: "http://x", http: {basic_auth: {password_file: closed}}}}
changes: [{kind: events, token: "$TOKEN"}, {kind: events, token: "a$b$$c$TOKEN", name: y}]
`, "open!": "", "ca!": "", "closed": ""}
	errs, warnings, c := said(t, files, map[string]string{"TOKEN": "t0ken"})
	if errs != "" {
		t.Fatal(errs)
	}
	want := `config.yaml:3:33: clusters[0].prometheus.url: the address holds a name or password: use http.basic_auth with a password_file
config.yaml:3:33: clusters[0].prometheus.url: every user of this machine can read this secret: chmod 600 config.yaml, or keep the secret in a file of its own or in a ${VARIABLE}
config.yaml:3:75: clusters[0].prometheus.http.bearer_token: every user of this machine can read this secret: chmod 600 config.yaml, or keep the secret in a file of its own or in a ${VARIABLE}
config.yaml:5:80: clusters[2].prometheus.http.basic_auth.password_file: every user of this machine can read this secret: chmod 600 open
config.yaml:7:66: changes[1].token: every user of this machine can read this secret: chmod 600 config.yaml, or keep the secret in a file of its own or in a ${VARIABLE}`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(warnings, "\n")); diff != "" {
		t.Error(diff)
	}
	if got := c.Clusters[1].Prometheus.HTTP.Authorization.Credentials; got != "t0ken" {
		t.Errorf("credentials %q", got)
	}
	if got := c.Changes[0].Options.(*eventOptions).Token; got != "t0ken" {
		t.Errorf("token %q", got)
	}
	if got := c.Changes[1].Options.(*eventOptions).Token; got != "a$b$$c$TOKEN" {
		t.Errorf("a password with dollar signs became %q", got)
	}
}
