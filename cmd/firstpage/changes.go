package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
)

type changesFlags struct {
	since   span
	deploys bool
	format  format
}

func (c *cli) changesCommand() *cobra.Command {
	f := &changesFlags{since: span(24 * time.Hour), format: format{"table", []string{"table", "json"}}}
	cmd := &cobra.Command{
		Use:     "changes [SERVICE]",
		Aliases: []string{"deploys"},
		Short:   "List what changed, newest first; as deploys: deploys and rollbacks only",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.deploys = cmd.CalledAs() == "deploys"
			return c.changes(cmd.Context(), strings.Join(args, ""), f)
		},
		ValidArgsFunction: c.serviceNames,
	}
	cmd.Flags().Var(&f.since, "since", "how far back, such as 24h or 7d")
	cmd.Flags().VarP(&f.format, "output", "o", "table or json")
	return cmd
}

func (c *cli) changes(ctx context.Context, service string, f *changesFlags) error {
	h, err := c.open()
	if err != nil {
		return err
	}
	b, err := h.board(ctx, needs{changes: true, window: time.Duration(f.since)})
	if err != nil {
		return err
	}
	var list []sources.Change
	for _, ch := range b.Changes {
		if service != "" && !strings.EqualFold(ch.Service.String(), service) {
			continue
		}
		if f.deploys && (ch.Kind != sources.Deploy && ch.Kind != sources.Rollback || ch.State == sources.Tagged) {
			continue
		}
		if b.At.Sub(ch.StartedAt) <= time.Duration(f.since) {
			list = append(list, ch)
		}
	}
	limit, cancel := context.WithTimeout(ctx, 4*h.cfg.Timeout)
	defer cancel()
	list = h.assembler().DescribeAll(limit, list)
	sts := b.Snapshot.Statuses(b.At)
	if f.format.value == "json" {
		out := make([]any, len(list))
		for i, ch := range list {
			out[i] = page.ChangeJSON(ch)
		}
		err = c.writeJSON(b.At, sts, "changes", out)
	} else {
		err = c.changesTable(b.At, list, sts, noChange(service, f, b.Snapshot.Changes))
	}
	if err != nil {
		return err
	}
	if err := incomplete(sts); err != nil || len(list) > 0 {
		return err
	}
	return &exitError{exitNo, nil} // nothing found
}

// noChange says that nothing was found: of what, in which time, and who was
// asked, because none found is not none.
func noChange(service string, f *changesFlags, feeds []sources.Feed[sources.Change]) string {
	what := "change"
	if f.deploys {
		what = "deploy"
	}
	if service != "" {
		what += " of " + safe.Text(service)
	}
	var asked []string
	for _, feed := range feeds {
		asked = append(asked, page.SourceName(feed.Source))
	}
	if len(asked) == 0 {
		return "Whether there was a " + what + " is not known: no source of changes is connected (docs/changes)."
	}
	return fmt.Sprintf("No %s found in the last %s. Asked: %s.", what, page.Ago(time.Duration(f.since)), strings.Join(asked, ", "))
}

func (c *cli) changesTable(at time.Time, list []sources.Change, sts []sources.Status, none string) error {
	if len(list) == 0 && incomplete(sts) == nil {
		_, err := fmt.Fprintln(c.err, none)
		return err
	}
	if len(list) == 0 {
		return nil
	}
	clusters := map[string]bool{}
	for _, ch := range list {
		clusters[ch.Cluster] = true
	}
	rows := make([][]string, len(list))
	for i, ch := range list {
		what := ch // kind and service have columns of their own
		what.Kind, what.Service = "", safe.Value{}
		rows[i] = []string{page.Clock(ch.StartedAt, at, c.loc), string(ch.Kind), dash(ch.Service.String()),
			dash(page.TitleWithDiff(what)), dash(string(ch.State)), ch.Source.Kind}
		if len(clusters) > 1 {
			rows[i] = append(rows[i], dash(safe.Text(ch.Cluster)))
		}
	}
	headings := []string{"STARTED", "KIND", "SERVICE", "WHAT", "STATE", "SOURCE"}
	if len(clusters) > 1 {
		headings = append(headings, "CLUSTER")
	}
	return table(c.out, headings, rows)
}

// span is a duration as Prometheus users write it (7d, 1h30m) or as Go does.
type span time.Duration

func (s *span) String() string { return model.Duration(*s).String() }
func (s *span) Type() string   { return "duration" }

// Set reads a duration longer than 0.
func (s *span) Set(text string) error {
	d, err := model.ParseDuration(text)
	if err != nil {
		g, gerr := time.ParseDuration(text)
		if gerr != nil {
			return errors.New("want a duration such as 24h or 7d")
		}
		d = model.Duration(g)
	}
	if d > model.Duration(31*24*time.Hour) {
		return errors.New("must be at most 31d")
	}
	if d <= 0 {
		return errors.New("must be longer than 0, such as 24h")
	}
	*s = span(d)
	return nil
}
