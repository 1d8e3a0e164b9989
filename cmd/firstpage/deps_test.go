package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/firstpage-oncall/firstpage"

// room is one row of the import table: what a package (or, with a trailing
// "/*", each package below it) may import of ours, and what it must not import
// directly of anybody's.
type room struct {
	name   string
	may    []string // rooms of ours; internal/safe is open to all
	never  []ban
	why    string // why a room of ours that is not in may is out of bounds
	only   []string
	test   bool // imported by tests only
	future bool // not built yet: the row may stand without a room
}

// ban is an import path, or a prefix of one when it ends in "/", and why.
type ban struct{ path, why string }

func bans(why string, paths ...string) []ban {
	var bs []ban
	for _, p := range paths {
		bs = append(bs, ban{p, why})
	}
	return bs
}

var (
	noIO = append(bans("it judges values that it is handed: a test needs no machine around it, and it gives the same answer twice",
		"os", "os/exec", "net", "net/http"), noScreen...)
	noScreen = bans("it serves --plain, JSON and tests as well as the screen; only tui draws",
		"charm.land/bubbletea/v2", "charm.land/bubbles/", "charm.land/lipgloss/", "charm.land/glamour/")
	noProgram = bans("starting a program goes through internal/proc, which knows deadlines, caps and process groups",
		"os/exec")
	noWire = bans("the screen hands values to functions that cmd gave it; what it cannot do itself, read-only can switch off",
		"os", "os/exec", "net", "net/http", "charm.land/lipgloss/v2/compat")
)

func with(lists ...[]ban) []ban { return slices.Concat(lists...) }

