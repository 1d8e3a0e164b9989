//go:build unix

package promtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// Stop freezes the process (SIGSTOP) and returns when it is frozen: the port
// accepts, nothing answers. It is what a hung server looks like.
func (s *process) Stop() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
	for range 500 { // the signal is sent at once and acted on when the kernel gets to it
		if s.state() == 'T' {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("SIGSTOP did not stop the process")
}

// Cont lets a frozen process go on.
func (s *process) Cont() { s.signal(syscall.SIGCONT) }

func (s *process) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("signal %v: %v", sig, err)
	}
}

// state is the letter by which the kernel calls what a process does, from /proc
// where there is one; 0 when nobody says.
func (s *process) state() byte {
	pid := s.cmd.Process.Pid
	out, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if _, after, ok := bytes.Cut(out, []byte(") ")); err == nil && ok { // the name before it may hold anything
		return after[0]
	}
	if out, err = exec.CommandContext(s.t.Context(), "ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output(); err == nil && len(bytes.TrimSpace(out)) > 0 {
		return bytes.TrimSpace(out)[0]
	}
	return 0
}
