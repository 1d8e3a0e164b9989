package resolve

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/runbook"
)

// tree writes files below a new directory and gives its path.
func tree(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		write(tb, filepath.Join(dir, name), text)
	}
	return dir
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// git runs the real git in a directory.
func git(tb testing.TB, dir string, args ...string) string {
	tb.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// open resolves a link and gives the path below the checkout, or the reason.
func open(tb testing.TB, r *Resolver, link string) string {
	tb.Helper()
	ref := linkRef("", link)
	d, trail, err := r.Resolve(context.Background(), ref)
	l := r.Locate(ref)
	got := d.Where.Rel
	var nf *runbook.NotFoundError
	if errors.As(err, &nf) {
		got = string(nf.Reason)
		if l.Link != nf.Reason || l.Path != "" {
			tb.Errorf("%s: Resolve says %s, Locate %s %s", link, nf.Reason, l.Link, l.Path)
		}
	} else if err != nil {
		tb.Errorf("%s: %v", link, err)
	} else if l.Path != d.Where.Path {
		tb.Errorf("%s: Resolve opened %s, Locate says %s", link, d.Where.Path, l.Path)
	}
	if len(trail) == 0 {
		tb.Errorf("%s: no trail", link)
	}
	return got
}

func TestLinkForms(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"README.md": "# Top", "docs/Cart.md": "# Cart", "docs/db/README.md": "# DB", "docs/a b.md": "# AB", "docs/Two.md": "# 2", "docs/two.md": "# 2",
		"alerts/Pod.md": "# Pod", "elastic/doc/x.md": "# X", "plain.txt": "text", "docs/v1.2/notes.md": "# N",
	})
	r := New(Options{Checkouts: []Checkout{{URL: "https://github.com/acme/runbooks", Path: dir}, {URL: "git.example.com:8443/team/rb/", Path: dir}}, Fetch: Never})
	gh := "https://github.com/acme/runbooks/"
	for link, want := range map[string]string{
		gh + "blob/main/docs/Cart.md":                                       "docs/Cart.md",
		gh + "tree/main/docs/Cart.md":                                       "docs/Cart.md",
		gh + "raw/v1.2.3/docs/Cart.md":                                      "docs/Cart.md",
		gh + "edit/main/docs/Cart.md":                                       "docs/Cart.md",
		gh + "blame/0123456789abcdef0123456789abcdef01234567/docs/Cart.md":  "docs/Cart.md",
		gh + "-/blob/main/docs/Cart.md":                                     "docs/Cart.md",
		gh + "blob/refs/heads/main/docs/Cart.md":                            "docs/Cart.md",
		gh + "blob/feature/new/docs/Cart.md":                                "docs/Cart.md",
		gh + "blob/main/docs/cart.md":                                       "docs/Cart.md",
		gh + "blob/main/docs/cart":                                          "docs/Cart.md",
		gh + "blob/main/docs/Cart.md/":                                      "docs/Cart.md",
		gh + "blob/main/docs/Cart.md?plain=1#L3":                            "docs/Cart.md",
		gh + "tree/main/docs/db":                                            "docs/db/README.md",
		gh + "tree/main":                                                    "README.md",
		gh:                                                                  "README.md",
		gh + "blob/main/docs/a%20b.md":                                      "docs/a b.md",
		gh + "blob/main/elastic%2Fdoc/x.md":                                 "elastic/doc/x.md",
		gh + "blob/main/docs/TWO.md":                                        "no_file",
		gh + "blob/main/docs/two.md":                                        "docs/two.md",
		gh + "blob/main/plain.txt":                                          "plain.txt",
		gh + "blob/main/gone/README.md":                                     "no_file",
		gh + "blob/main/gone/docs/Cart.md":                                  "no_file",
		gh + "blob/feature/x/README.md":                                     "no_file",
		gh + "wiki/Cart":                                                    "no_file",
		"HTTPS://GitHub.com/Acme/Runbooks/blob/main/docs/Cart.md ":          "docs/Cart.md",
		"https://user:pw@github.com/acme/runbooks/blob/main/docs/Cart.md":   "docs/Cart.md",
		"https://raw.githubusercontent.com/acme/runbooks/main/docs/Cart.md": "docs/Cart.md",
		"https://raw.githubusercontent.com/acme/runbooks/refs/heads/main/docs/Cart.md": "docs/Cart.md",
		"github.com/acme/runbooks/blob/main/docs/Cart.md":                              "docs/Cart.md",
		"https://git.example.com:8443/team/rb/src/branch/main/docs/Cart.md":            "docs/Cart.md",
		"https://git.example.com/team/rb/-/blob/main/docs/Cart.md":                     "no_checkout",
		"https://github.com/acme/runbooks-extra/blob/main/docs/Cart.md":                "no_checkout",
		"https://github.com/other/runbooks/blob/main/docs/Cart.md":                     "no_checkout",
		"docs/Cart.md":            "docs/Cart.md",
		"/docs/Cart.md":           "docs/Cart.md",
		"./docs/db/":              "docs/db/README.md",
		"Cart":                    "docs/Cart.md",
		"docs/db/../Cart.md":      "docs/Cart.md",
		"../x.md":                 "no_file",
		dir + "/docs/Cart.md":     "docs/Cart.md",
		"mailto:a@example.com":    "no_checkout",
		"TODO":                    "no_link",
		"docs/{{ $labels.x }}.md": "templated",
	} {
		if got := open(t, r, link); got != want {
			t.Errorf("%s: %s, want %s", link, got, want)
		}
	}
}

