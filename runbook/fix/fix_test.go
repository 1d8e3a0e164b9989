package fix

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.com"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkout is a clone of a bare repository with one runbook.
func checkout(t *testing.T) (work, bare string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	seed := filepath.Join(dir, "seed")
	bare, work = filepath.Join(dir, "bare.git"), filepath.Join(dir, "work")
	run(t, dir, "init", "-q", "-b", "main", seed)
	write(t, filepath.Join(seed, "docs", "cart.md"), "# Cart\n\nOld words.\n")
	write(t, filepath.Join(seed, "code.go"), "package x\n")
	run(t, seed, "add", ".")
	run(t, seed, "commit", "-qm", "Begin")
	run(t, dir, "clone", "-q", "--bare", seed, bare)
	run(t, dir, "clone", "-q", bare, work)
	run(t, work, "config", "user.name", "Ada")
	run(t, work, "config", "user.email", "ada@example.com")
	return work, bare
}

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// A fix is one commit with the runbook alone; what else the user was doing in
// the checkout stays as it was.
func TestAFixIsABranchOfItsOwn(t *testing.T) {
	t.Parallel()
	work, bare := checkout(t)
	file := filepath.Join(work, "docs", "cart.md")
	if _, changed, err := Look(t.Context(), file); changed || err != nil {
		t.Fatalf("unchanged: %v %v", changed, err)
	}
	run(t, work, "checkout", "-qb", "my-work")
	write(t, filepath.Join(work, "code.go"), "package x // half done\n")
	write(t, filepath.Join(work, "staged.txt"), "staged\n")
	run(t, work, "add", "staged.txt")
	write(t, file, "# Cart\n\nNew words.\nAnd \x1b]0;more\a.\n")
	before := run(t, work, "status", "--porcelain", "--branch")

	e, changed, err := Look(t.Context(), file)
	if err != nil || !changed || e.Added != 2 || e.Removed != 1 || e.Rel != "docs/cart.md" || e.New {
		t.Fatalf("%+v %v %v", e, changed, err)
	}
	if d := strings.Join(e.Diff, "\n"); !strings.Contains(d, "-Old words.") || strings.ContainsAny(d, "\x1b\a") {
		t.Errorf("diff %q", d)
	}
	b, err := e.Commit(t.Context(), "Say what to do\n\nSeen while CartQueueGrowing fired.", now)
	if err != nil {
		t.Fatal(err)
	}
	if b.Name != "firstpage/cart-20260304-050607" || b.Base != "main" {
		t.Errorf("%+v", b)
	}
	if after := run(t, work, "status", "--porcelain", "--branch"); after != before {
		t.Errorf("the working tree changed:\n%s\nwas:\n%s", after, before)
	}
	if files := run(t, work, "show", "--stat=80", "--format=%an %s", b.Name); !strings.Contains(files, "Ada Say what to do") || !strings.Contains(files, "docs/cart.md") || strings.Contains(files, "code.go") || strings.Contains(files, "staged.txt") {
		t.Errorf("the commit holds %s", files)
	}
	if parent := run(t, work, "rev-parse", b.Name+"^"); parent != run(t, work, "rev-parse", "origin/main") {
		t.Error("it is not on top of the remote's main branch")
	}

	waiting, err := Unsent(t.Context(), work)
	if err != nil || len(waiting) != 1 || waiting[0].Name != b.Name || waiting[0].Subject != "Say what to do" {
		t.Fatalf("unsent: %+v %v", waiting, err)
	}
	if heads := run(t, bare, "branch", "--list"); strings.Contains(heads, "firstpage") {
		t.Fatal("it was pushed unasked")
	}
	if err := Push(t.Context(), work, b.Name); err != nil {
		t.Fatal(err)
	}
	if heads := run(t, bare, "branch", "--list"); !strings.Contains(heads, b.Name) {
		t.Errorf("the remote has %s", heads)
	}
	if waiting, err = Unsent(t.Context(), work); err != nil || len(waiting) != 0 {
		t.Errorf("after the push: %+v %v", waiting, err)
	}
}

func TestANewFileAndOddPlaces(t *testing.T) {
	t.Parallel()
	work, _ := checkout(t)
	file := filepath.Join(work, "docs", "neu & schön.md")
	write(t, file, "# New\n\nWords.\n")
	e, changed, err := Look(t.Context(), file)
	if err != nil || !changed || !e.New || e.Added != 3 {
		t.Fatalf("%+v %v %v", e, changed, err)
	}
	b, err := e.Commit(t.Context(), "Begin a runbook", now)
	if err != nil || b.Name != "firstpage/neu---sch-n-20260304-050607" {
		t.Fatalf("%+v %v", b, err)
	}
	if body := run(t, work, "show", b.Name+":docs/neu & schön.md"); !strings.Contains(body, "Words.") {
		t.Errorf("it holds %q", body)
	}
	lone := filepath.Join(t.TempDir(), "x.md")
	write(t, lone, "x")
	if _, _, err := Look(t.Context(), lone); !errors.Is(err, ErrNoRepository) {
		t.Errorf("outside of a repository: %v", err)
	}
	// A second commit within the second has the same name: nothing is lost.
	if _, err := e.Commit(t.Context(), "Again", now); err == nil || !strings.Contains(err.Error(), "no branch was made") {
		t.Errorf("the same name twice: %v", err)
	}
}

func TestCompareURL(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"https://github.com/acme/runbooks": "https://github.com/acme/runbooks/compare/main...firstpage%2Fcart-1",
		"https://gitlab.example.com/a/b/c": "https://gitlab.example.com/a/b/c/-/merge_requests/new?merge_request%5Bsource_branch%5D=firstpage%2Fcart-1",
		"https://bitbucket.org/acme/books": "https://bitbucket.org/acme/books/pull-requests/new?source=firstpage%2Fcart-1",
		"https://codeberg.org/acme/books":  "https://codeberg.org/acme/books/compare/main...firstpage%2Fcart-1",
		"":                                 "",
	} {
		b := Branch{Name: "firstpage/cart-1", Base: "main", Remote: remote}
		if got := b.CompareURL(); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}
