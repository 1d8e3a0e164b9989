package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// trackedFiles lists the files that git knows, with slashes. Nil where there
// is no git: then every file counts.
func trackedFiles(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil || len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// source is one file of ours that is no test.
type source struct {
	path string // from the root, with slashes
	file *ast.File
	set  *token.FileSet
}

func (s source) room() string { return filepath.ToSlash(filepath.Dir(s.path)) }

func (s source) line(n ast.Node) int { return s.set.Position(n.Pos()).Line }

func readSources(t *testing.T) []source {
	t.Helper()
	var out []source
	dir, tracked := root(t), trackedFiles(t)
	if tracked == nil {
		t.Skip("no git: the list of our files is not known")
	}
	for _, p := range tracked {
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") || strings.Contains("/"+p, "/testdata/") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, filepath.Join(dir, filepath.FromSlash(p)), nil, parser.SkipObjectResolution|parser.ParseComments)
		if os.IsNotExist(err) {
			continue // deleted and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{p, f, set})
	}
	if len(out) < 30 {
		t.Fatalf("only %d files", len(out))
	}
	return out
}

// habit is something that may stand in few places only.
type habit struct {
	name  string
	found func(ast.Node) bool
	where func(room string) bool // the rooms that the rule speaks of
	// allowed are files, or rooms, where it may stand all the same, and why.
	allowed map[string]string
	why     string
}

// calls finds pkg.Name for each of the names.
func calls(pkg string, names ...string) func(ast.Node) bool {
	return func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains(names, s.Sel.Name) {
			return false
		}
		x, ok := s.X.(*ast.Ident)
		return ok && x.Name == pkg
	}
}

func anywhere(string) bool { return true }

func inRooms(rooms ...string) func(string) bool {
	return func(r string) bool { return slices.Contains(rooms, r) }
}

func drawing(room string) bool {
	return room == "tui" || strings.HasPrefix(room, "tui/") || room == "cmd/firstpage"
}

var habits = []habit{
	{
		name: "Raw()",
		found: func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) != 0 {
				return false
			}
			s, ok := c.Fun.(*ast.SelectorExpr)
			return ok && s.Sel.Name == "Raw"
		},
		where: drawing,
		why:   "what is drawn or printed is the clean form of outside text; raw text is for matching, queries, quoting and files",
	},
	{
		name:  "a goroutine",
		found: func(n ast.Node) bool { _, ok := n.(*ast.GoStmt); return ok },
		where: anywhere,
		allowed: map[string]string{
			"sources/poll":            "one per source",
			"sources/sourcetest":      "tests of cancellation",
			"internal/proc":           "pumps of a program's output",
			"internal/promtest":       "servers for tests",
			"runbook/resolve/root.go": "the index of a checkout is read by several at once",
			"drill/engine":            "the clock of the played server",
			"cmd/firstpage":           "owns the root context",
		},
		why: "goroutines live in few named places; elsewhere a tea.Cmd or an errgroup that is waited for does",
	},
	{
		name:  "an errgroup",
		found: calls("errgroup", "Group", "WithContext"),
		where: anywhere,
		allowed: map[string]string{"page": "the queries of one part, waited for in Load", "sources/buildinfo": "one query per metric",
			"sources/kubernetes": "one program per list",
			"internal/forge":     "a few projects at once", "sources/github": "a few deployments of a project at once", "cmd/firstpage": "owns the root context"},
		why: "goroutines live in few named places",
	},
	{
		name:    "a style",
		found:   calls("lipgloss", "NewStyle", "Color"),
		where:   anywhere,
		allowed: map[string]string{"tui/theme": "the one place where colours are named"},
		why:     "colours are tokens of the theme, so that a theme can be changed and NO_COLOR kept",
	},
	{
		name:  "the clock",
		found: calls("time", "Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker"),
		where: inRooms("triage", "page", "runbook", "readiness", "journal"),
		why:   "the moment is an argument: the same board at the same moment gives the same answer",
	},
	{
		name: "init()",
		found: func(n ast.Node) bool {
			f, ok := n.(*ast.FuncDecl)
			return ok && f.Recv == nil && f.Name.Name == "init"
		},
		where: anywhere,
		why:   "nothing happens by being imported",
	},
	{
		name:    "an end of the process",
		found:   func(n ast.Node) bool { return calls("os", "Exit")(n) || calls("log", "Fatal", "Fatalf", "Fatalln")(n) },
		where:   anywhere,
		allowed: map[string]string{"cmd/firstpage/main.go": "the exit code of run"},
		why:     "it leaves the terminal raw and skips what is deferred",
	},
}

func TestHabits(t *testing.T) {
	t.Parallel()
	files := readSources(t)
	for _, h := range habits {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			used := map[string]bool{}
			for _, s := range files {
				if !h.where(s.room()) {
					continue
				}
				ast.Inspect(s.file, func(n ast.Node) bool {
					if n == nil || !h.found(n) {
						return true
					}
					for _, place := range []string{s.path, s.room()} {
						if _, ok := h.allowed[place]; ok {
							used[place] = true
							return true
						}
					}
					t.Errorf("%s:%d: %s: %s", s.path, s.line(n), h.name, h.why)
					return true
				})
			}
			for place := range h.allowed {
				// A file that is listed must need it; a room may, at any time.
				if strings.HasSuffix(place, ".go") && !used[place] {
					t.Errorf("%s is on the list for %s and does not need to be: take it off", place, h.name)
				}
			}
		})
	}
}

// Every package says in its comment what it is for.
func TestPackageComments(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, s := range readSources(t) {
		said[s.room()] = said[s.room()] || s.file.Doc != nil
	}
	for r, ok := range said {
		if !ok {
			t.Errorf("%s has no package comment: purpose, who imports it, what it must not import, concurrency", r)
		}
	}
}
