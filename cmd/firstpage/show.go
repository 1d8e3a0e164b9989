package main

import (
	"context"
	"errors"
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
		Args:  needsAlert,
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
	b, err := h.board(ctx, needs{alerts: true, rules: true, changes: true, shifts: true})
	if err != nil {
		return err
	}
	c.warn(b)
	it, err := h.find(b, arg)
	if err != nil && len(b.Named(arg)) == 0 {
		if overs := h.assembler().Overs(ctx, b.Snapshot.Clusters, arg); len(overs) > 0 {
			missing := b.Missing
			b = page.WithOvers(b.Snapshot, overs, b.Prefs, b.At)
			b.Missing = missing
			it, err = h.find(b, arg)
		}
	}
	if err != nil {
		return h.listMatches(b, err, as)
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
		err = c.writeBoard(b, "page", page.JSON(p))
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

// find is the one alert that an argument names. Several matches are an
// *ambiguousError; none is an answer of "no", unless a source failed: then the
// answer is not known.
func (h *house) find(b *triage.Board, arg string) (triage.Item, error) {
	if strings.TrimSpace(arg) == "" {
		return triage.Item{}, usage("name an alert: its name, its fingerprint, a link, or the text of a page")
	}
	items := b.Named(arg)
	switch {
	case len(items) == 1:
		return items[0], nil
	case len(items) > 1:
		return triage.Item{}, &exitError{exitNo, &ambiguousError{arg, items}}
	}
	if err := incomplete(b.Snapshot.Statuses(b.At)); err != nil {
		return triage.Item{}, err
	}
	return triage.Item{}, &exitError{exitNo, fmt.Errorf("no active alert is called %q; firstpage alerts --pending lists them", safe.Text(arg))}
}

// ambiguousError says which alerts an argument names, and how to name one.
type ambiguousError struct {
	arg   string
	items []triage.Item // at least two
}

func (e *ambiguousError) Error() string {
	prints, clusters := map[string]bool{}, map[string]bool{}
	for _, it := range e.items {
		prints[it.Labels.Fingerprint()], clusters[it.Cluster] = true, true
	}
	how := "name one by its fingerprint"
	if len(prints) < len(e.items) && len(clusters) > 1 {
		how = "add --cluster"
		if len(prints) > 1 {
			how += " and name one by its fingerprint"
		}
	}
	lines := []string{fmt.Sprintf("%d alerts match %q; %s:", len(e.items), safe.Text(e.arg), how)}
	for _, it := range e.items {
		lines = append(lines, "  "+it.Labels.Fingerprint()+"  "+it.Cluster+"  "+it.Name().String()+" "+it.Labels.Without("alertname").Words(" "))
	}
	return strings.Join(lines, "\n")
}

// listMatches writes an answer for whoever asked for JSON and named no single
// alert: the matches as `alerts` would list them, else no page. The error is passed on.
func (h *house) listMatches(b *triage.Board, err error, as string) error {
	if as != "json" {
		return err
	}
	name, value := "page", any(nil)
	var several *ambiguousError
	if errors.As(err, &several) {
		name, value = "alerts", page.AlertsJSON(several.items, h.located)
	}
	if werr := h.writeBoard(b, name, value); werr != nil {
		return werr
	}
	return err
}
