package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/frame"
)

// format is the value of -o, and of any flag that allows a few words.
type format struct {
	value   string
	allowed []string
}

func (f *format) String() string { return f.value }
func (f *format) Type() string   { return "format" }

// Set accepts one of the allowed formats.
func (f *format) Set(s string) error {
	for _, a := range f.allowed {
		if s == a {
			f.value = s
			return nil
		}
	}
	return fmt.Errorf("must be one of %s", strings.Join(f.allowed, ", "))
}

// writeJSON writes the one object that every -o json prints: when, which
// sources, and the answer under its name (a plural for a list). It is inert on
// a terminal.
func (c *cli) writeJSON(at time.Time, sts []sources.Status, name string, answer any) error {
	return c.writeObject(
		field{"as_of", at.UTC().Format(time.RFC3339)},
		field{"sources", page.SourcesJSON(sts)},
		field{name, answer})
}

type field struct {
	name  string
	value any
}

// writeObject keeps the order of its fields.
func (c *cli) writeObject(fields ...field) error {
	var b bytes.Buffer
	b.WriteString("{")
	for i, f := range fields {
		if i > 0 {
			b.WriteString(",")
		}
		name, err := json.Marshal(f.name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return fmt.Errorf("writing %s as JSON: %w", f.name, err)
		}
		b.Write(name)
		b.WriteString(":")
		b.Write(value)
	}
	b.WriteString("}")
	var out bytes.Buffer
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return err
	}
	out.WriteString("\n")
	_, err := c.out.Write(safe.JSON(out.Bytes()))
	return err
}

// table writes rows under headings, each column as wide as its widest cell.
// Cells are clean text.
func table(w io.Writer, headings []string, rows [][]string) error {
	width := make([]int, len(headings))
	for _, r := range append([][]string{headings}, rows...) {
		for i, cell := range r {
			width[i] = max(width[i], frame.Width(cell))
		}
	}
	var b strings.Builder
	for _, r := range append([][]string{headings}, rows...) {
		line := ""
		for i, cell := range r {
			if i > 0 {
				line += "  "
			}
			line += frame.Pad(cell, width[i])
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// incomplete reports the sources that failed, one line each on stderr, as the
// error that makes the exit code 3: a server that does not answer is one line,
// whatever it was asked. Nil when all answered.
func incomplete(sts []sources.Status) error {
	var lines []string
	said := map[string]bool{}
	for _, st := range sts {
		if st.Err == nil {
			continue
		}
		key := st.Source.Cluster + "\x00" + st.Err.Short()
		if st.Source.Cluster == "" || !said[key] {
			lines = append(lines, st.Err.Error())
		}
		said[key] = true
	}
	if len(lines) == 0 {
		return nil
	}
	return &exitError{exitSource, fmt.Errorf("%s", strings.Join(lines, "\n"))}
}

// output remembers that stdout could not be written: then the answer did not
// arrive, whatever the command made of it.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}
