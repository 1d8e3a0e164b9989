package reader_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/reader"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

func parse(src string) runbook.Document { return runbook.Parse([]byte(src), runbook.Where{}) }

// show draws Markdown in a pane and gives the plain rows up to the last that
// is not empty.
func show(src string, w, h int) []string {
	m := reader.New(dark())
	m.SetSize(w, h)
	m.SetDocument("k", parse(src), runbook.Pos{})
	return plain(m.Rows())
}

func plain(rows []string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = strings.TrimRight(ansi.Strip(r), " ")
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// manual is a runbook of n sections, each with words, a list and a command.
func manual(n int) string {
	var b strings.Builder
	b.WriteString("# Manual\n\n")
	for i := range n {
		fmt.Fprintf(&b, "## Section %d\n\nThe %d. paragraph has **enough words** to be wrapped on a narrow pane, and `code` in it as well.\n\n", i, i)
		fmt.Fprintf(&b, "- item one of %d\n- item two, which is longer and has to be wrapped on narrow panes\n\n", i)
		fmt.Fprintf(&b, "```bash\nkubectl -n shop get pods -l app=checkout,section=%d -o wide --show-labels --context prod-eu\n```\n\n", i)
	}
	return b.String()
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		want []string
	}{
		"hanging indent": {
			"- one two three four five six seven eight nine ten\n- b",
			[]string{"  • one two three four five six seven", "    eight nine ten", "  • b"},
		},
		"loose items":               {"- a\n\n- b", []string{"  • a", "", "  • b"}},
		"two paragraphs in an item": {"- a\n\n  b", []string{"  • a", "", "    b"}},
		"numbers end in one column": {
			"9. a\n10. b\n    - c",
			[]string{"▸  9. a", "  10. b", "      ◦ c"},
		},
		"tasks": {"- [ ] open\n- [x] done", []string{"▸ [ ] open", "  [x] done"}},
		"code in an item is framed, not wrapped": {
			"1. Run:\n   ```sh\n   kubectl get pods --all-namespaces --watch\n   ```",
			[]string{
				"▸ 1. Run:", "     ┌ sh ─────────────────────────────┐",
				"     │ kubectl get pods --all-namespa… │", "     └─────────────────────────────────┘",
			},
		},
		"tabs are expanded": {
			"```\n\tx\ty\n```",
			[]string{"▸──────────────────────────────────────┐", "│     x   y                            │", "└──────────────────────────────────────┘"},
		},
		"alert":     {"> [!WARNING]\n> Do **not**\n> restart.", []string{"┃ WARNING", "┃ Do not restart."}},
		"no alert":  {"> [!HINT]\n> x", []string{"│ [!HINT] x"}},
		"details":   {"<details>\n<summary>More</summary>\n\nHidden.\n\n</details>", []string{"▾ More", "", "Hidden."}},
		"image":     {"See ![the map](a/b.png) and ![](c/d.png).", []string{"See [image: the map] and [image: d.png]."}},
		"diagram":   {"```mermaid\nA-->B\n```", []string{"[diagram: mermaid, 1 line, not drawn in", "a terminal]"}},
		"hard line": {"a  \nb\\\nc\nd", []string{"a", "b", "c d"}},
		"table": {
			"| a | b |\n|---|--:|\n| x \\| y | `1` |",
			[]string{" a     │    b", "───────┼──────", " x | y │  `1`"},
		},
		"table too wide for its columns": {
			"| name | what |\n|---|---|\n| a_long_metric_name_total | another_long_metric_name_total |",
			[]string{"name: a_long_metric_name_total", "what: another_long_metric_name_total"},
		},
		"rule":       {"a\n\n---\n\nb", []string{"a", "", strings.Repeat("─", 40), "", "b"}},
		"headings":   {"# A\n## B\n### C\n#### D", []string{"A", strings.Repeat("━", 40), "", "── B " + strings.Repeat("─", 35), "", "─ C", "", "D"}},
		"definition": {"term\n: what it is", []string{"term", "    what it is"}},
		"links": {
			"See [one](https://e.org/1), [two](b.md#x), [one again](https://e.org/1), <https://e.org/3>.",
			[]string{
				"See one\u00a0[1], two\u00a0[2], one again\u00a0[1],", "https://e.org/3.", "",
				"── Links", "[1] https://e.org/1", "[2] b.md#x",
			},
		},
		"code follows its sentence": {
			"Run:\n\n```\nx\n```\n\nThen.",
			[]string{
				"Run:", "▸──────────────────────────────────────┐", "│ x                                    │",
				"└──────────────────────────────────────┘", "", "Then.",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, show(c.src, 40, 40)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestTextIsKept puts characters that Glamour treats as Markdown's once more
// into every kind of place: they must come out as they were written.
func TestTextIsKept(t *testing.T) {
	t.Parallel()
	word := `C:\new\[x\]\.\d+\\&amp;&lt;`
	// In prose a backslash escapes; doubled, it is itself.
	prose := strings.NewReplacer(`\`, `\\`, "&", `\&`, "[", `\[`, "]", `\]`, "<", `\<`).Replace(word)
	code := "`" + word + "`"
	cell := strings.NewReplacer("|", `\|`).Replace
	for name, src := range map[string]string{
		"paragraph": prose, "code": code, "strong": "**" + prose + "**", "strong code": "**" + code + "**",
		"link": "[" + prose + "](#x)", "code in link": "[" + code + "](#x)", "strong code in link": "[**" + code + "**](#x)",
		"heading": "## " + prose, "code in heading": "## " + code, "link in heading": "## [" + code + "](#x)",
		"struck": "~~" + prose + "~~", "item": "- " + prose, "quote": "> " + code,
		"cell":                "| h |\n|---|\n| " + cell(prose) + " |",
		"code in cell":        "| h |\n|---|\n| " + cell(code) + " |",
		"strong in cell":      "| h |\n|---|\n| **" + cell(prose) + "** |",
		"strong code in cell": "| h |\n|---|\n| **" + cell(code) + "** |",
		"link in cell":        "| h |\n|---|\n| [" + cell(prose) + "](#x) |",
		"code link in cell":   "| h |\n|---|\n| [" + cell(code) + "](#x) |",
		"struck in cell":      "| h |\n|---|\n| ~~" + cell(prose) + "~~ |",
		"struck in link":      "[~~" + prose + "~~](#x)",
		"head":                "| " + cell(code) + " |\n|---|\n| a |",
		"link in strong":      "**[" + code + "](#x)**",
	} {
		if got := strings.Join(show(src, 80, 20), "\n"); !strings.Contains(got, word) {
			t.Errorf("%s: %q is drawn as %q", name, src, got)
		}
	}
}

func TestScrolling(t *testing.T) {
	t.Parallel()
	m := reader.New(dark())
	d := parse(manual(40))
	m.SetSize(80, 20)
	m.SetDocument("k", d, runbook.Pos{})
	if m.Percent() != 0 || m.Line() != 1 || m.HeadingAt() != "Manual" {
		t.Errorf("at the top: %d%%, line %d, heading %q", m.Percent(), m.Line(), m.HeadingAt())
	}
	all := strings.Split(strings.TrimRight(ansi.Strip(reader.Render(d, 80, dark())), "\n"), "\n")
	// Row by row the pane is a window on the whole. Code is cut in the pane only.
	for i := 0; ; i++ {
		rows := m.Rows()
		if got := strings.TrimRight(ansi.Strip(rows[0]), " "); !strings.HasPrefix(got, "▸") && !strings.HasPrefix(got, "│") && !strings.HasPrefix(got, "┌") && !strings.HasPrefix(got, "└") && got != all[i] {
			t.Fatalf("row %d: %q, want %q", i, got, all[i])
		}
		if m.Percent() == 100 {
			if i != len(all)-20 {
				t.Errorf("the end is reached after %d rows of %d", i, len(all))
			}
			break
		}
		m.Scroll(1)
	}
	end := m.Rows()
	m.Scroll(1000)
	if d := cmp.Diff(end, m.Rows()); d != "" {
		t.Errorf("scrolled beyond the end: %s", d)
	}
	m.Top()
	m.Bottom()
	if d := cmp.Diff(end, m.Rows()); d != "" {
		t.Errorf("Bottom is not the end: %s", d)
	}
	m.Scroll(-100000)
	if m.Line() != 1 || m.Percent() != 0 {
		t.Errorf("back at the top: line %d, %d%%", m.Line(), m.Percent())
	}
	m.Page(1)
	m.Page(-1)
	m.HalfPage(1)
	m.HalfPage(-1)
	if m.Line() != 1 {
		t.Errorf("a page down and up is line %d", m.Line())
	}
}

func TestHeadings(t *testing.T) {
	t.Parallel()
	m := reader.New(dark())
	m.SetSize(60, 10)
	m.SetDocument("k", parse(manual(5)), runbook.Pos{})
	m.Heading(1)
	m.Heading(2)
	if m.HeadingAt() != "Section 2" || !strings.Contains(m.Rows()[0], "Section 2") {
		t.Errorf("three headings down: %q, %q", m.HeadingAt(), m.Rows()[0])
	}
	m.Scroll(3)
	m.Heading(-1)
	if m.HeadingAt() != "Section 2" || !strings.Contains(m.Rows()[0], "Section 2") {
		t.Errorf("up inside a section goes to its heading: %q", m.Rows()[0])
	}
	m.Heading(-1)
	if m.HeadingAt() != "Section 1" {
		t.Errorf("up on a heading goes to the one before: %q", m.HeadingAt())
	}
	m.Heading(100)
	if m.HeadingAt() != "Section 4" {
		t.Errorf("far down: %q", m.HeadingAt())
	}
	at := m.Line()
	m.Heading(1)
	if m.Line() != at {
		t.Error("there is no next heading, yet the place changed")
	}
	m.Heading(-100)
	if m.Line() != 1 {
		t.Errorf("far up is line %d", m.Line())
	}
}

// TestPlaceStays: neither another size nor another theme nor new facts about
// the same text move what is at the top.
func TestPlaceStays(t *testing.T) {
	t.Parallel()
	d := parse(manual(40))
	m := reader.New(dark())
	m.SetSize(80, 20)
	m.SetDocument("k", d, runbook.Pos{Block: 0, Line: 1})
	for range 15 {
		m.Scroll(7)
		line, heading, rows := m.Line(), m.HeadingAt(), m.Rows()
		for _, w := range []int{30, 120, 10, 200, 55} {
			m.SetSize(w, 20+w/10)
			m.Rows()
			if m.HeadingAt() != heading {
				t.Fatalf("at %d columns the place is %q, was %q", w, m.HeadingAt(), heading)
			}
		}
		m.SetSize(80, 20)
		m.SetTheme(theme.New(theme.Light, false))
		light := plain(m.Rows())
		m.SetTheme(dark())
		m.SetDocument("k", parse(manual(40)), runbook.Pos{Block: 3})
		if diff := cmp.Diff(rows, m.Rows()); diff != "" || m.Line() != line {
			t.Fatalf("line %d became %d: %s", line, m.Line(), diff)
		}
		if diff := cmp.Diff(plain(rows), light); diff != "" {
			t.Fatalf("the light theme has other rows: %s", diff)
		}
	}
	rows := m.Rows()
	m.SetDocument("other", parse("# Other"), runbook.Pos{})
	m.SetDocument("k", d, runbook.Pos{})
	if diff := cmp.Diff(rows, m.Rows()); diff != "" {
		t.Errorf("the place of a document is not remembered: %s", diff)
	}
	line := m.Line()
	m.SetDocument("k", parse(manual(40)+"\nA new end.\n"), runbook.Pos{})
	if got := m.Line(); got > line || got < line-3 {
		t.Errorf("the text changed at its end: line %d became %d", line, got)
	}
}

// TestPos: the place that was found is at the top, before and after the pane
// has a size.
func TestPos(t *testing.T) {
	t.Parallel()
	d := parse("# A\n\nOne.\n\n" + strings.Repeat("- item\n", 50) + "\nwords\nwords\nwords\nKubePodCrashLooping is here\nwords\n\n## End\n\nlast")
	pos := d.Place("", "KubePodCrashLooping")
	for _, sizeFirst := range []bool{true, false} {
		m := reader.New(dark())
		if sizeFirst {
			m.SetSize(12, 8)
		}
		m.SetDocument("k", d, pos)
		m.SetSize(12, 8)
		if got := strings.Join(plain(m.Rows()), " "); !strings.Contains(got, "KubePod") {
			t.Errorf("the mention in line %d is not on screen: %q", pos.Line, got)
		}
	}
	m := reader.New(dark())
	m.SetSize(40, 20)
	m.SetDocument("k", d, d.Place("end", ""))
	if !strings.Contains(m.Rows()[0], "End") {
		t.Errorf("the last heading is not at the top: %q", m.Rows()[0])
	}
	m.Scroll(1)
	if !strings.Contains(m.Rows()[0], "End") {
		t.Errorf("scrolling down beyond the end went up: %q", m.Rows()[0])
	}
}

func TestSideways(t *testing.T) {
	t.Parallel()
	m := reader.New(dark())
	m.SetSize(30, 12)
	m.SetDocument("k", parse("Prose that stays where it is.\n\n```\n0123456789abcdefghijklmnopqrstuvwxyz\nshort\n```\n\n```\nfits\n```"), runbook.Pos{})
	at := func(i int) string { return strings.Trim(ansi.Strip(m.Rows()[i]), "│ ") }
	if got := at(2); got != "0123456789abcdefghijklmno…" {
		t.Errorf("at first: %q", got)
	}
	m.Sideways(10)
	if got := at(2); got != "…bcdefghijklmnopqrstuvwxyz" {
		t.Errorf("moved by 10: %q", got)
	}
	if at(3) != "…" || at(7) != "fits" || at(0) != "Prose that stays where it is." {
		t.Errorf("the others: %q %q %q", at(3), at(7), at(0))
	}
	m.Sideways(1000)
	m.Sideways(-10)
	if got := at(2); got != "0123456789abcdefghijklmno…" {
		t.Errorf("moved back: %q", got)
	}
}

// TestHugeCode: every line of a huge block is there, and painted only when it
// is shown.
func TestHugeCode(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("```bash\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "echo line %d\n", i)
	}
	b.WriteString("```\n\n```\n" + strings.Repeat("é0123456789", 10_000) + "END\n```\n")
	m := reader.New(dark())
	m.SetSize(80, 10)
	m.SetDocument("k", parse(b.String()), runbook.Pos{})
	m.Scroll(4990)
	if got := m.Rows()[0]; !strings.Contains(got, "echo line 4989") {
		t.Errorf("row 4990 is %q", got)
	}
	if m.Line() != 4991 {
		t.Errorf("row 4990 is line %d", m.Line())
	}
	m.Bottom()
	m.Sideways(1 << 30)
	found := false
	for range 200_000 { // the way back from the bound to the end
		if found = strings.Contains(strings.Join(m.Rows(), ""), "END"); found {
			break
		}
		m.Sideways(-70)
	}
	if !found {
		t.Error("the end of a long line cannot be reached")
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	m := reader.New(dark())
	for _, size := range [][2]int{{0, 0}, {0, 5}, {5, 0}, {80, 3}} {
		m.SetSize(size[0], size[1])
		m.Scroll(1)
		m.Bottom()
		m.Heading(1)
		m.Sideways(3)
		m.Page(-1)
		if got := m.Rows(); len(got) != size[1] {
			t.Errorf("%v: %d rows", size, len(got))
		}
		if m.Line() != 0 && m.Key() == "" || m.HeadingAt() != "" || m.Percent() != 100 {
			t.Errorf("%v: line %d, heading %q, %d%%", size, m.Line(), m.HeadingAt(), m.Percent())
		}
	}
	if got := reader.Render(runbook.Document{}, 80, dark()); got != "" {
		t.Errorf("nothing is drawn as %q", got)
	}
}
