package e2e

import (
	"strings"
	"testing"
)

func TestConfigProblemsAreAllNamedBeforeTheScreen(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		yaml string
		want []string // each on stderr
	}{
		"unknown key": {"clusters:\n  - name: a\n    promethius: {url: http://x}\n", []string{":3:5", `unknown key "promethius"`, `"prometheus"`}},
		"wrong type":  {"refresh: {alerts: [1]}\n", []string{":1:", "alerts"}},
		"missing file": {"clusters: [{name: a, prometheus: {url: http://x, http: {basic_auth: {username: u, password_file: /nope/secret}}}}]\n",
			[]string{":1:", "/nope/secret"}},
		"bad URL": {"clusters: [{name: a, prometheus: {url: 'ht!tp://%zz'}}]\n", []string{":1:", "ht!tp"}},
		"two at once": {"themee: dark\nclusters:\n  - {name: a, prometheus: {url: http://x}}\n  - {name: a, prometheus: {url: http://y}}\n",
			[]string{":1:1", `"theme"`, ":4:"}},
		"not YAML": {"clusters: [\n", []string{"config.yaml:"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			p := h.config(t, tc.yaml)
			for _, args := range [][]string{{"config", "check"}, {"alerts"}, nil} {
				r := h.command(t, args...)
				if r.code != 2 || r.out != "" {
					t.Errorf("%v: code %d, stdout %q", args, r.code, r.out)
				}
				for _, w := range append(tc.want, p) {
					if !strings.Contains(r.err, w) {
						t.Errorf("%v: stderr lacks %q:\n%s", args, w, r.err)
					}
				}
			}
			x := h.screen(t, 80, 24)
			if code := x.exit(); code != 2 {
				t.Errorf("in a terminal: code %d", code)
			}
			if strings.Contains(string(x.bytes()), "\x1b[?1049h") {
				t.Error("the screen started in spite of the problems")
			}
		})
	}
}

func TestConfigPrintMasksSecrets(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.config(t, "clusters: [{name: a, prometheus: {url: 'http://u:s3cret@x', http: {authorization: {credentials: t0ken}}}}]\n")
	r := h.command(t, "config", "print")
	if r.code != 0 || strings.Contains(r.out+r.err, "s3cret") || strings.Contains(r.out+r.err, "t0ken") || !strings.Contains(r.out, "name: a") {
		t.Errorf("code %d\n%s\n%s", r.code, r.out, r.err)
	}
}

func TestNamedConfigMustExist(t *testing.T) {
	t.Parallel()
	r := newHome(t).command(t, "alerts", "--config", "/nope.yaml")
	if r.code != 2 || !strings.Contains(r.err, "/nope.yaml") {
		t.Errorf("code %d, stderr %q", r.code, r.err)
	}
}

// What documents the program needs no configuration that is right, and no server.
func TestDocumentationWithoutAnything(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.config(t, "zonk: 1\n")
	for _, tc := range []struct{ line, want string }{
		{"config schema", `"$schema": "https://json-schema.org/draft/2020-12/schema"`},
		{"man", `.TH "FIRSTPAGE"`},
		{"completion bash", "complete -o default -F __start_firstpage firstpage"},
		{"completion zsh", "#compdef firstpage"},
	} {
		r := h.command(t, strings.Fields(tc.line)...)
		if r.code != 0 || r.err != "" || !strings.Contains(r.out, tc.want) {
			t.Errorf("%s: code %d, stderr %q, %d bytes without %q", tc.line, r.code, r.err, len(r.out), tc.want)
		}
	}
}
