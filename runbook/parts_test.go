package runbook

import (
	"bytes"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
)

// parted compares a text parsed in parts of a size with the text parsed in one
// piece, and says in how many parts it was.
func parted(t *testing.T, name string, src []byte, least int) int {
	t.Helper()
	whole, inParts := parse(src, Where{}, math.MaxInt), parse(src, Where{}, least)
	detach(whole)
	detach(inParts)
	for i, b := range inParts.Blocks {
		if i < len(whole.Blocks) && !reflect.DeepEqual(whole.Blocks[i], b) {
			t.Fatalf("%s: block %d is %+v in one piece, %+v in parts of %d", name, i, whole.Blocks[i], b, least)
		}
	}
	if !reflect.DeepEqual(whole, inParts) {
		t.Fatalf("%s: the documents differ, in one piece and in parts of %d", name, least)
	}
	all, _ := prepare(src).parts(least)
	return len(all)
}

// detach takes the top-level nodes out of their trees: a tree is a part's.
func detach(d Document) {
	for _, b := range d.Blocks {
		for n := b.Node; n != nil && n.Parent() != nil; n = n.Parent() {
			if n.Parent().Kind() == ast.KindDocument {
				n.Parent().RemoveChild(n.Parent(), n)
				break
			}
		}
	}
}

func TestPartsCorpus(t *testing.T) {
	t.Parallel()
	files := corpus(t)
	several := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, least := range []int{16, 300, 2000} {
			if parted(t, name, files[name], least) > 1 {
				several++
			}
		}
	}
	if several < len(files) {
		t.Errorf("%d of %d texts were parsed in parts", several, 3*len(files))
	}
}

// Long texts are parsed in parts as they come: from these files too, with their
// definitions, comments and broken fences.
func TestPartsLong(t *testing.T) {
	t.Parallel()
	src := mixed(t, 2<<20)
	for _, size := range []int{253 << 10, 1 << 20} {
		for from := 0; from+size <= len(src); from += 2 * size {
			if n := parted(t, "mixed", src[from:from+size], partSize); n < 2 {
				t.Errorf("%d bytes from %d were parsed in one piece", size, from)
			}
		}
	}
	if n := parted(t, "small", src[:partSize*2-1], partSize); n != 1 {
		t.Errorf("a small text was parsed in %d parts", n)
	}
}

