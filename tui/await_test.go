package tui

import (
	"bytes"
	"runtime"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// idle are frames of commands that wait for time or for somebody else and not
// for their own work: a timer of Bubble Tea or a blinking cursor, the next
// board or output, a fake that hangs on purpose.
var idle = []string{"/bubbletea/v2@", "/bubbles/v2@", ".waitBoard", ".waitOutput", ".TestSlowKubeconfig."}

// await is what a command answers; nil for one that is idle after 50 ms.
// That is read from where its goroutine stands, not from the time it takes: on
// a loaded machine honest work takes as long as a timer.
func (r *rig) await(cmd tea.Cmd) tea.Msg {
	r.t.Helper()
	id, done := make(chan string, 1), make(chan tea.Msg, 1)
	go func() {
		id <- goroutine(stack(false))
		done <- cmd()
	}()
	me := <-id
	var at string
	for range 600 {
		select {
		case msg := <-done:
			return msg
		case <-time.After(50 * time.Millisecond):
		}
		for at = range strings.SplitSeq(stack(true), "\n\n") {
			if goroutine(at) == me {
				break
			}
		}
		state, _, _ := strings.Cut(at, "\n")
		waits := strings.Contains(state, "[chan receive") || strings.Contains(state, "[select") || strings.Contains(state, "[sleep")
		for _, frame := range idle {
			if waits && strings.Contains(at, frame) {
				return nil
			}
		}
	}
	r.t.Errorf("a command did not end within 30 s: %s", at)
	return nil
}

func stack(all bool) string {
	buf := make([]byte, 1<<20)
	return string(bytes.TrimSpace(buf[:runtime.Stack(buf, all)]))
}

// goroutine is the "goroutine 12" that a stack begins with.
func goroutine(stack string) string {
	name, _, _ := strings.Cut(stack, " [")
	return name
}
