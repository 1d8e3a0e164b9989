package reader_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/reader"
)

// Texts that break readers are shown as far as sensible, with a line that says
// what was left out; nothing panics, nothing is wider than the pane.
func TestHardTexts(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	for _, cell := range []string{"column", "---", "value"} {
		for i := range 60 {
			if cell == "---" {
				table.WriteString("|---")
				continue
			}
			fmt.Fprintf(&table, "| %s%d ", cell, i)
		}
		table.WriteString("|\n")
	}
	nested := ""
	for i := range 1000 {
		nested += strings.Repeat("  ", i) + "- level " + fmt.Sprint(i) + "\n"
	}
	for name, tc := range map[string]struct {
		src  string
		want []string // each somewhere in the whole
	}{
		"invalid UTF-8":        {"# Caf\xe9\n\nPlain \xff\xfe words.\n\n```sh\necho \xc3\x28\n```\n", []string{"Plain", "words.", "echo"}},
		"CRLF":                 {"# Title\r\n\r\nWords.\r\n\r\n```sh\r\necho one\r\necho two\r\n```\r\n", []string{"Title", "Words.", "echo one", "echo two"}},
		"BOM":                  {"\ufeff# Title\n\nWords.\n", []string{"Title", "Words."}},
		"quotes 1,000 deep":    {"# Title\n\n" + strings.Repeat("> ", 1000) + "deep\n\nAfter.\n", []string{"Title", "After."}},
		"lists 1,000 deep":     {"# Title\n\n" + nested + "\nAfter.\n", []string{"Title", "level 0", "level 5"}},
		"brackets":             {"# Title\n\n" + strings.Repeat("[", 50_000) + "\n\nAfter.\n", []string{"Title", "After."}},
		"stars":                {"# Title\n\n" + strings.Repeat("*a **b ", 20_000) + "\n\nAfter.\n", []string{"Title", "After."}},
		"a table of 60":        {"# Title\n\n" + table.String() + "\nAfter.\n", []string{"column0", "value59", "After."}},
		"a code line of 100k":  {"# Title\n\n```sh\necho " + strings.Repeat("x", 100_000) + "\n```\n\nAfter.\n", []string{"echo xxx", "After."}},
		"5,000 lines of code":  {"# Title\n\n```sh\n" + strings.Repeat("echo line\n", 5000) + "```\n\nAfter.\n", []string{"echo line"}},
		"a heading of 10k":     {"# " + strings.Repeat("word ", 2000) + "\n\nAfter.\n", []string{"word", "After."}},
		"nothing but newlines": {strings.Repeat("\n", 100_000) + "Words.\n", []string{"Words."}},
		"zero bytes":           {"# Ti\x00tle\n\nWo\x00rds.\n", []string{"After"}[:0]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := runbook.Parse([]byte(tc.src), runbook.Where{Path: "/x.md"})
			m := reader.New(dark())
			all := ""
			for _, w := range []int{80, 20, 200} {
				m.SetSize(w, 40)
				m.SetDocument("k", d, runbook.Pos{})
				for pages := 0; pages < 60; pages++ {
					for _, r := range m.Rows() {
						if n := ansi.StringWidth(r); n > w {
							t.Fatalf("at %d cells a row has %d", w, n)
						}
						all += ansi.Strip(r) + "\n"
					}
					if m.Percent() == 100 {
						break
					}
					m.Page(1)
				}
				m.Bottom()
				m.Rows()
				m.Top()
			}
			for _, want := range tc.want {
				if !strings.Contains(all, want) {
					t.Errorf("it lacks %q", want)
				}
			}
		})
	}
}
