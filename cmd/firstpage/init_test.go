package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

// Whatever names and paths there are, what init writes loads without a warning
// and means what was meant.
func TestInitTextLoads(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, folder := range []string{"runbooks", "run books", "a'b", `a"b`, "a: b", "a#b", "#a", "- a", "a$HOME", "${HOME}", "{a}", "[a]", "a,b", "é", "a\tb", "*a", "&a", "!a", "%a", "@a", "`a", "~"} {
		dir := filepath.Join(home, "src", folder)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		team := filepath.Join(dir, "team's.yaml")
		if err := os.WriteFile(team, []byte("watchdogs: [A]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"local", "true", "12", "a: b", "- x", "1e3", "~", "null", "prod eu", "10.0.0.1", "é"} {
			p := plan{name: name, url: "https://p.example.com/a%20b/", include: team, runbooks: []string{dir}}
			file := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(file, []byte(p.text(home)), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := config.Load([]string{file}, all.Kinds(), func(n string) string { return map[string]string{"HOME": home}[n] })
			if err != nil || len(c.Warnings) > 0 {
				t.Fatalf("%q %q: %v %v\n%s", folder, name, err, c.Warnings, p.text(home))
			}
			if c.Clusters[0].Name != name || c.Clusters[0].Prometheus.URL != p.url || c.Runbooks.Checkouts[0].Path != dir || len(c.Watchdogs) != 1 {
				t.Errorf("%q %q: %+v %+v", folder, name, c.Clusters[0], c.Runbooks)
			}
		}
	}
}

// Every line that is commented out is a setting: without its # it loads.
func TestInitTeachesWhatThereIs(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, f := range []string{"src/runbooks/a.md", "src/site/a.md", "src/deploys.ndjson", "src/oncall/firstpage.yaml", "src/oncall/services.yaml", ".secrets/prometheus"} {
		p := filepath.Join(home, f)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	setting := regexp.MustCompile(`^ *# *(- \{|[a-z_]+:( [\[{]|\n))`)
	var b strings.Builder
	for _, l := range strings.SplitAfter(plan{name: "a", url: "http://a"}.text(home), "\n") {
		if setting.MatchString(l) && !strings.Contains(l, "~/src/site") { // that one shows another way
			l = strings.Replace(l, "# ", "", 1)
		}
		b.WriteString(l)
	}
	file := filepath.Join(home, "config.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load([]string{file}, all.Kinds(), func(n string) string { return map[string]string{"HOME": home}[n] })
	if err != nil || len(c.Changes) != 1 || len(c.Runbooks.Checkouts) != 1 || len(c.Include) != 1 ||
		c.Clusters[0].Prometheus.HTTP.BasicAuth == nil || len(c.Clusters[0].Prometheus.TokenCommand) != 2 {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestClusterName(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"http://localhost:9090": "local", "http://127.0.0.1:9090": "local", "http://[::1]:9090": "local", "http://10.1.2.3:9090": "10.1.2.3",
		"https://prometheus.eu.example.com": "eu", "https://prom-eu.example.com/x": "prom-eu", "https://prometheus": "prometheus",
	} {
		if got := clusterName(address); got != want || checkName(got) != nil {
			t.Errorf("%s is called %s, want %s", address, got, want)
		}
	}
}

func TestWriteConfigNeverOverwrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	real, link := filepath.Join(dir, "dotfiles", "c.yaml"), filepath.Join(dir, "config.yaml")
	if err := os.MkdirAll(filepath.Dir(real), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(real, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if _, err := writeConfig(link, []byte("new"), false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	kept, err := writeConfig(link, []byte("new"), true)
	if err != nil || kept != real+".bak" {
		t.Fatalf("%s %v", kept, err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	for path, want := range map[string]string{link: "new", real + ".bak": "mine"} {
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Errorf("%s: %q %v", path, b, err)
		}
	}
}

func TestFoldersStayNear(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, d := range []string{"shop/.git", "shop/cmd/deep", "runbooks/x", ".hidden", "other"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/", filepath.Join(dir, "away")); err != nil {
		t.Fatal(err)
	}
	for range maxFolders {
		d, err := os.MkdirTemp(dir, "z")
		if err != nil {
			t.Fatal(d, err)
		}
	}
	got := folders(filepath.Join(dir, "shop", "cmd", "deep"))
	if len(got) != maxFolders || got[0] != filepath.Join(dir, "shop") || got[1] != filepath.Join(dir, "other") || got[2] != filepath.Join(dir, "runbooks") {
		t.Errorf("%d: %v", len(got), got[:4])
	}
}
