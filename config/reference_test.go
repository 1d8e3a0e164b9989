package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

var (
	switched = regexp.MustCompile(`(?m)^( *)#(  +|\S)`)
	homePath = regexp.MustCompile(`~/[\w./-]+`)
)

// The example loads as it is, and with every line switched on; both times it
// is valid.
func TestExample(t *testing.T) {
	t.Parallel()
	valid := validator(t, all.Kinds())
	body := config.Example(all.Kinds())
	off := strings.Replace(body, "\n#\n", "\n\n", 1)
	for name, body := range map[string]string{"as it is": body, "switched on": switched.ReplaceAllString(off, "$1$2")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			for _, p := range homePath.FindAllString(body, -1) {
				p = filepath.Join(home, strings.TrimPrefix(p, "~/"))
				if b := filepath.Base(p); b == "runbooks" || b == "checkout" {
					p = filepath.Join(p, "README.md")
				}
				if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(p, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(home, "config.yaml")
			if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := config.Load([]string{path}, all.Kinds(), environment(map[string]string{"HOME": home, "GITHUB_TOKEN": "t", "GITLAB_TOKEN": "t", "PAYMENTS_ICAL": "https://ical.example.com/x"}))
			if err != nil || len(c.Warnings) > 0 {
				t.Fatalf("%v %v in\n%s", err, c.Warnings, body)
			}
			if err := valid(body); err != nil {
				t.Error(err)
			}
			d := config.Default()
			if name == "switched on" {
				if key := emptyKey(body); key != "" {
					t.Errorf("%s has neither a default nor an example", key)
				}
				if len(c.Changes) != len(all.Kinds()) || len(c.Runbooks.Checkouts) != 1 || c.Clusters[0].Alertmanager.URL == "" || c.Clusters[0].Prometheus.HTTP.BasicAuth == nil {
					t.Errorf("not everything is switched on: %+v", c)
				}
				// What stands there as a default is one.
				for _, x := range [][2]any{{d.Theme, c.Theme}, {d.Refresh, c.Refresh}, {d.Timeout, c.Timeout}, {d.Services.Labels, c.Services.Labels}, {d.Runbooks.Keys, c.Runbooks.Keys}} {
					if diff := cmp.Diff(x[0], x[1]); diff != "" {
						t.Error(diff)
					}
				}
				return
			}
			c.Clusters, c.Files = nil, nil
			if diff := cmp.Diff(d, c, cmp.AllowUnexported(config.Config{})); diff != "" {
				t.Error("the example sets more than a cluster: " + diff)
			}
		})
	}
}

// emptyKey finds a key with neither a value nor keys below it.
func emptyKey(body string) string {
	var last string
	depth := func(s string) int { return len(s) - len(strings.TrimLeft(s, " -")) }
	for l := range strings.Lines(body + "end: 1\n") {
		l = strings.TrimRight(l, "\n")
		if l == "" || strings.HasPrefix(strings.TrimSpace(l), "#") {
			continue
		}
		if strings.HasSuffix(last, ":") && depth(l) <= depth(last) {
			return last
		}
		last = l
	}
	return ""
}

var (
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	link    = regexp.MustCompile(`\]\(#([^)]*)\)`)
)

// Every link of the reference leads to a heading, and no two headings share a
// name.
func TestReferenceLinks(t *testing.T) {
	t.Parallel()
	doc := config.Reference(all.Kinds())
	anchors := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(doc, -1) {
		a := regexp.MustCompile(`[^a-z0-9_ -]`).ReplaceAllString(strings.ToLower(h[1]), "")
		a = strings.ReplaceAll(a, " ", "-")
		if anchors[a] {
			t.Errorf("two headings are called %s", a)
		}
		anchors[a] = true
	}
	for _, l := range link.FindAllStringSubmatch(doc, -1) {
		if !anchors[l[1]] {
			t.Errorf("no heading #%s", l[1])
		}
	}
}
