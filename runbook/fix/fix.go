// Package fix turns an edited runbook into a branch with one commit, and a
// branch into a push: mending the runbook is part of the incident.
//
// A commit is made beside the working tree: neither the files, nor the index,
// nor the branch that is checked out change, so that nothing of what the user
// was doing there is lost or taken along. Nothing leaves the machine but by
// [Push].
//
// Imported by cmd. It runs git by internal/proc, with the user's own settings
// and hooks; it must not import a screen, the configuration or a source.
// Its functions may be called from any goroutine, one at a time for a
// repository.
package fix

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/gitrepo"
	"github.com/firstpage-oncall/firstpage/internal/proc"
	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// Prefix is what the branches made here begin with.
const Prefix = "firstpage/"

// Edit is a runbook whose file differs from what is committed.
type Edit struct {
	Root           string   // of the working tree
	Rel            string   // of the file in it, with slashes
	Added, Removed int      // lines
	Diff           []string // lines of the unified diff from its first hunk on, clean, at most maxDiff
	New            bool     // git does not know the file yet
}

// maxDiff is how many lines of a diff are kept for the eye.
const maxDiff = 200

// ErrNoRepository says that a file is in no git repository.
var ErrNoRepository = errors.New("the runbook is in no git repository, so there is nothing to commit")

// Look compares a runbook's file with what is committed. False: it is as
// committed.
func Look(ctx context.Context, file string) (Edit, bool, error) {
	dir := filepath.Dir(file)
	top, err := git(ctx, dir, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return Edit{}, false, fmt.Errorf("%w: %w", ErrNoRepository, err)
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return Edit{}, false, err
	}
	root := strings.TrimSpace(top)
	rel, err := filepath.Rel(root, real)
	if err != nil || strings.HasPrefix(rel, "..") {
		return Edit{}, false, ErrNoRepository
	}
	e := Edit{Root: root, Rel: filepath.ToSlash(rel)}
	if _, err := git(ctx, root, nil, "ls-files", "--error-unmatch", "--", e.Rel); err != nil {
		return e.whole(real)
	}
	diff, err := git(ctx, root, nil, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD", "--", e.Rel)
	if err != nil {
		return e, false, err
	}
	e.read(diff)
	return e, e.Added+e.Removed > 0, nil
}

// whole is the edit of a file that git does not know: all of it is added.
func (e Edit) whole(file string) (Edit, bool, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return e, false, err
	}
	e.New = true
	for line := range strings.Lines(string(body)) {
		e.add("+" + line)
	}
	return e, e.Added > 0, nil
}

func (e *Edit) read(diff string) {
	hunk := false
	for line := range strings.Lines(diff) {
		if hunk = hunk || strings.HasPrefix(line, "@@"); hunk {
			e.add(line)
		}
	}
}

func (e *Edit) add(line string) {
	switch line[0] {
	case '+':
		e.Added++
	case '-':
		e.Removed++
	}
	if len(e.Diff) < maxDiff {
		e.Diff = append(e.Diff, safe.Text(strings.TrimRight(line, "\r\n")))
	}
}

// Branch is one fix that waits in a checkout.
type Branch struct {
	Name, Subject string // clean
	Revision      string // full
	At            time.Time
	Remote        string // web address of origin; empty: there is none
	Base          string // the branch that it is to go to
}

// Commit makes a branch with one commit of the file as it stands on disk, on
// top of what the remote's main branch holds (else of what is checked out). The
// user's name and address are git's own.
func (e Edit) Commit(ctx context.Context, message string, now time.Time) (Branch, error) {
	fail := func(err error) (Branch, error) { return Branch{}, fmt.Errorf("no branch was made: %w", err) }
	base, onto := e.base(ctx)
	parent, err := git(ctx, e.Root, nil, "rev-parse", "--verify", onto+"^{commit}")
	if err != nil {
		return fail(err)
	}
	dir, err := os.MkdirTemp("", "firstpage-index-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder for temporary files
	own := []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "index")}
	blob, err := git(ctx, e.Root, nil, "hash-object", "-w", "--", e.Rel)
	if err != nil {
		return fail(err)
	}
	if _, err = git(ctx, e.Root, own, "read-tree", strings.TrimSpace(parent)); err != nil {
		return fail(err)
	}
	if _, err = git(ctx, e.Root, own, "update-index", "--add", "--cacheinfo", "100644,"+strings.TrimSpace(blob)+","+e.Rel); err != nil {
		return fail(err)
	}
	tree, err := git(ctx, e.Root, own, "write-tree")
	if err != nil {
		return fail(err)
	}
	commit, err := git(ctx, e.Root, nil, "commit-tree", strings.TrimSpace(tree), "-p", strings.TrimSpace(parent), "-m", message)
	if err != nil {
		return fail(err)
	}
	b := Branch{Name: e.branch(now), Subject: safe.Text(strings.SplitN(message, "\n", 2)[0]), Revision: strings.TrimSpace(commit), At: now.UTC(), Base: base}
	if _, err := git(ctx, e.Root, nil, "branch", "--no-track", b.Name, b.Revision); err != nil {
		return fail(err)
	}
	b.Remote = remote(ctx, e.Root)
	return b, nil
}

