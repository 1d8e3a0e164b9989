package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// demoHome is a user without configuration, with a folder for temporary files
// of their own.
func demoHome(t testing.TB) (*home, string) {
	t.Helper()
	tmp := t.TempDir()
	return newHome(t, "TMPDIR="+tmp), tmp
}

// demo opens the demo in a terminal.
func (h *home) demo(t testing.TB, width, height int, args ...string) *terminal {
	t.Helper()
	return h.screen(t, width, height, append([]string{"demo"}, args...)...)
}

func nothingIn(t *testing.T, dir string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Without a network, a server or a configuration the first screen is full: the
// page, its runbook, the guilty deploy first with its reason, health.
func TestDemoWithoutANetwork(t *testing.T) {
	t.Parallel()
	alone := []string{"unshare", "--map-root-user", "--net", "sh", "-c", `ip link set lo up && exec "$0" "$@"`}
	if out, err := exec.Command(alone[0], append(alone[1:len(alone)-1:len(alone)-1], "ip link set lo up")...).CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made here: %v %s", err, out)
	}
	for _, size := range []struct {
		w, h int
		want []string
	}{
		{120, 40, []string{"DEMO", "CRIT CheckoutErrorBudgetBurn", "of requests fail", "More than 5% of checkout requests fail",
			"LIKELY", "checkout deploy 1.41.0 -> 1.42.0", "1.42.0 fails", "errors", "1.41.0", "instances", "GUIDE 1/5", "promql, live", "calls it."}},
		{80, 24, []string{"DEMO", "CRIT CheckoutErrorBudgetBurn", "More than 5% of checkout requests fail", "LIKELY (3): checkout deploy 1.42.0", "GUIDE 1/5"}},
	} {
		h, tmp := demoHome(t)
		x := startTerminal(t, size.w, size.h, h.env, append(append([]string{}, alone...), binary, "demo")...)
		x.waitFor(size.want...)
		rows := strings.Join(x.screen(), "\n")
		if i := strings.Index(rows, "LIKELY"); i > strings.Index(rows+"POSSIBLE", "POSSIBLE") {
			t.Errorf("the guilty deploy is not the first suspect:\n%s", rows)
		}
		x.send("q")
		if code := x.exit(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		x.restored()
		nothingIn(t, tmp)
	}
}

// The repository of the story says what the guilty deploy brought.
func TestDemoSaysWhatADeployBrought(t *testing.T) {
	t.Parallel()
	gitIn(t)
	h, _ := demoHome(t)
	h.demo(t, 200, 50).waitFor("LIKELY", "checkout deploy 1.41.0 -> 1.42.0", "3 commits, +142 -18")
}

// From the page to every change, to the guilty one: which instances run it now,
// how its errors compare, and the runbook's own way back, ready to paste.
func TestDemoShowsWhatChanged(t *testing.T) {
	t.Parallel()
	h, _ := demoHome(t)
	x := h.demo(t, 80, 24)
	x.waitFor("LIKELY (3)")
	x.send("Hd")
	x.waitFor("What changed?", "it began", "> LIKELY", "most likely first", "It may be none of these.", "Asked: ")
	x.send("/search\r")
	x.waitFor(`hold "search"`)
	x.send("\x1b")
	x.waitFor("> LIKELY")
	x.send("\r")
	x.waitFor("Change: checkout deploy 1.41.0 -> 1.42.0", "1.42.0 on all 3, now", "checkout-2:8080  1.42.0 new", "gone, failed 0.1",
		"kubectl --context prod-eu -n shop rollout undo deploy/checkout", "y copies it")
	x.send("y")
	x.waitFor("clipboard")
	x.send("\x1b")
	x.waitFor("most likely first")
	x.send("d")
	x.waitFor("[2 Runbook]")
}

// The runbook leads to the rollback, and the rollback to the end of the page.
func TestDemoIsHealedByItsRunbook(t *testing.T) {
	t.Parallel()
	h, _ := demoHome(t)
	x := h.demo(t, 120, 40)
	x.waitFor("LIKELY", "1 CRIT", "step 1 of 5", "GUIDE 1/5")
	x.send("x")
	x.waitFor("this step is a query, not a command")
	x.send(".")
	x.waitFor("step 2 of 5", "▸ [ ] Roll back", "GUIDE 2/5")
	x.send("x")
	x.waitFor("Nothing has been done yet", "kubectl --context prod-eu -n shop rollout undo deploy/checkout", "nothing is executed", "GUIDE 3/5")
	x.send("\r") // Enter confirms nothing
	x.send("\x1b")
	x.waitGone("Nothing has been done yet")
	x.waitFor("CRIT CheckoutErrorBudgetBurn")
	x.send("x")
	x.waitFor("Nothing has been done yet")
	x.send("y")
	x.waitFor("deployment.apps/checkout rolled back", "GUIDE 4/5")
	x.send("\x1b")
	x.waitFor("RESOLVED CheckoutErrorBudgetBurn", "GUIDE 5/5")
	x.waitGone("1 CRIT")
	x.waitFor("resolved CheckoutErrorBudgetBurn")
	x.send("d/rollback\r")
	x.waitFor(`hold "rollback"`, "rollback 1.42.0 -> 1.41.0")
}

func TestDemoRunsNothing(t *testing.T) {
	t.Parallel()
	h, _ := demoHome(t)
	x := h.demo(t, 120, 40)
	x.waitFor("LIKELY")
	x.send("JJJ") // NodeDiskAlmostFull: its runbook wants ssh
	x.waitFor("WARN NodeDiskAlmostFull", "Less than 8%")
	x.send("x")
	x.waitFor("ssh eu-3-17 sudo crictl rmi --prune", "nothing is executed")
	x.send("y")
	x.waitFor("It did not work", "the demo does not run commands: ssh eu-3-17 sudo crictl rmi --prune", "nothing was done")
	x.send("\x1b")
	x.waitGone("the demo does not run commands")
	x.send("H")
	x.waitGone("GUIDE")
	x.send("H")
	x.waitFor("The page to work on is CheckoutErrorBudgetBurn")
	x.send("!")
	x.waitFor("GUIDE 1/5", "CRIT CheckoutErrorBudgetBurn")
}

// Who goes into the preview and out of it again, or rolls the wrong thing back,
// is not told that it is done.
func TestDemoGuideFollows(t *testing.T) {
	t.Parallel()
	h, _ := demoHome(t)
	x := h.demo(t, 120, 40)
	x.waitFor("LIKELY", "GUIDE 1/5")
	x.send(".x")
	x.waitFor("GUIDE 3/5", "Roll back.")
	x.send("\x1b")
	x.waitFor("GUIDE 2/5")
	x.send("J")
	x.waitFor("WARN PaymentsLatencyHigh", "The page to work on is CheckoutErrorBudgetBurn", "step 1 of 3")
	x.send("..x")
	x.waitFor("Only if payments is alone", "rollout undo deploy/payments")
	x.send("y")
	x.waitFor("deployment.apps/payments rolled back")
	x.send("\x1b")
	x.waitGone("Done: what it printed")
	x.waitFor("The page to work on is CheckoutErrorBudgetBurn")
	x.send("!")
	x.waitFor("GUIDE 2/5")
}

func TestDemoReadOnly(t *testing.T) {
	t.Parallel()
	h, _ := demoHome(t)
	x := h.demo(t, 100, 30, "--read-only")
	x.waitFor("READ-ONLY", "DEMO", "step 1 of 5")
	x.send(".x")
	x.waitFor("read-only: no command is run")
}

// However the demo ends, nothing of it stays; what a killed one left is gone
// with the next.
func TestDemoCleansUp(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		h, tmp := demoHome(t)
		x := h.demo(t, 80, 24)
		x.waitFor("LIKELY")
		if err := x.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		x.exit()
		x.restored()
		nothingIn(t, tmp)
	}
	h, tmp := demoHome(t)
	x := h.demo(t, 80, 24)
	x.waitFor("LIKELY")
	if err := x.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	x.exit()
	left, _ := filepath.Glob(filepath.Join(tmp, "firstpage-drill-*"))
	if len(left) != 1 {
		t.Fatalf("a killed demo left %v", left)
	}
	x = h.demo(t, 80, 24)
	x.waitFor("LIKELY")
	if _, err := os.Stat(left[0]); err == nil {
		t.Error("the leftover of the killed demo is still there")
	}
	x.send("q")
	x.exit()
	nothingIn(t, tmp)
}

