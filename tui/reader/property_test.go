package reader_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/reader"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// pieces are what random runbooks are made of: every kind of block, the marks
// that nest, wide and combining characters, and text that terminals obey.
var pieces = []string{
	"# ", "## ", "### ", "- ", "  - ", "1. ", "   2) ", "> ", "> > ", "- [ ] ", "- [x] ", "    ", "\t", "```\n", "~~~sh\n", "```promql\n",
	"| a | b |\n|---|:-:|\n", "| ", " | ", "|", "---\n", "===\n", "<details>\n", "<summary>", "</summary>\n", "<b>", "</b>", "<namespace>",
	"<!-- ", " -->", "![alt](x.png)", "[text](https://e.org/a)", "[text](#x)", "[r][1]\n\n[1]: https://e.org\n", "<https://e.org>", "[^1]", "\n[^1]: note\n",
	"**", "*", "_", "~~", "`", "``", "\\", "&amp;", "&#27;[2J", "&#x9b;", "  \n", "\\\n", "\n", "\n\n", "\n\n\n", "term\n: meaning\n",
	"> [!WARNING]\n> ", "word", "two words", "averyveryverylongwordwithoutanyspacethatdoesnotfitanywhere", "日本語のテキスト", "👩‍🚒🏳️‍🌈", "e\u0301\u0301", "\u200b", "\u202e",
	"\x1b[31m", "\x1b]8;;file:///etc/passwd\x07", "\x9b5A", "\x00", "\r\n", "a/b/c-d_e.f,g;h=i&j?k", "`code span`", "<br>", "{{< hint >}}", "$$x$$", "0",
}

func markdownText(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces"), "")
}

// checkScreen is the promise of Rows.
func checkScreen(t interface {
	Helper()
	Fatalf(string, ...any)
}, m *reader.Model, w, h int) {
	t.Helper()
	rows := m.Rows()
	if len(rows) != h {
		t.Fatalf("%d rows in a pane of %d", len(rows), h)
	}
	for i, r := range rows {
		if n := ansi.StringWidth(r); n > w {
			t.Fatalf("row %d has %d cells of %d: %q", i, n, w, r)
		}
		if safe.ANSI(r) != r || strings.Contains(r, "\n") {
			t.Fatalf("row %d is not safe: %q", i, r)
		}
	}
	if p := m.Percent(); p < 0 || p > 100 {
		t.Fatalf("%d%%", p)
	}
	if m.Line() < 0 {
		t.Fatalf("line %d", m.Line())
	}
}

// TestAnything: whatever the text, the size and the keys, the pane is full of
// rows that fit and are harmless.
func TestAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := reader.New(dark())
		w, h := rapid.IntRange(10, 200).Draw(t, "width"), rapid.IntRange(1, 60).Draw(t, "height")
		m.SetSize(w, h)
		m.SetDocument("k", parse(markdownText(t)), runbook.Pos{Block: rapid.IntRange(-1, 5).Draw(t, "block"), Line: rapid.IntRange(0, 9).Draw(t, "line")})
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			n := rapid.IntRange(-40, 40).Draw(t, "n")
			switch rapid.IntRange(0, 9).Draw(t, "key") {
			case 0:
				m.Scroll(n)
			case 1:
				m.Page(n / 20)
			case 2:
				m.HalfPage(n / 10)
			case 3:
				m.Top()
			case 4:
				m.Bottom()
			case 5:
				m.Heading(n / 10)
			case 6:
				m.Sideways(n)
			case 7:
				w, h = rapid.IntRange(10, 200).Draw(t, "width"), rapid.IntRange(1, 60).Draw(t, "height")
				m.SetSize(w, h)
			case 8:
				m.SetTheme(theme.New(theme.Auto, n > 0))
			case 9:
				m.SetDocument("k", parse(markdownText(t)), runbook.Pos{})
			}
			checkScreen(t, m, w, h)
		}
	})
}

