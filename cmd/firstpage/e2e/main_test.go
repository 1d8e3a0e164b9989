package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(crashVariable) != "" {
		os.Exit(crash())
	}
	if os.Getenv(emptyVariable) != "" {
		os.Exit(runEmpty())
	}
	dir, err := os.MkdirTemp("", "firstpage-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "firstpage")
	build := exec.Command("go", "build", "-o", binary, "github.com/firstpage-oncall/firstpage/cmd/firstpage")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// corpus is the folder with other people's rules and runbooks.
func corpus(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("FIRSTPAGE_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "testdata", "corpus")
	}
	p, err := filepath.Abs(filepath.Join(append([]string{root}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p); err != nil {
		t.Fatal(err)
	}
	return p
}

// home is a user without any configuration: the environment of one test.
type home struct {
	dir string
	env []string
}

func newHome(t testing.TB, extra ...string) *home {
	t.Helper()
	dir := t.TempDir()
	return &home{dir, append([]string{
		"HOME=" + dir, "XDG_CONFIG_HOME=" + filepath.Join(dir, "config"), "XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"XDG_CACHE_HOME=" + filepath.Join(dir, "cache"), "XDG_CONFIG_DIRS=" + filepath.Join(dir, "etc"),
		"PATH=" + os.Getenv("PATH"), "TZ=UTC",
	}, extra...)}
}

// config writes the user's configuration.
func (h *home) config(t testing.TB, text string) string {
	t.Helper()
	p := filepath.Join(h.dir, "config", "firstpage", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// result is what one run of a command gave.
type result struct {
	out, err string
	code     int
}

// command runs the program to its end.
func (h *home) command(t testing.TB, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = h.env
	cmd.Dir = h.dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("firstpage %s did not end; stderr: %s", strings.Join(args, " "), errs.String())
	}
	code := 0
	if err != nil {
		var exit *exec.ExitError
		if !asExit(err, &exit) {
			t.Fatalf("firstpage %s: %v", strings.Join(args, " "), err)
		}
		code = exit.ExitCode()
	}
	return result{out.String(), errs.String(), code}
}

// screen starts the program in a terminal.
func (h *home) screen(t testing.TB, width, height int, args ...string) *terminal {
	t.Helper()
	return startTerminal(t, width, height, h.env, append([]string{binary}, args...)...)
}

// screenIn starts the program in a terminal, in a folder.
func (h *home) screenIn(t testing.TB, dir string, width, height int, args ...string) *terminal {
	t.Helper()
	return startTerminal(t, width, height, h.env, append([]string{"sh", "-c", `cd "$1" && shift && exec "$@"`, "sh", dir, binary}, args...)...)
}

func asExit(err error, target **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError) //nolint:errorlint // exec returns it bare
	if ok {
		*target = e
	}
	return ok
}