// serveDemo runs the demo without a screen and gives its address.
func serveDemo(t *testing.T, h *home, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary, append([]string{"demo", "--print-url"}, args...)...)
	cmd.Env = h.env
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
	b := make([]byte, 200)
	n, err := out.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b[:n]))
}

// The embedded server answers Prometheus' own tools and this program's other
// commands.
func TestDemoAnswersOrdinaryTools(t *testing.T) {
	t.Parallel()
	promtool := promtest.Promtool(t)
	h, _ := demoHome(t)
	url := serveDemo(t, h, "--seed", "7")
	out, err := exec.Command(promtool, "query", "instant", url, `count by (version) (checkout_build_info)`).CombinedOutput()
	if err != nil || !strings.Contains(string(out), `{version="1.42.0"} => 3`) {
		t.Errorf("promtool query instant: %v\n%s", err, out)
	}
	resp, err := http.Get(url + "/api/v1/alerts")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body struct {
		Data struct {
			Alerts []apiAlert `json:"alerts"`
		} `json:"data"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || len(body.Data.Alerts) != 9 {
		t.Errorf("the API lists %d alerts: %v", len(body.Data.Alerts), err)
	}
	r := h.command(t, "show", "CheckoutErrorBudgetBurn", "--prometheus", url)
	if r.code != 0 || !strings.Contains(r.out, "1.42.0 fails") {
		t.Errorf("show: code %d\n%s%s", r.code, r.out, r.err)
	}
	r = h.command(t, "changes", "checkout", "--prometheus", url)
	if r.code != 0 || !strings.Contains(r.out, "1.41.0 -> 1.42.0") {
		t.Errorf("changes: code %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestDemoWithoutGit(t *testing.T) {
	t.Parallel()
	tmp, bin := t.TempDir(), t.TempDir()
	h := newHome(t, "TMPDIR="+tmp, "PATH="+bin)
	x := h.demo(t, 120, 40)
	x.waitFor("LIKELY", "More than 5% of checkout requests fail", "1.42.0 fails")
	x.send("q")
	x.exit()
	nothingIn(t, tmp)
}

func TestDemoUsage(t *testing.T) {
	t.Parallel()
	h, tmp := demoHome(t)
	bad := filepath.Join(h.dir, "bad")
	if err := os.MkdirAll(bad, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bad, "scenario.yaml"), []byte("title: x\nserie: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"demo"}, "the screen needs a terminal; firstpage demo --print-url serves without one"},
		{[]string{"demo", "--speed", "100"}, "--speed: 100 is not above 0 and at most 60"},
		{[]string{"demo", "--at", "soon"}, `--at: "soon" is no span of time: write it like 90s, -8m or 2d`},
		{[]string{"demo", "--print-url", "--at", "-9h"}, "it cannot open at -9h0m0s: its history begins at -6h0m0s"},
		{[]string{"demo", "nothing"}, `there is no scenario "nothing": built in are checkout-deploy; else name a folder with a scenario.yaml`},
		{[]string{"demo", bad}, `scenario.yaml:2:1: unknown key "serie": docs/drills.md lists the keys`},
	} {
		r := h.command(t, tc.args...)
		if r.code != 2 || r.out != "" || !strings.Contains(r.err, tc.want) {
			t.Errorf("%v: code %d, stdout %q, stderr %q", tc.args, r.code, r.out, r.err)
		}
	}
	nothingIn(t, tmp)
}

// A scenario is a folder: a copy of the built-in one, its threshold changed,
// plays just so.
func TestDemoFromAFolder(t *testing.T) {
	t.Parallel()
	h, _ := demoHome(t)
	own := filepath.Join(h.dir, "own")
	src, err := filepath.Abs(filepath.Join("..", "..", "..", "drill", "scenarios", "checkout-deploy"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(own, os.DirFS(src)); err != nil {
		t.Fatal(err)
	}
	p := filepath.Join(own, "rules.yaml")
	body, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	body = bytes.ReplaceAll(body, []byte("> 0.05"), []byte("> 0.06"))
	if err := os.WriteFile(p, body, 0o600); err != nil {
		t.Fatal(err)
	}
	x := h.demo(t, 120, 40, own, "--speed", "5")
	x.waitFor("limit 6%", "LIKELY")
	at := time.Now()
	x.until("the clock to go faster", func(s string) bool { return strings.Contains(s, "live") && time.Since(at) > time.Second })
}
