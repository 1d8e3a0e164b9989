package reader_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"charm.land/glamour/v2"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/reader"
)

// sized is a runbook of about n bytes.
func sized(n int) []byte {
	one := len(manual(1000)) / 1000
	return []byte(manual(n / one))
}

// firstScreen is what opening a runbook costs without its parse.
func firstScreen(d runbook.Document) {
	m := reader.New(dark())
	m.SetSize(80, 40)
	m.SetDocument("k", d, runbook.Pos{Block: len(d.Blocks) / 2, Line: d.Blocks[len(d.Blocks)/2].Line})
	m.Rows()
}

// BenchmarkFirstScreen100K compares the first screen of a 100 KB runbook with
// one glamour.Render of the whole of it.
func BenchmarkFirstScreen100K(b *testing.B) {
	src := sized(100 << 10)
	d := runbook.Parse(src, runbook.Where{})
	start := time.Now()
	if _, err := glamour.Render(string(src), "dark"); err != nil {
		b.Fatal(err)
	}
	wholeRender := time.Since(start)
	firstScreen(d) // Chroma compiles a lexer at its first use
	for b.Loop() {
		firstScreen(d)
	}
	b.ReportMetric(float64(wholeRender)/(float64(b.Elapsed())/float64(b.N)), "times-faster-than-glamour")
}

// BenchmarkOpen is what a large runbook costs from its bytes to the first screen
// (parse included), and to be drawn at another width, beside one glamour.Render
// of the whole and, where it is on the PATH, the program glow.
func BenchmarkOpen(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"253KB", 253 << 10}, {"1MB", 1 << 20}} {
		b.Run(size.name, func(b *testing.B) {
			src := sized(size.bytes)
			begin := time.Now()
			if _, err := glamour.Render(string(src), "dark"); err != nil {
				b.Fatal(err)
			}
			whole := time.Since(begin)
			other := glow(b, src)
			firstScreen(runbook.Parse(src, runbook.Where{})) // Chroma compiles a lexer at its first use
			var open, screen, resize time.Duration
			for b.Loop() {
				begin := time.Now()
				d := runbook.Parse(src, runbook.Where{})
				parsed := time.Now()
				m := reader.New(dark())
				m.SetSize(80, 40)
				m.SetDocument("k", d, runbook.Pos{Block: len(d.Blocks) / 2, Line: d.Blocks[len(d.Blocks)/2].Line})
				m.Rows()
				shown := time.Now()
				m.SetSize(117, 40)
				m.Rows()
				open, screen, resize = open+shown.Sub(begin), screen+shown.Sub(parsed), resize+time.Since(shown)
			}
			per := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(per(open), "open_ms")
			b.ReportMetric(per(screen), "after_parse_ms")
			b.ReportMetric(per(resize), "resize_ms")
			b.ReportMetric(float64(whole.Milliseconds())/per(open), "x-faster-than-glamour")
			if other > 0 {
				b.ReportMetric(float64(other.Milliseconds())/per(open), "x-faster-than-glow")
			}
		})
	}
}

// glow is how long glow takes for a text; 0: it is not installed.
func glow(b *testing.B, src []byte) time.Duration {
	path, err := exec.LookPath("glow")
	if err != nil {
		return 0
	}
	file := filepath.Join(b.TempDir(), "runbook.md")
	if err := os.WriteFile(file, src, 0o600); err != nil {
		b.Fatal(err)
	}
	begin := time.Now()
	if out, err := exec.Command(path, "-s", "dark", "-w", "80", file).CombinedOutput(); err != nil {
		b.Logf("glow: %v %.200s", err, out)
		return 0
	}
	return time.Since(begin)
}

// BenchmarkScroll is one row further in a document that has been looked at.
func BenchmarkScroll(b *testing.B) {
	d := runbook.Parse(sized(100<<10), runbook.Where{})
	m := reader.New(dark())
	m.SetSize(80, 40)
	m.SetDocument("k", d, runbook.Pos{})
	up := 1
	for b.Loop() {
		if m.Scroll(up); m.Percent() >= 10 || m.Percent() == 0 {
			up = -up
		}
		m.Rows()
	}
}
