package resolve

import (
	"strings"
	"testing"
)

func TestTargets(t *testing.T) {
	t.Parallel()
	const raw = "https://raw.githubusercontent.com/"
	for link, want := range map[string]string{
		"https://github.com/a/b/blob/main/x/y.md?plain=1#z":                               raw + "a/b/main/x/y.md",
		"https://github.com/a/b/tree/main/x":                                              raw + "a/b/main/x/README.md",
		"https://github.com/a/b/edit/feature/z/x.md":                                      raw + "a/b/feature/z/x.md",
		"https://github.com/a/b/raw/refs/heads/main/x.md":                                 raw + "a/b/refs/heads/main/x.md",
		"http://www.github.com/a/b/blame/main/x.md":                                       raw + "a/b/main/x.md",
		"https://github.com/a/b":                                                          raw + "a/b/HEAD/README.md",
		"https://github.com/a/b/wiki/Some-Page":                                           raw + "wiki/a/b/Some-Page.md",
		raw + "a/b/main/x.md":                                                             raw + "a/b/main/x.md",
		"https://github.com/a/b/issues/1":                                                 "https://github.com/a/b/issues/1",
		"https://gitlab.com/g/s/p/-/blob/main/x.md":                                       "https://gitlab.com/g/s/p/-/raw/main/x.md",
		"https://gitlab.example.com/g/p/-/tree/main/docs":                                 "https://gitlab.example.com/g/p/-/raw/main/docs/README.md",
		"https://codeberg.org/o/r/src/branch/main/x.md":                                   "https://codeberg.org/o/r/raw/branch/main/x.md",
		"https://bitbucket.org/w/r/src/main/x.md":                                         "https://bitbucket.org/w/r/raw/main/x.md",
		"https://git.example.com/projects/P/repos/r/browse/d/x.md?at=refs%2Fheads%2Fmain": "https://git.example.com/projects/P/repos/r/raw/d/x.md?at=refs%2Fheads%2Fmain",
		"https://ghe.example.com:8443/o/r/blob/main/x.md":                                 "https://ghe.example.com:8443/o/r/raw/main/x.md",
		"https://wiki.example.com/pages/viewpage.action?pageId=12#q":                      "https://wiki.example.com/pages/viewpage.action?pageId=12",
		"HTTPS://U:P@Wiki.Example.com:443/x/../y":                                         "https://wiki.example.com/x/../y",
		"//wiki.example.com/x":                                                            "https://wiki.example.com/x",
		"ftp://h/x":                                                                       "",
		"file:///etc/passwd":                                                              "",
		"x.md":                                                                            "",
		"https://":                                                                        "",
		"https://h/\u202e":                                                                "https://h/%E2%80%AE",
		"javascript:alert(1)":                                                             "",
		"https://h/" + strings.Repeat("a", 5000):                                          "",
	} {
		tg, ok := targetOf(linkRef("", link))
		got := ""
		if ok {
			got = tg.from[0]
		}
		if got != want {
			t.Errorf("%.80s: %q, want %q", link, got, want)
		}
	}
	for link, want := range map[string]string{
		"https://gitlab.example.com/g/s/p/-/blob/main/docs/a%20b.md": "https://gitlab.example.com/api/v4/projects/g%2Fs%2Fp/repository/files/docs%2Fa%20b.md/raw?ref=main",
		"https://ghe.example.com/o/r/blob/refs/heads/v1/docs/x.md":   "https://ghe.example.com/api/v3/repos/o/r/contents/docs/x.md?ref=v1",
	} {
		if tg, _ := targetOf(linkRef("", link)); tg.api != want {
			t.Errorf("%s: %q, want %q", link, tg.api, want)
		}
	}
}

func TestLeadsToSignIn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		from, to string
		want     bool
	}{
		{"https://wiki/runbooks/login-failures", "https://wiki/runbooks/login-failures", false},
		{"https://wiki/x", "https://wiki/login.action", true},
		{"https://wiki/x", "https://sso.example.com/realm", true},
		{"https://wiki/x", "https://acme.okta.com/app", true},
		{"https://wiki/x", "https://login.microsoftonline.com/t", true},
		{"https://wiki/x", "https://wiki/x/", false},
		{"https://go/x", "https://wiki.example.com/runbooks/x", false},
		{"https://wiki/sso/x", "https://wiki/sso/x/", false},
	} {
		if got := leadsToSignIn(tc.from, tc.to); got != tc.want {
			t.Errorf("%s to %s: %v", tc.from, tc.to, got)
		}
	}
}