// rooms is the import table. Imports point down; nothing imports cmd.
var rooms = []room{
	{name: "internal/safe", only: []string{}, why: "every room imports it: it must not drag anything along"},
	{name: "internal/safe/safetest", test: true, only: []string{}, why: "it is a list of hostile texts"},
	{name: "internal/state", never: with(noScreen, bans("cmd decides where files live and hands the directory over", "github.com/adrg/xdg")),
		why: "it keeps bytes and does not know what they mean"},
	{name: "internal/proc", never: noScreen, why: "it starts programs and does not know why"},
	{name: "internal/gitrepo", may: []string{"internal/proc"}, never: with(noScreen, noProgram), why: "it asks clones and does not know whose code they hold"},
	{name: "internal/web", may: []string{"internal/proc", "sources"}, never: with(noScreen, noProgram),
		why: "it is the one HTTP client and knows no particular server"},
	{name: "internal/forge", may: []string{"sources"}, never: with(noScreen, noProgram, bans("a kind of forge asks its API; what is common knows none", "net/http")),
		why: "it is what two forges have in common and knows neither"},
	{name: "internal/glob", only: []string{}, never: with(noScreen, noProgram), why: "it lists files and does not know what they are for"},
	{name: "internal/yamltree", never: noIO, why: "it looks things up in a text and does not know what they mean"},
	{name: "internal/promtest", test: true, never: noScreen, why: "it runs real servers for tests of any room"},

	{name: "sources", only: []string{"internal/safe"}, why: "it is the vocabulary of every room: a type here that needs a library gives it to all"},
	{name: "sources/sourcetest", test: true, may: []string{"sources", "internal/proc", "internal/web", "internal/state"},
		why: "the conformance suite must hold for sources that are not written yet"},
	{name: "sources/poll", may: []string{"sources", "internal/state"}, never: with(noScreen, noProgram),
		why: "it schedules functions; which system answers them is cmd's wiring"},
	{name: "sources/all", may: []string{"sources", "sources/*"}, never: noScreen, future: true, why: "it is a list of kinds"},
	{name: "sources/*", may: []string{"sources", "internal/web", "internal/proc", "internal/gitrepo", "internal/state", "internal/forge", "internal/glob", "internal/yamltree"}, never: with(noScreen, noProgram),
		why: "one outside system, one package: another source, the configuration or a judgement in it could not be replaced alone"},

	{name: "runbook", may: []string{"sources"}, never: noIO, why: "it reads bytes and links; where they come from is the resolver's business"},
	{name: "runbook/htmldoc", never: noIO, why: "it turns one text into another: which page it is, and whose, is the resolver's business"},
	{name: "runbook/resolve", may: []string{"runbook", "runbook/htmldoc", "sources", "internal/web", "internal/proc", "internal/gitrepo", "internal/state"}, never: with(noScreen, noProgram),
		why: "it finds runbooks; how they look or what they are worth is not its business"},

	{name: "runbook/fix", may: []string{"internal/gitrepo", "internal/proc"}, never: with(noScreen, noProgram),
		why: "it makes branches of edited runbooks and knows neither alerts nor screens"},

	{name: "triage", may: []string{"sources", "runbook"}, never: noIO, why: "it is judgement alone, the same on screen, in JSON and in a drill"},
	{name: "journal", may: []string{"sources", "triage", "internal/state"}, never: with(noScreen, bans("it is written here and read here", "net/http")),
		future: true, why: "it records what happened and must not depend on how it was shown"},
	{name: "page", may: []string{"sources", "runbook", "triage", "journal"}, never: noIO,
		why: "it composes one alert from parts behind interfaces; adapters are wired by cmd"},
	{name: "readiness", may: []string{"sources", "runbook", "triage", "journal"}, never: noIO,
		why: "checks run in CI on rule files alone"},
	{name: "drill/engine", may: []string{"sources"}, never: with(noScreen, noProgram),
		why: "it plays a Prometheus; whoever knows it is a drill could behave differently in one"},
	{name: "drill", may: []string{"sources", "runbook", "triage", "journal", "internal/state", "internal/proc", "internal/gitrepo", "drill/engine"}, never: with(noScreen, noProgram),
		why: "it is an outside system to the rest of the program"},

	{name: "tui", may: append([]string{"page", "triage", "runbook", "journal", "sources"}, panes...), never: noWire,
		why: "it draws a page and returns intents: no source, no file, no configuration"},
	{name: "tui/theme", never: noWire, why: "it is tokens and colours"},
	{name: "tui/keymap", never: noWire, why: "keys are data"},
	{name: "tui/frame", never: noWire, why: "it counts cells"},
	{name: "tui/graph", may: []string{"tui/frame", "tui/theme"}, never: noWire, why: "it draws numbers and does not know what they mean"},
	{name: "tui/*", may: []string{"page", "triage", "runbook", "journal", "sources", "tui/keymap", "tui/theme", "tui/frame", "tui/graph"}, never: noWire,
		why: "a pane knows neither the root nor another pane, so that it can be tested and moved alone"},

	{name: "config", may: []string{"sources", "internal/state"},
		never: with(noScreen, bans("loading a configuration opens no connection and starts nothing", "net/http", "os/exec"),
			bans("cmd decides where the files are", "github.com/adrg/xdg")),
		why: "the options of a source reach it through sources.ChangeKind, so that a new source changes no line here"},
	{name: "cmd/firstpage", may: []string{"*"}, why: "it wires everything"},
	{name: "cmd/firstpage/e2e", test: true, why: "it sees the program from outside"},
}

// panes are the folders under tui, which the root may import.
var panes = []string{"tui/*", "tui/keymap", "tui/theme", "tui/frame", "tui/graph"}

// goPackage is what go list says about a package.
type goPackage struct {
	ImportPath, Dir string
	Standard        bool
	GoFiles         []string
	Imports, Deps   []string
}

// ours is the path of a package below the module, and whether it is one of ours.
func ours(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// load lists our packages with what they depend on, for the system at hand.
// Untracked directories are somebody's work in progress and are left out.
func loadPackages(t *testing.T) (packages []goPackage, standard map[string]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Dir,Standard,GoFiles,Imports,Deps", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("go list: %v\n%s", err, e.Stderr)
		}
		t.Fatal(err)
	}
	tracked := trackedFiles(t)
	standard = map[string]bool{"C": true}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Standard {
			standard[p.ImportPath] = true
		}
		name, ok := ours(p.ImportPath)
		if ok && len(p.GoFiles) > 0 && (tracked == nil || slices.ContainsFunc(tracked, func(f string) bool { return path.Dir(f) == name })) {
			packages = append(packages, p)
		}
	}
	if len(packages) < 10 {
		t.Fatalf("go list shows only %d packages of ours", len(packages))
	}
	return packages, standard
}

