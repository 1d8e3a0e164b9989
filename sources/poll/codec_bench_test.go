package poll

import (
	"encoding/json"
	"testing"
	"time"
)

// BenchmarkDecode compares reading the stored form with reading the same
// alerts as JSON with encoding/json, in one run.
func BenchmarkDecode(b *testing.B) {
	s := large(10_000)
	doc, err := Encode(s)
	if err != nil {
		b.Fatal(err)
	}
	ref, err := json.Marshal(s)
	if err != nil {
		b.Fatal(err)
	}
	var ours, theirs time.Duration
	for b.Loop() {
		t0 := time.Now()
		if _, err := Decode(doc); err != nil {
			b.Fatal(err)
		}
		t1 := time.Now()
		var v any
		if err := json.Unmarshal(ref, &v); err != nil {
			b.Fatal(err)
		}
		ours, theirs = ours+t1.Sub(t0), theirs+time.Since(t1)
	}
	b.ReportMetric(float64(ours)/float64(theirs), "of-json")
	b.ReportMetric(float64(len(doc))/float64(len(ref)), "bytes-of-json")
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/decode")
}
