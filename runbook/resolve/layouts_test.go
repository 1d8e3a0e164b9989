package resolve

import (
	"os"
	"path/filepath"
	"testing"
)

// cloneOf makes a directory a clone of a remote.
func cloneOf(tb testing.TB, dir, remote string) string {
	tb.Helper()
	write(tb, filepath.Join(dir, ".git", "HEAD"), "ref: refs/heads/main\n")
	write(tb, filepath.Join(dir, ".git", "config"), "[remote \"origin\"]\n\turl = "+remote+"\n")
	return dir
}

// Every forge and wiki has its own way to write the address of a file.
func TestForgeLayouts(t *testing.T) {
	t.Parallel()
	files := map[string]string{"x/Cart.md": "# Cart", "Home.md": "# Home", "Cart-Errors.md": "# Cart errors", "docs/a.md": "# A"}
	for _, tc := range []struct{ name, remote, link, want string }{
		{"Bitbucket", "git@bitbucket.org:acme/books.git", "https://bitbucket.org/acme/books/src/main/x/Cart.md#markdown-header-cart", "x/Cart.md"},
		{"Bitbucket Server", "https://bb.example.com/scm/ops/books.git", "https://bb.example.com/projects/OPS/repos/books/browse/x/Cart.md?at=refs%2Fheads%2Fmain", "x/Cart.md"},
		{"Bitbucket Server, ssh", "ssh://git@bb.example.com:7999/ops/books.git", "https://bb.example.com/projects/OPS/repos/books/browse/x/Cart.md", "x/Cart.md"},
		{"Bitbucket Server, raw", "ssh://git@bb.example.com:7999/ops/books.git", "https://bb.example.com/projects/OPS/repos/books/raw/x/Cart.md?at=main", "x/Cart.md"},
		{"Bitbucket Server, another", "ssh://git@bb.example.com:7999/ops/books.git", "https://bb.example.com/projects/OPS/repos/other/browse/x/Cart.md", "no_checkout"},
		{"Azure DevOps", "https://acme@dev.azure.com/acme/ops/_git/books", "https://dev.azure.com/acme/ops/_git/books?path=/x/Cart.md&version=GBmain&_a=preview", "x/Cart.md"},
		{"Azure DevOps, ssh", "git@ssh.dev.azure.com:v3/acme/ops/books", "https://dev.azure.com/acme/ops/_git/books?path=%2Fx%2FCart.md", "x/Cart.md"},
		{"Azure DevOps, gone", "git@ssh.dev.azure.com:v3/acme/ops/books", "https://dev.azure.com/acme/ops/_git/books?path=%2Fx%2FGone.md", "no_file"},
		{"Gitiles", "https://gerrit.example.com/books", "https://gerrit.example.com/books/+/refs/heads/main/x/Cart.md", "x/Cart.md"},
		{"GitHub wiki", "https://github.com/acme/shop.wiki.git", "https://github.com/acme/shop/wiki/Cart-Errors", "Cart-Errors.md"},
		{"GitHub wiki, home", "https://github.com/acme/shop.wiki.git", "https://github.com/acme/shop/wiki", "Home.md"},
		{"GitLab wiki", "git@gitlab.com:acme/ops/shop.wiki.git", "https://gitlab.com/acme/ops/shop/-/wikis/x/Cart", "x/Cart.md"},
		{"GitLab wiki, home", "git@gitlab.com:acme/ops/shop.wiki.git", "https://gitlab.com/acme/ops/shop/-/wikis/home", "Home.md"},
		{"GitHub Pages", "git@github.com:Acme/books.git", "https://acme.github.io/books/a/", "docs/a.md"},
		{"GitHub Pages, html", "git@github.com:Acme/books.git", "https://acme.github.io/books/x/cart.html", "x/Cart.md"},
		{"GitHub Pages of the owner", "git@github.com:acme/acme.github.io.git", "https://acme.github.io/x/Cart", "x/Cart.md"},
		{"GitHub Pages, another", "git@github.com:acme/books.git", "https://acme.github.io/other/x/Cart", "no_checkout"},
		{"GitLab Pages", "git@gitlab.com:acme/ops/books.git", "https://acme.gitlab.io/ops/books/x/Cart/", "x/Cart.md"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := New(Options{Checkouts: []Checkout{{Path: cloneOf(t, tree(t, files), tc.remote)}}, Fetch: Never})
			if got := open(t, r, tc.link); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// Site generators differ in the names of files and in what they make of them.
func TestSiteLayouts(t *testing.T) {
	t.Parallel()
	const at = "https://docs.example.com/rb/"
	for _, tc := range []struct {
		name  string
		files map[string]string
		link  string
		want  string
	}{
		{"Docusaurus numbers", map[string]string{"docs/01-shop/02-cart.md": "# Cart"}, at + "docs/shop/cart", "docs/01-shop/02-cart.md"},
		{"Docusaurus numbers, dot", map[string]string{"docs/1. Shop/2. Cart.mdx": "# Cart"}, at + "shop/cart/", "docs/1. Shop/2. Cart.mdx"},
		{"Docusaurus slug", map[string]string{"docs/shop/x.md": "---\nslug: cart\n---\n# Cart"}, at + "docs/shop/cart", "docs/shop/x.md"},
		{"Docusaurus slug from the top", map[string]string{"docs/shop/x.md": "---\nslug: /cart\n---\n# Cart"}, at + "docs/cart", "docs/shop/x.md"},
		{"Docusaurus id", map[string]string{"docs/shop/x.md": "---\nid: cart\n---\n# Cart"}, at + "docs/shop/cart", "docs/shop/x.md"},
		{"a slug is not a page at the top", map[string]string{"docs/shop/x.md": "---\nslug: cart\n---\n# Cart"}, at + "cart", "no_file"},
		{"mdx", map[string]string{"docs/cart.mdx": "# Cart"}, at + "cart", "docs/cart.mdx"},
		{"markdown", map[string]string{"docs/cart.markdown": "# Cart"}, at + "cart.html", "docs/cart.markdown"},
		{"MD", map[string]string{"docs/CART.MD": "# Cart"}, at + "cart", "docs/CART.MD"},
		{"README.markdown", map[string]string{"cart/README.markdown": "# Cart"}, at + "cart/", "cart/README.markdown"},
		{"Readme.md", map[string]string{"cart/Readme.md": "# Cart"}, at + "cart", "cart/Readme.md"},
		{"index.mdx", map[string]string{"docs/cart/index.mdx": "# Cart"}, at + "cart/", "docs/cart/index.mdx"},
		{"Hugo language folder", map[string]string{"content/en/cart.md": "# Cart"}, at + "cart/", "content/en/cart.md"},
		{"Hugo language folder in the address", map[string]string{"content/en/cart.md": "# Cart"}, at + "en/cart/", "content/en/cart.md"},
		{"Hugo language file", map[string]string{"content/cart.en.md": "# Cart"}, at + "cart/", "content/cart.en.md"},
		{"Hugo section", map[string]string{"content/cart/_index.md": "# Cart", "content/cart/a.md": "# A"}, at + "cart/", "content/cart/_index.md"},
		{"Hugo bundle", map[string]string{"content/cart/index.md": "# Cart"}, at + "cart/", "content/cart/index.md"},
		{"MkDocs", map[string]string{"mkdocs.yml": "docs_dir: wiki\n", "wiki/cart/index.md": "# Cart"}, at + "cart/", "wiki/cart/index.md"},
		{"Jekyll post folder", map[string]string{"_docs/cart.md": "# Cart"}, at + "docs/cart.html", "_docs/cart.md"},
		{"Antora", map[string]string{"modules/ROOT/pages/cart.adoc": "= Cart"}, at + "cart.html", "modules/ROOT/pages/cart.adoc"},
		{"Sphinx", map[string]string{"docs/cart.rst": "Cart\n====\n"}, at + "cart.html", "docs/cart.rst"},
		{"Sphinx with source", map[string]string{"docs/source/cart.rst": "Cart\n====\n"}, at + "cart.html", "docs/source/cart.rst"},
		{"AsciiDoc", map[string]string{"cart.adoc": "= Cart\n"}, at + "cart", "cart.adoc"},
		{"Markdown before others", map[string]string{"cart.adoc": "= Cart\n", "cart.md": "# Cart", "cart.rst": "Cart"}, at + "cart", "cart.md"},
		{"org", map[string]string{"cart.org": "* Cart\n"}, at + "cart", "cart.org"},
		{"blanks", map[string]string{"docs/Cart Errors.md": "# Cart"}, at + "Cart%20Errors", "docs/Cart Errors.md"},
		{"blanks as dashes", map[string]string{"docs/Cart Errors.md": "# Cart"}, at + "cart-errors/", "docs/Cart Errors.md"},
		{"a slash too many", map[string]string{"docs/cart.md": "# Cart"}, at + "/cart.md/", "docs/cart.md"},
		{"nothing", map[string]string{"docs/cart.md": "# Cart"}, at + "gone", "no_file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := New(Options{Checkouts: []Checkout{{URL: at, Path: tree(t, tc.files)}}, Fetch: Never})
			if got := open(t, r, tc.link); got != tc.want {
				t.Errorf("%s: %s, want %s", tc.link, got, tc.want)
			}
		})
	}
}

// A generated site says itself where it is.
func TestSiteAddresses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, text, want string }{
		{"Docusaurus", "docusaurus.config.js", "module.exports = {\n  url: 'https://docs.example.com',\n  baseUrl: '/rb/',\n}\n", "docs.example.com/rb"},
		{"Docusaurus, TypeScript", "website/docusaurus.config.ts", "const config: Config = {\n  url: \"https://docs.example.com\",\n  baseUrl: \"/\",\n}\n", "docs.example.com"},
		{"Jekyll", "_config.yml", "title: x\nurl: \"https://docs.example.com\"\nbaseurl: /rb\n", "docs.example.com/rb"},
		{"MkDocs", "mkdocs.yml", "site_url: https://docs.example.com/rb/\n", "docs.example.com/rb"},
		{"a placeholder", "docusaurus.config.js", "module.exports = { url: 'https://example.com', baseUrl: '/' }\n", ""},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, tc.file), tc.text)
		got := ""
		if a := Addresses(dir); len(a) > 0 {
			got = a[0]
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	if a := Addresses(filepath.Join(os.TempDir(), "there-is-no-such-folder")); len(a) > 0 {
		t.Errorf("a folder that is not there answers to %v", a)
	}
}
