// Package gitrepo runs the git binary on a clone that nobody vouches for.
//
// A clone's own settings name programs (hooks, a file system monitor, a pager,
// external diffs, a transport, a signature checker) and its objects may have to
// be fetched first. [Read] is for questions: nothing of that runs, nothing is
// fetched, nothing is written, nothing is asked. [Environ] is for those who do
// write and want the user's own hooks and settings.
//
// Imported by rooms that speak to git (sources/git, runbook/resolve,
// runbook/fix, drill). It imports internal/proc only and knows neither services
// nor runbooks. All functions may be called from any goroutine.
package gitrepo

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/proc"
)

// Question is one command that only reads.
type Question struct {
	Dir     string   // top folder of a working tree, or a bare repository
	Inside  bool     // Dir may also be a folder in a working tree: those above it are searched
	Args    []string // paths among them are literal
	Stdin   []byte
	Timeout time.Duration // 0: that of internal/proc
}

// Read asks and returns what git printed. Errors are *proc.Error. A value from
// outside belongs behind "--end-of-options" or "--", or into Stdin; who compares
// texts of files adds --no-ext-diff and --no-textconv.
func Read(ctx context.Context, q Question) ([]byte, error) {
	argv := []string{"git", "--no-pager", "--no-optional-locks"}
	for _, setting := range harmless {
		argv = append(argv, "-c", setting)
	}
	env := []string{
		"GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1", "GIT_ASKPASS=", "SSH_ASKPASS=", "GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=none", // for git before 2.44, which does not know the one before
	}
	if !q.Inside {
		env = append(env, "GIT_CEILING_DIRECTORIES="+above(q.Dir))
	}
	argv = append(append(argv, "-C", q.Dir), q.Args...)
	return proc.Run(ctx, proc.Command{Argv: argv, Stdin: q.Stdin, Timeout: q.Timeout, Env: Environ(env...)})
}

// harmless are the settings by which a repository starts programs while it is
// only read, or answers another question than was asked, switched off.
var harmless = []string{
	"core.fsmonitor=false", "core.hooksPath=" + os.DevNull, "log.showSignature=false", "log.follow=false",
	"maintenance.auto=false", "gc.auto=0",
}

// above is the folder over a repository, by its real name: git compares with
// that.
func above(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.Dir(dir)
}

// Environ is our environment for git: it keeps the user's settings, does not
// let variables of a surrounding git command lead to another repository, and
// lets nothing ask, page or translate. More is appended.
func Environ(more ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(elsewhere, name)
	})
	return append(append(env, "GIT_TERMINAL_PROMPT=0", "GIT_PAGER=cat", "LC_ALL=C"), more...)
}

// elsewhere are the variables that git sets for its hooks and aliases: they
// name a repository other than the one that is asked.
var elsewhere = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX",
}

// FetchedAt is when git fetch last ran: it writes FETCH_HEAD each time, and
// git clone does not, but leaves the description as it was on that day. dir is
// the git directory, common the one that it shares with other working trees.
// The zero time: not known.
func FetchedAt(dir, common string) time.Time {
	var at time.Time
	for _, p := range []string{filepath.Join(dir, "FETCH_HEAD"), filepath.Join(common, "FETCH_HEAD"), filepath.Join(common, "description")} {
		if st, err := os.Stat(p); err == nil && st.ModTime().After(at) {
			at = st.ModTime().UTC()
		}
	}
	return at
}
