package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// teamFile gives a user who includes a team's file with this text, a program
// token.sh beside it that leaves a mark when it runs, and the mark's path.
func teamFile(t testing.TB, text string, env ...string) (h *home, team, mark string) {
	t.Helper()
	h = newHome(t, env...)
	dir := filepath.Join(h.dir, "src", "oncall")
	mark = filepath.Join(h.dir, "mark")
	team = writeFile(t, filepath.Join(dir, "firstpage.yaml"), text)
	program(t, filepath.Join(dir, "token.sh"), mark)
	h.config(t, "include: ["+team+"]\n")
	return h, team, mark
}

// program writes a script that prints a token and leaves a mark.
func program(t testing.TB, path, mark string) {
	t.Helper()
	writeFile(t, path, "#!/bin/sh\necho ran >> '"+mark+"'\necho token\n")
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func ran(mark string) bool {
	_, err := os.Stat(mark)
	return err == nil
}

func withToken(url string) string {
	return fmt.Sprintf("clusters:\n  - name: prod\n    prometheus:\n      url: %s\n      token_command: [./token.sh, --for, \"prod eu\"]\n", url)
}

// Nothing that an included file names runs, and nothing is sent to an address
// that it names, before it is trusted: by no command.
func TestAHostileTeamFileDoesNothing(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(evil.Close)
	for name, text := range map[string]string{
		"command":  withToken(evil.URL),
		"variable": fmt.Sprintf("clusters: [{name: x, prometheus: {url: '%s/?', http: {authorization: {credentials: '${AWS_SECRET}'}}}}]\n", strings.TrimSuffix(evil.URL, "/")),
		"url":      fmt.Sprintf("clusters: [{name: x, prometheus: {url: '%s/${AWS_SECRET}'}}]\n", evil.URL),
		"file":     fmt.Sprintf("clusters: [{name: x, prometheus: {url: '%s', http: {basic_auth: {username: u, password_file: ./token.sh}}}}]\n", evil.URL),
		"header":   fmt.Sprintf("clusters: [{name: x, prometheus: {url: '%s', http: {http_headers: {X-Y: {files: [./token.sh]}}}}}]\n", evil.URL),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text = strings.Replace(text, "/?'", "'", 1)
			h, team, mark := teamFile(t, text, "AWS_SECRET=hunter2hunter2")
			for _, args := range [][]string{nil, {"alerts"}, {"show", "X"}, {"runbook", "X"}, {"changes"}, {"doctor"}, {"config", "check"}, {"config", "print"}, {"config", "trust"}} {
				r := h.command(t, args...)
				if r.code != 2 || !strings.Contains(r.err, "firstpage config trust") || !strings.Contains(r.err, team+":") {
					t.Errorf("%v: code %d, stderr:\n%s", args, r.code, r.err)
				}
				if strings.Contains(r.out+r.err, "hunter2") {
					t.Errorf("%v shows the secret:\n%s%s", args, r.out, r.err)
				}
			}
			x := h.screen(t, 100, 40)
			x.waitFor("want what they get only if you trust them", "Enter no:")
			x.send("\r")
			if code := x.exit(); code != 2 {
				t.Errorf("refused: code %d", code)
			}
			if s := string(x.bytes()); strings.Contains(s, "\x1b[?1049h") || !strings.Contains(s, "not trusted") {
				t.Errorf("after Enter: %q", s)
			}
			if ran(mark) {
				t.Error("the program ran")
			}
		})
	}
	t.Cleanup(func() {
		if n := asked.Load(); n > 0 {
			t.Errorf("the address was asked %d times", n)
		}
	})
}

func TestTrustIsAskedOnceAndFollowsWhatWouldRun(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	h, team, mark := teamFile(t, withToken(prom.URL))
	script := filepath.Join(filepath.Dir(team), "token.sh")

	x := h.screen(t, 180, 40)
	x.waitFor("RUN A PROGRAM", team+":5:22", "clusters[0].prometheus.token_command", script, "--for", "'prod eu'", "goes to  "+prom.URL)
	x.send("y\r")
	x.waitFor("KubePodCrashLooping")
	x.send("q")
	if code := x.exit(); code != 0 || !ran(mark) {
		t.Fatalf("trusted: code %d, ran %v", code, ran(mark))
	}
	x.restored()

	if r := h.command(t, "alerts"); r.code != 0 || !strings.Contains(r.out, "KubePodCrashLooping") {
		t.Errorf("alerts: code %d\n%s", r.code, r.err)
	}
	if r := h.command(t, "doctor"); !strings.Contains(r.out, "trusted: runs "+script+" --for prod eu for "+prom.URL) {
		t.Errorf("doctor does not say what is trusted:\n%s", r.out)
	}
	st, err := os.Stat(filepath.Join(h.dir, "state", "firstpage", "trust.json"))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", st, err)
	}

	// Other bytes in the program, another argument, another address: each asks.
	for what, change := range map[string]func(){
		"program":  func() { writeFile(t, script, "#!/bin/sh\necho evil >> '"+mark+"'\necho token\n") },
		"argument": func() { writeFile(t, team, strings.Replace(withToken(prom.URL), "--for", "--fro", 1)) },
		"address":  func() { writeFile(t, team, withToken("http://127.0.0.1:1")) },
	} {
		change()
		if r := h.command(t, "alerts"); r.code != 2 || !strings.Contains(r.err, "not trusted yet") {
			t.Errorf("changed %s: code %d\n%s", what, r.code, r.err)
		}
		writeFile(t, team, withToken(prom.URL))
		program(t, script, mark)
		if r := h.command(t, "config", "check"); r.code != 0 {
			t.Errorf("as before the change of the %s: code %d\n%s", what, r.code, r.err)
		}
	}
}

