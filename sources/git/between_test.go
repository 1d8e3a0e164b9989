package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/sourcetest"
)

// story is a repository with two releases, three commits and a merge between
// them: 5 lines of pay.go became 2, retry.go has 4 new ones.
func story(t testing.TB, args ...string) (r *repo, old, fresh string) {
	r = newRepo(t, args...)
	r.commit("pay.go", 5, "first")
	old = r.git("rev-parse", "HEAD")
	r.git("tag", "v1.41.0")
	r.git("checkout", "-q", "-b", "feature")
	r.commit("retry.go", 2, "retry twice")
	r.git("checkout", "-q", "main")
	r.commit("pay.go", 2, "pay with less code")
	r.git("merge", "-q", "--no-ff", "-m", "Merge branch feature", "feature")
	fresh = r.commit("retry.go", 4, "retry more")
	r.git("tag", "-a", "-m", "Release 1.42.0", "v1.42.0")
	r.git("remote", "add", "origin", "https://bot:s3cret@github.com/acme/checkout.git")
	return r, old, fresh
}

const storyDiff = "3 commits, 2 files, +4 -3; retry more; pay with less code; retry twice"

func TestBetween(t *testing.T) {
	t.Parallel()
	r, old, fresh := story(t)
	s := source(t, r.dir, Options{})
	d := between(t, s, "1.41.0", "1.42.0")
	if got := brieflyOf(d); got != storyDiff {
		t.Error(got)
	}
	if c := d.Commits[0]; c.Revision.Raw() != fresh || c.Author.Raw() != "Ada" || !c.At.Equal(r.now) {
		t.Errorf("%+v", c)
	}
	if got, want := d.CompareURL.Raw(), "https://github.com/acme/checkout/compare/"+old+"..."+fresh; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	back := between(t, s, "1.42.0", "1.41.0")
	if got := brieflyOf(back); got != "3 commits, 2 files, +3 -4, back; retry more; pay with less code; retry twice" {
		t.Error(got)
	}
	if back.CompareURL != d.CompareURL {
		t.Errorf("the page of a rollback compares the newer with the older: %s", back.CompareURL)
	}
	if got := brieflyOf(between(t, s, fresh, "v1.42.0")); got != "0 commits, 0 files, +0 -0" {
		t.Error(got)
	}
}

// A hotfix on a branch of its own has what its release lacks, and the other way
// round.
func TestRevisionsThatWentApart(t *testing.T) {
	t.Parallel()
	r, old, _ := story(t)
	r.git("checkout", "-q", "-b", "hotfix", old)
	r.commit("fix.go", 1, "hotfix")
	r.git("tag", "v1.41.1")
	if got := brieflyOf(between(t, source(t, r.dir, Options{}), "1.42.0", "1.41.1")); got != "1 commits, 3 files, +4 -4, 3 dropped; hotfix" {
		t.Error(got)
	}
}

