package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// firstRunHome is a user who has told nothing, on a machine where nothing
// listens at the usual address.
func firstRunHome(t testing.TB, env ...string) *home {
	t.Helper()
	if listens("localhost:9090") {
		t.Skip("something listens at localhost:9090")
	}
	return newHome(t, env...)
}

func TestFirstRunTakesAURL(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	h := firstRunHome(t)
	x := h.screenIn(t, h.dir, 80, 24)
	x.waitFor("no Prometheus yet", "Tried http://localhost:9090", "PROMETHEUS_URL is not set", "Nothing is broken", `Ask in your team channel for "the Prometheus URL".`,
		"1  I have a URL", "2  Ask me", "3  My team", "4  Just show me", "1-4 choose")
	x.send("1")
	x.waitFor("enter take it")
	x.send("prom example\r")
	x.waitFor("holds blanks")
	x.send("\x15" + strings.TrimPrefix(prom.URL, "http://") + "\r") // as a port-forward prints it
	x.waitFor("CRIT KubePodCrashLooping", "firstpage init --prometheus "+prom.URL)
	x.send("q")
	if code := x.exit(); code != 0 || !strings.Contains(string(x.bytes()), "To keep the address: firstpage init --prometheus "+prom.URL) {
		t.Errorf("code %d", code)
	}
	x.restored()
	if _, err := os.Stat(h.configPath()); err == nil {
		t.Error("something was written")
	}
}

// An address that does not answer leads back to the same questions.
func TestFirstRunOfAnAddressThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	h := firstRunHome(t)
	x := h.screenIn(t, h.dir, 100, 30)
	x.waitFor("no Prometheus yet")
	x.send("1")
	x.waitFor("enter take it")
	x.send("\x15http://127.0.0.1:1\r")
	x.waitFor("Tried http://127.0.0.1:1 (typed here)", "1  I have a URL")
	x.send("?")
	x.waitFor("type the address of your Prometheus")
	x.send("\x1b")
	x.waitFor("1-4 choose")
	x.send("q")
	if code := x.exit(); code != 0 {
		t.Errorf("code %d", code)
	}
	x.restored()
}

func TestFirstRunAsksTheQuestionsOfInit(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	h := firstRunHome(t)
	x := h.screenIn(t, h.dir, 100, 30)
	x.waitFor("no Prometheus yet")
	x.send("2")
	x.waitFor("The address of your Prometheus")
	x.send(prom.URL + "\r")
	x.waitFor("2 alerts", "A name for it")
	x.send("\r")
	x.waitFor("A folder with runbooks")
	x.send("\r")
	x.waitFor("Your team's configuration file")
	x.send("\r")
	x.waitFor("Write ~/config/firstpage/config.yaml?")
	x.send("y")
	x.waitFor("CRIT KubePodCrashLooping")
	x.send("q")
	if code := x.exit(); code != 0 {
		t.Errorf("code %d", code)
	}
	h.loads(t)
}

// The team's file is included after it was said, and what it wants goes
// through the same question as everywhere.
func TestFirstRunIncludesTheTeamsFile(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	firstRunHome(t)
	h, team, mark := teamFile(t, withToken(prom.URL))
	if err := os.Remove(h.configPath()); err != nil {
		t.Fatal(err)
	}
	x := h.screenIn(t, h.dir, 180, 40)
	x.waitFor("no Prometheus yet")
	x.send("3")
	x.waitFor("enter take it")
	x.send("/nope.yaml\r")
	x.waitFor("there is no such file")
	x.send("\x15" + team + "\r")
	x.waitFor("include: [~/src/oncall/firstpage.yaml]", "Write ~/config/firstpage/config.yaml?")
	if _, err := os.Stat(h.configPath()); err == nil || ran(mark) {
		t.Error("written, or run, before the answer")
	}
	x.send("y")
	x.waitFor("RUN A PROGRAM", "token.sh", "Enter no:")
	if ran(mark) {
		t.Error("the program ran before it was trusted")
	}
	x.send("y\r")
	x.waitFor("CRIT KubePodCrashLooping")
	x.send("q")
	if code := x.exit(); code != 0 || !ran(mark) {
		t.Errorf("code %d", code)
	}
	h.loads(t)

	// A file that is there is never touched: the line to add is said.
	h = firstRunHome(t)
	own := h.config(t, "theme: dark\n")
	x = h.screenIn(t, h.dir, 180, 40)
	x.waitFor("no Prometheus yet")
	x.send("3")
	x.waitFor("enter take it")
	x.send(writeFile(t, filepath.Join(h.dir, "team.yaml"), "watchdogs: [A]\n") + "\r")
	if code := x.exit(); code != 2 || !strings.Contains(string(x.bytes()), "include: [~/team.yaml]") || read(t, own) != "theme: dark\n" {
		t.Errorf("code %d", code)
	}
}

// With a configuration, or an address, there is no first run: what does not
// answer is in trouble.
func TestFirstRunShowsTheDemo(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	h := firstRunHome(t, "TMPDIR="+tmp)
	x := h.screenIn(t, h.dir, 120, 40)
	x.waitFor("no Prometheus yet", "4  Just show me")
	x.send("4")
	x.waitFor("DEMO", "LIKELY", "More than 5% of checkout requests fail", "GUIDE 1/5")
	x.send("q")
	if code := x.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	x.restored()
	nothingIn(t, tmp)
}

func TestNoFirstRunWhenSomebodyHasSaid(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]*home{"env": newHome(t, "PROMETHEUS_URL=http://127.0.0.1:1"), "file": newHome(t), "flag": newHome(t)} {
		var args []string
		switch name {
		case "file":
			h.config(t, "clusters: [{name: a, prometheus: {url: 'http://127.0.0.1:1'}}]\n")
		case "flag":
			args = []string{"--prometheus", "http://127.0.0.1:1"}
		}
		x := h.screen(t, 80, 24, args...)
		x.waitFor("did not answer")
		if strings.Contains(x.text(), "no Prometheus yet") {
			t.Errorf("%s: %s", name, x.text())
		}
		x.send("q")
		x.exit()
	}
}
