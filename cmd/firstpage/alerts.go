package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

type alertsFlags struct {
	filter            string
	pending, silenced bool
	format, sort      format
}

func (c *cli) alertsCommand() *cobra.Command {
	f := &alertsFlags{format: format{"table", []string{"table", "json"}}, sort: format{value: string(triage.BySeverity)}}
	for _, o := range triage.Orders() {
		f.sort.allowed = append(f.sort.allowed, string(o))
	}
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "List what is firing, most urgent first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.alerts(cmd.Context(), f)
		},
	}
	cmd.Flags().StringVar(&f.filter, "filter", "", "Alertmanager `matchers` and plain words, such as severity=\"critical\"")
	cmd.Flags().BoolVar(&f.pending, "pending", false, "list pending alerts too")
	cmd.Flags().BoolVar(&f.silenced, "silenced", false, "list silenced and inhibited alerts too")
	cmd.Flags().Var(&f.sort, "sort", "`order`: severity, since (newest first), service or name")
	cmd.Flags().VarP(&f.format, "output", "o", "table or json")
	return cmd
}

func (c *cli) alerts(ctx context.Context, f *alertsFlags) error {
	filter, err := triage.ParseFilter(f.filter)
	if err != nil {
		return usage("--filter: %w", err)
	}
	h, err := c.open()
	if err != nil {
		return err
	}
	b, err := h.board(ctx, needs{alerts: true, rules: true})
	if err != nil {
		return err
	}
	c.warn(b)
	items := b.Items(func(it triage.Item) bool { return f.lists(it) && filter.Match(it) })
	triage.SortItems(items, triage.Order(f.sort.value))
	sts := b.Snapshot.Statuses(b.At)
	if f.format.value == "json" {
		err = c.writeBoard(b, "alerts", page.AlertsJSON(items, h.located))
	} else {
		err = c.alertsTable(b, items, filter)
	}
	if err != nil {
		return err
	}
	return incomplete(sts)
}

// lists reports whether the flags ask for an alert of this state.
func (f *alertsFlags) lists(it triage.Item) bool {
	if (it.Silenced || it.Inhibited) && !f.silenced {
		return false
	}
	return it.State == sources.Firing || (f.pending && it.State == sources.Pending)
}

func (c *cli) alertsTable(b *triage.Board, items []triage.Item, filter triage.Filter) error {
	if len(items) == 0 {
		if silent := b.Silent(); len(silent) > 0 {
			return nil // not known is not none; the error says who did not answer
		}
		text := "No alerts."
		if n := b.Counts.Alerts; n > 0 {
			text = fmt.Sprintf("None of %d active alerts is listed: see --pending and --silenced.", n)
			if !filter.Empty() {
				text = fmt.Sprintf("No alert matches; %d are active.", n)
			}
		}
		if _, err := fmt.Fprintln(c.err, text); err != nil {
			return err
		}
		if !filter.Empty() {
			return &exitError{exitNo, nil}
		}
		return nil
	}
	rows := make([][]string, len(items))
	for i, it := range items {
		since := "-"
		if !it.ActiveAt.IsZero() {
			since = page.Ago(b.At.Sub(it.ActiveAt))
		}
		rows[i] = []string{it.Severity.Word(), string(it.State), dash(it.Name().String()), dash(it.Service.Name.String()),
			dash(it.Owner.Name.String()), it.Cluster, since, it.Labels.Fingerprint()}
	}
	return table(c.out, []string{"SEVERITY", "STATE", "ALERT", "SERVICE", "OWNER", "CLUSTER", "SINCE", "FINGERPRINT"}, rows)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
