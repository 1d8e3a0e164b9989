package e2e

import (
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// patience is how long a test waits for something that will come. It bounds a
// broken run; it measures nothing.
const patience = 30 * time.Second

// terminal is a program in a pseudo-terminal with an emulator behind it, which
// answers the program's questions as a real terminal does.
type terminal struct {
	t    testing.TB
	cmd  *exec.Cmd
	pty  *os.File
	emu  *vt.SafeEmulator
	w, h int
	done chan struct{} // closed when the output has ended

	mu  sync.Mutex
	raw bytes.Buffer // every byte that the program wrote
	at  time.Time    // when the last of them came
	log []written    // when each piece of raw came
}

// written is how much there was at a moment.
type written struct {
	at   time.Time
	size int
}

// startTerminal runs argv in a terminal of w by h cells. The environment is
// exactly env.
func startTerminal(t testing.TB, w, h int, env []string, argv ...string) *terminal {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append([]string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"}, env...)
	f, err := pty.StartWithAttrs(cmd, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}, session())
	if err != nil {
		t.Fatalf("starting %v: %v", argv, err)
	}
	x := &terminal{t: t, cmd: cmd, pty: f, emu: vt.NewSafeEmulator(w, h), w: w, h: h, done: make(chan struct{})}
	go io.Copy(f, x.emu) //nolint:errcheck // ends with the pty
	go x.pump()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-x.done
		_, _ = cmd.Process.Wait()
		_ = f.Close()
		// Ends the copy of the emulator's answers; Close would race with it.
		if in, ok := x.emu.InputPipe().(io.Closer); ok {
			_ = in.Close()
		}
	})
	return x
}

func (x *terminal) pump() {
	defer close(x.done)
	b := make([]byte, 64<<10)
	for {
		n, err := x.pty.Read(b)
		if n > 0 {
			x.mu.Lock()
			x.raw.Write(b[:n])
			x.at = time.Now()
			x.log = append(x.log, written{x.at, x.raw.Len()})
			x.mu.Unlock()
			_, _ = x.emu.Write(b[:n])
		}
		if err != nil {
			return
		}
	}
}

// screen is what the terminal shows, one string a row, without styles.
func (x *terminal) screen() []string {
	rows := strings.Split(ansi.Strip(x.emu.Render()), "\n")
	for len(rows) < x.h {
		rows = append(rows, "")
	}
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " \r")
	}
	return rows
}

func (x *terminal) text() string { return strings.Join(x.screen(), "\n") }

// bytes is everything that the program has written so far.
func (x *terminal) bytes() []byte {
	x.mu.Lock()
	defer x.mu.Unlock()
	return bytes.Clone(x.raw.Bytes())
}

// osc52 is what a program sends to fill the terminal's clipboard.
var osc52 = regexp.MustCompile(`\x1b\]52;c;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)`)

// copied is what the program copied to the terminal the nth time. It waits for
// it: that is sent beside the frames, before or after the one that speaks of it.
func (x *terminal) copied(nth int) string {
	x.t.Helper()
	var all [][][]byte
	x.until("something to be copied to the terminal", func(string) bool {
		all = osc52.FindAllSubmatch(x.bytes(), -1)
		return len(all) >= nth
	})
	text, err := base64.StdEncoding.DecodeString(string(all[nth-1][1]))
	if err != nil {
		x.t.Fatal(err)
	}
	return string(text)
}

// send types keys.
func (x *terminal) send(keys string) {
	x.t.Helper()
	if _, err := io.WriteString(x.pty, keys); err != nil {
		x.t.Fatalf("typing %q: %v", keys, err)
	}
}

func (x *terminal) resize(w, h int) {
	x.t.Helper()
	x.w, x.h = w, h
	x.emu.Resize(w, h)
	if err := pty.Setsize(x.pty, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}); err != nil {
		x.t.Fatal(err)
	}
}

// waitFor waits until every text is on the screen.
func (x *terminal) waitFor(texts ...string) {
	x.t.Helper()
	x.until("the screen to show "+strings.Join(texts, " and "), func(s string) bool {
		for _, t := range texts {
			if !strings.Contains(s, t) {
				return false
			}
		}
		return true
	})
}

// waitGone waits until a text is not on the screen.
func (x *terminal) waitGone(text string) {
	x.t.Helper()
	x.until("the screen to lose "+text, func(s string) bool { return !strings.Contains(s, text) })
}

// until waits for a condition of the screen.
func (x *terminal) until(what string, ok func(screen string) bool) {
	x.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		s := x.text()
		if ok(s) {
			return
		}
		if time.Now().After(deadline) {
			x.t.Fatalf("waited %v for %s; the screen is:\n%s", patience, what, s)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// exit waits for the program to end and its output to be drained, and returns
// its exit code.
func (x *terminal) exit() int {
	x.t.Helper()
	ended := make(chan int, 1)
	go func() {
		state, err := x.cmd.Process.Wait()
		if err != nil {
			ended <- -2
			return
		}
		ended <- state.ExitCode()
	}()
	select {
	case code := <-ended:
		select {
		case <-x.done:
		case <-time.After(2 * time.Second):
		}
		return code
	case <-time.After(patience):
		x.t.Fatalf("the program did not end; the screen is:\n%s", x.text())
	}
	return -1
}

// restored checks that the terminal is as it was: the main screen, the cursor
// visible, no mouse, no bracketed paste left on.
func (x *terminal) restored() {
	x.t.Helper()
	if x.emu.IsAltScreen() {
		x.t.Error("the alternate screen was left on")
	}
	raw := string(x.bytes())
	for _, mode := range []struct{ on, off, what string }{
		{"\x1b[?1049h", "\x1b[?1049l", "alternate screen"},
		{"\x1b[?25l", "\x1b[?25h", "hidden cursor"},
		{"\x1b[?2004h", "\x1b[?2004l", "bracketed paste"},
		{"\x1b[?1004h", "\x1b[?1004l", "focus reports"},
		{"\x1b[?1002h", "\x1b[?1002l", "mouse"},
	} {
		if strings.LastIndex(raw, mode.on) > strings.LastIndex(raw, mode.off) {
			x.t.Errorf("%s was switched on and not off", mode.what)
		}
	}
}
