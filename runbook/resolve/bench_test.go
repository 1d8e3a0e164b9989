package resolve

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkIndex builds the index of the whole corpus and compares with only
// reading the same files in the same run.
func BenchmarkIndex(b *testing.B) {
	dir, err := os.OpenRoot(corpusDir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = dir.Close() })
	var ours, theirs, again time.Duration
	files := 0
	for b.Loop() {
		start := time.Now()
		x := buildIndex(dir, nil, []string{""})
		built := time.Now()
		buildIndex(dir, x, []string{""})
		rebuilt := time.Now()
		files = 0
		_ = filepath.WalkDir(corpusDir, func(p string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && pageFile(p) {
				_, err = os.ReadFile(p)
				files++
			}
			return err
		})
		theirs += time.Since(rebuilt)
		ours, again = ours+built.Sub(start), again+rebuilt.Sub(built)
	}
	n := float64(b.N)
	b.ReportMetric(float64(files), "files")
	b.ReportMetric(float64(ours.Microseconds())/1000/n, "ms/index")
	b.ReportMetric(float64(again.Microseconds())/1000/n, "ms/refresh")
	b.ReportMetric(float64(ours)/float64(theirs), "x-reading")
}

// BenchmarkLocate asks for every row of the answer key, new each time.
func BenchmarkLocate(b *testing.B) {
	r := corpusResolver(b)
	rows := table(b, "links.tsv", 4)
	r.Locate(linkRef("x", ""))
	for b.Loop() {
		r.found = nil
		for _, row := range rows {
			r.Locate(linkRef(row[0], row[1]))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(rows)), "us/locate")
}
