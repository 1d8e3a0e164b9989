package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// emptyVariable makes the test program the reference of the screen: a Bubble
// Tea program at the same rate that does next to nothing. It links Glamour, as
// everything here does.
const emptyVariable = "FIRSTPAGE_E2E_EMPTY"

// emptyMark is on the first frame of that program.
const emptyMark = "an empty program"

// runEmpty is that program; it returns the exit code.
func runEmpty() int {
	if _, err := tea.NewProgram(empty{}, tea.WithFPS(120)).Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// empty moves one cell per key.
type empty struct{ at int }

func (empty) Init() tea.Cmd { return nil }

func (m empty) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "j", "J":
			m.at++
		case "k", "K":
			m.at--
		case "q":
			return m, tea.Quit
		}
	}
	return m, nil
}

func (m empty) View() tea.View {
	at := ((m.at % 100) + 100) % 100
	v := tea.NewView(emptyMark + "\n" + strings.Repeat(" ", at) + ">")
	v.AltScreen = true
	return v
}

// startEmpty starts the reference program in a terminal.
func startEmpty(b *testing.B, h *home) *terminal {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	return startTerminal(b, benchW, benchH, append(slices.Clone(h.env), emptyVariable+"=1"), self)
}

// The terminal of every benchmark, in cells.
const benchW, benchH = 120, 40

// written is how much the program has written and when it last did.
func (x *terminal) written() (int, time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.raw.Len(), x.at
}

// moment waits until the bytes after the first from hold a match and returns
// when the match came: to about a millisecond late, never early.
func (x *terminal) moment(from int, want *regexp.Regexp) time.Time {
	x.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Microsecond) {
		x.mu.Lock()
		n, at := x.raw.Len(), x.at
		found := n > from && (want == nil || want.Match(x.raw.Bytes()[from:]))
		x.mu.Unlock()
		if found {
			return at
		}
	}
	x.t.Fatalf("waited %v for %v; the screen is:\n%s", patience, want, x.text())
	return time.Time{}
}

// rest waits until the program has been silent for d.
func (x *terminal) rest(d time.Duration) {
	x.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, at := x.written(); time.Since(at) >= d {
			return
		}
	}
	x.t.Fatalf("never silent for %v; the screen is:\n%s", d, x.text())
}

// stop ends a program by q, so that it keeps its snapshot.
func (x *terminal) stop() {
	x.t.Helper()
	x.send("q")
	if code := x.exit(); code != 0 {
		x.t.Fatalf("exit code %d; the screen is:\n%s", code, x.text())
	}
}

// times is a series of measurements.
type times []time.Duration

// at is the quantile q, from 0 to 1, in milliseconds.
func (t times) at(q float64) float64 {
	s := slices.Sorted(slices.Values(t))
	i := min(len(s)-1, int(q*float64(len(s))))
	return float64(s[i].Microseconds()) / 1000
}

// procStat is what the kernel says about a process.
type procStat struct {
	cpu       time.Duration // used so far, by all threads
	rss, peak float64       // resident memory now and at most, in MB (10^6 bytes)
}

// stat reads /proc. Benchmarks that need it skip elsewhere.
func stat(b *testing.B, pid int) procStat {
	b.Helper()
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		b.Skip("no /proc here: ", err)
	}
	var p procStat
	for _, l := range strings.Split(string(status), "\n") {
		name, value, _ := strings.Cut(l, ":")
		kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "VmRSS":
			p.rss = kb * 1024 / 1e6
		case "VmHWM":
			p.peak = kb * 1024 / 1e6
		}
	}
	// utime and stime count whole hundredths of a second; schedstat counts
	// nanoseconds, of one thread each.
	threads, _ := filepath.Glob(filepath.Join(dir, "task", "*", "schedstat"))
	for _, f := range threads {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			b.Fatalf("%s: %v", f, err)
		}
		p.cpu += time.Duration(ns)
	}
	return p
}