func TestRevisionsAsDeploysTellThem(t *testing.T) {
	t.Parallel()
	r, old, fresh := story(t)
	s := source(t, r.dir, Options{})
	for _, to := range []string{
		fresh, fresh[:7], fresh[:12], strings.ToUpper(fresh), " " + fresh + "\n", "v1.42.0", "1.42.0", "V1.42.0", "1.42.0+" + fresh[:7], "1.42.0+20260302",
		"main-" + fresh[:8] + "-1700000000", "sha-" + fresh[:7], "v1.41.0-3-g" + fresh[:7], "v1.41.0-3-g" + fresh[:7] + "-dirty",
		fresh[:7] + "-dirty", "registry.example.com:5000/acme/checkout:1.42.0", "main@sha1:" + fresh,
	} {
		// A hash without a digit, or without a letter, is not seen in an image tag.
		if short := fresh[:7]; strings.Contains(to, short+"-") && !strings.Contains(to, "-g") && !hashLike(short) || strings.Contains(to, "-"+fresh[:8]) && !hashLike(fresh[:8]) {
			continue
		}
		got, err := s.commits(t.Context(), s.services[0], old, to)
		if err != nil || got[1] != fresh {
			t.Errorf("%q: %v, %v", to, got, err)
		}
	}
	for _, to := range []string{
		"", "1.43.0", "main", "HEAD", "feature", "refs/heads/main", "--all", "-1", "v1.42.0~1", "v1.42.0^", ":/first", "v1.42.0^{/first}", "@{-1}", "1.42.0..main",
		"0123456789012345678901234567890123456789", "sha256:" + strings.Repeat("ab", 32), "1.42", "x\nrefs/tags/v1.42.0", strings.Repeat("a", 5000), "--output=/tmp/x", "\x00",
	} {
		if _, err := s.Between(t.Context(), "checkout", old, to); !sources.IsKind(err, sources.NotFound) {
			t.Errorf("%q is found: %v", to, err)
		}
	}
	_, err := s.Between(t.Context(), "checkout", "1.40.0", fresh)
	if want := "git code: " + r.dir + ": revision 1.40.0 is not in the clone (git -C " + r.dir + " fetch --tags)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := s.Between(t.Context(), "payments", old, fresh); !sources.IsKind(err, sources.NotFound) {
		t.Errorf("another service: %v", err)
	}
	if _, err := s.Between(t.Context(), "Checkout", old, fresh); err != nil {
		t.Error(err)
	}
}

func TestSeveralServices(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("services/checkout/a.go", 1, "checkout one")
	r.git("tag", "checkout-v1.0.0")
	r.git("tag", "v3")
	r.commit("services/payments/a.go", 1, "payments one")
	r.git("tag", "services/payments/v2.0.0")
	r.commit("services/checkout/a.go", 3, "checkout two")
	r.git("tag", "checkout-v1.1.0")
	r.commit("services/payments/a.go", 9, "payments two")
	r.git("tag", "payments@2.1.0")
	s := source(t, r.dir, Options{Services: []string{"checkout", "payments"}, Dir: "services/{service}"})
	if got := brieflyOf(between(t, s, "1.0.0", "v1.1.0")); got != "1 commits, 1 files, +2 -0; checkout two" {
		t.Error(got)
	}
	d, err := s.Between(t.Context(), "payments", "2.0.0", "2.1.0")
	if got := brieflyOf(d); err != nil || got != "1 commits, 1 files, +8 -0; payments two" {
		t.Error(got, err)
	}
	// A tag of the other service is none of this one.
	if _, err := s.Between(t.Context(), "payments", "1.0.0", "2.1.0"); !sources.IsKind(err, sources.NotFound) {
		t.Error(err)
	}
	cs, err := s.Changes(t.Context(), time.Time{})
	var got []string
	for _, c := range cs {
		got = append(got, c.Service.String()+" "+c.Version.String())
	}
	if want := "payments 2.1.0, checkout v1.1.0, payments v2.0.0, checkout v1.0.0"; err != nil || strings.Join(got, ", ") != want {
		t.Errorf("%v, want %s; %v", got, want, err)
	}
	only := source(t, r.dir, Options{TagPrefix: "{service}-v"})
	if cs, err := only.Changes(t.Context(), time.Time{}); err != nil || len(cs) != 2 || cs[0].Version.Raw() != "1.1.0" {
		t.Errorf("%v, %v", cs, err)
	}
	if got := brieflyOf(between(t, only, "1.0.0", "checkout-v1.1.0")); !strings.HasPrefix(got, "2 commits, 2 files") {
		t.Error(got)
	}
}

func TestManyCommits(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	first := r.commit("a", 1, "first")
	for i := range maxCommits + 5 {
		r.now = r.now.Add(time.Minute)
		r.git("commit", "-q", "--allow-empty", "-m", fmt.Sprint("number ", i))
	}
	d := between(t, source(t, r.dir, Options{}), first, r.git("rev-parse", "HEAD"))
	if d.Total != maxCommits+5 || len(d.Commits) != maxCommits || d.Commits[0].Title.Raw() != "number 54" || !d.CompareURL.Empty() {
		t.Error(brieflyOf(d))
	}
}