// FuzzDraw is TestAnything for texts that the pieces do not think of.
func FuzzDraw(f *testing.F) {
	f.Add("# a\n\n- [ ] b\n\n  ```sh\n  c\n  ```\n\n| d | e |\n|---|---|\n| `f` | **g** |\n\n> [!TIP]\n> h[^1]", uint8(30), int16(3))
	for i, p := range pieces {
		f.Add(strings.Repeat(p, 5)+"x", uint8(i*3), int16(i))
	}
	f.Fuzz(func(t *testing.T, src string, width uint8, scroll int16) {
		if len(src) > 1<<16 {
			t.Skip()
		}
		w := max(int(width), 1)
		m := reader.New(dark())
		m.SetSize(w, 20)
		m.SetDocument("k", parse(src), runbook.Pos{})
		checkScreen(t, m, w, 20)
		m.Scroll(int(scroll))
		m.Sideways(int(scroll) / 2)
		checkScreen(t, m, w, 20)
		m.Bottom()
		checkScreen(t, m, w, 20)
	})
}

// TestHostile puts what a terminal would obey into every kind of place. Only
// colours and links to the web may come out.
func TestHostile(t *testing.T) {
	t.Parallel()
	payloads := []string{
		"\x1b]52;c;aGk=\x07", "\x1b]0;title\x07", "\x1b[2J", "\x1b[5;5H", "\x1bc", "\x1b[8mhidden\x1b[m", "\x1b[31m",
		"\u009b5A", "\u009d52;c;aGk=\u009c", "\x9b5A", "\x1bP+q\x1b\\", "\x1b_x\x1b\\", "\x1b^x\x1b\\", "\x1bXx\x1b\\",
		"\x1b]8;;file:///etc/passwd\x1b\\x\x1b]8;;\x1b\\", "\x1b]8;;unfinished", "\x00", "\x07", "\x08\x08", "\x7f", "\rover", "\x0b", "\x0e",
		"\u202eevil\u202c", "\u2066x", "\u200b", "\u200d", "\ufeff", "\u2028", "\u3164", "\u00ad", "\U000e0041", "e" + strings.Repeat("\u0301", 30), "\xff",
		"&#27;[2J", "&#x1b;]0;x&#7;", "&#155;5A", "&#x202e;", "&#8238;", "`&#27;[31m`", "~~&**#27;**[31mF~~", "&NewLine;&Tab;", "&shy;", "&zwj;&lrm;&ZeroWidthSpace;",
	}
	places := []string{
		"%s", "# %s", "## a %s\n", "- %s", "1. a\n   - %s", "- [ ] %s", "> %s", "> [!NOTE]\n> %s", "`%s`", "**%s**", "~~%s~~", "    %s", "```\n%s\n```",
		"```%s\nx\n```", "```bash\necho '%s'\n```", "| h |\n|---|\n| %s |", "| %s |\n|---|\n| x |", "[%s](https://e.org)", "[x](https://e.org/%s)",
		"[x](<%s>)", "[x](https://e.org \"%s\")", "![%s](x.png)", "![](%s)", "<https://e.org/%s>", "<b>%s</b>", "<div title=\"%s\">%s</div>", "<details><summary>%s</summary>",
		"<img alt=\"%s\">", "---\ntitle: %s\n---\nx", "term\n: %s", "[^1]\n\n[^1]: %s", "[a]: https://e.org/%s\n\n[a]", "```mermaid\n%s\n```", "[x](file:///%s)", "[x](javascript:%s)",
	}
	for _, p := range places {
		for _, payload := range payloads {
			src := strings.ReplaceAll(p, "%s", payload)
			m := reader.New(dark())
			m.SetSize(60, 12)
			m.SetDocument("k", parse(src), runbook.Pos{})
			checkScreen(t, m, 60, 12)
			printed := reader.Render(parse(src), 60, dark())
			if safe.ANSI(printed) != printed {
				t.Errorf("%q is printed as %q", src, printed)
			}
			for _, bad := range []string{"]8;;file", "]8;;javascript", "\x1b[8m", "\x1b[2J", "]52;", "]0;"} {
				if strings.Contains(printed, bad) && strings.Contains(bad, "8;;") || strings.Contains(printed, "\x1b"+bad) {
					if !strings.Contains(printed, "␛"+bad) {
						t.Errorf("%q is printed with %q: %q", src, bad, printed)
					}
				}
			}
		}
	}
}
