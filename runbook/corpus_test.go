package runbook

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
)

// corpus is every real Markdown file of the repository's test data.
func corpus(tb testing.TB) map[string][]byte {
	tb.Helper()
	files := map[string][]byte{}
	root := filepath.Join("..", "testdata", "corpus")
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		src, err := os.ReadFile(path)
		files[path] = src
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	if len(files) < 400 {
		tb.Fatalf("only %d Markdown files under %s", len(files), root)
	}
	return files
}

// TestCorpus parses every real runbook and checks what holds for any document.
func TestCorpus(t *testing.T) {
	t.Parallel()
	codes, fences := 0, 0
	for path, src := range corpus(t) {
		d := Parse(src, Where{Path: path})
		check(t, path, src, d)
		codes += len(d.Codes())
		for _, b := range d.Blocks {
			if b.Links && !hasLinks(b.Node) {
				t.Errorf("%s: the %s in line %d has no links", path, b.Kind, b.Line)
			}
		}
		for line := range bytes.Lines(src) {
			l := strings.TrimLeft(string(line), " \t>")
			if strings.HasPrefix(l, "```") && len(strings.TrimSpace(l)) > 3 {
				fences++
			}
		}
		if d.Title.Empty() {
			t.Errorf("%s: no title", path)
		}
	}
	// Every fence with a language opens a block, save the few in comments.
	if codes < fences*95/100 {
		t.Errorf("%d code blocks from %d opening fences with a language", codes, fences)
	}
	t.Logf("%d code blocks, %d fences with a language", codes, fences)
}

// check is what holds for every document, whatever the source.
func check(t *testing.T, name string, src []byte, d Document) {
	t.Helper()
	if a, b := bytes.Count(d.Source, []byte("\n")), bytes.Count(d.Text(), []byte("\n")); a != b {
		t.Fatalf("%s: %d lines in the source, %d in the text", name, a, b)
	}
	if len(src) <= MaxSource && !bytes.Equal(src, d.Source) {
		t.Fatalf("%s: the source was changed", name)
	}
	srcLines := strings.Split(string(d.Source), "\n")
	last := 0
	for i, b := range d.Blocks {
		if b.Line < 1 || b.EndLine < b.Line || b.EndLine > len(srcLines) {
			t.Fatalf("%s: block %d (%s) has lines %d to %d of %d", name, i, b.Kind, b.Line, b.EndLine, len(srcLines))
		}
		if b.Line < last {
			t.Fatalf("%s: block %d (%s) begins in line %d, before the end of the one above, %d", name, i, b.Kind, b.Line, last)
		}
		last = b.Line
		if (b.Node == nil) != (b.Kind == Plain) {
			t.Fatalf("%s: block %d (%s): node %v", name, i, b.Kind, b.Node)
		}
		if b.Node != nil && !b.Links && hasLinks(b.Node) {
			t.Fatalf("%s: block %d (%s, line %d) has links and does not say so", name, i, b.Kind, b.Line)
		}
		if b.Kind == Heading && len(b.Slugs) == 0 {
			t.Fatalf("%s: heading %q has no slug", name, b.Text)
		}
	}
	for _, c := range d.Codes() {
		if c.Block < 0 || c.Block >= len(d.Blocks) {
			t.Fatalf("%s: code in block %d of %d", name, c.Block, len(d.Blocks))
		}
		if b := d.Blocks[c.Block]; c.Line < b.Line || c.EndLine > b.EndLine {
			t.Fatalf("%s: code in lines %d to %d of block %d to %d", name, c.Line, c.EndLine, b.Line, b.EndLine)
		}
		for i, line := range strings.Split(strings.TrimSuffix(string(c.Code), "\n"), "\n") {
			if at := c.Line - 1 + i; !contains(srcLines, at, line) && !contains(srcLines, at+1, line) {
				t.Fatalf("%s: code line %q is not in source line %d", name, line, at+1)
			}
		}
	}
}

func hasLinks(n ast.Node) bool {
	found := false
	_ = ast.Walk(n, func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		found = found || n.Kind() == ast.KindLink || n.Kind() == ast.KindAutoLink
		return ast.WalkContinue, nil
	})
	return found
}

// contains reports whether a source line ends in the line of code, save the
// blanks that are the rest of a tab.
func contains(lines []string, at int, code string) bool {
	if at >= len(lines) {
		return code == ""
	}
	src := strings.TrimSuffix(lines[at], "\r")
	return strings.HasSuffix(src, code) || strings.HasSuffix(src, strings.TrimLeft(code, " ")) && strings.Contains(src, "\t") || strings.TrimSpace(code) == "" && strings.Trim(src, " \t>\r") == ""
}