// base is the branch that a fix is to go to, and the revision to build on.
func (e Edit) base(ctx context.Context) (name, onto string) {
	if head, err := git(ctx, e.Root, nil, "symbolic-ref", "--short", "refs/remotes/origin/HEAD"); err == nil {
		head = strings.TrimSpace(head)
		return strings.TrimPrefix(head, "origin/"), head
	}
	if head, err := git(ctx, e.Root, nil, "symbolic-ref", "--short", "HEAD"); err == nil {
		return strings.TrimSpace(head), "HEAD"
	}
	return "", "HEAD"
}

// branch is the name of a fix: the file's and the moment's.
func (e Edit) branch(now time.Time) string {
	stem := strings.TrimSuffix(path.Base(e.Rel), path.Ext(e.Rel))
	stem = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, stem), "-")
	return Prefix + cmp.Or(stem, "runbook") + now.UTC().Format("-20060102-150405")
}

func remote(ctx context.Context, root string) string {
	out, err := git(ctx, root, nil, "config", "--get", "remote.origin.url")
	if err != nil {
		return ""
	}
	return gitrepo.WebAddress(strings.TrimSpace(out))
}

// CompareURL is where the forge turns the branch into a merge or pull request;
// empty without a remote.
func (b Branch) CompareURL() string {
	if b.Remote == "" {
		return ""
	}
	host := b.Remote[len("https://"):]
	host, _, _ = strings.Cut(host, "/")
	name := url.PathEscape(b.Name)
	switch {
	case strings.Contains(host, "gitlab"):
		return b.Remote + "/-/merge_requests/new?merge_request%5Bsource_branch%5D=" + url.QueryEscape(b.Name)
	case strings.Contains(host, "bitbucket"):
		return b.Remote + "/pull-requests/new?source=" + url.QueryEscape(b.Name)
	case b.Base == "":
		return b.Remote + "/compare/" + name
	}
	return b.Remote + "/compare/" + url.PathEscape(b.Base) + "..." + name
}

// PushArgv is the command that sends a branch; it is shown before it is run.
func PushArgv(root, branch string) []string {
	return []string{"git", "-C", root, "push", "--set-upstream", "origin", branch}
}

// pushTimeout is how long a forge may take to accept a branch.
const pushTimeout = 60 * time.Second

// Push sends a branch to origin. Git's own words are the answer.
func Push(ctx context.Context, root, branch string) error {
	_, err := proc.Run(ctx, proc.Command{Argv: PushArgv(root, branch), Env: gitrepo.Environ(), Timeout: pushTimeout})
	return err
}

// Unsent lists the branches made here that no remote has, newest first.
func Unsent(ctx context.Context, root string) ([]Branch, error) {
	out, err := git(ctx, root, nil, "for-each-ref", "--format=%(refname:short)%09%(objectname)%09%(committerdate:unix)%09%(contents:subject)", "refs/heads/"+Prefix)
	if err != nil {
		return nil, err
	}
	base, _ := Edit{Root: root}.base(ctx)
	web := remote(ctx, root)
	var all []Branch
	for line := range strings.Lines(out) {
		f := strings.SplitN(strings.TrimSpace(line), "\t", 4)
		if len(f) < 4 {
			continue
		}
		if sent, err := git(ctx, root, nil, "branch", "--remotes", "--contains", f[1]); err != nil || strings.TrimSpace(sent) != "" {
			continue
		}
		sec, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			continue
		}
		all = append(all, Branch{Name: safe.Text(f[0]), Revision: f[1], At: time.Unix(sec, 0).UTC(), Subject: safe.Text(f[3]), Remote: web, Base: base})
	}
	slices.SortFunc(all, func(a, b Branch) int { return b.At.Compare(a.At) })
	return all, nil
}

// git runs one command in a folder and returns what it printed.
func git(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	out, err := proc.Run(ctx, proc.Command{Argv: append([]string{"git", "-C", dir}, args...), Env: gitrepo.Environ(env...)})
	return string(out), err
}

// In reports whether a branch holds the file as it stands on disk.
func (e Edit) In(ctx context.Context, branch string) bool {
	there, err := git(ctx, e.Root, nil, "rev-parse", "--verify", branch+":"+e.Rel)
	if err != nil {
		return false
	}
	here, err := git(ctx, e.Root, nil, "hash-object", "--", e.Rel)
	return err == nil && strings.TrimSpace(here) == strings.TrimSpace(there)
}
