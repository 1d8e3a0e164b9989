package reader_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/reader"
)

// A search marks words and moves; it changes no text and no width, on real
// runbooks and on wide runes.
func TestSearchChangesNoText(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/corpus/prometheus-operator-runbooks/content/runbooks/*/*.md")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	texts := []string{"# 長い名前の見出し\n\nA 長い sentence with `名前` and [長い](https://e.org/長い) İstanbul ẞ ß.\n"}
	for _, f := range files[:20] {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	for _, text := range texts {
		for _, want := range []string{"e", "the", "長い", "名", "i", "ß"} {
			m := reader.New(dark())
			m.SetSize(60, 40)
			m.SetDocument("k", parse(text), runbook.Pos{})
			n := m.Search(want)
			with := m.Rows()
			for i, r := range with {
				if ansi.StringWidth(r) > 60 {
					t.Fatalf("%q: row %d is %d cells wide", want, i, ansi.StringWidth(r))
				}
			}
			// The same place without the marks.
			at, of := m.Next(0)
			if n != of || n > 0 && at < 1 {
				t.Fatalf("%q: %d hits, then %d of %d", want, n, at, of)
			}
			marked := plain(m.Rows())
			m.Search("")
			if d := cmp.Diff(plain(m.Rows()), marked); d != "" {
				t.Fatalf("%q changed the text:\n%s", want, d)
			}
		}
	}
}
