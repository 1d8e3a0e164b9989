package runbook

import (
	"bytes"
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/ast"

	"github.com/firstpage-oncall/firstpage/internal/safe"
)

// shown is all text nodes and code spans below a node, as a renderer gets them.
func shown(d Document, n ast.Node) string {
	var out strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			out.Write(t.Value(d.Text()))
			if t.SoftLineBreak() || t.HardLineBreak() {
				out.WriteByte('\n')
			}
		}
		return ast.WalkContinue, nil
	})
	return out.String()
}

func shownAll(d Document) string {
	var out []string
	for _, b := range d.Blocks {
		if b.Node != nil {
			out = append(out, shown(d, b.Node))
		}
	}
	return strings.Join(out, "\n")
}

func TestPlaceholdersStay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, want string }{
		{"Run kubectl -n <namespace> delete pod <pod-name>.", "Run kubectl -n <namespace> delete pod <pod-name>."},
		{"<pod-name>", "<pod-name>"},
		{"<namespace>\nand **more**", "<namespace>\nand more"},
		{"ssh <host:port> as <user>", "ssh <host:port> as <user>"},
		{"set <label> and <time> and <source>", "set <label> and <time> and <source>"},
		{"a<br>b <b>c</b>", "ab c"},
		{"see <a> and <img>", "see <a> and <img>"},
		{"<div>\nkubectl -n <namespace> get pod\n</div>", "kubectl -n <namespace> get pod"},
		{"- item <x>\n\n  <pod-name>\n", "item <x><pod-name>"},
		{"> quote <ns>\n> <b>x</b>", "quote <ns>\nx"},
		{"| a |\n|---|\n| <ns> |", "a<ns>"},
		{"text <!-- gone --> text", "text  text"},
		{"<!-- gone -->\n\nshown", "shown"},
		{"<!-- gone --> kept", " kept"},
		{"<!-- never closed\n\n# still here", "<!-- never closed\nstill here"},
		{"<script>alert(1)</script>", "<script>alert(1)</script>"},
		{"<?php x", "<?php x"},
		{"`<in code>`", "<in code>"},
		{"<https://example.com/x>", ""},
		{"[^1] a note\n\n[^1]: the note text", "[^1] a note\n[^1]: the note text"},
	} {
		d := Parse([]byte(c.src), Where{})
		if got := strings.TrimRight(shownAll(d), "\n"); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.src, got, c.want)
		}
	}
}

// TestHarmless puts every hazard into every place of a document and looks for
// it in everything that a renderer is given.
func TestHarmless(t *testing.T) {
	t.Parallel()
	for _, h := range []string{
		"\x1b]0;x\x07", "\x1b[2J", "\u009b31m", "\u202e", "\u200b", "\u2028", "\u2029", "\u0085", "\x00", "\x0c", "\x0b", "\x7f", "\ufeff", "\xff\xfe", "\xc0\x80",
		"&#27;[31m", "&#x1b;", "&#x1B", "&#0000027;", "&#155;", "&#x9b;", "&ZeroWidthSpace;", "&shy;", "&shyx", "&lrm;", "&rlm;", "&zwj;", "&NoBreak;", "&InvisibleTimes;", "&#8238;", "&#x202E;", "&#10;", "&NewLine;", "&Tab;", "&#13;", "&#0;",
	} {
		for _, form := range []string{"%s", "a %s b", "`a %s b`", "# a %s b", "- a %s b", "> a %s", "[a](http://x/%s)", "[a%s](http://x)", "![a%s](b%s)", "~~a %s~~", "**%s**", "| a%s |\n|--|\n| %s |", "[r]\n\n[r]: http://x/%s", "<div>%s</div>", "a <b>%s</b>", "term %s\n: def %s", "---\ntitle: a%s\n---\n\nx", "<http://x/%s>"} {
			src := strings.ReplaceAll(form, "%s", h)
			d := Parse([]byte(src), Where{})
			check(t, src, []byte(src), d)
			for _, b := range d.Blocks {
				if safe.Text(b.Text) != b.Text {
					t.Errorf("%q: heading text %q", src, b.Text)
				}
				if b.Node != nil {
					harmless(t, src, d, b.Node)
				}
			}
		}
	}
}

