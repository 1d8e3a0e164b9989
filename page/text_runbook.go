package page

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/triage"
)

func (t *text) runbook() {
	s := t.p.Runbook
	rb := s.Value
	switch {
	case s.State == Absent:
		t.heading("Runbook: not found")
		for _, line := range missingLines(rb) {
			t.line("%s", line)
		}
		return
	case rb.Doc.Empty():
		t.heading("Runbook")
		if s.State == OK {
			t.line("The file is empty: %s", safe.Text(rb.Doc.Where.Path))
			return
		}
		trouble(t, s)
		if !rb.Ref.Link.Empty() {
			t.line("Link: %s", triage.Readable(rb.Ref.Link))
		}
		return
	}
	t.heading("Runbook: %s", runbookTitle(rb))
	trouble(t, s)
	t.line("%s", t.whereLine(rb))
	if words := NetworkWords(rb.Trail); words != "" {
		if _, host := rb.Trail.Fetch(); host != "" {
			words = host + ": " + words
		}
		t.line("%s", safe.Text("Network: "+words)+".")
	}
	if rb.Doc.Where.Via == runbook.ViaName || rb.Pos.Missed {
		t.line("%s", ReasonWords(rb.Reason))
	}
	for _, path := range rb.Doc.Where.Also {
		t.line("Also of that name: %s", safe.Text(path))
	}
	for _, cut := range rb.Doc.Cut {
		t.line("Note: %s", safe.Text(cut))
	}
	t.document(rb)
}

// missingLines say why there is no runbook and what was tried.
func missingLines(rb Runbook) []string {
	out := []string{"There is no runbook text for this alert."}
	if why := ReasonWords(rb.Reason); why != "" {
		out = append(out, why)
	}
	if !rb.Ref.Link.Empty() {
		out = append(out, "Link: "+triage.Readable(rb.Ref.Link))
	}
	for _, r := range rb.Trail {
		line := "Tried " + r.Name
		if r.Tried != "" {
			line += ", " + r.Tried
		}
		out = append(out, safe.Text(line+": "+r.Result))
	}
	return out
}

func runbookTitle(rb Runbook) string {
	if rb.Pos.Heading != "" {
		return safe.Text(rb.Pos.Heading)
	}
	if t := rb.Doc.Title.String(); t != "" {
		return t
	}
	return "untitled"
}

// whereLine says where the text is and how old.
func (t *text) whereLine(rb Runbook) string {
	w := rb.Doc.Where
	place := w.Path
	if place == "" {
		place = w.URL
	}
	if place == "" {
		place = "a text without an address"
	}
	if rb.Pos.Line > 0 && w.Path != "" {
		place += fmt.Sprintf(":%d", rb.Pos.Line)
	}
	line := "From " + safe.Text(place)
	if words := viaWords(w.Via); words != "" {
		line += ", " + words
	}
	switch {
	case !w.Edited.IsZero():
		line += ", edited " + Ago(t.o.Now.Sub(w.Edited)) + " ago"
	case (w.Via == runbook.ViaCache || w.Via == runbook.ViaNetwork) && !w.AsOf.IsZero():
		line += ", " + Ago(t.o.Now.Sub(w.AsOf)) + " ago"
	}
	return line + "."
}

// document writes the text between two empty lines, unwrapped: a wrapped
// command is a broken command.
func (t *text) document(rb Runbook) {
	doc, from, to := rb.Doc, 1, bytes.Count(rb.Doc.Source, []byte("\n"))+1
	if !t.o.Whole {
		doc, from, to = section(rb.Doc, rb.Pos)
	}
	if len(doc.Blocks) < len(rb.Doc.Blocks) {
		t.line("Lines %d to %d follow; there is more above or below.", from, to)
	}
	var body string
	if t.o.Render != nil {
		body = t.o.Render(doc)
	} else {
		body = safe.Outside(lines(rb.Doc.Source, from, to)).Lines()
	}
	wide := t.o.Width
	t.o.Width = 0
	t.line("")
	t.line("%s", strings.Trim(body, "\n"))
	t.line("")
	t.o.Width = wide
}

// section is the part of a document under the heading at pos, deeper headings
// included, and its first and last line. At the top, or without headings, it
// is the whole.
func section(d runbook.Document, pos runbook.Pos) (runbook.Document, int, int) {
	last := bytes.Count(d.Source, []byte("\n")) + 1
	start := -1
	for i := min(pos.Block, len(d.Blocks)-1); i >= 0 && pos.Kind != runbook.AtTop; i-- {
		if d.Blocks[i].Kind == runbook.Heading {
			start = i
			break
		}
	}
	if start < 0 {
		return d, 1, last
	}
	end := start + 1
	for end < len(d.Blocks) && !(d.Blocks[end].Kind == runbook.Heading && d.Blocks[end].Level <= d.Blocks[start].Level) {
		end++
	}
	if end < len(d.Blocks) {
		last = d.Blocks[end].Line - 1
	}
	from := d.Blocks[start].Line
	if start == 0 {
		from = 1
	}
	out := d
	out.Blocks = d.Blocks[start:end]
	return out, from, last
}

// lines are the source's lines from to to, from 1, both included.
func lines(src []byte, from, to int) string {
	all := strings.Split(string(src), "\n")
	from, to = max(from, 1), min(to, len(all))
	if from > to {
		return ""
	}
	return strings.Join(all[from-1:to], "\n")
}