func TestSiteLinks(t *testing.T) {
	t.Parallel()
	hugo := tree(t, map[string]string{
		"hugo.toml":                    "baseURL = 'https://Runbooks.example.com/rb/'\n[params]\n",
		"content/x/KubePod.md":         "---\ntitle: T\naliases: [/old/pod/, rel]\n---\n# T",
		"content/x/_index.md":          "# X",
		"content/_index.md":            "# Home",
		"content/x/Getting Started.md": "# G",
		"README.md":                    "# repository",
	})
	mk := tree(t, map[string]string{
		"mkdocs.yml":           "site_name: x\nsite_url: https://docs.example.com/\ndocs_dir: pages\nrepo_url: https://gitlab.example.com/g/sub/p\n",
		"pages/guide/index.md": "# Guide", "pages/guide/one.md": "# One",
	})
	own := tree(t, map[string]string{"handbook/a.md": "# A", "docs/a.md": "# not this"})
	r := New(Options{Checkouts: []Checkout{{Path: hugo}, {Path: mk}, {URL: "https://h.example.com", Path: own, Content: "handbook/"}}, Fetch: Never})
	site := "https://runbooks.example.com/rb/"
	for link, want := range map[string]string{
		site + "x/kubepod/":                   "content/x/KubePod.md",
		site + "x/kubepod":                    "content/x/KubePod.md",
		site + "x/KubePod.html":               "content/x/KubePod.md",
		site + "x/kubepod/index.html":         "content/x/KubePod.md",
		site + "old/pod":                      "content/x/KubePod.md",
		site + "x/rel/":                       "content/x/KubePod.md",
		site + "x/getting-started/":           "content/x/Getting Started.md",
		site + "x/":                           "content/x/_index.md",
		site:                                  "content/_index.md",
		site + "x/gone/":                      "no_file",
		"https://runbooks.example.com/x":      "no_checkout",
		"https://docs.example.com/guide/one/": "pages/guide/one.md",
		"https://docs.example.com/guide/":     "pages/guide/index.md",
		"https://gitlab.example.com/g/sub/p/-/blob/main/pages/guide/one.md": "pages/guide/one.md",
		"https://h.example.com/a": "handbook/a.md",
	} {
		if got := open(t, r, link); got != want {
			t.Errorf("%s: %s, want %s", link, got, want)
		}
	}
}

