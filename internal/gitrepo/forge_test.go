package gitrepo

import "testing"

func TestWebAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"git@github.com:o/r.git":                     "https://github.com/o/r",
		"github.com:o/r":                             "https://github.com/o/r",
		"ssh://git@h.example.com:22/g/s/r.git":       "https://h.example.com/g/s/r",
		"https://user:token@h.example.com/o/r/":      "https://h.example.com/o/r",
		"https://user:p@ss@h.example.com/o/r":        "https://h.example.com/o/r",
		"https://user:p/ss@h.example.com/o/r":        "",
		"https://h.example.com/o/r.git?token=s3cret": "https://h.example.com/o/r",
		"me@home@h.example.com:o/r.git":              "https://h.example.com/o/r",
		"http://h:3000/o/r.git":                      "https://h:3000/o/r",
		"git://h/o/r":                                "https://h/o/r",
		"/srv/git/r.git":                             "",
		"../r":                                       "",
		"file:///srv/r":                              "",
		`C:\src\r`:                                   "",
	} {
		if got := WebAddress(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestComparePage(t *testing.T) {
	t.Parallel()
	for web, want := range map[string]string{
		"https://github.com/acme/checkout":       "https://github.com/acme/checkout/compare/aaa...bbb",
		"https://gitlab.com/acme/pay/checkout":   "https://gitlab.com/acme/pay/checkout/-/compare/aaa...bbb",
		"https://gitlab.acme.example/pay/it":     "https://gitlab.acme.example/pay/it/-/compare/aaa...bbb",
		"https://bitbucket.org/acme/checkout":    "https://bitbucket.org/acme/checkout/branches/compare/bbb%0Daaa",
		"https://codeberg.org/acme/checkout":     "https://codeberg.org/acme/checkout/compare/aaa...bbb",
		"https://git.acme.example:3000/a/b":      "https://git.acme.example:3000/a/b/compare/aaa...bbb",
		"https://github.com/acme/check out":      "https://github.com/acme/check%20out/compare/aaa...bbb",
		"https://ssh.dev.azure.com/v3/acme/a/b":  "",
		"https://git-codecommit.x.amazonaws.com": "",
		"https://ho st/a/b":                      "",
		"":                                       "",
	} {
		if got := ComparePage(web, "aaa", "bbb"); got != want {
			t.Errorf("%s: %q, want %q", web, got, want)
		}
	}
}
