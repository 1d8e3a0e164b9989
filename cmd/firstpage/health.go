package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/triage"
)

func (c *cli) healthCommand() *cobra.Command {
	f := format{"table", []string{"table", "json"}}
	cmd := &cobra.Command{
		Use:   "health [SERVICE]",
		Short: "Print how every service does, worst first, or one in detail: now and an hour ago",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.health(cmd.Context(), strings.Join(args, ""), f.value)
		},
		ValidArgsFunction: c.serviceNames,
	}
	cmd.Flags().VarP(&f, "output", "o", "table or json")
	return cmd
}

func (c *cli) health(ctx context.Context, service, as string) error {
	h, err := c.open()
	if err != nil {
		return err
	}
	b, err := h.board(ctx, needs{alerts: true})
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(ctx, 4*h.cfg.Timeout)
	defer cancel()
	a := h.assembler()
	list := a.Services(limit, b)
	rows, of := list.Rows, map[string]page.ServiceHealth{}
	if service == "" {
		for from := 0; from < len(rows); from += page.MaxSwept { // all of them: a script counts on it
			for k, v := range a.Sweep(limit, rows[from:]) {
				of[k] = v
			}
		}
		rows = page.ServicesInOrder(rows, of)
	} else {
		rows = b.FindServices(rows, service)
		for _, r := range rows {
			of[r.Key()] = a.HealthOfService(limit, r)
		}
	}
	sts := b.Snapshot.Statuses(b.At)
	switch {
	case as == "json":
		err = c.writeJSON(b.At, sts, "services", page.ServicesJSON(rows, of))
	case service == "":
		err = c.healthTable(rows, of)
	default:
		err = c.healthDetail(rows, of)
	}
	if err != nil {
		return err
	}
	for _, n := range list.Notes {
		_, _ = fmt.Fprintln(c.err, n)
	}
	if err := incomplete(sts); err != nil {
		return err
	}
	if errs := page.ServiceErrors(list, rows, of); len(errs) > 0 {
		return &exitError{exitSource, errors.New(strings.Join(errs, "\n"))}
	}
	switch {
	case len(rows) > 0:
		return nil
	case service == "":
		return &exitError{exitNo, errors.New("no service is known: no catalog, no alert and no job names one")}
	}
	return &exitError{exitNo, fmt.Errorf("no service is called %q; firstpage health lists them", safe.Text(service))}
}

func (c *cli) healthTable(rows []triage.ServiceRow, of map[string]page.ServiceHealth) error {
	if len(rows) == 0 {
		return nil
	}
	several := clustersOf(rows)
	headings := []string{"SERVICE", "TEAM", "HEALTH", "ERRORS", "1 H AGO", "P99", "TRAFFIC", "INSTANCES", "ALERTS"}
	if several {
		headings = append(headings, "CLUSTER")
	}
	out := make([][]string, len(rows))
	for i, r := range rows {
		h := of[r.Key()]
		cond, words := h.Condition()
		if words != "" {
			words = ": " + words
		}
		errNow, errBefore := signalWords(h.Health, "errors")
		p99, _ := signalWords(h.Health, "latency")
		traffic, _ := signalWords(h.Health, "traffic")
		out[i] = []string{r.Name.String(), dash(r.Team.String()), string(cond) + safe.Text(words), errNow, errBefore, p99, traffic,
			dash(h.Health.Instances), page.AlertsWords(r)}
		if several {
			out[i] = append(out[i], dash(safe.Text(r.Cluster)))
		}
	}
	return table(c.out, headings, out)
}

func (c *cli) healthDetail(rows []triage.ServiceRow, of map[string]page.ServiceHealth) error {
	for i, r := range rows {
		h := of[r.Key()]
		cond, words := h.Condition()
		if words != "" {
			words = ": " + h.Health.Verdict()
		}
		where := ""
		if r.Cluster != "" {
			where = " in " + safe.Text(r.Cluster)
		}
		head := fmt.Sprintf("%s%s: %s%s", r.Name, where, cond, safe.Text(words))
		if !r.Team.Empty() {
			head += ", team " + r.Team.String()
		}
		if i > 0 {
			head = "\n" + head
		}
		if _, err := fmt.Fprintln(c.out, head); err != nil {
			return err
		}
		if h.Health.Note != "" {
			if _, err := fmt.Fprintln(c.out, safe.Text(h.Health.Note)); err != nil {
				return err
			}
		}
		if len(h.Health.Signals) == 0 {
			continue
		}
		var lines [][]string
		for _, s := range h.Health.Signals {
			now, before := page.SignalWords(s)
			if s.Name == "instances" && h.Health.Instances != "" {
				now = h.Health.Instances
			}
			lines = append(lines, []string{s.Title, now, before, dash(page.DayWords(s)), dash(s.Verdict), page.QueryLine(s)})
		}
		if err := table(c.out, []string{"SIGNAL", "NOW", "1 H AGO", "1 D AGO", "VERDICT", "QUERY"}, lines); err != nil {
			return err
		}
		if calls := page.CallsWords(h.Calls); calls != "" {
			if _, err := fmt.Fprintln(c.out, calls); err != nil {
				return err
			}
		}
	}
	return nil
}

func clustersOf(rows []triage.ServiceRow) (several bool) {
	for _, r := range rows {
		if r.Cluster != rows[0].Cluster {
			return true
		}
	}
	return false
}

// signalWords is a signal now and an hour ago; a dash: there is no such signal.
func signalWords(h triage.Health, name string) (now, before string) {
	for _, s := range h.Signals {
		if s.Name == name {
			return page.SignalWords(s)
		}
	}
	return "-", "-"
}
