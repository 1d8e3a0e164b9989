package git

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	r, _, _ := story(t)
	r.git("tag", "v1.43.0\u202e")
	r.git("tag", "nightly")
	r.git("tag", "-a", "-m", "of a tree", "v1.44.0", "HEAD^{tree}")
	sourcetest.Changes(t, sourcetest.ChangeSuite{
		Open: func(t testing.TB, _ string) sources.ChangeSource {
			o := Kind().Options().(*Options)
			o.Path, o.Service = r.dir, "checkout"
			s, err := Kind().Open(o, sources.Env{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Since: noon.Add(-24*time.Hour + 2*time.Minute), Want: 2,
	})
}

func TestTags(t *testing.T) {
	t.Parallel()
	r, _, fresh := story(t)
	r.now = noon // tagged a day after the commit
	r.git("tag", "-a", "-m", "Out it goes", "v1.42.1")
	got, err := source(t, r.dir, Options{}).Changes(t.Context(), noon.Add(-time.Hour))
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	c := got[0]
	if c.State != sources.Tagged || c.Kind != sources.Deploy || c.Service.Raw() != "checkout" || c.Version.Raw() != "v1.42.1" || c.Revision.Raw() != fresh ||
		!c.StartedAt.Equal(noon) || c.Title.Raw() != "Out it goes" || c.Evidence[0].Raw() != "tag v1.42.1" || !c.FromVersion.Empty() {
		t.Errorf("%+v", c)
	}
}

func TestVersionOf(t *testing.T) {
	t.Parallel()
	v := service{name: "checkout", dir: "svc/checkout"}
	for tag, want := range map[string]string{
		"v1.42.0": "v1.42.0", "1.42.0-rc1": "1.42.0-rc1", "2026.11.28": "2026.11.28", "v7": "v7", "release-1.2": "1.2", "release/v3": "v3",
		"checkout-v1.42.0": "v1.42.0 named", "checkout/1.42.0": "1.42.0 named", "checkout@1.4": "1.4 named", "svc/checkout/v2.0.0": "v2.0.0 named",
		"nightly": "", "2fa-experiment": "", "payments-v1.0.0": "", "checkout-service-v1.0.0": "", "checkout-": "", "v": "", "": "",
	} {
		got, named := v.versionOf(tag)
		if named {
			got += " named"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

// A clone that nobody has fetched for long says so; one without a remote cannot
// be behind.
func TestAgeOfAClone(t *testing.T) {
	t.Parallel()
	r, _, _ := story(t)
	s := source(t, r.dir, Options{})
	notes := func() string {
		t.Helper()
		if _, err := s.Changes(t.Context(), noon); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, n := range s.Notes() {
			all = append(all, n.String())
		}
		return strings.Join(all, "; ")
	}
	fetched := filepath.Join(r.dir, ".git", "FETCH_HEAD")
	for at, want := range map[time.Time]string{
		noon.Add(-time.Hour):           "",
		noon.Add(-9 * 24 * time.Hour):  "last fetched 9 d ago, newer tags and commits are not seen: git -C " + r.dir + " fetch --tags",
		noon.Add(-40 * 24 * time.Hour): "last fetched 40 d ago, newer tags and commits are not seen: git -C " + r.dir + " fetch --tags",
	} {
		if err := os.WriteFile(fetched, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(fetched, at, at); err != nil {
			t.Fatal(err)
		}
		if got := notes(); got != want {
			t.Errorf("fetched at %v: %q, want %q", at, got, want)
		}
	}
	r.git("remote", "remove", "origin")
	if got := notes(); got != "" {
		t.Errorf("without a remote: %q", got)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		"path: say where":        {Service: "a"},
		"service: say whose":     {Path: "/x"},
		"B is there twice":       {Path: "/x", Services: []string{"a", "b", "B"}},
		"a name is empty":        {Path: "/x", Services: []string{"a", ""}},
		"dir: ../a is not":       {Path: "/x", Service: "a", Dir: "../a"},
		"dir: /services is not ": {Path: "/x", Service: "a", Dir: "/services"},
		"dir: a/../../b is not":  {Path: "/x", Service: "a", Dir: "a/../../b"},
	} {
		if _, err := Open(o, sources.Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
}
