package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/tui/reader"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

type runbookFlags struct {
	raw, where, fetch bool
	format            format
}

func (c *cli) runbookCommand() *cobra.Command {
	f := &runbookFlags{format: format{"text", []string{"text", "json"}}}
	cmd := &cobra.Command{
		Use:   "runbook ALERT|URL",
		Short: "Print an alert's runbook, or the one behind a link",
		Args:  needsAlert,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runbook(cmd.Context(), strings.Join(args, " "), f)
		},
	}
	cmd.Flags().BoolVar(&f.raw, "raw", false, "print the source as it is in the file")
	cmd.Flags().BoolVar(&f.where, "where", false, "print only where the text is, and what was tried")
	cmd.Flags().BoolVar(&f.fetch, "fetch", false, "where the setting is ask: fetch from the link's host, now and from now on")
	cmd.Flags().VarP(&f.format, "output", "o", "text or json")
	cmd.AddCommand(c.runbookCheckCommand())
	return cmd
}

func (c *cli) runbook(ctx context.Context, arg string, f *runbookFlags) error {
	h, err := c.open()
	if err != nil {
		return err
	}
	ref, sts, err := h.runbookRef(ctx, arg)
	if err != nil {
		return err
	}
	doc, trail, err := h.fetchAllowed(ctx, ref, f.fetch)
	var none *runbook.NotFoundError
	switch {
	case errors.As(err, &none):
	case err != nil:
		return &exitError{exitSource, err}
	}
	pos := page.Place(doc, ref)
	if f.format.value == "json" {
		err = c.writeJSON(h.now(), sts, "runbook", page.RunbookJSON(ref, doc, pos, trail, !f.where))
	} else {
		err = c.runbookText(doc, pos, trail, f)
	}
	if err == nil && doc.Empty() {
		return &exitError{exitNo, nil}
	}
	return err
}

// runbookRef is what an argument refers to: a link is taken as it is and asks
// no Prometheus; anything else names an alert.
func (h *house) runbookRef(ctx context.Context, arg string) (runbook.Ref, []sources.Status, error) {
	if strings.Contains(arg, "://") || strings.HasSuffix(strings.ToLower(arg), ".md") {
		return runbook.ParseRef(arg), nil, nil
	}
	b, err := h.board(ctx, needs{alerts: true})
	if err != nil {
		return runbook.Ref{}, nil, err
	}
	it, err := h.find(b, arg)
	if err != nil {
		return runbook.Ref{}, nil, err
	}
	return runbook.FindRef(it.Alert, it.Service.Name, it.Owner.Name, h.prefs.RunbookKeys), b.Snapshot.Statuses(b.At), nil
}

func (c *cli) runbookText(doc runbook.Document, pos runbook.Pos, trail runbook.Trail, f *runbookFlags) error {
	switch {
	case f.where:
		return c.runbookWhere(c.out, doc, pos, trail)
	case doc.Empty():
		return c.runbookWhere(c.err, doc, pos, trail)
	}
	if f.raw {
		_, err := c.out.Write(doc.Source)
		return err
	}
	if _, err := fmt.Fprintln(c.err, whereLine(doc, pos)); err != nil {
		return err
	}
	out, isFile := c.terminal.(*os.File)
	if !isFile || !term.IsTerminal(int(out.Fd())) {
		_, err := fmt.Fprintln(c.out, safe.Outside(strings.TrimPrefix(string(doc.Source), "\ufeff")).Lines())
		return err
	}
	w, _, err := term.GetSize(int(out.Fd()))
	if err != nil || w < 20 {
		w = 80
	}
	name := theme.Name(c.flags.theme)
	if name == "" {
		name = theme.Dark
	}
	_, err = fmt.Fprintln(colorprofile.NewWriter(c.out, nil), reader.Render(doc, w, theme.New(name, true)))
	return err
}

// runbookWhere writes what was tried: to stdout for whoever asked where, to
// stderr for whoever asked for a text that is not there.
func (c *cli) runbookWhere(w io.Writer, doc runbook.Document, pos runbook.Pos, trail runbook.Trail) error {
	var b strings.Builder
	for _, r := range trail {
		fmt.Fprintf(&b, "%-9s %s\n", safe.Text(r.Name), safe.Text(strings.TrimPrefix(r.Tried+": "+r.Result, ": ")))
	}
	if hint := fetchHint(trail); hint != "" {
		fmt.Fprintf(&b, "%-9s %s\n", "", hint)
	}
	if !doc.Empty() {
		b.WriteString(whereLine(doc, pos) + "\n")
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

func whereLine(doc runbook.Document, pos runbook.Pos) string {
	text := doc.Where.Path
	if text == "" {
		text = doc.Where.URL
	}
	text += fmt.Sprintf(":%d", max(1, pos.Line))
	if doc.Where.Via == runbook.ViaName {
		text += "  (found by name)"
	}
	if doc.Where.Via == runbook.ViaCache {
		text += "  (a copy of " + doc.Where.AsOf.Format("2006-01-02 15:04 MST") + ")"
	}
	if pos.Missed {
		text += "  (the link's anchor is in no heading)"
	}
	return safe.Text(text)
}
