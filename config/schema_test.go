package config_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

// validator gives a function that judges a configuration by the schema, as an
// editor does.
func validator(t *testing.T, kinds []sources.ChangeKind) func(yaml string) error {
	t.Helper()
	b, err := config.Schema(kinds)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(config.SchemaURL, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(config.SchemaURL) // also checks it by draft 2020-12's own schema
	if err != nil {
		t.Fatal(err)
	}
	return func(body string) error {
		var v any
		if err := yaml.Load([]byte(body), &v, yaml.WithV4Defaults()); err != nil && !strings.Contains(err.Error(), "no documents") {
			t.Errorf("%v in\n%s", err, body)
		}
		return s.Validate(asJSON(v))
	}
}

// asJSON turns what YAML knows beyond JSON into what an editor takes it for.
func asJSON(v any) any {
	switch x := v.(type) {
	case time.Time:
		return x.Format(time.DateOnly)
	case []any:
		for i := range x {
			x[i] = asJSON(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = asJSON(x[k])
		}
	}
	return v
}

// What loads is valid.
func TestSchemaTakesWhatLoads(t *testing.T) {
	t.Parallel()
	valid := validator(t, kinds())
	for name, body := range map[string]string{
		"nothing":     "",
		"only blanks": "# nothing\n",
		"whole":       whole,
		"empty keys":  "include:\nclusters:\nrunbooks:\nservices: {labels:, catalog: []}\nseverity: {label:}\nchanges:\ntheme:\nread_only:\nrefresh: {alerts:}\ntimeout:\nwatchdogs:",
		"odd texts":   "watchdogs: [1, 2.5, true, 2001-01-01, Watch]\nservices: {exporters: [007]}\nclusters: [{name: 7, prometheus: {url: 'HTTPS://x'}}]",
		"variables":   "clusters: [{name: a, prometheus: {url: $URL, http: {proxy_url: '${PROXY}', authorization: {credentials: $TOKEN}}}}]",
		"HTTP": `
clusters:
  - name: a
    prometheus:
      url: https://x
      http:
        oauth2: {client_id: i, client_secret: s, token_url: "https://t", scopes: [a], endpoint_params: {a: b}, claims: {a: [1]}, tls_config: {min_version: TLS12}}
        tls_config: {server_name: n, insecure_skip_verify: true}
        proxy_url: socks5://p:1
        proxy_connect_header: {X-A: [b]}
        http_headers: {X-B: {values: [a], secrets: [b]}}
        follow_redirects: false
    alertmanager: {url: "http://am:9093/prefix"}
`,
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
			env := map[string]string{"URL": "http://x", "PROXY": "http://p:1", "TOKEN": "t", "HOME": filepath.Join(dir, "home"), "SRC": filepath.Join(dir, "src"), "HOST": "h"}
			c, err := config.Load([]string{path}, kinds(), environment(env))
			if err != nil {
				t.Fatal(err)
			}
			if err := valid(body); err != nil {
				t.Error(err)
			}
			// So is what the program prints of it.
			var b bytes.Buffer
			if err := config.Print(&b, c); err != nil {
				t.Fatal(err)
			}
			if err := valid(b.String()); err != nil {
				t.Errorf("%v in\n%s", err, b.String())
			}
		})
	}
}