func unescape(s string) string { return html.UnescapeString(s) }

func harmless(t *testing.T, src string, d Document, n ast.Node) {
	t.Helper()
	clean := func(what, s string) {
		t.Helper()
		// As Glamour does: entities are resolved, in code spans too.
		if r := unescape(strings.TrimRight(s, "\n")); safe.Text(r) != r {
			t.Errorf("%q: %s %q reads %q", src, what, s, r)
		}
	}
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			clean("text", string(n.Value(d.Text())))
		case *ast.String:
			t.Errorf("%q: a String node, which Glamour cannot draw", src)
		case *ast.Link:
			clean("target", string(n.Destination)+string(n.Title))
		case *ast.Image:
			clean("image", string(n.Destination)+string(n.Title))
		case *ast.AutoLink:
			clean("autolink", string(n.URL(d.Text())))
		}
		return ast.WalkContinue, nil
	})
}

func TestEntitySplitByMarks(t *testing.T) {
	t.Parallel()
	// Glamour joins what is inside a strike-through before it resolves
	// entities: the parts must not stand in one.
	d := Parse([]byte("~~&**#27;**[31mF~~"), Where{})
	if n := d.Blocks[0].Node; strings.Contains(fmt.Sprintf("%T", n.FirstChild()), "Strikethrough") {
		t.Errorf("still a strike-through: %q", shown(d, n))
	}
}

