package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// barWidth is the bar's share of the line, cells.
const barWidth = 20

// progress tells stderr how far it is: a bar on a terminal that can redraw a
// line, else a line for each page that had to be asked for.
type progress struct {
	w     io.Writer
	width int // of the terminal; 0: plain lines
	total int
	done  int
}

func (c *cli) progress(total int) *progress {
	return &progress{w: c.err, total: total, width: c.errWidth()}
}

// errWidth is how many cells wide the terminal of standard error is; 0: it is
// none, or too narrow to lay anything out.
func (c *cli) errWidth() int {
	f, ok := c.err.(*os.File)
	if !ok || !isTerminal(f) || c.getenv("TERM") == "dumb" {
		return 0
	}
	if w, _, err := term.GetSize(int(f.Fd())); err == nil && w >= 40 {
		return w
	}
	return 0
}

// listed writes a clean line of a list to standard error. A terminal would tear
// a word apart where the line is too long for it.
func (c *cli) listed(text string) {
	rows := []string{"  " + text}
	if w := c.errWidth(); w > 0 {
		rows = frame.Indent("", text, 4, w)
		rows[0] = rows[0][2:]
	}
	_, _ = fmt.Fprintln(c.err, strings.Join(rows, "\n"))
}

// step draws one more page. Progress that cannot be written is no failure of
// the work.
func (p *progress) step(r resolve.Prefetched) {
	p.done++
	switch {
	case p.width > 0:
		_, _ = io.WriteString(p.w, "\r"+p.bar(r.Link)+"\x1b[K")
	case r.State != resolve.PrefetchLocal && r.State != resolve.PrefetchNotAllowed: // those are in the summary
		_, _ = fmt.Fprintf(p.w, "%d/%d %s %s\n", p.done, p.total, strings.ReplaceAll(r.State, "_", " "), safe.Text(r.Link))
	}
}

// bar is the line, a cell narrower than the terminal so that none wraps.
func (p *progress) bar(link string) string {
	n := barWidth * p.done / max(1, p.total)
	head := fmt.Sprintf("[%s%s] %d/%d ", strings.Repeat("#", n), strings.Repeat(".", barWidth-n), p.done, p.total)
	room := p.width - 1 - frame.Width(head)
	if room < 10 {
		return frame.Cut(head, p.width-1)
	}
	return head + shorten(safe.Text(link), room)
}

// end takes the bar away: the summary says it all.
func (p *progress) end() {
	if p.width > 0 {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}