// hardParts are texts where a heading is not a cut, or a part needs another.
var hardParts = map[string]string{
	"fence":                    "# a\n\n```\n\n# no\n\n```\n\n# b\n\ntext\n\n# c\n",
	"fence not closed":         "# a\n\n```\n\n# no\n\ntext\n\n# no\n\ntext\n",
	"tilde fence":              "# a\n\n~~~ sh\n\n# no\n\n```\n\n# no\n\n~~~\n\n# b\n\ntext\n",
	"longer fence":             "# a\n\n`````\n\n# no\n\n```\n\n# no\n\n`````\n\n# b\n",
	"fence in a list":          "# a\n\n1. one\n\n   ```sh\n\n# b ends it\n\n   ```\n\n# no\n\n```\n\n# c\n",
	"fence behind a bullet":    "# a\n\n- ```\n\n  # no\n\n  ```\n\n# b\n\ntext\n",
	"fence in a quote":         "# a\n\n> ```\n\n# b\n\n> ```\n\n# c\n",
	"fence of an indented":     "# a\n\n   ```\n\n# no\n\n   ```\n\n# b\n",
	"code span, no fence":      "# a\n\n``` x ``` y\n\n# b\n\ntext\n\n# c\n",
	"comment across":           "# a\n\n<!-- hidden\n\n# no\n\n-->\n\n# b\n\ntext\n",
	"comment closed far":       "# a\n\n<!--\n\n# no\n\ntext\n\n# no\n\ntext\n\n# no -->\n\n# b\n",
	"comment not closed":       "# a\n\n<!-- open\n\n# b\n\ntext\n\n# c\n",
	"comment in a sentence":    "# a\n\nwords <!-- open\n\n# b\n\ntext -->\n\n# c\n",
	"comment in no fence":      "# a\n\n-```\n\n<!--\n\n    ```\n\n# no\n\ntext\n\n-->\n\n# b\n",
	"details":                  "# a\n\n<details>\n<summary>s</summary>\n\n# b\n\n</details>\n\n# c\n",
	"pre":                      "# a\n\n<pre>\n\n# no\n\n</pre>\n\n# b\n\ntext\n",
	"pre not closed":           "# a\n\n<pre>\n\n# no\n\ntext\n\n# no\n",
	"pre in capitals":          "# a\n\n<PRE>\n\n# no\n\n</PRE>\n\n# b\n",
	"setext":                   "a\n=\n\ntext\n\nb\n-\n\n# c\n---\n\n# d\n===\n",
	"empty headings":           "# a\n\n# \n\n## ##\n\n#\n\n# b\n",
	"list before":              "- a\n- b\n\n# h\n\n- c\n- d\n\n# h\n\n1. x\n\n# h\n\n2. y\n",
	"empty item":               "-\n\n# h\n\n-\n\n  x\n\n# h\n\n- a\n",
	"item and rule":            "- a\n- - -\n\n# h\n\n- b\n",
	"heading in a list":        "- a\n\n  # no\n\n  text\n\n # b\n\n# c\n",
	"nested quotes":            "> > a\n\n# h\n\n> # no\n>\n> > ## no\n\n# h\n\n> lazy\ntext\n\n# h\n",
	"indented code":            "# a\n\n    code\n\n    # no\n\n# b\n\n\tcode\n\n\t# no\n",
	"definition list":          "term\n: is\n\n# h\n\n: no\n\n# h\n\nterm\n\n: is\n\n  # no\n\n# h\n",
	"table":                    "# a\n\n| a | b |\n|---|---|\n| `x\\|y` | z |\n\n# b\n\n| a |\n|---|\n\n# c\n",
	"definition after use":     "# a\n\n[x] and [y][x]\n\n# b\n\n![x]\n\n# c\n\n[x]: https://x.example \"t\"\n",
	"definition twice":         "# a\n\n[x]: https://one\n\n# b\n\n[X]\n\n# c\n\n[x]: https://two\n\n[x]\n",
	"definition in a quote":    "# a\n\n[x]\n\n# b\n\n> [x]: /url\n\n# c\n\n[x]\n",
	"definition in a list":     "# a\n\n[x]\n\n# b\n\n- [x]: /url\n\n# c\n\n[x]\n",
	"definition in a fence":    "# a\n\n[x]\n\n# b\n\n```\n[x]: /url\n```\n\n# c\n\n[x]\n",
	"definition over lines":    "# a\n\n[x\ny]\n\n# b\n\n[x\ny]:\n/url\n'title\nmore'\n\n# c\n\n[x y]\n",
	"definition below words":   "# a\n\n[x]\n\n# b\n\nwords\n[x]: /url\n\n# c\n\n[x]\n",
	"definition below a head":  "# a\n\n[x]\n\n# b\n[x]: /url\n\n# c\n[y]: /url\n[z]: /url\n\n# d\n\n[x][y] [z]\n",
	"definition of a footnote": "# a\n\ntext[^1]\n\n# b\n\n[^1]: note\n\n# c\n\nmore[^1]\n",
	"same headings":            "# a\n\n# a\n\n# a-1\n\n# a\n\n## A -- B\n\n# a\n\n## A -- B\n",
	"own anchors":              "# a {#x}\n\n# b <a name=\"y\"></a>\n\n# <a id=\"z\"></a>\n\n<a id=\"q\"></a>\n\n# c {#x}\n",
	"front matter":             "---\ntitle: t\n---\n\n# a\n\ntext\n\n# b\n\ntext\n",
	"CRLF":                     "# a\r\n\r\n```\r\n\r\n# no\r\n\r\n```\r\n\r\n# b\r\n\r\n[x]\r\n\r\n# c\r\n\r\n[x]: /url\r\n",
	"BOM":                      "\ufeff# a\n\ntext\n\n# b\n\ntext\n",
	"tabs":                     "#\ta\n\n-\tx\n\n\t# no\n\n# b\t\n\n\t\tcode\n\n# c\n",
	"no feed at the end":       "# a\n\ntext\n\n# b",
	"control characters":       "# a\n\n\x00\x0b\n\n# b\n\n\x0c\n\n# c\n\n\u2028\n\n# d\n",
	"deep":                     "# a\n\n" + strings.Repeat("> ", 20) + "x\n\n# b\n\n" + strings.Repeat("> ", 30) + "y\n\n# c\n",
	"emphasis left open":       "# a\n\n**a *b [c\n\n# b\n\nd** e* c]\n\n# c ~~x\n\n~~\n",
}

func TestPartsHard(t *testing.T) {
	t.Parallel()
	several := 0
	for name, src := range hardParts {
		for _, least := range []int{1, 5, 20} {
			if parted(t, name, []byte(src), least) > 1 {
				several++
			}
		}
		// The same among others: what is open or defined reaches further.
		all := []byte(strings.Repeat("# h\n\n[x] text\n\n", 5) + src + strings.Repeat("\n\n# h\n\n[x] text\n", 5))
		parted(t, name+" among others", all, 10)
	}
	if several < len(hardParts) {
		t.Errorf("%d of %d were parsed in parts", several, 3*len(hardParts))
	}
}

// A text of one fence is full of what looks like headings.
func TestPartsWrongGuess(t *testing.T) {
	t.Parallel()
	// Nothing tells that the first line opens a fence but goldmark.
	src := []byte("# a\n\n> 1. - ~~~\n" + strings.Repeat("\n# b\n\ntext\n", 20) + "\n<!-- " + strings.Repeat("\n# no\n\ntext\n", 20) + "-->\n\n# c\n")
	parted(t, "guess", src, 16)
	p := prepare([]byte("# a\n\n<script>\n" + strings.Repeat("\n# b\n\n[x]: /y\n", 20)))
	all, known := p.split(4)
	if len(all) < 2 || len(known) != 1 {
		t.Fatalf("%d parts, %d definitions", len(all), len(known))
	}
	all[0].to -= 3 // no heading begins there
	p.parse(&all[0], known)
	if all[0].ends {
		t.Error("a part that was cut in the wrong place is taken")
	}
}

func TestEachPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if x := recover(); x != "three" {
			t.Errorf("recovered %v", x)
		}
	}()
	each(8, func(i int) {
		if i == 3 {
			panic("three")
		}
	})
}

func FuzzParts(f *testing.F) {
	for _, src := range hardParts {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 4000 || bytes.Count(src, []byte("\n")) > 400 {
			return
		}
		parted(t, "fuzz", src, 1)
		parted(t, "fuzz", src, 40)
	})
}