func TestEntitiesThatAreMeantStay(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a &amp; b", "&lt;ns&gt;", "&#60;", "&nbsp;", "a & b", "x && y", "&copy;", "?a=1&b=2", "&notanentity;"} {
		if got := defuse(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got := defuse("a &#150; b &#x1b; c"); got != "a – b ␛ c" {
		t.Errorf("got %q", got)
	}
}

func TestLinesHold(t *testing.T) {
	t.Parallel()
	src := "\ufeff---\r\ntitle: \"T: x\"\r\naliases: [/a/, '/b']\r\n---\r\n# One {#first}\r\n\r\ntext \u2028 more\r\n\r\n1. step\r\n\r\n   ```sh\r\n   echo \u202e &#27;\r\n\r\n     x\r\n   ```\r\n2. two\r\n\r\n[[_TOC_]]\r\n{{< hint info >}}\r\ninside\r\n{{< /hint >}}\r\n\r\n> q\r\n> ```\r\n> code\r\n> ```\r\n"
	d := Parse([]byte(src), Where{})
	check(t, "crlf", []byte(src), d)
	type row struct {
		Kind      BlockKind
		Line, End int
		Text      string
	}
	var got []row
	for _, b := range d.Blocks {
		got = append(got, row{b.Kind, b.Line, b.EndLine, b.Text + b.Marker})
	}
	want := []row{{Heading, 5, 5, "One"}, {Paragraph, 7, 7, ""}, {Item, 9, 15, "1."}, {Item, 16, 16, "2."}, {Paragraph, 20, 20, ""}, {Quote, 23, 26, ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d.Title.Raw() != "T: x" || strings.Join(d.Aliases, " ") != "/a/ /b" {
		t.Errorf("title %q, aliases %q", d.Title, d.Aliases)
	}
	if diff := cmp.Diff([]string{"one", "first"}, d.Blocks[0].Slugs); diff != "" {
		t.Error(diff)
	}
	codes := d.Codes()
	if len(codes) != 2 || string(codes[0].Code) != "echo \u202e &#27;\n\n  x\n" || codes[0].Line != 11 || codes[0].EndLine != 15 || codes[0].Block != 2 || codes[0].Lang != "sh" {
		t.Errorf("code %+v", codes)
	}
	if string(codes[1].Code) != "code\n" || codes[1].Line != 24 || codes[1].EndLine != 26 {
		t.Errorf("quoted code %+v", codes[1])
	}
}

func TestCodeBytes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ src, want string }{
		"hazards stay":       {"```\na\x1b[31mb \u200b\n```\n", "a\x1b[31mb \u200b\n"},
		"shortcode stays":    {"```\n{{< ref \"x\" >}}\n```\n", "{{< ref \"x\" >}}\n"},
		"placeholder stays":  {"```\n<ns> &amp; &#27;\n```\n", "<ns> &amp; &#27;\n"},
		"not closed":         {"```sh\nls", "ls\n"},
		"indented":           {"x\n\n    a\n      b\n\n    c\n", "a\n  b\n\nc\n"},
		"tab in item":        {"- x\n\n\t```\n\ta\n\t\tb\n\t```\n", "a\n\tb\n"},
		"two digits":         {"10. x\n\n    ```\n    a\n    ```\n", "a\n"},
		"tilde":              {"~~~ {.bash}\n```\n~~~\n", "```\n"},
		"empty":              {"```\n```\n", ""},
		"quote without mark": {"> ```\n> a\n>b\n> ```\n", "a\nb\n"},
		"trailing blanks":    {"```\na  \n```\n", "a  \n"},
		"toc mark":           {"```\n[[_TOC_]]\n```\n", "[[_TOC_]]\n"},
		"heading id":         {"```\n# x {#y}\n```\n", "# x {#y}\n"},
	} {
		d := Parse([]byte(c.src), Where{})
		if len(d.Codes()) != 1 || string(d.Codes()[0].Code) != c.want {
			t.Errorf("%s: got %+v", name, d.Codes())
		}
	}
}

func TestCaps(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("> ", 500) + "x\n"
	list := ""
	for i := range 100 {
		list += strings.Repeat("  ", i) + "- x\n"
	}
	for name, src := range map[string]string{"quotes": deep, "lists": list, "marks": strings.Repeat("*a **b ", 400), "images": strings.Repeat("![", 300) + "x" + strings.Repeat("](y)", 300)} {
		d := Parse([]byte(src), Where{})
		check(t, name, []byte(src), d)
		if name == "marks" {
			continue // not nested once parsed, or plain: both are fine
		}
		if len(d.Blocks) != 1 || d.Blocks[0].Kind != Plain || len(d.Cut) != 1 || !strings.Contains(d.Blocks[0].Text, "x") {
			t.Errorf("%s: %d blocks, cut %q", name, len(d.Blocks), d.Cut)
		}
	}
	twelve := ""
	for i := range 12 {
		twelve += strings.Repeat("  ", i) + "- x\n"
	}
	if d := Parse([]byte(twelve), Where{}); d.Blocks[0].Kind != Item {
		t.Errorf("12 levels became %s", d.Blocks[0].Kind)
	}
	big := Parse([]byte(strings.Repeat("word ", 60_000)+"\n\nafter\n"), Where{})
	if big.Blocks[0].Kind != Plain || len(big.Cut) != 1 || big.Blocks[1].Kind != Paragraph {
		t.Errorf("300 KiB paragraph: %s, %q", big.Blocks[0].Kind, big.Cut)
	}
	huge := []byte(strings.Repeat(strings.Repeat("word ", 200)+"\n\n", 6<<10))
	d := Parse(huge, Where{})
	if len(d.Source) > MaxSource || d.Source[len(d.Source)-1] != '\n' || len(d.Cut) != 1 {
		t.Errorf("6 MB: %d bytes kept, cut %q", len(d.Source), d.Cut)
	}
	check(t, "huge", huge, d)
}

// TestNothingQuadratic doubles documents that make careless parsers slow. It
// has no time limit of its own: a quadratic one meets the test's.
func TestNothingQuadratic(t *testing.T) {
	t.Parallel()
	size := 256 << 10
	if underRace {
		size = 16 << 10
	}
	for _, unit := range []string{"[", "![", "*a ", "`", "<a ", "<!--", "<x", "&", "&#", "> ", "- ", "{{<", "~~", "|a", "](", "<b>\n", "# a\n", "```\n", "a\n: b\n", "[a]: b\n", "\t", "www.", "http://", "_a", "-\n", "1. "} {
		src := []byte(strings.Repeat(unit, size/len(unit)))
		check(t, unit, src, Parse(src, Where{}))
		Sketches(src)
	}
}

func TestShortcodes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`See [x]({{< ref "./a b.md" >}}) now`:      `See [x](./a%20b.md) now`,
		`[x]({{< relref path="a.md#f" >}})`:        `[x](a.md#f)`,
		`[x]({{% ref "a.md" %}}) [y]({{<ref b>}})`: `[x](a.md) [y](b)`,
		`[n]({{< param BookRepo >}}/new/main)`:     `[n](BookRepo/new/main)`,
		`[r]: {{< ref "a.md" >}}`:                  `[r]: a.md`,
		`{{< hint warning >}}`:                     ``,
		`{{% /tab %}}`:                             ``,
		`{{< tab "macOS" >}}`:                      `macOS`,
		`{{< details title="More" open=true >}}`:   `More`,
		`the {{< param "x" >}} value`:              `the {{< param "x" >}} value`,
		`{{ $labels.namespace }}`:                  `{{ $labels.namespace }}`,
		`{{< open`:                                 `{{< open`,
		`| {{< a >}} | text |`:                     `| {{< a >}} | text |`,
		`[x]({{< ref "a.md" >}}) {{< y >}} {{< z`:  `[x](a.md) {{< y >}} {{< z`,
	} {
		if got := shortcodes(in); got != want {
			t.Errorf("%q:\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestFrontMatter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src, title string
		lines      int
		aliases    string
	}{
		{"---\ntitle: A # c\nweight: 2\n---\nx", "A", 4, ""},
		{"+++\ntitle = 'A'\naliases = [\n  \"/b/\",\n  \"/c\"\n]\n+++\nx", "A", 7, "/b/ /c"},
		{"---\naliases:\n  - /b/\n- \"c d\"\nurl: /e/\n---\n", "", 6, "/b/ c d /e/"},
		{"---\ntitle: >-\n  long\n  title\n---\n", "long title", 5, ""},
		{"---\n\n# Title\n\n---\n", "", 0, ""},
		{"---\nSome text: and more of it\n---\n", "", 0, ""},
		{"---\ntitle: never closed\n", "", 0, ""},
		{"# x\n---\ntitle: no\n---\n", "", 0, ""},
	} {
		m := readFrontMatter(c.src)
		if m.title != c.title || m.lines != c.lines || strings.Join(m.aliases, " ") != c.aliases {
			t.Errorf("%q: %+v", c.src, m)
		}
	}
}

func TestTasksAndItems(t *testing.T) {
	t.Parallel()
	d := Parse([]byte("- [ ] a\n- [x] b\n- c\n\n3) d\n\n4) e\n"), Where{})
	type row struct {
		Marker string
		Task   Task
		Tight  bool
	}
	var got []row
	for _, b := range d.Blocks {
		got = append(got, row{b.Marker, b.Task, b.Tight})
	}
	if diff := cmp.Diff([]row{{"-", Open, true}, {"-", Ticked, true}, {"-", NoTask, true}, {"3)", NoTask, false}, {"4)", NoTask, false}}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, src := range corpus(f) {
		if len(src) < 3000 {
			f.Add(src)
		}
	}
	for _, s := range []string{"\ufeff---\na: b\n---\n# x {#y}\n", "- ```\n  a\n\tb\n", "> - 1. ~~~\n>    x\r\n", "<div>\n<!-- a\nb --> <x>\n", "a\n: b\n\n    c\n", "<b\nid=x>y</b>", "~~&**#27;**~~"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		d := Parse(src, Where{Rel: "x.md"})
		check(t, "fuzz", src, d)
		for _, b := range d.Blocks {
			if b.Node != nil {
				harmless(t, string(src), d, b.Node)
			}
		}
		d.Place("a-b", "KubePodCrashLooping")
		Sketches(src)
		if !bytes.Equal(d.Source, src) && len(src) <= MaxSource {
			t.Fatal("source changed")
		}
	})
}
