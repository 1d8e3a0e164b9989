package runbook

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSketchAgrees compares the line scan with the parser on every real file.
func TestSketchAgrees(t *testing.T) {
	t.Parallel()
	headings := 0
	for path, src := range corpus(t) {
		sameHeadings(t, path, src)
		headings += len(Sketches(src).Headings)
	}
	t.Logf("%d headings", headings)
}

func sameHeadings(t *testing.T, name string, src []byte) {
	t.Helper()
	var all, top []SketchPlace
	d := Parse(src, Where{})
	for _, h := range d.Outline() {
		all = append(all, SketchPlace{h.Text, h.Slugs[0], h.Line})
	}
	for _, b := range d.Blocks {
		if b.Kind == Heading {
			top = append(top, SketchPlace{b.Text, b.Slugs[0], b.Line})
		}
	}
	// A scan sees some of the headings inside list items.
	got := Sketches(src).Headings
	if cmp.Diff(all, got) == "" {
		return
	}
	if diff := cmp.Diff(top, got); diff != "" {
		t.Errorf("%s: parser (-) and scan (+):\n%s", name, diff)
	}
}

func TestSketchForms(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"setext":             "Title\n=====\n\nTwo\nlines\n---\n\n- item\n---\n\ntext\n\n---\n",
		"fences":             "# A\n```sh\n# not\n```\n## B\n~~~\n# not\n```\n~~~\n# C ##\n",
		"fence in list":      "1. x\n   ```\n   # not\n   ```\n\n## yes\n",
		"fence after marker": "- ```\n  # not\n  ```\n\n# yes\n",
		"comment":            "<!--\n# not\n-->\n# yes\n<!-- one line -->\n# also\n",
		"html":               "<details>\n# not\n\n# yes\n</details>\n",
		"placeholder line":   "<namespace>\n===\n",
		"marks":              "# **Bold** `code` [link](http://x) a_b <ns>\n",
		"id":                 "# Title {#other}\n",
		"repeats":            "# A\n# A\n# A-1\n",
		"front matter":       "---\ntitle: T\n---\n# A\n",
		"crlf":               "# A\r\n\r\nB\r\n===\r\n",
		"not headings":       "#no\n####### seven\n    # code\n",
	} {
		sameHeadings(t, name, []byte(src))
	}
}

func TestSketchWords(t *testing.T) {
	t.Parallel()
	s := Sketches([]byte("---\ntitle: X\naliases: [/old/]\n---\n\nSee `KubePodCrashLooping`: and\nKubePodCrashLooping host_out_of_memory Kubernetes\n"))
	want := []SketchPlace{{Text: "kubepodcrashlooping", Line: 6}, {Text: "host_out_of_memory", Line: 7}}
	if diff := cmp.Diff(want, s.Words); diff != "" {
		t.Error(diff)
	}
	if s.Title != "X" || strings.Join(s.Aliases, " ") != "/old/" {
		t.Errorf("title %q, aliases %q", s.Title, s.Aliases)
	}
}
