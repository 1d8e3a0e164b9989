package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/readiness"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// chapter is the links of one kind in the table: what it is and what to do.
type chapter struct {
	in    func(readiness.Fate) bool
	count string // for the summary
	one   string // of one link
	many  string
	todo  string
}

func fared(reason runbook.Reason) func(readiness.Fate) bool {
	return func(f readiness.Fate) bool { return f.Reason == reason }
}

// chapters are in the order of the table: what is broken first.
var chapters = []chapter{
	{fared(runbook.NoFile), "dead", "link is dead: the checkout has no such page", "links are dead: the checkout has no such page",
		"Correct the link, or add the page. A page that is there by now: update the checkout."},
	{fared(runbook.FetchFailed), "not fetched", "page could not be fetched", "pages could not be fetched",
		"Open the link in a browser: is it right, and is the server up?"},
	{fared(runbook.NoHeading), "without their heading", "link's page has no such heading", "links' pages have no such heading",
		"Correct what stands behind the #, or the heading."},
	{func(f readiness.Fate) bool { return f.Reason == runbook.ByName && f.Broken() }, "by name behind a broken link",
		"link is broken, and a page of the alert's name is there", "links are broken, and a page of the alert's name is there",
		"Point the link at that page, if it is the right one."},
	{fared(runbook.NoCheckout), "elsewhere", "link leads where no checkout is", "links lead where no checkout is",
		"Clone what they lead to and name it under runbooks.checkouts, or let pages be fetched: runbooks.fetch: always."},
	{fared(runbook.Templated), "templated", "link is a template", "links are templates",
		"Known when the alert fires; nothing to do, if every value has its page."},
	{fared(runbook.NoLink), "no link", "alert has no link", "alerts have no link",
		"Add the annotation runbook_url."},
	{func(f readiness.Fate) bool { return f.Reason == runbook.ByName && !f.Broken() }, "by name", "alert without a usable link has a page of its name", "alerts without a usable link have a page of their name",
		"Say which in the rule: add the annotation runbook_url."},
	{fared(runbook.OK), "open", "link opens", "links open", ""},
}

// checkTable writes the links by chapter. On a terminal lines are as wide as it
// is and long paths are shortened in their middle; elsewhere nothing is.
func (c *cli) checkTable(fates []readiness.Fate) error {
	_, err := io.WriteString(c.out, tableText(fates, c.columns()))
	return err
}

// tableText is the table, w cells wide; 0 is any width.
func tableText(fates []readiness.Fate, w int) string {
	var b strings.Builder
	rules := 0
	for _, f := range fates {
		rules += len(f.At)
	}
	var counts []string
	for _, ch := range chapters {
		var in []readiness.Fate
		for _, f := range fates {
			if ch.in(f) {
				in = append(in, f)
			}
		}
		if len(in) == 0 {
			continue
		}
		counts = append(counts, fmt.Sprintf("%d %s", len(in), ch.count))
		ch.write(&b, in, w)
	}
	// The best news first: how many open.
	last := len(counts) - 1
	if strings.HasSuffix(counts[last], " open") {
		counts = append([]string{counts[last]}, counts[:last]...)
	}
	head := page.Counted(len(fates), "alert")
	if rules != len(fates) {
		head += fmt.Sprintf(" in %d rules", rules)
	}
	b.WriteString(wrapped(head+": "+strings.Join(counts, ", "), w))
	return b.String()
}

// columns is the width of the terminal that stdout is; 0: it is none.
func (c *cli) columns() int {
	out, ok := c.terminal.(*os.File)
	if !ok || !isTerminal(out) {
		return 0
	}
	w, _, err := term.GetSize(int(out.Fd()))
	if err != nil || w < 40 {
		return 80
	}
	return w
}

func (ch chapter) write(b *strings.Builder, in []readiness.Fate, w int) {
	head := ch.many
	if len(in) == 1 {
		head = ch.one
	}
	b.WriteString(wrapped(strings.TrimSpace(fmt.Sprintf("%d %s. %s", len(in), head, ch.todo)), w))
	names := 0
	for _, f := range in {
		names = max(names, frame.Width(f.Ref.Alert.String()))
	}
	if w > 0 {
		names = min(names, w/2)
	} else {
		names = min(names, 48)
	}
	for _, f := range in {
		rows(b, f, names, w)
	}
	b.WriteString("\n")
}

// rows are one link: the alert and where its rule is, below it the link and
// what it leads to. A link that opens is one row.
func rows(b *strings.Builder, f readiness.Fate, names, w int) {
	row := func(left, right string) {
		room := 0
		if w > 0 {
			room = w - frame.Width(left) - 2
			last := right[strings.LastIndexByte(right, '/')+1:]
			if right != "" && (room < 20 || room < frame.Width(right) && room < frame.Width(last)+2) { // the name takes the row
				b.WriteString(strings.TrimRight(frame.Cut(left, w), " ") + "\n")
				left, room = "    ", w-6
			}
		}
		b.WriteString(strings.TrimRight(left+"  "+shorten(right, room), " ") + "\n")
	}
	name := "  " + frame.Pad(f.Ref.Alert.String(), max(names, frame.Width(f.Ref.Alert.String())))
	if f.Reason == runbook.OK {
		row(name, placeOf(f))
		return
	}
	at := ruleAt(f.At[0])
	if n := len(f.At) - 1; n > 0 {
		at += fmt.Sprintf(" +%d", n)
	}
	row(name, at)
	if !f.Written.Empty() {
		row("    link", f.Written.String())
	}
	if why := unsaid(f); why != "" {
		row("    why ", why)
	}
	if f.Found() {
		row("    here", placeOf(f))
	}
}

// unsaid is what the link and its chapter do not say of why it leads nowhere.
func unsaid(f readiness.Fate) string {
	looked, missing := strings.CutPrefix(f.Tried, "no ")
	switch {
	case f.Itself != runbook.NoFile && f.Itself != runbook.FetchFailed,
		missing && strings.Contains(strings.ToLower(f.Written.String()), strings.ToLower(looked)):
		return ""
	}
	return f.Tried
}

// placeOf is the text that is opened, with its line.
func placeOf(f readiness.Fate) string {
	text := f.Path
	if f.Via != runbook.ViaNetwork {
		text = shownPath(here(text))
	}
	return safe.Text(fmt.Sprintf("%s:%d", text, max(1, f.Line)))
}

// here is a path from the working directory when it is below that.
func here(path string) string {
	dir, err := os.Getwd()
	if err != nil || !filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// shorten cuts the middle out of a path or link that is wider than w cells, at
// slashes when its last name fits: that says most. w of 0 is any width.
func shorten(s string, w int) string {
	if w <= 0 || frame.Width(s) <= w {
		return s
	}
	tail := ""
	for i := strings.LastIndexByte(s, '/'); i > 0 && frame.Width(s[i:]) < w; i = strings.LastIndexByte(s[:i], '/') {
		if tail != "" && frame.Width(s[i:]) > w*2/3 {
			break
		}
		tail = s[i:]
	}
	if tail == "" {
		tail = strings.TrimPrefix(frame.CutLeft(s, w*2/3), frame.Ellipsis)
	}
	return frame.Cut(s, w-frame.Width(tail)) + tail
}

// wrapped is a sentence in lines of w cells; w of 0 is one line.
func wrapped(s string, w int) string {
	if w <= 0 {
		return s + "\n"
	}
	return strings.Join(frame.Wrap(s, w), "\n") + "\n"
}
