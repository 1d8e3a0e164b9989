package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
)

type changesFlags struct {
	since   time.Duration
	deploys bool
	format  format
}

func (c *cli) changesCommand() *cobra.Command {
	f := &changesFlags{format: format{"table", []string{"table", "json"}}}
	cmd := &cobra.Command{
		Use:     "changes [SERVICE]",
		Aliases: []string{"deploys"},
		Short:   "List what changed, newest first; as deploys: deploys and rollbacks only",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.deploys = cmd.CalledAs() == "deploys"
			return c.changes(cmd.Context(), strings.Join(args, ""), f)
		},
	}
	cmd.Flags().DurationVar(&f.since, "since", 24*time.Hour, "how far back")
	cmd.Flags().VarP(&f.format, "output", "o", "table or json")
	return cmd
}

func (c *cli) changes(ctx context.Context, service string, f *changesFlags) error {
	if f.since <= 0 {
		return usage("--since must be longer than 0, such as 24h")
	}
	h, err := c.open()
	if err != nil {
		return err
	}
	b, err := h.board(ctx, needs{changes: true, window: f.since})
	if err != nil {
		return err
	}
	var list []sources.Change
	for _, ch := range b.Changes {
		if service != "" && !strings.EqualFold(ch.Service.String(), service) {
			continue
		}
		if f.deploys && ch.Kind != sources.Deploy && ch.Kind != sources.Rollback {
			continue
		}
		if b.At.Sub(ch.StartedAt) <= f.since {
			list = append(list, ch)
		}
	}
	sts := b.Snapshot.Statuses(b.At)
	if f.format.value == "json" {
		out := make([]any, len(list))
		for i, ch := range list {
			out[i] = page.ChangeJSON(ch)
		}
		err = c.writeJSON(b.At, sts, "changes", out)
	} else {
		err = c.changesTable(b.At, list, sts)
	}
	if err != nil {
		return err
	}
	return incomplete(sts)
}

func (c *cli) changesTable(at time.Time, list []sources.Change, sts []sources.Status) error {
	if len(list) == 0 && incomplete(sts) == nil {
		_, err := fmt.Fprintln(c.out, "No change found.")
		return err
	}
	if len(list) == 0 {
		return nil
	}
	rows := make([][]string, len(list))
	for i, ch := range list {
		rows[i] = []string{page.Clock(ch.StartedAt, at, c.loc), string(ch.Kind), dash(ch.Service.String()),
			page.ChangeTitle(ch), dash(string(ch.State)), ch.Source.Kind}
	}
	return table(c.out, []string{"STARTED", "KIND", "SERVICE", "WHAT", "STATE", "SOURCE"}, rows)
}
