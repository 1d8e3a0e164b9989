package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/page"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

func (c *cli) doctorCommand() *cobra.Command {
	f := format{"text", []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Ask every source once and say what each answers and what to do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.doctor(cmd.Context(), f.value)
		},
	}
	cmd.Flags().VarP(&f, "output", "o", "text or json")
	return cmd
}

// check is one line of the doctor's report.
type check struct {
	Part   string `json:"part"` // configuration, source, checkout, alerts, tool
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func (c *cli) doctor(ctx context.Context, as string) error {
	h, err := c.open()
	if err != nil {
		return err
	}
	b, err := h.board(ctx, needs{alerts: true, rules: true, changes: true, shifts: true})
	if err != nil {
		return err
	}
	sts := b.Snapshot.Statuses(b.At)
	checks := h.checkConfig()
	checks = append(checks, h.checkSources(ctx, b)...)
	checks = append(checks, h.checkCatalog(b)...)
	checks = append(checks, h.checkOnCall(b)...)
	shelves := h.resolver.Status(ctx) // reads every checkout again
	checks = append(checks, h.checkCheckouts(shelves)...)
	checks = append(checks, checkFixes(ctx, shelves)...)
	checks = append(checks, h.checkNetwork()...)
	checks = append(checks, h.checkAlerts(b)...)
	checks = append(checks, h.checkTools()...)
	if as == "json" {
		err = c.writeJSON(b.At, sts, "checks", checks)
	} else {
		err = c.doctorText(checks)
	}
	if err != nil {
		return err
	}
	bad := false
	for _, st := range sts {
		bad = bad || st.Err != nil
	}
	if bad {
		return &exitError{exitSource, nil}
	}
	for _, k := range checks {
		if !k.OK {
			return &exitError{exitNo, nil}
		}
	}
	return nil
}

func (c *cli) doctorText(checks []check) error {
	var b strings.Builder
	part := ""
	for _, k := range checks {
		if k.Part != part {
			part = k.Part
			b.WriteString(part + "\n")
		}
		word := "ok "
		if !k.OK {
			word = "!! "
		}
		line := "  " + word + " " + k.Name
		if k.Detail != "" {
			line += ": " + k.Detail
		}
		b.WriteString(safe.Text(line) + "\n")
	}
	_, err := fmt.Fprint(c.out, b.String())
	return err
}

func (h *house) checkConfig() []check {
	var out []check
	for _, f := range h.cfg.Files {
		out = append(out, check{"configuration", f, true, ""})
	}
	if len(h.cfg.Files) == 0 {
		out = append(out, check{"configuration", "no file", true, "the defaults hold; firstpage init writes one"})
	}
	for _, g := range h.cfg.Trusted() {
		out = append(out, check{"configuration", g.Place.String(), true, "trusted: " + g.String()})
	}
	for _, w := range h.cfg.Warnings {
		out = append(out, check{"configuration", w.Place.String(), false, w.Message + ": " + w.Remedy})
	}
	return out
}

// checkSources says of each source what it answered; of each Prometheus its
// version too.
func (h *house) checkSources(ctx context.Context, b *triage.Board) []check {
	versions := make([]string, len(h.clusters))
	var wg sync.WaitGroup
	for i, p := range h.clusters {
		wg.Go(func() {
			if info, err := p.Info(ctx); err == nil && info.Version.String() != "" {
				versions[i] = "Prometheus " + info.Version.String() + ", "
			}
		})
	}
	wg.Wait()
	var out []check
	add := func(name, prefix, unit string, st sources.Status) {
		if st.Source.Kind == "" {
			return
		}
		k := check{Part: "sources", Name: name, OK: st.Err == nil, Detail: prefix + page.Counted(st.Count, unit)}
		if st.Err != nil {
			k.Detail = st.Err.Error()
		}
		for _, n := range st.Notes {
			k.OK = false
			k.Detail += "; " + n.String()
		}
		out = append(out, k)
	}
	for i, c := range b.Snapshot.Clusters {
		at := h.clusters[i].URL() + " (" + originWords(h.cfg.Clusters[i]) + ")"
		add(c.Name+" alerts", at+", "+versions[i], "alert", c.Alerts.Status(b.At))
		add(c.Name+" rules", "", "alerting rule group", c.Rules.Status(b.At))
		if am := h.witnesses[i]; am != nil {
			add(c.Name+" alertmanager", am.URL()+", ", heldWords(b, c.Name), c.AM.Status(b.At))
			add(c.Name+" silences", "", "silence", c.Silences.Status(b.At))
		}
	}
	for _, f := range b.Snapshot.Changes {
		st, where := f.Status(b.At), h.kubeWords(f.Source.Name)
		add("changes: "+strings.TrimSpace(f.Source.Name+" "+f.Source.Cluster), where, "change", st)
		if last := &out[len(out)-1]; st.Err != nil {
			last.Detail = where + last.Detail
		}
	}
	return out
}

// checkCatalog says what the catalog has, and line by line what is doubtful in
// it.
func (h *house) checkCatalog(b *triage.Board) []check {
	const part = "services"
	if h.catalog == nil {
		return []check{{part, "catalog", true, "none: owners are those of labels, and nobody is known to call anybody (docs/services.md)"}}
	}
	var out []check
	for _, f := range b.Snapshot.Services {
		if f.Err != nil {
			out = append(out, check{part, f.Source.Name, false, f.Err.Error()})
			continue
		}
		n := h.catalog.Counts()
		out = append(out, check{part, f.Source.Name, true, fmt.Sprintf("%s and %s in %s; %d with a team, %d with a runbook, %s",
			page.Counted(n.Services, "service"), page.Counted(n.Teams, "team"), page.Counted(n.Files, "file"), n.WithTeam, n.WithRunbook, page.Counted(n.Dependencies, "declared call"))})
		for _, note := range f.Notes {
			out = append(out, check{part, "doubtful", false, note.String()})
		}
	}
	return out
}

func (h *house) checkCheckouts(shelves []resolve.CheckoutStatus) []check {
	var out []check
	for _, s := range shelves {
		k := check{Part: "runbook checkouts", Name: s.Path, OK: s.Err == nil}
		if s.Err != nil {
			k.Detail = safe.Err(s.Err)
		} else {
			k.Detail = fmt.Sprintf("%d files for %s", s.Files, strings.Join(s.Answers, ", "))
			if s.Revision != "" {
				k.Detail += ", at " + s.Revision
			}
			if s.Note != "" {
				k.Detail += "; " + s.Note
			}
			if !s.Edited.IsZero() {
				k.Detail += ", newest commit " + page.Ago(h.now().Sub(s.Edited)) + " old"
			}
		}
		out = append(out, k)
	}
	if len(out) == 0 {
		out = append(out, check{"runbook checkouts", "none", false,
			"no runbook opens without the network: clone the repository and name it under runbooks.checkouts"})
	}
	return out
}

// checkAlerts counts what responders of the active alerts would miss.
func (h *house) checkAlerts(b *triage.Board) []check {
	count := func(match func(triage.Item) bool) int { return len(b.Items(match)) }
	total := count(func(triage.Item) bool { return true })
	if total == 0 {
		return nil
	}
	runbooks := count(func(it triage.Item) bool { return h.located(it).Found() })
	services := count(func(it triage.Item) bool { return !it.Service.Name.Empty() })
	owners := count(func(it triage.Item) bool { return !it.Owner.Name.Empty() })
	line := func(n int, name, remedy string) check {
		k := check{Part: "active alerts", Name: name, OK: n == total, Detail: fmt.Sprintf("%d of %d", n, total)}
		if n < total {
			k.Detail += "; " + remedy
		}
		return k
	}
	return []check{
		line(runbooks, "runbook opens from this machine", "firstpage runbook --where ALERT says what was tried"),
		line(services, "service known", "name the label that holds it under services.labels, or its values as aliases in a catalog (docs/services.md)"),
		line(owners, "owner known", "add the team to a catalog (services.catalog, docs/services.md) or a team label to the rule, or name yours under services.team_labels"),
	}
}

// checkTools looks for the programs that some functions need.
func (h *house) checkTools() []check {
	out := []check{}
	for _, t := range []struct{ name, need string }{
		{"git", "the commits behind a deploy, and when a runbook was last edited"},
	} {
		k := check{Part: "programs", Name: t.name, OK: onPath(t.name), Detail: "for " + t.need}
		if !k.OK {
			k.Detail = "not found; needed for " + t.need
		}
		out = append(out, k)
	}
	if h.editor() == nil {
		out = append(out, check{"programs", "editor", false, "set $EDITOR to edit runbooks from the screen"})
	}
	return out
}
