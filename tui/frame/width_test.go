package frame

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// TestWidthAgrees compares the short way of counting with the whole one on
// random rows of what rows are made of and of what they are not.
func TestWidthAgrees(t *testing.T) {
	t.Parallel()
	ours := []string{"a", "Z", " ", "│", "─", "━", "┬", "█", "▁", "⣿", "⠀", "┄", "…", "·", "•", "–", "—", "→", "\x1b[1;38;2;1;2;3m", "\x1b[m", "\x1b[0m"}
	others := []string{"é", "e\u0301", "漢", "\ufe0f", "\u200d", "👍", "✓", "\x1b]8;;http://x\x1b\\", "\x1b[2J", "\u200b", "\x7f", "\t"}
	short := 0
	for i := range 100_000 {
		tokens := ours
		if i%2 == 0 {
			tokens = append(ours[:len(ours):len(ours)], others...)
		}
		var b strings.Builder
		for range rand.IntN(12) {
			b.WriteString(tokens[rand.IntN(len(tokens))])
		}
		n, ok := plain(b.String())
		if !ok {
			continue
		}
		short++
		if want := ansi.StringWidth(b.String()); n != want {
			t.Fatalf("%q is %d cells, counted %d", b.String(), want, n)
		}
	}
	if short < 50_000 {
		t.Errorf("only %d rows went the short way", short)
	}
}

// BenchmarkWidth prints how much the short way saves on a usual row.
func BenchmarkWidth(b *testing.B) {
	row := "\x1b[38;2;10;20;30m│ \x1b[m" + strings.Repeat("hello ", 10) + "\x1b[1mfoo…\x1b[m"
	began := time.Now()
	for b.Loop() {
		Width(row)
	}
	ours := time.Since(began)
	began = time.Now()
	for range b.N {
		ansi.StringWidth(row)
	}
	b.ReportMetric(float64(ours)/float64(time.Since(began)), "ratio")
}