// TestAttacks tries to get at a secret outside of the checkout.
func TestAttacks(t *testing.T) {
	t.Parallel()
	outside := tree(t, map[string]string{"secret.md": "# SECRET SecretAlertName", "dir/secret.md": "# SECRET"})
	dir := filepath.Join(outside, "checkout")
	write(t, filepath.Join(dir, "ok.md"), "# ok")
	write(t, filepath.Join(dir, "sub/in.md"), "# in")
	write(t, filepath.Join(dir, "bin.md"), "a\x00b")
	for link, to := range map[string]string{
		"abs.md": filepath.Join(outside, "secret.md"), "rel.md": "../secret.md", "out": "../dir", "inside.md": "sub/in.md", "loop.md": "loop.md", "passwd": "/etc/passwd",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := makeFIFO(filepath.Join(dir, "fifo.md")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.md"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := New(Options{Checkouts: []Checkout{{URL: "https://h/r", Path: dir}}, Fetch: Never})
	for _, path := range []string{
		"../secret.md", "..%2fsecret.md", "%2e%2e/secret.md", "%2e%2e%2fsecret.md", "sub/../../secret.md", "sub/..%5c..%5csecret.md", "..\\secret.md",
		"abs.md", "rel.md", "out/secret.md", "loop.md", "passwd", "bin.md", "fifo.md", "folder.md", "/etc/passwd", "x%00.md", outside + "/secret.md", dir + "/../secret.md", "..", ".",
	} {
		for _, link := range []string{path, "https://h/r/blob/main/" + path, "https://h/r/" + path, "https://h/r/blob/a/b/" + path, "file://" + path} {
			d, trail, err := r.Resolve(context.Background(), linkRef("SecretAlertName", link))
			if strings.Contains(string(d.Source), "SECRET") || strings.Contains(string(d.Source), "root:") {
				t.Errorf("%s: opened %s", link, d.Where.Path)
			}
			if err == nil && !strings.HasSuffix(d.Where.Path, ".md") {
				t.Errorf("%s: opened %s", link, d.Where.Path)
			}
			if l := r.Locate(linkRef("SecretAlertName", link)); err != nil && l.Path != "" {
				t.Errorf("%s: Locate says %s, Resolve %v %v", link, l.Path, err, trail)
			}
		}
	}
	if got := open(t, r, "inside.md"); got != "inside.md" {
		t.Errorf("a symbolic link inside: %s", got)
	}
	for link, clause := range map[string]string{"fifo.md": "not a regular file", "bin.md": "binary", "rel.md": "leads out"} {
		_, trail, _ := r.Resolve(context.Background(), linkRef("", link))
		if s := fmt.Sprint(trail); !strings.Contains(s, clause) {
			t.Errorf("%s: the trail does not say %q: %s", link, clause, s)
		}
	}
}

func TestLargeFileIsCut(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"big.md": strings.Repeat(strings.Repeat("word ", 200)+"\n\n", 6<<10)})
	d, _, err := New(Options{Checkouts: []Checkout{{Path: dir}}}).Resolve(context.Background(), linkRef("", "big.md"))
	if err != nil || len(d.Source) > runbook.MaxSource || len(d.Cut) == 0 {
		t.Errorf("%d bytes, cut %q, %v", len(d.Source), d.Cut, err)
	}
}

