package reader_test

import (
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

// BenchmarkFirstScreen1M compares the first screen of a 1 MB runbook with its
// parse.
func BenchmarkFirstScreen1M(b *testing.B) {
	src := sized(1 << 20)
	start := time.Now()
	d := runbook.Parse(src, runbook.Where{})
	parsing := time.Since(start)
	firstScreen(d)
	for b.Loop() {
		firstScreen(d)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(parsing), "of-the-parse")
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
