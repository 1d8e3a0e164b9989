package reader_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/reader"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

const corpus = "../../testdata/corpus"

func dark() theme.Theme { return theme.New(theme.Dark, true) }

// corpusFiles is every Markdown file of real runbooks.
func corpusFiles(tb testing.TB) []string {
	tb.Helper()
	var files []string
	err := filepath.WalkDir(corpus, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, ".md") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 400 {
		tb.Fatalf("corpus: %d files, %v", len(files), err)
	}
	return files
}

func parseFile(tb testing.TB, path string) runbook.Document {
	tb.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return runbook.Parse(src, runbook.Where{Path: path})
}

// screens pages through a document and returns every screen's rows; the last
// screen may repeat rows of the one before.
func screens(m *reader.Model, height int) []string {
	m.Top()
	rows := m.Rows()
	for m.Percent() < 100 {
		m.Scroll(height)
		rows = append(rows, m.Rows()...)
	}
	return rows
}

var (
	letters     = regexp.MustCompile(`[\p{L}\p{N}]+`)
	placeholder = regexp.MustCompile(`<[A-Za-z][A-Za-z0-9_ -]*>`)
)

// TestCorpus draws all of every real runbook at three widths: no row is too
// wide, no word, no line of code and no placeholder is lost. Under the race
// detector it takes every tenth.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for i, path := range corpusFiles(t) {
		if (testing.Short() || underRace) && i%10 != 0 {
			continue
		}
		d := parseFile(t, path)
		m := reader.New(dark())
		for _, w := range []int{40, 80, 120} {
			m.SetSize(w, 30)
			m.SetDocument(path, d, runbook.Pos{})
			rows := screens(m, 30)
			for i, r := range rows {
				if n := ansi.StringWidth(r); n > w {
					t.Errorf("%s at %d: row %d has %d cells: %q", path, w, i, n, r)
				}
				if safe.ANSI(r) != r {
					t.Errorf("%s at %d: row %d is not safe: %q", path, w, i, r)
				}
			}
			printed := reader.Render(d, w, dark())
			checkText(t, path, d, w, printed)
		}
	}
}

// checkText compares a printed document with its source.
func checkText(t *testing.T, path string, d runbook.Document, w int, printed string) {
	t.Helper()
	plain := ansi.Strip(printed)
	squeezed := squeeze(plain)
	for _, b := range d.Blocks {
		switch b.Kind {
		case runbook.Code:
			for _, line := range strings.Split(strings.TrimRight(string(b.Code), "\n"), "\n") {
				line = strings.TrimSpace(strings.ReplaceAll(strings.TrimRight(line, "\r"), "\t", " "))
				if !strings.Contains(squeezed, squeeze(line)) && b.Lang != "mermaid" {
					t.Errorf("%s at %d: line %d: code lost: %q", path, w, b.Line, line)
				}
			}
		case runbook.Heading:
			if !strings.Contains(squeezed, squeeze(b.Text)) {
				t.Errorf("%s at %d: line %d: heading lost: %q", path, w, b.Line, b.Text)
			}
		}
	}
	have := map[string]bool{}
	for _, word := range letters.FindAllString(plain, -1) {
		have[word] = true
	}
	for _, word := range letters.FindAllString(prose(string(d.Source)), -1) {
		// A word that does not fit is cut, so it is looked for without the cuts.
		if !have[word] && !strings.Contains(squeezed, word) {
			t.Errorf("%s at %d: word lost: %q", path, w, word)
		}
	}
	for _, p := range placeholder.FindAllString(prose(string(d.Source)), -1) {
		if !formatting(p) && !strings.Contains(squeezed, squeeze(p)) {
			t.Errorf("%s at %d: placeholder lost: %s", path, w, p)
		}
	}
}

// squeeze takes out everything that drawing may put between the letters.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\n', '\t', '`', '\u00a0', '│', '┃', '─', '┌', '┐', '└', '┘', '━', '▾', '•', '◦':
			return -1
		}
		return r
	}, s)
}

var (
	notShown = regexp.MustCompile("(?s)\\A---\n.*?\n---\n|<!--.*?-->|```mermaid.*?```|{{[<%].*?[%>]}}")
	escapes  = regexp.MustCompile(`\\([[:punct:]])`)
	targets  = regexp.MustCompile(`\]\([^)\n]*\)|\]\[[^\]\n]*\]|(?m)^\s*\[[^\]]+\]:.*$|(href|src|id|name|class|align|width|alt|title|target)="[^"]*"`)
	fences   = regexp.MustCompile("(?m)^[\\s>]*(```|~~~).*$")
	numbers  = regexp.MustCompile(`(?m)^\s*\d+[.)] `) // lists are numbered anew
	entities = regexp.MustCompile(`&#?\w+;`)
	tags     = regexp.MustCompile(`</?(a|b|i|br|hr|p|div|span|details|summary|code|pre|img|table|tr|td|th|ul|ol|li|em|strong|sub|sup|h[1-6]|center|kbd|tbody|thead)\b[^>]*>`)
)

// prose is the source without what is not shown as such: front matter,
// comments, link targets, tags.
func prose(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for _, re := range []*regexp.Regexp{notShown, targets, fences, entities, tags, numbers} {
		s = re.ReplaceAllString(s, " ")
	}
	return escapes.ReplaceAllString(s, "$1")
}

func formatting(p string) bool { return tags.MatchString(p) }
