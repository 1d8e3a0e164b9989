package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
)

func (c *cli) showCommand() *cobra.Command {
	f := format{"text", []string{"text", "json", "markdown"}}
	cmd := &cobra.Command{
		Use:   "show ALERT",
		Short: "Print everything about one alert: why, runbook, changes, health, owner",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.show(cmd.Context(), strings.Join(args, " "), f.value)
		},
	}
	cmd.Flags().VarP(&f, "output", "o", "text, json or markdown")
	return cmd
}

func (c *cli) show(ctx context.Context, arg, as string) error {
	h, err := c.open()
	if err != nil {
		return err
	}
	b, err := h.board(ctx, needs{alerts: true, rules: true, changes: true})
	if err != nil {
		return err
	}
	it, err := h.find(b, arg)
	if err != nil {
		return err
	}
	a := h.assembler()
	p, ok := page.Open(b, it.ID, a.RunbookKeys)
	if !ok {
		return &exitError{exitNo, fmt.Errorf("%s is not active any more", safe.Text(arg))}
	}
	limit, cancel := context.WithTimeout(ctx, 4*h.cfg.Timeout)
	defer cancel()
	p = a.All(limit, p)
	sts := b.Snapshot.Statuses(b.At)
	switch as {
	case "json":
		err = c.writeObject(field{"as_of", b.At.UTC().Format(time.RFC3339)},
			field{"sources", page.SourcesJSON(sts)}, field{"page", page.JSON(p)})
	case "markdown":
		err = page.WriteMarkdown(c.out, p, page.TextOptions{Now: h.now(), Loc: time.UTC})
	default:
		err = page.WriteText(c.out, p, page.TextOptions{Now: h.now(), Loc: c.loc})
	}
	if err != nil {
		return err
	}
	return incomplete(sts)
}

// find is the one alert that an argument names. Several matches are listed and
// are an answer of "no"; so is none, unless a source failed: then the answer
// is not known.
func (h *house) find(b *triage.Board, arg string) (triage.Item, error) {
	items := b.Named(arg)
	if len(items) == 1 {
		return items[0], nil
	}
	if len(items) == 0 {
		if err := incomplete(b.Snapshot.Statuses(b.At)); err != nil {
			return triage.Item{}, err
		}
		return triage.Item{}, &exitError{exitNo, fmt.Errorf("no active alert is called %q; firstpage alerts --pending lists them", safe.Text(arg))}
	}
	lines := []string{fmt.Sprintf("%d alerts match %q; name one by its fingerprint:", len(items), safe.Text(arg))}
	for _, it := range items {
		lines = append(lines, "  "+it.Labels.Fingerprint()+"  "+it.Cluster+"  "+it.Name().String()+" "+labelWords(it))
	}
	return triage.Item{}, &exitError{exitNo, fmt.Errorf("%s", strings.Join(lines, "\n"))}
}

func labelWords(it triage.Item) string {
	var parts []string
	for _, l := range it.Labels.Without("alertname") {
		parts = append(parts, l.Name.String()+"="+l.Value.String())
	}
	return strings.Join(parts, " ")
}