func TestTrustWithoutATerminal(t *testing.T) {
	t.Parallel()
	prom := promtest.Start(t, promtest.Options{Rules: []string{urgent}})
	waitAlerts(t, prom, 2)
	h, _, _ := teamFile(t, withToken(prom.URL))
	r := h.command(t, "config", "trust")
	m := regexp.MustCompile(`type: firstpage (config trust --yes ([0-9a-f]{16}))\n`).FindStringSubmatch(r.err)
	if r.code != 2 || m == nil || !strings.Contains(r.err, "'prod eu'") {
		t.Fatalf("code %d\n%s", r.code, r.err)
	}
	for _, wrong := range []string{"0123456789abcdef", m[2][:4], "../../etc/passwd"} {
		if r := h.command(t, "config", "trust", "--yes", wrong); r.code != 2 {
			t.Errorf("--yes %s: code %d\n%s", wrong, r.code, r.err)
		}
	}
	if r := h.command(t, "alerts"); r.code != 2 {
		t.Errorf("code %d", r.code)
	}
	if r := h.command(t, strings.Fields(m[1])...); r.code != 0 {
		t.Fatalf("code %d\n%s", r.code, r.err)
	}
	if r := h.command(t, "alerts"); r.code != 0 {
		t.Errorf("trusted: code %d\n%s", r.code, r.err)
	}
	if r := h.command(t, "config", "trust"); r.code != 0 || !strings.Contains(r.err, "nothing waits") {
		t.Errorf("code %d\n%s", r.code, r.err)
	}
	if r := h.command(t, "config", "trust", "--list"); r.code != 0 || !strings.Contains(r.out, m[2]) {
		t.Errorf("code %d\n%s", r.code, r.out)
	}
	if r := h.command(t, "config", "trust", "--forget", m[2]); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.err)
	}
	if r := h.command(t, "alerts"); r.code != 2 {
		t.Errorf("forgotten: code %d", r.code)
	}
}

func TestStoppingTheQuestionIsNo(t *testing.T) {
	t.Parallel()
	h, _, mark := teamFile(t, withToken("http://127.0.0.1:1"))
	for _, key := range []string{"\x03", "\x04", "n\r", "yess\r"} {
		x := h.screen(t, 100, 40)
		x.waitFor("Enter no:")
		x.send(key)
		if code := x.exit(); code != 2 || ran(mark) {
			t.Errorf("%q: code %d", key, code)
		}
	}
	if r := h.command(t, "config", "trust", "--list"); r.out != "" {
		t.Errorf("%s", r.out)
	}
}

func TestTrustOneByOne(t *testing.T) {
	t.Parallel()
	h, _, mark := teamFile(t, withToken("http://127.0.0.1:1")+
		"  - name: other\n    prometheus: {url: 'http://127.0.0.1:2', http: {authorization: {credentials: '${T}'}}}\n", "T=t")
	x := h.screen(t, 100, 50, "config", "trust")
	x.waitFor("2 of 2  SEND A SECRET OF YOURS", "$T", "http://127.0.0.1:2", "Trust all 2?")
	x.send("o\r")
	x.waitFor("Trust this one?")
	x.send("y\r")
	x.until("the second question", func(s string) bool { return strings.Count(s, "Trust this one?") == 2 })
	x.send("\r")
	if code := x.exit(); code != 2 {
		t.Errorf("code %d", code)
	}
	r := h.command(t, "config", "trust", "--list")
	if n := strings.Count(r.out, "\n"); n != 2 || !strings.Contains(r.out, "token.sh") || ran(mark) {
		t.Errorf("%s", r.out)
	}
	if r := h.command(t, "alerts"); r.code != 2 || strings.Contains(r.err, "token.sh") {
		t.Errorf("code %d\n%s", r.code, r.err)
	}
}
