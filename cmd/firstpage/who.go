package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
)

func (c *cli) whoCommand() *cobra.Command {
	f := format{"text", []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "who [SERVICE|TEAM]",
		Short: "Say who can help: owner, on call now and next, channel, escalation",
		Long: `who says who answers for a service or a team: its channel, who is on call now and
next, how to escalate, and whom to ask about the services that it calls. Without
an argument: who is on call in every team that has a schedule.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.who(cmd.Context(), strings.Join(args, ""), f.value)
		},
		ValidArgsFunction: c.teamNames,
	}
	cmd.Flags().VarP(&f, "output", "o", "text or json")
	return cmd
}

func (c *cli) who(ctx context.Context, arg, as string) error {
	h, err := c.open()
	if err != nil {
		return err
	}
	b, err := h.board(ctx, needs{shifts: true})
	if err != nil {
		return err
	}
	sts := b.Snapshot.Statuses(b.At)
	list := page.Whose(b, arg)
	if as == "json" {
		out := make([]any, len(list))
		for i, w := range list {
			out[i] = page.WhoJSON(w)
		}
		err = c.writeJSON(b.At, sts, "who", out)
	} else {
		err = page.WriteWho(c.out, list, page.TextOptions{Now: b.At, Loc: c.loc})
	}
	if err != nil {
		return err
	}
	if err := incomplete(sts); err != nil {
		return err
	}
	switch {
	case len(list) > 0:
		return nil
	case arg == "":
		return &exitError{exitNo, fmt.Errorf("no schedule is connected: name one under oncall: in the configuration (docs/oncall.md)")}
	}
	return &exitError{exitNo, fmt.Errorf("no service, team or schedule is called %q%s", safe.Text(arg), catalogHint(h))}
}

func catalogHint(h *house) string {
	if h.catalog == nil {
		return "; there is no catalog of services (docs/services.md)"
	}
	return ""
}

// teamNames are what the configuration and the catalog on this machine know: a
// key pressed in a shell asks no server.
func (c *cli) teamNames(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const done = cobra.ShellCompDirectiveNoFileComp
	h, err := c.open()
	if err != nil || len(args) > 0 {
		return nil, done
	}
	var names []string
	for _, oc := range h.cfg.OnCall {
		names = append(names, oc.Team)
	}
	names = append(names, h.catalogNames(cmd.Context())...)
	slices.Sort(names)
	return slices.Compact(names), done
}

// serviceNames are those of the catalog on this machine.
func (c *cli) serviceNames(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const done = cobra.ShellCompDirectiveNoFileComp
	h, err := c.open()
	if err != nil || len(args) > 0 {
		return nil, done
	}
	names := h.catalogNames(cmd.Context())
	slices.Sort(names)
	return slices.Compact(names), done
}

// catalogNames are the services of the catalog; nil when there is none that can
// be read.
func (h *house) catalogNames(ctx context.Context) []string {
	if h.catalog == nil {
		return nil
	}
	services, err := h.catalog.Services(ctx)
	if err != nil {
		return nil
	}
	names := make([]string, len(services))
	for i, s := range services {
		names[i] = s.Name.String()
	}
	return names
}
