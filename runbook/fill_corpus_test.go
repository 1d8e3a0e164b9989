package runbook

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/firstpage-oncall/firstpage/sources"
)

// TestFillCorpus fills every block of every real runbook, without and with
// values.
func TestFillCorpus(t *testing.T) {
	t.Parallel()
	known := NewValues(sources.NewLabels(map[string]string{
		"namespace": "shop", "pod": "it's", "node": "eu-3-17", "name": "x", "instance": "a:1", "persistentvolumeclaim": "data", "mountpoint": "/var",
	}), "prod-eu", nil)
	forms := regexp.MustCompile(`<[A-Za-z][A-Za-z0-9 _-]*[A-Za-z0-9]>`)
	files := corpus(t)
	blocks, sessions, filled, gaps := 0, 0, 0, 0
	for _, path := range slices.Sorted(maps.Keys(files)) {
		d := Parse(files[path], Where{Path: path})
		for _, c := range d.Codes() {
			blocks++
			none := Fill(c, Values{})
			if none.Source != string(c.Code) {
				t.Fatalf("%s:%d: the source is %q", path, c.Line, none.Source)
			}
			lines := strings.Split(strings.TrimRight(none.Source, "\n"), "\n")
			if none.Text != strings.Join(lines, "\n") {
				sessions++
				wasTyped(t, path, c, none.Text, lines)
			}
			some := Fill(c, known)
			filled, gaps = filled+len(some.Marks), gaps+len(some.Missing)
			inOrder(t, path, some)
			// What is not filled is still there: each one is in the text, or
			// marked.
			if a, b := len(forms.FindAllString(none.Text, -1)), len(forms.FindAllString(some.Text, -1)); a > b+len(some.Marks) {
				t.Errorf("%s:%d: %d placeholders became %d and %d marks: %q", path, c.Line, a, b, len(some.Marks), some.Text)
			}
		}
	}
	if sessions < 300 || filled < 300 {
		t.Errorf("only %d sessions and %d values in %d blocks", sessions, filled, blocks)
	}
	t.Logf("%d blocks, %d sessions, %d values put in, %d gaps", blocks, sessions, filled, gaps)
}

// wasTyped checks that the text of a session is the typed lines in order.
func wasTyped(t *testing.T, path string, c CodeBlock, text string, lines []string) {
	t.Helper()
	at := 0
	for _, l := range strings.Split(text, "\n") {
		for at < len(lines) && !strings.HasSuffix(lines[at], l) {
			at++
		}
		if at == len(lines) {
			t.Fatalf("%s:%d: %q is in no line, or not in order", path, c.Line, l)
		}
		at++
	}
	for _, l := range lines {
		if rest, ok := strings.CutPrefix(strings.TrimLeft(l, " \t"), "$ "); ok && !strings.Contains(text, rest) {
			t.Fatalf("%s:%d: the typed line %q is lost", path, c.Line, l)
		}
	}
}

// inOrder checks the ranges of a filled block.
func inOrder(t *testing.T, path string, f Filled) {
	t.Helper()
	last := 0
	for _, m := range f.Marks {
		if m.Start < last || m.End <= m.Start || m.End > len(f.Text) {
			t.Fatalf("%s:%d: a mark from %d to %d after %d in %d bytes", path, f.Line, m.Start, m.End, last, len(f.Text))
		}
		last = m.End
	}
	last = 0
	for _, g := range f.Missing {
		if g.Start < last || g.End <= g.Start || g.End > len(f.Text) {
			t.Fatalf("%s:%d: a gap from %d to %d after %d in %d bytes", path, f.Line, g.Start, g.End, last, len(f.Text))
		}
		last = g.End
	}
}

// FuzzFill holds what is true of any block: it ends, the ranges are right, and
// without values the text is the source's.
func FuzzFill(f *testing.F) {
	for _, s := range []string{"$ a <b> \\\n c\nout", "x <<EOF\n<a>\nEOF", "`$(\"${x:-<a>}\")`", "up{a=\"<b>\"} # <c>", "# a\n# b", "((((", "'<a>'$'<b>'"} {
		f.Add("bash", s, "it's; rm")
		f.Add("promql", s, "x.y")
	}
	f.Fuzz(func(t *testing.T, lang, code, value string) {
		c := CodeBlock{Lang: lang, Code: []byte(code)}
		known := NewValues(sources.NewLabels(map[string]string{"a": value, "b": value, "pod": value}), value, nil)
		inOrder(t, "fuzz", Fill(c, known))
		c.Changes()
		if none := Fill(c, Values{}); none.Text != c.Script() || len(none.Marks) > 0 {
			t.Fatalf("without values %q became %q", code, none.Text)
		}
	})
}

// TestFillEnds repeats what makes a careless reader start over at each place.
// It takes no time, or it never ends.
func TestFillEnds(t *testing.T) {
	t.Parallel()
	known := NewValues(sources.NewLabels(map[string]string{"a": "it's"}), "c", nil)
	for _, s := range []string{"$(", "`", "<a> ", "x|", "$ it's\n", "$ x \\\n", "{{", "<<A ", "<<A\n", "$ <<A\n", "case x in\n", "rm\n", "A=1;", "\"$(", "${", "((", "'<a>'",
		"<a b c d e ", "$ for i in\n", "bash -c '", "sudo ", "aws x y z\n", "eval ", "find -exec ", "xargs ", "<(", "$'", "ssh x ", "$ a|\n> b\n", "su -c 'su -c "} {
		for _, lang := range []string{"bash", "console", "promql", "sql", ""} {
			c := CodeBlock{Lang: lang, Code: []byte(strings.Repeat(s, (8<<10)/len(s)))}
			inOrder(t, s, Fill(c, known))
			c.Changes()
			c.Context()
		}
	}
}
