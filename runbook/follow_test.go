package runbook

import "testing"

func TestFollow(t *testing.T) {
	t.Parallel()
	file := Where{Path: "/src/rb/docs/a/x.md", Root: "/src/rb", Rel: "docs/a/x.md"}
	page := Where{URL: "https://x.y/docs/a/x?q#f"}
	for _, c := range []struct {
		w              Where
		dest           string
		base, fragment string
		ok             bool
	}{
		{file, "../other.md#x", "/src/rb/docs/other.md", "x", true},
		{file, "b%20c.md", "/src/rb/docs/a/b%20c.md", "", true},
		{file, "#here", "/src/rb/docs/a/x.md", "here", true},
		{file, "/top/y/", "/top/y/", "", true},
		{file, "../../../../etc/passwd", "", "", false},
		{file, "https://z.w/a#b", "https://z.w/a", "b", true},
		{file, "mailto:a@b", "", "", false},
		{page, "../other#x", "https://x.y/docs/other", "x", true},
		{page, "/top", "https://x.y/top", "", true},
		{Where{}, "#x", "", "", false},
	} {
		r, ok := c.w.Follow(c.dest, Ref{})
		if ok != c.ok || ok && (r.Base != c.base || r.Fragment != c.fragment) {
			t.Errorf("%q: %q %q %v, want %q %q %v", c.dest, r.Base, r.Fragment, ok, c.base, c.fragment, c.ok)
		}
	}
}
