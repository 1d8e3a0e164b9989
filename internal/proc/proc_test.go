//go:build unix

package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script runs text with sh: the tests need programs that misbehave.
func script(text string) Command { return Command{Argv: []string{"sh", "-c", text}} }

func TestRunOutput(t *testing.T) {
	t.Parallel()
	c := script(`printf '%s|' "$@" "$A"; pwd; cat; echo noise >&2`)
	c.Argv = append(c.Argv, "sh", "a b", "$(id)", "*")
	c.Dir, c.Env = "/", []string{"A=env"}
	out, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), "a b|$(id)|*|env|/\n"; got != want {
		t.Errorf("output %q, want %q", got, want)
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := script("true")
	gone.Dir = filepath.Join(dir, "gone")
	for name, tc := range map[string]struct {
		c      Command
		reason Reason
		code   int
		words  string
	}{
		"empty":         {Command{}, Missing, 0, ""},
		"missing":       {Command{Argv: []string{"no-such-program-x"}}, Missing, 0, ""},
		"missing path":  {Command{Argv: []string{dir + "/none"}}, Missing, 0, ""},
		"not a program": {Command{Argv: []string{plain, "secret-argument"}}, Start, 0, ""},
		"directory":     {gone, Start, 0, ""},
		"exit":          {script("echo first >&2; printf '\\033[31mlast \\302\\2332J\\n\\n' >&2; exit 3"), Exit, 3, "␛[31mlast \ufffd2J"},
		"signal":        {script("kill -9 $$"), Exit, -1, ""},
		"secret":        {Command{Argv: []string{"sh", "-c", "exit 1", "secret-argument"}}, Exit, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Run(t.Context(), tc.c)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v (%T)", err, err)
			}
			if e.Reason != tc.reason || e.Code != tc.code {
				t.Errorf("reason %q code %d, want %q %d (%v)", e.Reason, e.Code, tc.reason, tc.code, err)
			}
			if got := e.Stderr.String(); got != tc.words {
				t.Errorf("last words %q, want %q", got, tc.words)
			}
			if strings.Contains(err.Error(), "secret-argument") {
				t.Errorf("the error shows arguments: %v", err)
			}
			for _, r := range err.Error() {
				if r < 0x20 || (r >= 0x7f && r <= 0x9f) {
					t.Errorf("control %U in %q", r, err.Error())
				}
			}
		})
	}
}

// pidFile makes a command whose grandchild writes its process id and sleeps.
func pidFile(t *testing.T, tail string) (Command, func() int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pid")
	c := script(fmt.Sprintf(`sh -c 'echo $$ >%s.new; mv %[1]s.new %[1]s; sleep 300' & %s`, file, tail))
	return c, func() int {
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if b, err := os.ReadFile(file); err == nil {
				pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
				if err != nil {
					t.Fatal(err)
				}
				return pid
			}
		}
		t.Fatal("the grandchild did not start")
		return 0
	}
}

// gone waits until a process has ended (a zombie has).
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d lives on", pid)
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

func TestCancelKillsTheGroup(t *testing.T) {
	t.Parallel()
	c, pid := pidFile(t, "wait")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := Run(ctx, c); done <- err }()
	grandchild := pid()
	cancel()
	err := <-done
	if !isReason(err, Canceled) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	gone(t, grandchild)
	if _, err := Run(ctx, c); !isReason(err, Canceled) {
		t.Errorf("with a context that is over: %v", err)
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	c, pid := pidFile(t, "trap '' TERM; echo part; echo waiting >&2; wait")
	c.Timeout = 500 * time.Millisecond
	out, err := Run(t.Context(), c)
	var e *Error
	if !errors.As(err, &e) || e.Reason != Timeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v", err)
	}
	if string(out) != "part\n" || e.Stderr.String() != "waiting" {
		t.Errorf("output %q, last words %q", out, e.Stderr)
	}
	gone(t, pid())
}

func TestOutputCap(t *testing.T) {
	t.Parallel()
	c := script("trap '' PIPE; while :; do echo 0123456789; done")
	c.MaxOutput = 1000
	out, err := Run(t.Context(), c)
	if !isReason(err, TooLarge) || len(out) > 1000 {
		t.Errorf("%d bytes, error %v", len(out), err)
	}
	c = script("printf 1234")
	c.MaxOutput = 4
	if out, err := Run(t.Context(), c); err != nil || string(out) != "1234" {
		t.Errorf("exactly the cap: %q, %v", out, err)
	}
	c.MaxOutput = 3
	if _, err := Run(t.Context(), c); !isReason(err, TooLarge) {
		t.Errorf("one byte over the cap: %v", err)
	}
}

// A program that leaves a child in the background with our pipe open has
// ended; the child is not ours to kill.
func TestBackgroundChild(t *testing.T) {
	t.Parallel()
	c, pid := pidFile(t, "echo done")
	c.Timeout = time.Minute
	start := time.Now()
	out, err := Run(t.Context(), c)
	if err != nil || string(out) != "done\n" {
		t.Fatalf("%q, %v", out, err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("waited %v for the child", took)
	}
	child := pid()
	if err := syscall.Kill(child, 0); err != nil {
		t.Errorf("the background child was killed: %v", err)
	}
	_ = syscall.Kill(child, syscall.SIGKILL)
}

func TestStderrIsBounded(t *testing.T) {
	t.Parallel()
	c := script("i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1")
	c.Timeout = time.Minute
	_, err := Run(t.Context(), c)
	var e *Error
	if !errors.As(err, &e) || e.Stderr.String() != "line 19999" {
		t.Errorf("error %v", err)
	}
}

// isReason reports whether err is, or wraps, an *Error with the reason.
func isReason(err error, r Reason) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason == r
}