// TestGit guesses addresses from real repositories: a clone, a worktree, a
// folder of one, packed refs, a detached head.
func TestGit(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"ops/rb/pod.md": "# Pod", "ops/README.md": "# Ops", "README.md": "# Top"})
	git(t, dir, "init", "-q")
	git(t, dir, "remote", "add", "upstream", "ssh://git@git.example.com:2222/acme/mono.git")
	git(t, dir, "remote", "add", "origin", "git@git.example.com:me/mono.git")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "x")
	git(t, dir, "branch", "release/1.2")
	head := git(t, dir, "rev-parse", "HEAD")
	work := filepath.Join(t.TempDir(), "wt")
	git(t, dir, "worktree", "add", "-q", "-b", "side", work)
	for name, c := range map[string]struct {
		path, link, want string
	}{
		"origin":       {dir, "https://git.example.com/me/mono/blob/x/ops/rb/pod.md", "ops/rb/pod.md"},
		"upstream":     {dir, "https://git.example.com/acme/mono/blob/x/ops/rb/pod.md", "ops/rb/pod.md"},
		"known branch": {dir, "https://git.example.com/me/mono/blob/release/1.2/README.md", "README.md"},
		"no branch":    {dir, "https://git.example.com/me/mono/blob/release/1.3/README.md", "no_file"},
		"worktree":     {work, "https://git.example.com/me/mono/blob/x/ops/rb/pod.md", "ops/rb/pod.md"},
		"folder":       {filepath.Join(dir, "ops"), "https://git.example.com/me/mono/blob/x/ops/rb/pod.md", "rb/pod.md"},
		"beside it":    {filepath.Join(dir, "ops"), "https://git.example.com/me/mono/blob/x/README.md", "no_checkout"},
	} {
		r := New(Options{Checkouts: []Checkout{{Path: c.path}}, Fetch: Never})
		if got := open(t, r, c.link); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	git(t, dir, "pack-refs", "--all")
	r := New(Options{Checkouts: []Checkout{{URL: "https://git.example.com/me/mono/blob/main/", Path: filepath.Join(dir, "ops")}}})
	d, _, err := r.Resolve(context.Background(), linkRef("", "https://git.example.com/me/mono/blob/x/ops/rb/pod.md"))
	if err != nil || d.Where.Revision != head[:7] || !d.Where.Edited.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) ||
		d.Where.URL != "https://git.example.com/me/mono/blob/main/ops/rb/pod.md" || d.Where.AsOf.IsZero() {
		t.Errorf("%+v, %v; head is %s", d.Where, err, head)
	}
	git(t, dir, "checkout", "-q", "--detach")
	if g := readGit(dir); g.branch != "" || g.revision != head {
		t.Errorf("detached: %+v", g)
	}
	st := r.Status(context.Background())
	if len(st) != 1 || st[0].Err != nil || st[0].Revision != head[:7] || st[0].Files != 2 || st[0].Kind != "forge" || st[0].Edited.IsZero() || len(st[0].Answers) != 2 {
		t.Errorf("%+v", st)
	}
}

func TestSharedPrefix(t *testing.T) {
	t.Parallel()
	a := tree(t, map[string]string{"a.md": "# A", "both.md": "# first"})
	b := tree(t, map[string]string{"b.md": "# B", "both.md": "# second"})
	c := tree(t, map[string]string{"deep.md": "# deep", "a.md": "# not this"})
	r := New(Options{Checkouts: []Checkout{{URL: "https://h/x", Path: a}, {URL: "https://h/x/", Path: b}, {URL: "https://h/x/sub", Path: c}}})
	for link, want := range map[string]string{"a": a + "/a.md", "b": b + "/b.md", "both": a + "/both.md", "sub/deep": c + "/deep.md"} {
		if l := r.Locate(linkRef("", "https://h/x/"+link)); l.Path != want {
			t.Errorf("%s: %s, want %s", link, l.Path, want)
		}
	}
}

