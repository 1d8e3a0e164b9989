package resolve

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/gitrepo"
)

// gitInfo is what the files of a git directory tell.
type gitInfo struct {
	found    bool
	top      string   // absolute directory of the working tree
	sub      []string // from top to the checkout's directory
	remotes  []string // web addresses of the remotes, origin first
	branch   string   // checked out; empty: detached
	revision string   // full hash; empty: no commit yet
	refs     map[string]bool
	fetched  time.Time // when a remote was last asked, at the latest when it was cloned; zero: no remote, or not known
}

// maxGitFile bounds each file read: packed-refs of a large repository is a
// few MB.
const maxGitFile = 16 << 20

// readGit looks for a git directory in dir and above it. No program is run
// and nothing is an error: what cannot be read is not known.
func readGit(dir string) gitInfo {
	top := dir
	for {
		if gitDir, ok := gitDirOf(top); ok {
			g := gitInfo{found: true, top: top}
			if rel, err := filepath.Rel(top, dir); err == nil && rel != "." {
				g.sub = strings.Split(filepath.ToSlash(rel), "/")
			}
			g.read(gitDir)
			return g
		}
		parent := filepath.Dir(top)
		if parent == top {
			return gitInfo{}
		}
		top = parent
	}
}

// gitDirOf gives the git directory of a working tree: .git, or the directory
// that a .git file (worktree, submodule) names.
func gitDirOf(top string) (string, bool) {
	p := filepath.Join(top, ".git")
	st, err := os.Stat(p)
	if err != nil {
		return "", false
	}
	if st.IsDir() {
		return p, true
	}
	line := firstLine(readIn(top, ".git"))
	dir, ok := strings.CutPrefix(line, "gitdir:")
	if dir = strings.TrimSpace(dir); !ok || dir == "" {
		return "", false
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(top, dir)
	}
	return dir, true
}

func (g *gitInfo) read(gitDir string) {
	common := gitDir
	if c := firstLine(readIn(gitDir, "commondir")); c != "" {
		if !filepath.IsAbs(c) {
			c = filepath.Join(gitDir, c)
		}
		common = c
	}
	config := readIn(common, "config")
	g.remotes = remotes(config)
	if strings.Contains(config, "[remote ") {
		g.fetched = gitrepo.FetchedAt(gitDir, common)
	}
	packed := readIn(common, "packed-refs")
	g.refs = map[string]bool{}
	hashes := map[string]string{}
	for line := range strings.Lines(packed) {
		hash, ref, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && hash != "#" {
			hashes[ref] = hash
			g.refs[shortRef(ref)] = true
		}
	}
	looseRefs(filepath.Join(common, "refs"), g.refs)
	head := firstLine(readIn(gitDir, "HEAD"))
	ref, symbolic := strings.CutPrefix(head, "ref: ")
	if !symbolic {
		g.revision = hash(head)
		return
	}
	g.branch = strings.TrimPrefix(ref, "refs/heads/")
	if localRef(ref) {
		g.revision = hash(firstLine(readIn(common, filepath.FromSlash(ref))))
	}
	if g.revision == "" {
		g.revision = hash(hashes[ref])
	}
}

// localRef reports whether a ref names a file below refs/.
func localRef(ref string) bool { return strings.HasPrefix(ref, "refs/") && filepath.IsLocal(ref) }

// looseRefs adds the refs that are files, at most 10,000.
func looseRefs(dir string, refs map[string]bool) {
	_ = filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		if err != nil || len(refs) > 10_000 {
			return filepath.SkipAll
		}
		if rel, err := filepath.Rel(dir, p); err == nil && !e.IsDir() {
			refs[shortRef("refs/"+filepath.ToSlash(rel))] = true
		}
		return nil
	})
}

// shortRef is a ref as a link writes it: without refs/heads/, refs/tags/ or
// refs/remotes/<name>/.
func shortRef(ref string) string {
	if rest, ok := strings.CutPrefix(ref, "refs/remotes/"); ok {
		_, short, _ := strings.Cut(rest, "/")
		return short
	}
	return strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/tags/")
}

var fullHash = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

func hash(s string) string {
	if fullHash.MatchString(s) {
		return s
	}
	return ""
}

// remotes reads the web addresses of the remotes from a git config, origin
// first: a fork's links usually name `upstream`.
func remotes(config string) []string {
	var origin, others []string
	section := ""
	for line := range strings.Lines(config) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(key), "url") || !strings.HasPrefix(strings.ToLower(section), "[remote ") {
			continue
		}
		web := gitrepo.WebAddress(strings.Trim(strings.TrimSpace(value), `"`))
		switch {
		case web == "":
		case strings.Contains(section, `"origin"`):
			origin = append(origin, web)
		default:
			others = append(others, web)
		}
	}
	return append(origin, others...)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(line)
}

// readIn reads one regular file below a directory, or nothing.
func readIn(dir, name string) string {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return ""
	}
	defer root.Close() //nolint:errcheck // only read
	b, err := readRegular(root, name, maxGitFile)
	if err != nil {
		return ""
	}
	return string(b)
}

// readRegular reads at most limit bytes of a regular file. A FIFO or device is
// refused before it could block.
func readRegular(root *os.Root, name string, limit int64) ([]byte, error) {
	st, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	if st, err = f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return io.ReadAll(io.LimitReader(f, limit))
}
