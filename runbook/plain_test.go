package runbook

import (
	"strings"
	"testing"
)

func TestOtherTextsAreShownAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path, src, kind, title string
		blocks                 int
		anchors                map[string]int // and their lines; 0: missed
	}{
		{"a/cart.adoc", "= Cart\n\nText.\n\n[[old-name]]\n== Cart is slow\n----\nkubectl get pods <pod>\n----\n\n=== Too\n\n* an item\n", "AsciiDoc", "Cart", 5,
			map[string]int{"_cart_is_slow": 6, "cart-is-slow": 6, "old-name": 5, "_too": 11, "gone": 0, "an-item": 0}},
		{`C:\a\cart.rst`, "Cart\n====\n\n.. _slow:\n\nIt is slow\n----------\n\nText\n", "reStructuredText", "Cart", 4,
			map[string]int{"it-is-slow": 6, "slow": 4, "cart": 1, "text": 0}},
		{"a/cart.org", "* Cart\n** Slow carts\ntext\n", "Org", "Cart", 1, map[string]int{"slow-carts": 2}},
		{"a/cart.rst", "", "reStructuredText", "", 0, nil},
	} {
		d := ParseFile([]byte(tc.src), Where{Path: tc.path})
		if len(d.Blocks) != tc.blocks || len(d.Cut) != 1 || !strings.HasPrefix(d.Cut[0], tc.kind+" is shown") || d.Title.String() != tc.title || string(d.Source) != tc.src {
			t.Errorf("%s: %d blocks, %q, title %q", tc.path, len(d.Blocks), d.Cut, d.Title)
		}
		check(t, tc.path, []byte(tc.src), d)
		for id, line := range tc.anchors {
			if p := d.Place(id, ""); p.Missed != (line == 0) || line > 0 && p.Line != line {
				t.Errorf("%s#%s: %+v, want line %d", tc.path, id, p, line)
			}
		}
	}
	if d := ParseFile([]byte("= Cart\n"), Where{URL: "https://h/x.adoc?plain=1"}); d.Title.String() != "Cart" || len(d.Cut) != 1 {
		t.Errorf("of a page: %+v", d)
	}
	d := ParseFile([]byte("text\n\nCartSlow: see\n"), Where{Path: "x.adoc"})
	if p := d.Place("", "CartSlow"); p.Line != 3 || p.Kind != AtMention {
		t.Errorf("%+v", p)
	}
	if d := ParseFile([]byte("= x\x1b[2J\u202e\n"), Where{Path: "x.adoc"}); strings.ContainsAny(d.Blocks[0].Text+d.Title.String(), "\x1b\u202e") {
		t.Errorf("%q", d.Blocks[0].Text)
	}
	if d := ParseFile([]byte("# x"), Where{Path: "x.md"}); d.Blocks[0].Kind != Heading {
		t.Error("Markdown is Markdown")
	}
}

// Anchors are made by other rules than GitHub's too.
func TestAnchorsOfOtherGenerators(t *testing.T) {
	t.Parallel()
	d := Parse([]byte("# Cart\n\n## Upgrade to v1.2 (C++)\n\n## Steps\n\n## Steps\n\n## Übersicht & mehr\n\n## Own {#my-own}\n"), Where{})
	for anchor, line := range map[string]int{
		"upgrade-to-v12-c":                 3, // GitHub
		"upgrade-to-v1-2-c":                3, // docutils, older Hugo
		"markdown-header-upgrade-to-v12-c": 3, // Bitbucket
		"steps_1":                          7, // Python-Markdown
		"steps-1":                          7,
		"%C3%BCbersicht--mehr":             0, // decoded by whoever reads the link
		"übersicht--mehr":                  9,
		"übersicht-mehr":                   9,
		"my-own":                           11,
		"upgrade":                          0,
		"upgradetov12c":                    0,
	} {
		if p := d.Place(anchor, ""); p.Missed != (line == 0) || line > 0 && p.Line != line {
			t.Errorf("#%s: %+v, want line %d", anchor, p, line)
		}
	}
}
