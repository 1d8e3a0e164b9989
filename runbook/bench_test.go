package runbook

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// mixed is n bytes of real runbooks, one after the other.
func mixed(tb testing.TB, n int) []byte {
	tb.Helper()
	files := corpus(tb)
	var paths []string
	for p := range files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var out []byte
	for i := 0; len(out) < n; i++ {
		out = append(out, bytes.TrimPrefix(files[paths[i%len(paths)]], []byte("---\n"))...)
		out = append(out, '\n', '\n')
	}
	return out[:n]
}

// BenchmarkParse compares with goldmark alone on the same bytes in the same
// run: x-goldmark is how many times as long it takes.
func BenchmarkParse(b *testing.B) {
	plain := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.DefinitionList)).Parser()
	for name, n := range map[string]int{"100KB": 100 << 10, "1MB": 1 << 20} {
		src := mixed(b, n)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			var ours, theirs time.Duration
			for b.Loop() {
				start := time.Now()
				Parse(src, Where{})
				mid := time.Now()
				plain.Parse(text.NewReader(src))
				ours, theirs = ours+mid.Sub(start), theirs+time.Since(mid)
			}
			b.ReportMetric(float64(ours.Microseconds())/1000/float64(b.N), "ms/parse")
			b.ReportMetric(float64(ours)/float64(theirs), "x-goldmark")
		})
	}
}

// BenchmarkSketch compares with Parse.
func BenchmarkSketch(b *testing.B) {
	src := mixed(b, 1<<20)
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		Sketches(src)
		mid := time.Now()
		Parse(src, Where{})
		ours, theirs = ours+mid.Sub(start), theirs+time.Since(mid)
	}
	b.ReportMetric(float64(ours.Microseconds())/1000/float64(b.N), "ms/sketch")
	b.ReportMetric(float64(ours)/float64(theirs), "x-parse")
}
