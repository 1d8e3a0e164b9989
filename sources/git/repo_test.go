package git

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/sources"
)

// noon is when the newest commits of the tests are made.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// repo is a real repository in a folder of the test's.
type repo struct {
	t   testing.TB
	dir string
	now time.Time
}

// newRepo makes a repository; args go to git init.
func newRepo(t testing.TB, args ...string) *repo {
	t.Helper()
	r := &repo{t, filepath.Join(t.TempDir(), "checkout"), noon.Add(-24 * time.Hour)}
	if err := os.Mkdir(r.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r.git(append([]string{"init", "-q", "--template=", "-b", "main"}, args...)...)
	return r
}

// git runs one command as its user would, without settings of this machine.
func (r *repo) git(args ...string) string {
	r.t.Helper()
	return gitIn(r.t, r.dir, r.now, args...)
}

func gitIn(t testing.TB, dir string, at time.Time, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	date := fmt.Sprintf("%d +0000", at.Unix())
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date,
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit writes a file with so many lines and commits it, a minute after the
// last one. It is the commit's hash.
func (r *repo) commit(file string, lines int, message string) string {
	r.t.Helper()
	r.now = r.now.Add(time.Minute)
	p := filepath.Join(r.dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		r.t.Fatal(err)
	}
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "%s line %d\n", file, i)
	}
	if err := os.WriteFile(p, []byte(b.String()), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.git("add", "-A")
	r.git("commit", "-q", "-m", message)
	return r.git("rev-parse", "HEAD")
}

// source opens the source of a folder for the service checkout, or as o says.
func source(t testing.TB, dir string, o Options) *Source {
	t.Helper()
	o.Path = dir
	if o.Service == "" && o.Services == nil {
		o.Service = "checkout"
	}
	s, err := Open(o, sources.Env{Name: "code", Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// between is Between of checkout, which must answer.
func between(t testing.TB, s *Source, from, to string) sources.Diff {
	t.Helper()
	d, err := s.Between(t.Context(), "checkout", from, to)
	if err != nil {
		t.Fatalf("%s to %s: %v", from, to, err)
	}
	return d
}

// brieflyOf is a diff in one line.
func brieflyOf(d sources.Diff) string {
	s := fmt.Sprintf("%d commits, %d files, +%d -%d", d.Total, d.Files, d.Added, d.Removed)
	if d.NoLines {
		s = fmt.Sprintf("%d commits, %d files", d.Total, d.Files)
	}
	if d.Back {
		s += ", back"
	}
	if d.Dropped > 0 {
		s += fmt.Sprintf(", %d dropped", d.Dropped)
	}
	for _, c := range d.Commits {
		s += "; " + c.Title.String()
	}
	return s
}