// Every form a clone comes in gives the same answer.
func TestFormsOfClones(t *testing.T) {
	t.Parallel()
	r, _, _ := story(t)
	r.git("config", "uploadpack.allowFilter", "true")
	parent := t.TempDir()
	clone := func(name string, args ...string) string {
		dir := filepath.Join(parent, name)
		gitIn(t, parent, noon, append(append([]string{"clone", "-q", "-c", "protocol.file.allow=always"}, args...), "file://"+r.dir, dir)...)
		return dir
	}
	check := func(name, dir, want string) {
		t.Helper()
		if got := brieflyOf(between(t, source(t, dir, Options{}), "1.41.0", "1.42.0")); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	check("bare", clone("bare.git", "--bare"), storyDiff)
	work := filepath.Join(parent, "a working tree")
	r.git("worktree", "add", "-q", "--detach", work)
	check("worktree", work, storyDiff)
	super := newRepo(t)
	super.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "file://"+r.dir, "sub")
	check("submodule", filepath.Join(super.dir, "sub"), storyDiff)
	link := filepath.Join(parent, "link")
	if err := os.Symlink(r.dir, link); err != nil {
		t.Fatal(err)
	}
	check("symbolic link", link, storyDiff)
	partial := clone("partial", "--filter=blob:none", "--no-checkout")
	before := gitIn(t, partial, noon, "count-objects", "-v")
	check("partial", partial, "3 commits, 2 files; retry more; pay with less code; retry twice")
	if after := gitIn(t, partial, noon, "count-objects", "-v"); after != before {
		t.Errorf("the partial clone has fetched: %s, before %s", after, before)
	}
	sha256, _, fresh := story(t, "--object-format=sha256")
	check("SHA-256", sha256.dir, storyDiff)
	if len(fresh) != 64 {
		t.Errorf("not SHA-256: %s", fresh)
	}
	shallow := clone("shallow", "--depth=1")
	_, err := source(t, shallow, Options{}).Between(t.Context(), "checkout", "1.41.0", "1.42.0")
	if !sources.IsKind(err, sources.NotFound) || !strings.Contains(err.Error(), "fetch --unshallow --tags") {
		t.Errorf("shallow: %v", err)
	}
	gitIn(t, shallow, noon, "-c", "protocol.file.allow=always", "fetch", "-q", "--depth=1", "origin", "tag", "v1.41.0")
	_, err = source(t, shallow, Options{}).Between(t.Context(), "checkout", "1.41.0", "1.42.0")
	if !sources.IsKind(err, sources.NotFound) || !strings.Contains(err.Error(), "does not reach back") {
		t.Errorf("shallow with both ends: %v", err)
	}
}