func TestPrefixWithinForge(t *testing.T) {
	t.Parallel()
	folder := tree(t, map[string]string{"pod.md": "# Pod"})
	whole := tree(t, map[string]string{"ops/rb/pod.md": "# Pod"})
	for dir, want := range map[string]string{folder: "pod.md", whole: "ops/rb/pod.md"} {
		r := New(Options{Checkouts: []Checkout{{URL: "https://github.com/a/m/blob/main/ops/rb/", Path: dir}}, Fetch: Never})
		if got := open(t, r, "https://github.com/a/m/tree/v2/ops/rb/pod.md"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := open(t, r, "https://github.com/a/m/tree/v2/other/pod.md"); got != "no_checkout" {
			t.Errorf("another folder: %s", got)
		}
	}
}

func TestByName(t *testing.T) {
	t.Parallel()
	one := tree(t, map[string]string{"x/cart-queue-growing.md": "# c", "all.md": "# All\n\n## Alert Name: \"DiskFull\"\n\nHostOutOfMemory is meant.\n", "DBDown/README.md": "# d", "notes.md": "CartQueueGrowing"})
	two := tree(t, map[string]string{"cartqueuegrowing.md": "# c", "more.md": "## DiskFull\n"})
	r := New(Options{Checkouts: []Checkout{{URL: "https://h/one", Path: one}, {URL: "https://h/two", Path: two}}, Fetch: Never})
	for _, c := range []struct {
		alert, link, want string
		also              int
	}{
		{"CartQueueGrowing", "", one + "/x/cart-queue-growing.md", 1},
		{"CartQueueGrowing", "https://h/two/gone", two + "/cartqueuegrowing.md", 1},
		{"diskfull", "https://elsewhere/x", one + "/all.md:3", 1},
		{"DbDown", "TODO", one + "/DBDown/README.md", 0},
		{"HostOutOfMemory", "{{ x }}", one + "/all.md:5", 0},
		{"Nothing", "", "", 0},
		{"", "", "", 0},
		{"***", "", "", 0},
	} {
		ref := linkRef(c.alert, c.link)
		l := r.Locate(ref)
		got := l.Path
		if l.Line > 1 {
			got += fmt.Sprintf(":%d", l.Line)
		}
		if got != c.want || len(l.Also) != c.also {
			t.Errorf("%s: %s and %v, want %s and %d more", c.alert, got, l.Also, c.want, c.also)
		}
		d, _, err := r.Resolve(context.Background(), ref)
		if (err == nil) != (c.want != "") || err == nil && (d.Where.Via != runbook.ViaName || d.Where.Path != l.Path || len(d.Where.Also) != c.also) {
			t.Errorf("%s: Resolve %+v, %v", c.alert, d.Where, err)
		}
	}
}

// TestLocateKeepsLinksApart asks for two links that differ in their query only:
// each answer tells of its own link.
func TestLocateKeepsLinksApart(t *testing.T) {
	t.Parallel()
	r := New(Options{Checkouts: []Checkout{{URL: "https://h/", Path: tree(t, map[string]string{"a.md": "# A"})}}})
	for _, link := range []string{"https://h/a?pod=one", "https://h/a?pod=two", "https://h/a?pod=one"} {
		if l := r.Locate(linkRef("", link)); l.Path == "" || l.Trail[0].Tried != link {
			t.Errorf("%s: %+v", link, l.Trail)
		}
	}
}

func TestTrailSaysWhatWasTried(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a.md": "# A"})
	gone := filepath.Join(dir, "not-there")
	for name, c := range map[string]struct {
		o      Options
		link   string
		reason runbook.Reason
		says   string
	}{
		"no checkouts": {Options{Fetch: Never}, "https://h/x", runbook.NoCheckout, "checkout:none is configured network:not asked: your setting is never"},
		"other host":   {Options{Checkouts: []Checkout{{URL: "https://h/", Path: dir}}, Fetch: Never}, "https://i/x", runbook.NoCheckout, "checkout:none answers to i"},
		"no file":      {Options{Checkouts: []Checkout{{URL: "https://h/", Path: dir}}, Fetch: Never}, "https://h/x", runbook.NoFile, "checkout:no x"},
		"no directory": {Options{Checkouts: []Checkout{{URL: "https://h/", Path: gone}}, Fetch: Never}, "https://h/x", runbook.NoCheckout, "there is no such directory"},
		"relative":     {Options{Checkouts: []Checkout{{URL: "https://h/", Path: dir}}, Fetch: Never}, "x", runbook.NoFile, "checkout:no x name:"},
		"no link":      {Options{}, "", runbook.NoLink, "link:the alert has no link"},
		"hostile":      {Options{Checkouts: []Checkout{{Path: dir}}}, "x\x1b]0;y\x07", runbook.NoFile, "name:nothing is called that"},
	} {
		_, trail, err := New(c.o).Resolve(context.Background(), linkRef("SomeAlert", c.link))
		var nf *runbook.NotFoundError
		if !errors.As(err, &nf) || nf.Reason != c.reason {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
		}
		var said strings.Builder
		for _, rung := range trail {
			fmt.Fprintf(&said, "%s:%s ", rung.Name, rung.Result)
			if strings.ContainsAny(rung.Tried+rung.Result, "\x1b\x07") {
				t.Errorf("%s: control bytes in %q", name, rung.Tried+rung.Result)
			}
		}
		if !strings.Contains(said.String(), c.says) {
			t.Errorf("%s: %q does not say %q", name, said.String(), c.says)
		}
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := New(Options{}).Resolve(ctx, linkRef("A", "x"))
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestRefresh sees a new file at once when a link names it, and by its name
// after the index was read again.
func TestRefresh(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"old.md": "# Old"})
	var minutes atomic.Int64
	start := time.Now()
	r := New(Options{Checkouts: []Checkout{{URL: "https://h/", Path: dir}}, Fetch: Never, Now: func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }})
	r.Warm(context.Background())
	write(t, filepath.Join(dir, "NewAlert.md"), "# New")
	if got := open(t, r, "https://h/NewAlert"); got != "NewAlert.md" {
		t.Errorf("by link: %s", got)
	}
	if l := r.Locate(linkRef("NewAlert", "")); l.Path != "" {
		t.Errorf("by name, before the index was read again: %s", l.Path)
	}
	minutes.Store(2)
	deadline := time.Now().Add(10 * time.Second)
	for r.Locate(linkRef("NewAlert", "")).Path == "" {
		if time.Now().After(deadline) {
			t.Fatal("the index was not read again")
		}
		time.Sleep(time.Millisecond)
	}
	write(t, filepath.Join(dir, "old.md"), "# Old\n\n## FreshHeading\n")
	st := r.Status(context.Background())
	if l := r.Locate(linkRef("FreshHeading", "")); l.Line != 3 || st[0].Files != 2 {
		t.Errorf("after Status: %+v, %+v", l, st)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	r := corpusResolver(t)
	var n atomic.Int64
	r.now = func() time.Time { return time.Unix(n.Add(40), 0) } // nearly every look is due again
	rows := table(t, "links.tsv", 4)[:60]
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, row := range rows {
				r.Locate(linkRef(row[0], row[1]))
			}
			r.Status(context.Background())
		})
	}
	wg.Wait()
}

