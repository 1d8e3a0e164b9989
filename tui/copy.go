package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// copyCommand copies the current step's command: as it would be run, or exactly
// as it is written.
func (a *App) copyCommand(written bool) tea.Cmd {
	if !a.hasText() {
		return nil
	}
	s, at, _ := a.panes.reader.Step()
	doc := a.shown().Doc
	if at == 0 || s.Code < 0 {
		a.say("this step has nothing to copy  (. next step)", true)
		return nil
	}
	f := runbook.Fill(doc.Codes()[s.Code], a.values())
	if _, ok := doc.Command(s, a.values()); ok && !written {
		return a.copyFilled(f)
	}
	return a.copyText(f, f.Source, "as written", written)
}

// copyFilled copies a command as it would be run.
func (a *App) copyFilled(f runbook.Filled) tea.Cmd { return a.copyText(f, f.Text, "copied", false) }

// copyText copies one of the texts of a command, and says what is to be known of
// it. written: it is the source, byte by byte.
func (a *App) copyText(f runbook.Filled, text, what string, written bool) tea.Cmd {
	if seen := unseen(f, written); seen != "" && a.view.unseen != text {
		a.view.unseen = text
		a.say("not copied: it holds what cannot be seen, "+seen+"; again copies it", true)
		return nil
	}
	a.view.unseen = ""
	lines := strings.Count(strings.TrimRight(text, "\n"), "\n") + 1
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	switch {
	case lines == 2:
		first += " (and 1 more line)"
	case lines > 2:
		first = fmt.Sprintf("%s (and %d more lines)", first, lines-1)
	}
	left := gapNames(f.Missing)
	if written {
		left = ""
	} else if left != "" {
		what += " (still to fill in: " + left + ")"
	}
	return a.toClipboard(copied{text: text, what: what, sent: "sent to the terminal's clipboard, " + what,
		shown: safe.Text(first), bad: left != "", aims: a.aimsOf(f)})
}

// copied is a text on its way to the clipboards, and what there is to say of it.
type copied struct {
	text  string
	what  string // "copied"
	sent  string // the same where only the terminal knows whether it was
	shown string // the text in one line, clean
	bad   bool   // it is not fit to be used as it is
	aims  aims   // of a command
	said  message

	done bool  // Desktop.Copy was called
	err  error // what it said
}

// toClipboard copies to the terminal's clipboard and to what else there is. It
// is said at once, and again when more is known of it.
func (a *App) toClipboard(c copied) tea.Cmd {
	look, copyTo := a.lookUp(c.aims), a.opts.Desktop.Copy
	quiet := c
	if look != nil {
		quiet.aims = nil // the kubeconfig may know that it is the right one
	}
	c.said = a.copiedWords(quiet)
	a.say(c.said.text, c.said.bad)
	if look == nil && copyTo == nil {
		return tea.SetClipboard(c.text)
	}
	return tea.Batch(tea.SetClipboard(c.text), func() tea.Msg {
		if copyTo != nil {
			c.err, c.done = copyTo(c.text), true
		}
		if look != nil {
			c.aims = look()
		}
		return c
	})
}

// onCopied says what became of a copy, where that is more than was said.
func (a *App) onCopied(c copied) {
	now := a.copiedWords(c)
	if now == c.said {
		a.dirty = false
		return
	}
	a.say(now.text, now.bad)
}

// minCopied is how many cells of a command stand before the name of the file
// that it also lies in.
const minCopied = 30

// copiedWords are what there is to say of a copy, the most important first: one
// row holds little.
func (a *App) copiedWords(c copied) message {
	d := a.opts.Desktop
	m := message{text: c.sent + ": " + c.shown, bad: c.bad}
	warning := strings.Join(c.aims.said(aim.mismatch), " ")
	if warning != "" {
		warning, m.text, m.bad = warning+" ", c.what+": "+c.shown, true // how it was copied counts less
	}
	switch {
	case c.err != nil:
		m.text = "sent to the terminal's clipboard only"
		if d.CopyTo != "" {
			m.text, m.bad = m.text+": "+safe.Err(c.err), true
		}
	case c.done && d.CopyTo != "":
		also := "; also in " + d.CopyTo
		room := a.w - 1 - frame.Width(warning) - frame.Width(also)
		m.text = frame.Cut(c.what+": "+c.shown, max(minCopied, room)) + also
	}
	m.text = warning + m.text
	return m
}

// unseen names the invisible characters of what is to be copied, with their
// lines.
func unseen(f runbook.Filled, written bool) string {
	text := f.Text
	if written {
		text = f.Source
	}
	var out []string
	for _, h := range f.Hidden {
		if h.Source != written {
			continue
		}
		if len(out) == maxUnseen {
			return strings.Join(out, ", ") + " and more"
		}
		out = append(out, fmt.Sprintf("%U in line %d", h.Rune, strings.Count(text[:h.At], "\n")+1))
	}
	return strings.Join(out, ", ")
}

// maxUnseen is how many invisible characters are named.
const maxUnseen = 3

// gapWords say what is to be filled in by hand, and why it was not.
func gapWords(g runbook.Gap) string {
	if g.Why != "" {
		return g.Name + ", by hand: " + g.Why
	}
	return g.Name + ", which the alert does not say"
}

// gapNames lists each placeholder that is still one, once.
func gapNames(gaps []runbook.Gap) string {
	var names []string
	for _, g := range gaps {
		if !slices.Contains(names, g.Name) {
			names = append(names, g.Name)
		}
	}
	return strings.Join(names, ", ")
}
