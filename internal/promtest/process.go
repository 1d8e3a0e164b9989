package promtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// process is one running server. It is killed when the test ends.
type process struct {
	URL string // http://127.0.0.1:port

	t      testing.TB
	binary string
	args   []string
	cmd    *exec.Cmd
	done   chan struct{} // closed when the process has ended
	log    *tail
}

// launch runs a program on a free port and waits until it is ready. Args are
// those for an address.
func launch(t testing.TB, binary string, args func(addr string) []string) *process {
	t.Helper()
	s := &process{t: t, binary: binary}
	t.Cleanup(s.Kill)
	// The port is free when it is chosen and may be taken when it is used.
	for try := 1; ; try++ {
		addr := freeAddr(t)
		s.URL, s.args = "http://"+addr, args(addr)
		err := s.start()
		if err == nil {
			return s
		}
		if try == 3 || !strings.Contains(err.Error(), "address already in use") {
			t.Fatalf("%s did not start: %v", binary, err)
		}
	}
}

// start runs it and waits for /-/ready.
func (s *process) start() error {
	s.log = new(tail)
	s.cmd = exec.Command(s.binary, s.args...) //nolint:noctx // killed by Kill
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = dieWithParent()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	s.done = done
	cmd := s.cmd
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		select {
		case <-done:
			return fmt.Errorf("it ended: %s", s.log)
		default:
		}
		if s.ready() {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Kill()
	return fmt.Errorf("not ready after %v: %s", patience, s.log)
}

func (s *process) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/-/ready", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Kill ends the process at once (SIGKILL) and waits for its end. It may be
// called more than once.
func (s *process) Kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.done
}

// Restart kills the process if it runs and starts it again on the same port
// with the same data, and waits until it is ready.
func (s *process) Restart() {
	s.t.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		s.t.Fatalf("it did not start again: %v", err)
	}
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// tail keeps the last 8 KiB that were written.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.b = append(w.b, p...)
	if over := len(w.b) - 8<<10; over > 0 {
		w.b = bytes.Clone(w.b[over:])
	}
	return len(p), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.b)
}
