package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/tui"
)

const kubeEU = `apiVersion: v1
kind: Config
clusters:
- {name: eu, cluster: {server: "https://eu.example.com"}}
contexts:
- name: prod-eu
  context: {cluster: eu, user: me, namespace: shop}
- name: twice
  context: {cluster: eu, user: me}
users:
- name: me
  user: {token: s3cret}
`

const kubeUS = `current-context: prod-us
contexts:
- name: prod-us
  context: {cluster: us, user: me}
- name: twice
  context: {cluster: us, user: me}
`

func kubeFiles(t *testing.T, texts ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, s := range texts {
		p := filepath.Join(dir, string(rune('a'+i)))
		if err := os.WriteFile(p, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

// Of several files the first that says something wins, as with kubectl.
func TestContextsOfKubeconfigs(t *testing.T) {
	t.Parallel()
	both := append([]string{"", filepath.Join(t.TempDir(), "gone")}, kubeFiles(t, kubeEU, kubeUS, "", "current-context: other")...)
	for name, want := range map[string]tui.KubeContext{
		"":        {Name: "prod-us", Cluster: "us"},
		"prod-eu": {Name: "prod-eu", Cluster: "eu", Namespace: "shop"},
		"twice":   {Name: "twice", Cluster: "eu"},
	} {
		if got, err := findContext(both, name); err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", name, got, err, want)
		}
	}
	if got, err := findContext(kubeFiles(t, "current-context: lost"), ""); err != nil || got != (tui.KubeContext{Name: "lost"}) {
		t.Errorf("a current context that leads nowhere: %+v, %v", got, err)
	}
	for why, paths := range map[string][]string{
		"no context is current": kubeFiles(t, kubeEU), "there is no context": nil, "is not a file": {t.TempDir()},
		"is larger": kubeFiles(t, strings.Repeat("#", maxKubeconfig+1)),
	} {
		name := ""
		if why == "there is no context" {
			paths, name = kubeFiles(t, kubeUS), "prod-eu"
		}
		if got, err := findContext(paths, name); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %+v, %v", why, got, err)
		}
	}
}

func TestErrorsQuoteNothingOfAKubeconfig(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"users: [{token: s3cret", "current-context: {token: s3cret}", "contexts: s3cret", "s3cret"} {
		if _, err := findContext(kubeFiles(t, text), ""); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWhichKubeconfigsCount(t *testing.T) {
	t.Parallel()
	paths := kubeFiles(t, kubeEU, kubeUS)
	env := map[string]string{"KUBECONFIG": strings.Join(paths, string(filepath.ListSeparator)), "HELM_KUBECONTEXT": "prod-eu"}
	h := &house{cli: &cli{getenv: func(k string) string { return env[k] }}}
	for tool, want := range map[string]string{"kubectl": "prod-us", "oc": "prod-us", "helm": "prod-eu"} {
		if got, err := h.kubeContext(tool, ""); err != nil || got.Name != want {
			t.Errorf("%s: %+v, %v", tool, got, err)
		}
	}
	delete(env, "KUBECONFIG")
	if got := h.kubeconfigs(); len(got) != 1 || !strings.HasSuffix(filepath.ToSlash(got[0]), "/.kube/config") {
		t.Errorf("without the variable: %q", got)
	}
}