// Each of these has one fault. The loader refuses it, and so does the schema,
// at the same place.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	valid := validator(t, kinds())
	for _, c := range []struct{ body, at string }{
		{"zonk: 1", ""},
		{"read-only: true", ""},
		{"runbooks: {Fetch: ask}", "/runbooks"},
		{"runbooks: {fetch: sometimes}", "/runbooks/fetch"},
		{"runbooks: {hosts: [{host: 'h/wiki'}]}", "/runbooks/hosts/0/host"},
		{"runbooks: {hosts: [{http: {}}]}", "/runbooks/hosts/0"},
		{"runbooks: text", "/runbooks"},
		{"theme: drak", "/theme"},
		{"theme: [dark]", "/theme"},
		{"read_only: maybe", "/read_only"},
		{"refresh: {rules: 30}", "/refresh/rules"},
		{"timeout: -5s", "/timeout"},
		{"clusters: {name: a}", "/clusters"},
		{"clusters: [a]", "/clusters/0"},
		{"clusters: [{name: a}]", "/clusters/0"},
		{"clusters: [{name:, prometheus: {url: http://x}}]", "/clusters/0/name"},
		{"clusters: [{name: '', prometheus: {url: http://x}}]", "/clusters/0/name"},
		{"clusters: [{name: a, prometheus: {url: 'x:9090'}}]", "/clusters/0/prometheus/url"},
		{"clusters: [{name: a, prometheus: {url: 'https://x/graph?g0.expr=up'}}]", "/clusters/0/prometheus/url"},
		{"clusters: [{name: a, prometheus: {url: http://x, token_command: []}}]", "/clusters/0/prometheus/token_command"},
		{"clusters: [{name: a, prometheus: {url: http://x}, alertmanager: {}}]", "/clusters/0/alertmanager"},
		{"clusters: [{name: a, prometheus: {url: http://x, htttp: {}}}]", "/clusters/0/prometheus"},
		{"clusters: [{name: a, prometheus: {url: http://x, http: {basic_auth: {password_ref: vault}}}}]", "/clusters/0/prometheus/http/basic_auth"},
		{"clusters: [{name: a, prometheus: {url: http://x, http: {tls_config: {min_version: TLS9}}}}]", "/clusters/0/prometheus/http/tls_config/min_version"},
		{"clusters: [{name: a, prometheus: {url: http://x, http: {http_headers: {A: [b]}}}}]", "/clusters/0/prometheus/http/http_headers/A"},
		{"severity: {label: ''}", "/severity/label"},
		{"severity: {ranks: {boom: pager}}", "/severity/ranks/boom"},
		{"severity: {ranks: [a]}", "/severity/ranks"},
		{"watchdogs: Watchdog", "/watchdogs"},
		{"watchdogs: [a, '']", "/watchdogs/1"},
		{"changes: [{kind: gti, path: src}]", "/changes/0/kind"},
		{"changes: [{path: src}]", "/changes/0"},
		{"changes: [{kind: git}]", "/changes/0"},
		{"changes: [{kind: git, path: src, pth: src}]", "/changes/0"},
		{"changes: [{kind: git, path: src, limit: 1}]", "/changes/0"}, // a key of another kind
		{"changes: [{kind: events, limit: many}]", "/changes/0/limit"},
		{"changes: [{kind: events, state: opne}]", "/changes/0/state"},
	} {
		t.Run(c.body, func(t *testing.T) {
			t.Parallel()
			if errs, _, _ := said(t, map[string]string{"config.yaml": c.body, "src/": ""}, nil); errs == "" {
				t.Error("the loader takes it")
			}
			err := valid(c.body)
			var e *jsonschema.ValidationError
			if !errors.As(err, &e) {
				t.Fatalf("the schema takes it: %v", err)
			}
			for len(e.Causes) > 0 {
				e = e.Causes[0]
			}
			if at := strings.Join(append([]string{""}, e.InstanceLocation...), "/"); at != c.at {
				t.Errorf("found at %q, want %q: %v", at, c.at, err)
			}
		})
	}
}

// The pattern of durations and the loader agree.
func TestSchemaDurations(t *testing.T) {
	t.Parallel()
	valid := validator(t, kinds())
	for _, s := range []string{
		"1s", "30s", "1.5h", "1h30m", "1m1h", ".5m", "5.s", "1500ms", "2000000us", "2000000µs", "1d", "1w2d", "1y", "1d12h", "2w", "1h30m10s100ms",
		"", "s", "30", "soon", "-5s", "1m1d", "1 h", "1d1.5h", "5x", "1h-3m", "1D", "d",
	} {
		body := "refresh: {alerts: '" + s + "'}"
		errs, _, _ := said(t, map[string]string{"config.yaml": body}, nil)
		if err := valid(body); (err == nil) != (errs == "") {
			t.Errorf("%q: the loader says %q, the schema %v", s, errs, err)
		}
	}
}

// What the README shows is valid.
func TestSchemaTakesTheReadme(t *testing.T) {
	t.Parallel()
	valid := validator(t, all.Kinds())
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Error("the README shows no configuration")
	}
	for _, b := range blocks {
		if err := valid(b[1]); err != nil {
			t.Errorf("%v in\n%s", err, b[1])
		}
	}
}
