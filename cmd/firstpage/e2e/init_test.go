package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

func (h *home) configPath() string { return filepath.Join(h.dir, "config", "firstpage", "config.yaml") }

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// loads checks that what init wrote is a configuration without a warning and
// that only its user can read it.
func (h *home) loads(t testing.TB) {
	t.Helper()
	if r := h.command(t, "config", "check"); r.code != 0 || r.err != "" {
		t.Errorf("code %d, stderr %q\n%s", r.code, r.err, read(t, h.configPath()))
	}
	if st, err := os.Stat(h.configPath()); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", st, err)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(h.configPath()), ".config.yaml.*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestInitFromAScript(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	h := newHome(t, "PROMETHEUS_URL="+prom.URL)
	books := runbooksCheckout(t)
	team := writeFile(t, filepath.Join(h.dir, "team's dir", "fp $1.yaml"), "watchdogs: [A]\n")

	r := h.command(t, "init", "--yes", "--runbooks", books, "--include", team, "--print")
	if r.code != 0 || !strings.Contains(r.out, "url: "+prom.URL) || !strings.Contains(r.out, books) {
		t.Fatalf("code %d\n%s\n%s", r.code, r.err, r.out)
	}
	if _, err := os.Stat(filepath.Dir(h.configPath())); err == nil {
		t.Error("--print wrote something")
	}
	printed := r.out
	r = h.command(t, "init", "--yes", "--runbooks", books, "--include", team)
	if r.code != 0 || r.out != "" || !strings.Contains(r.err, "Prometheus 2") && !strings.Contains(r.err, "Prometheus 3") ||
		!strings.Contains(r.err, "2 alerts") || !strings.Contains(r.err, "firstpage doctor") {
		t.Fatalf("code %d\n%s\n%s", r.code, r.err, r.out)
	}
	if got := read(t, h.configPath()); got != printed {
		t.Errorf("--print showed\n%s\nand this was written\n%s", printed, got)
	}
	h.loads(t)
	if r := h.command(t, "config", "print"); !strings.Contains(r.out, "name: local") || !strings.Contains(r.out, "watchdogs: [A]") {
		t.Errorf("%s", r.out)
	}
	if r := h.command(t, "alerts"); r.code != 0 || !strings.Contains(r.out, "KubePodCrashLooping") {
		t.Errorf("code %d\n%s", r.code, r.err)
	}

	// A file that is there stays, byte for byte.
	r = h.command(t, "init", "--yes", "--name", "other")
	if r.code != 2 || !strings.Contains(r.err, "is there already") || read(t, h.configPath()) != printed {
		t.Errorf("code %d\n%s", r.code, r.err)
	}
	r = h.command(t, "init", "--yes", "--name", "other", "--force")
	if r.code != 0 || !strings.Contains(read(t, h.configPath()), "name: other") || read(t, h.configPath()+".bak") != printed {
		t.Errorf("code %d\n%s", r.code, r.err)
	}
	h.loads(t)
	if r = h.command(t, "init", "--yes", "--force"); r.code != 0 || read(t, h.configPath()+".bak") != printed {
		t.Errorf("the first copy was lost: code %d\n%s", r.code, r.err)
	}
	if !strings.Contains(read(t, h.configPath()+".bak.2"), "name: other") {
		t.Error("the second copy is not there")
	}
}

func TestInitFindsRunbooksByTheLinksOfTheRules(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	books := runbooksCheckout(t)
	src := filepath.Dir(books)
	writeFile(t, filepath.Join(src, "shop", ".git", "HEAD"), "ref: refs/heads/main\n")
	writeFile(t, filepath.Join(src, "shop", "README.md"), "# Shop\n")
	outside := filepath.Join(t.TempDir(), "playbooks")
	writeFile(t, filepath.Join(outside, "KubePodCrashLooping.md"), "# x\n")
	if err := os.Symlink(outside, filepath.Join(src, "linked-runbooks")); err != nil {
		t.Fatal(err)
	}
	h := newHome(t)
	h.dir = filepath.Join(src, "shop") // where it is started
	r := h.command(t, "init", "--yes", "--prometheus", prom.URL, "--name", "prod")
	if r.code != 0 || !strings.Contains(r.err, books+": 2 of 2 links of the rules open from it") || strings.Contains(r.err, "linked-runbooks") {
		t.Fatalf("code %d\n%s", r.code, r.err)
	}
	if r := h.command(t, "runbook", "KubePodCrashLooping", "--where"); r.code != 0 || !strings.Contains(r.out, books) {
		t.Errorf("code %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	if listens("localhost:9090") {
		t.Skip("something listens at localhost:9090")
	}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"a password":      {[]string{"--prometheus", "http://me:s3cret@127.0.0.1:1"}, "password_file"},
		"no address":      {[]string{"--prometheus", "prom.example.com"}, "scheme is missing"},
		"nothing there":   {nil, "no Prometheus answers"},
		"a missing team":  {[]string{"--prometheus", "http://127.0.0.1:1", "--include", "/nope.yaml"}, "/nope.yaml"},
		"missing books":   {[]string{"--prometheus", "http://127.0.0.1:1", "--runbooks", "/nope"}, "/nope"},
		"a bad name":      {[]string{"--prometheus", "http://127.0.0.1:1", "--name", "a\x1b[2Jb"}, "control characters"},
		"a team's defect": {[]string{"--prometheus", "http://127.0.0.1:1", "--include", "team.yaml"}, `unknown key "them"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			writeFile(t, filepath.Join(h.dir, "team.yaml"), "them: dark\n")
			r := h.command(t, append([]string{"init", "--yes"}, tc.args...)...)
			if r.code != 2 || !strings.Contains(r.err, tc.want) || strings.Contains(r.err+r.out, "s3cret") || strings.Contains(r.err, "\x1b") {
				t.Errorf("code %d\n%s", r.code, r.err)
			}
			if _, err := os.Stat(h.configPath()); err == nil {
				t.Error("a file was written")
			}
		})
	}
	// Without --yes and without answers nothing is written.
	h := newHome(t)
	if r := h.command(t, "init", "--prometheus", "http://127.0.0.1:1"); r.code != 2 || !strings.Contains(r.err, "--yes") {
		t.Errorf("code %d\n%s", r.code, r.err)
	}
	if _, err := os.Stat(h.configPath()); err == nil {
		t.Error("a file was written")
	}
}

// A team's file brings the clusters; its commands wait for trust.
func TestInitWithATeamsFileAlone(t *testing.T) {
	t.Parallel()
	h, team, mark := teamFile(t, withToken("http://127.0.0.1:1"))
	if err := os.Remove(h.configPath()); err != nil {
		t.Fatal(err)
	}
	r := h.command(t, "init", "--yes", "--include", team)
	if r.code != 0 || !strings.Contains(r.err, "firstpage config trust") || ran(mark) {
		t.Fatalf("code %d\n%s", r.code, r.err)
	}
	if s := read(t, h.configPath()); strings.Contains(s, "\nclusters:") || !strings.Contains(s, "include: ["+"~/src/oncall/firstpage.yaml"+"]") {
		t.Errorf("%s", s)
	}
	if r := h.command(t, "alerts"); r.code != 2 || !strings.Contains(r.err, "not trusted yet") {
		t.Errorf("code %d\n%s", r.code, r.err)
	}
}

func TestInitOnATerminal(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	books := runbooksCheckout(t)
	for _, term := range []string{"xterm-256color", "dumb"} {
		t.Run(term, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, "PROMETHEUS_URL="+prom.URL, "TERM="+term)
			x := h.screenIn(t, h.dir, 100, 40, "init")
			x.waitFor("2 alerts", "The address of your Prometheus", prom.URL)
			x.send("\r")
			x.waitFor("A name for it", "local")
			x.send("\x7f\x7f\x7f\x7f\x7fshop\r")
			x.waitFor("A folder with runbooks")
			x.send("/nope\r")
			x.waitFor("there is no such folder")
			if term == "dumb" {
				x.send(books + "\r")
			} else {
				x.send(strings.Repeat("\x7f", 5) + books + "\r")
			}
			x.waitFor("Your team's configuration file")
			x.send("\r")
			x.waitFor("Write ~/config/firstpage/config.yaml?")
			if term == "dumb" {
				x.send("\r")
			} else {
				x.send("y")
			}
			x.waitFor("Wrote ~/config/firstpage/config.yaml", "firstpage doctor")
			if code := x.exit(); code != 0 {
				t.Errorf("code %d", code)
			}
			if s := read(t, h.configPath()); !strings.Contains(s, "name: shop") || !strings.Contains(s, books) {
				t.Errorf("%s", s)
			}
			h.loads(t)
		})
	}
	h := newHome(t, "PROMETHEUS_URL="+prom.URL)
	x := h.screenIn(t, filepath.Dir(books), 100, 40, "init")
	x.waitFor("The address of your Prometheus")
	x.send("\r")
	x.waitFor("A name for it")
	x.send("\r")
	x.until("the found folder to be offered", func(s string) bool { return strings.Count(s, "2 of 2 links") == 2 })
	x.send("\x03")
	if code := x.exit(); code != 2 || !strings.Contains(string(x.bytes()), "nothing was written") {
		t.Errorf("after ctrl-c: code %d", code)
	}
}