// FuzzLink resolves any link: whatever is opened lies inside the checkout.
func FuzzLink(f *testing.F) {
	outside := f.TempDir()
	dir := filepath.Join(outside, "checkout")
	write(f, filepath.Join(outside, "secret.md"), "SECRET")
	write(f, filepath.Join(dir, "docs/Cart.md"), "# Cart")
	write(f, filepath.Join(dir, "README.md"), "# Top")
	if err := os.Symlink("../..", filepath.Join(dir, "docs/up")); err != nil {
		f.Fatal(err)
	}
	r := New(Options{Checkouts: []Checkout{{URL: "https://h/r/", Path: dir}}, Fetch: Never})
	for _, s := range []string{"https://h/r/blob/main/docs/Cart.md#x?y=z", "/docs/up/secret.md", "..%2f..%2fsecret.md", "//h/r/-/raw/a/b/docs/cart", "https://h/r/docs/up/checkout/README.html", "h/r/x", "a:b", "\x00", "https://h/%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, link string) {
		d, _, err := r.Resolve(context.Background(), linkRef("Alert", link))
		l := r.Locate(linkRef("Alert", link))
		if strings.Contains(string(d.Source), "SECRET") {
			t.Fatalf("%q opened %s", link, d.Where.Path)
		}
		if err == nil && (!filepath.IsLocal(d.Where.Rel) || d.Where.Path != l.Path) {
			t.Fatalf("%q: %+v, Locate %+v", link, d.Where, l)
		}
	})
}