// roomOf finds the row of a package: its own, else that of its parent's "/*".
func roomOf(name string) (room, bool) {
	for _, want := range []string{name, path.Dir(name) + "/*"} {
		if i := slices.IndexFunc(rooms, func(r room) bool { return r.name == want }); i >= 0 {
			return rooms[i], true
		}
	}
	return room{}, false
}

func (r room) allows(name string) bool {
	if name == "internal/safe" || slices.Contains(r.may, "*") || slices.Contains(r.may, name) {
		return true
	}
	// "tui/*" opens the panes, not a room that has a row of its own.
	of, ok := roomOf(name)
	return ok && of.name == path.Dir(name)+"/*" && slices.Contains(r.may, of.name)
}

func (b ban) matches(importPath string) bool {
	return importPath == b.path || strings.HasSuffix(b.path, "/") && strings.HasPrefix(importPath, b.path)
}

func TestImportTable(t *testing.T) {
	t.Parallel()
	packages, standard := loadPackages(t)
	seen := map[string]bool{}
	for _, p := range packages {
		name, _ := ours(p.ImportPath)
		r, ok := roomOf(name)
		if !ok {
			t.Errorf("%s is a new room: give it a row in the import table (rooms, in this file) and in docs/architecture.md", name)
			continue
		}
		seen[r.name] = true
		for _, imp := range p.Imports {
			checkImport(t, name, r, imp, standard[imp])
		}
		for _, dep := range p.Deps {
			if dep == "charm.land/lipgloss/v2/compat" {
				t.Errorf("%s depends on %s: it asks the terminal for its colours while the program loads, and waits for seconds where none answers", name, dep)
			}
		}
	}
	for _, r := range rooms {
		if !seen[r.name] && !r.future {
			t.Errorf("the import table has a row for %s, which is not there: take the row out or mark it future", r.name)
		}
	}
}

func checkImport(t *testing.T, name string, r room, imp string, standard bool) {
	t.Helper()
	for _, b := range r.never {
		if b.matches(imp) {
			t.Errorf("%s imports %s: %s", name, imp, b.why)
		}
	}
	own, isOurs := ours(imp)
	if r.only != nil && !standard && !slices.Contains(r.only, own) {
		t.Errorf("%s imports %s beside the standard library: %s", name, imp, r.why)
		return
	}
	if !isOurs {
		return
	}
	if of, ok := roomOf(own); ok && of.test && !r.test {
		t.Errorf("%s imports %s outside of a test: it is made for tests", name, own)
		return
	}
	if !r.allows(own) {
		t.Errorf("%s imports %s: %s", name, own, r.why)
	}
}

// The table forbids by direct imports, because libraries reach for os and
// net/http themselves. What it promises about our own rooms holds through any
// number of steps.
func TestRoomsOutOfReach(t *testing.T) {
	t.Parallel()
	packages, _ := loadPackages(t)
	for _, rule := range []struct{ from, to, why string }{
		{"tui", "config", "the screen must work with any wiring: a test's, a drill's"},
		{"tui", "sources/*", "the screen draws a snapshot, whoever filled it"},
		{"tui", "runbook/resolve", "the screen asks for a runbook through an interface"},
		{"page", "runbook/resolve", "the page asks for a runbook through an interface"},
		{"page", "sources/*", "the page asks through sources.Querier"},
		{"triage", "runbook/resolve", "judgement does no I/O"},
		{"config", "tui", "a setting must not depend on how it is drawn"},
		{"sources/*", "triage", "a source reports, it does not judge"},
	} {
		for _, p := range packages {
			name, _ := ours(p.ImportPath)
			if from, ok := roomOf(name); !ok || from.name != rule.from || from.test {
				continue
			}
			for _, dep := range p.Deps {
				if own, ok := ours(dep); ok {
					if to, ok := roomOf(own); ok && to.name == rule.to {
						t.Errorf("%s reaches %s: %s", name, own, rule.why)
					}
				}
			}
		}
	}
}
