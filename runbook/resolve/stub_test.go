package resolve

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
)

func TestWhereAMissingRunbookWouldBe(t *testing.T) {
	t.Parallel()
	forge := tree(t, map[string]string{"docs/runbooks/a.md": "# A", "docs/runbooks/b.md": "# B", "README.md": "# R"})
	site := tree(t, map[string]string{"hugo.toml": "baseURL = 'https://books.example.com/'\n", "content/core/a.md": "# A"})
	r := New(Options{Fetch: Never, Checkouts: []Checkout{{URL: "https://git.example.com/o/r/", Path: forge}, {URL: "https://books.example.com/", Path: site}}})
	for _, tc := range []struct {
		link, alert string
		root, rel   string
	}{
		{"https://git.example.com/o/r/blob/main/docs/runbooks/cart.md#x", "Cart", forge, "docs/runbooks/cart.md"},
		{"https://git.example.com/o/r/blob/main/docs/cart", "Cart", forge, "docs/cart.md"},
		{"https://books.example.com/core/cart/", "Cart", site, "content/core/cart.md"},
		{"https://books.example.com/core/cart.html", "Cart", site, "content/core/cart.md"},
		{"https://git.example.com/o/r/blob/main/../../../etc/cart.md", "../Cart", "", ""},
		{"https://git.example.com/o/r/blob/main/graph.png", "Cart", forge, "docs/runbooks/Cart.md"},
		{"", "Cart", forge, "docs/runbooks/Cart.md"},
		{"", "../Cart", "", ""},
		{"", "Cart;rm", "", ""},
	} {
		ref := runbook.ParseRef(tc.link)
		ref.Alert = safe.Outside(tc.alert)
		_, _, err := r.Resolve(t.Context(), ref)
		var none *runbook.NotFoundError
		if !errors.As(err, &none) {
			t.Errorf("%s %s: %v", tc.link, tc.alert, err)
			continue
		}
		if want := (runbook.Stub{Root: tc.root, Rel: tc.rel}); none.Stub != want {
			t.Errorf("%s %s: %+v, want %+v", tc.link, tc.alert, none.Stub, want)
		}
	}
}

// What was begun is found at once, by link and by name; nothing is written over
// and nothing outside of a checkout.
func TestBegin(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	root := tree(t, map[string]string{"docs/a.md": "# A"})
	if err := os.Symlink(outside, filepath.Join(root, "out")); err != nil {
		t.Skip(err)
	}
	r := New(Options{Fetch: Never, Checkouts: []Checkout{{URL: "https://git.example.com/o/r/", Path: root}}})
	ref := runbook.ParseRef("")
	ref.Alert = safe.Outside("CartSlow")
	_, _, err := r.Resolve(t.Context(), ref)
	var none *runbook.NotFoundError
	if !errors.As(err, &none) {
		t.Fatal(err)
	}
	if err := r.Begin(none.Stub, []byte("# New\n")); err != nil {
		t.Fatal(err)
	}
	if d, _, err := r.Resolve(t.Context(), ref); err != nil || d.Where.Rel != "docs/CartSlow.md" {
		t.Errorf("%+v, %v", d.Where, err)
	}
	if err := r.Begin(none.Stub, []byte("# Other\n")); !errors.Is(err, os.ErrExist) {
		t.Errorf("again: %v", err)
	}
	if err := r.Begin(runbook.Stub{Root: root, Rel: "new/deep/b.md"}, []byte("# B\n")); err != nil {
		t.Error(err)
	}
	for _, s := range []runbook.Stub{{Root: root, Rel: "out/x.md"}, {Root: root, Rel: "../x.md"}, {Root: outside, Rel: "x.md"}, {}} {
		if err := r.Begin(s, []byte("# X\n")); err == nil {
			t.Errorf("%+v was begun", s)
		}
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("outside: %v, %v", left, err)
	}
}