// A clone's own settings must not start a program, whatever is asked.
func TestHostileClone(t *testing.T) {
	t.Parallel()
	r, _, _ := story(t)
	r.git("config", "uploadpack.allowFilter", "true")
	parent := t.TempDir()
	dir := filepath.Join(parent, "clone")
	gitIn(t, parent, noon, "clone", "-q", "-c", "protocol.file.allow=always", "--filter=blob:none", "--no-checkout", "file://"+r.dir, dir)
	mark := filepath.Join(parent, "it ran")
	trap := filepath.Join(parent, "trap")
	if err := os.WriteFile(trap, []byte("#!/bin/sh\n: > '"+mark+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	hooks := filepath.Join(parent, "hooks")
	if err := os.Mkdir(hooks, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"post-index-change", "reference-transaction", "fsmonitor-watchman", "post-checkout"} {
		if err := os.Symlink(trap, filepath.Join(hooks, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, kv := range [][2]string{
		{"core.hooksPath", hooks}, {"core.fsmonitor", trap}, {"core.pager", trap}, {"pager.log", trap}, {"core.sshCommand", trap}, {"core.editor", trap},
		{"core.askPass", trap}, {"diff.external", trap}, {"diff.evil.textconv", trap}, {"diff.evil.command", trap}, {"gpg.program", trap}, {"log.showSignature", "true"},
		{"remote.origin.uploadpack", trap}, {"credential.helper", "!" + trap}, {"core.alternateRefsCommand", trap}, {"filter.evil.smudge", trap}, {"filter.evil.clean", trap},
		{"core.gitProxy", trap}, {"alias.log", "!" + trap}, {"alias.cat-file", "!" + trap}, {"color.ui", "always"}, {"log.follow", "true"}, {"diff.noprefix", "true"},
	} {
		gitIn(t, dir, noon, "config", kv[0], kv[1])
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitattributes"), []byte("* diff=evil filter=evil\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := source(t, dir, Options{})
	if got := brieflyOf(between(t, s, "1.41.0", "1.42.0")); got != "3 commits, 2 files; retry more; pay with less code; retry twice" {
		t.Error(got)
	}
	if cs, err := s.Changes(t.Context(), time.Time{}); err != nil || len(cs) != 2 {
		t.Errorf("%v, %v", cs, err)
	}
	for _, url := range []string{"ext::" + trap, "evil::x"} {
		gitIn(t, dir, noon, "config", "remote.origin.url", url)
		if _, err := s.Between(t.Context(), "checkout", "1.41.0", strings.Repeat("12", 20)); !sources.IsKind(err, sources.NotFound) {
			t.Errorf("%s: %v", url, err)
		}
		between(t, s, "1.41.0", "1.42.0")
	}
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Error("a program that the clone names has run")
	}
}

func TestHostileTexts(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	first := r.commit("a", 1, "first")
	n := 0
	for _, payload := range safetest.Payloads() {
		p := payload.Text
		if strings.ContainsAny(p, "\x00\n\r") || strings.TrimSpace(p) == "" {
			continue
		}
		r.git("-c", "user.name="+p, "commit", "-q", "--allow-empty", "--cleanup=verbatim", "--author", "x"+strings.NewReplacer("<", "", ">", "").Replace(p)+" <x@y>", "-m", "x"+p)
		n++
	}
	r.git("commit", "-q", "--allow-empty", "-m", strings.Repeat("long é ", 10_000))
	r.git("tag", "v1\u202e\u009b2J")
	s := source(t, r.dir, Options{})
	d := between(t, s, first, r.git("rev-parse", "HEAD"))
	if d.Total != n+1 || n < 10 || len(d.Commits[0].Title.Raw()) > maxTitle+len("…") {
		t.Errorf("%d commits of %d", d.Total, n)
	}
	for _, c := range d.Commits {
		sourcetest.NoControls(t, c.Title.String()+c.Author.String())
	}
	cs, err := s.Changes(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.CheckChanges(t, cs, time.Time{})
}

func TestWhatIsNoClone(t *testing.T) {
	t.Parallel()
	r, _, _ := story(t)
	empty := newRepo(t)
	inside := filepath.Join(r.dir, "folder")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		filepath.Join(r.dir, "missing"): "no such folder",
		inside:                          "not a clone (path: is the top folder",
		t.TempDir():                     "not a clone",
	} {
		_, err := source(t, dir, Options{}).Changes(t.Context(), time.Time{})
		if !sources.IsKind(err, sources.NotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if cs, err := source(t, empty.dir, Options{}).Changes(t.Context(), time.Time{}); err != nil || len(cs) != 0 {
		t.Errorf("an empty clone: %v, %v", cs, err)
	}
	if _, err := source(t, empty.dir, Options{}).Between(t.Context(), "checkout", "1", "2"); !sources.IsKind(err, sources.NotFound) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source(t, r.dir, Options{}).Between(ctx, "checkout", "1.41.0", "1.42.0"); !sources.IsKind(err, sources.Canceled) {
		t.Error(err)
	}
}
