package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/readiness"
	"github.com/firstpage-oncall/firstpage/runbook"
	"github.com/firstpage-oncall/firstpage/runbook/resolve"
)

type checkFlags struct {
	rules       *[]string
	requireLink bool
	format      format
}

func (c *cli) runbookCheckCommand() *cobra.Command {
	f := &checkFlags{format: format{"table", []string{"table", "json"}}}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say of every alerting rule's runbook link how it resolves",
		Long: `Says of every alerting rule's runbook link how it resolves: over rule files, or
over the rules that the configured Prometheus have.

The exit code is 1 when a link does not lead where it says: its file or heading is
gone, no checkout answers to it, or the page could not be fetched (only tried with
runbooks.fetch: always). That holds even where the alert's name leads to a text. A
rule without a link is listed and fails with --require-link only; one whose link is
a template is listed and never fails. 3: a rule file or a Prometheus could not be
read. An alert that is itself called check is opened by its fingerprint.`,
		Example: `  firstpage runbook check --rules 'rules/**/*.yaml'
  helm template CHART | firstpage runbook check --rules -`,
		Args: noRulesArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.runbookCheck(cmd.Context(), f)
		},
	}
	f.rules = rulesFlag(cmd)
	cmd.Flags().BoolVar(&f.requireLink, "require-link", false, "fail for a rule without a link too")
	cmd.Flags().VarP(&f.format, "output", "o", "table or json")
	return cmd
}

func (c *cli) runbookCheck(ctx context.Context, f *checkFlags) error {
	h, err := c.open()
	if err != nil {
		return err
	}
	sets, sts, err := h.ruleSets(ctx, *f.rules)
	if err != nil {
		return err
	}
	fates, err := h.fates(ctx, readiness.Links(sets, h.prefs.RunbookKeys))
	switch {
	case err != nil:
		return err
	case f.format.value == "json":
		err = c.writeJSON(h.now(), sts, "links", linksJSON(fates))
	case len(fates) == 0:
		return noRules(sts, *f.rules)
	default:
		err = c.checkTable(fates)
	}
	if err != nil {
		return err
	}
	if err := incomplete(sts); err != nil {
		return err
	}
	if len(fates) == 0 || slices.ContainsFunc(fates, func(x readiness.Fate) bool { return x.Broken() || f.requireLink && x.Unlinked() }) {
		return &exitError{exitNo, nil}
	}
	return nil
}

// fetches is how many pages are asked for at a time.
const fetches = 8

// fates says of each link how it resolves.
func (h *house) fates(ctx context.Context, links []readiness.Link) ([]readiness.Fate, error) {
	out := make([]readiness.Fate, len(links))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fetches)
	for i, l := range links {
		g.Go(func() (err error) {
			out[i], err = h.fate(ctx, l)
			return err
		})
	}
	return out, g.Wait()
}

// fate is how one link resolves: by what is on this machine and, where the
// configuration allows every page, by asking for it.
func (h *house) fate(ctx context.Context, l readiness.Link) (readiness.Fate, error) {
	at := h.resolver.Locate(l.Ref)
	f := readiness.Fate{Link: l, Reason: at.Reason, Itself: at.Link, Via: at.Via, Path: at.Path, Line: at.Line,
		Heading: at.Heading, Slug: at.Slug, Also: at.Also, Tried: tried(at.Trail)}
	if resolve.Policy(h.cfg.Runbooks.Fetch) != resolve.Always || l.Ref.State != runbook.LinkOK || at.Via == runbook.ViaCheckout {
		return f, nil
	}
	doc, trail, err := h.resolver.Fetch(ctx, l.Ref)
	var none *runbook.NotFoundError
	switch {
	case errors.As(err, &none):
		f.Itself = none.Reason
		if fetchFailed(trail) {
			f.Itself = runbook.FetchFailed
		}
		f.Reason, f.Tried = f.Itself, tried(trail)
		return f, nil
	case err != nil:
		return f, err
	}
	if fetchFailed(trail) {
		f.Itself = runbook.FetchFailed
	}
	if doc.Where.Via == runbook.ViaName {
		f.Tried = tried(trail)
		return f, nil // Locate has it
	}
	pos := l.Place(doc)
	f.Via, f.Path, f.Line, f.Heading, f.Slug = doc.Where.Via, doc.Where.Path, pos.Line, pos.Heading, pos.Slug
	if f.Path == "" {
		f.Path = doc.Where.URL
	}
	switch {
	case f.Itself == runbook.FetchFailed: // an older copy is shown; the link is dead
	case pos.Missed:
		f.Itself = runbook.NoHeading
	default:
		f.Itself = runbook.OK
	}
	f.Reason = f.Itself
	return f, nil
}

// fetchFailed reports whether a page was asked for in vain.
func fetchFailed(trail runbook.Trail) bool {
	return slices.ContainsFunc(trail, func(r runbook.Rung) bool {
		return r.Name == string(runbook.ViaNetwork) && !r.Found && !strings.HasPrefix(r.Result, "not asked")
	})
}

// tried is what the last rung before the alert's name looked for in vain.
func tried(trail runbook.Trail) string {
	text := ""
	for _, r := range trail {
		if !r.Found && (r.Name == "checkout" || r.Name == "network" && !strings.HasPrefix(r.Result, "not asked")) {
			text = r.Result
		}
	}
	return text
}

// linkJSON is one row of `links`: a contract.
type linkJSON struct {
	Alert      safe.Value     `json:"alert"`
	Link       safe.Value     `json:"link"`
	Found      bool           `json:"found"`
	Via        runbook.Via    `json:"via"`
	Path       string         `json:"path"`
	Heading    string         `json:"heading"`
	Line       int            `json:"line"`
	Reason     runbook.Reason `json:"reason"`
	LinkReason runbook.Reason `json:"link_reason"` // reason, or behind by_name why the link led nowhere
	Broken     bool           `json:"broken"`
	Slug       string         `json:"slug"`
	File       safe.Value     `json:"file"` // of the first rule that has it
	RuleLine   int            `json:"rule_line"`
	Rules      []ruleJSON     `json:"rules"`
	Also       []string       `json:"also"`
}

type ruleJSON struct {
	Cluster string     `json:"cluster"`
	File    safe.Value `json:"file"`
	Line    int        `json:"line"`
}

func linksJSON(fates []readiness.Fate) []linkJSON {
	out := make([]linkJSON, 0, len(fates))
	for _, f := range fates {
		j := linkJSON{Alert: f.Ref.Alert, Link: f.Written, Found: f.Found(), Via: f.Via, Path: safe.Text(f.Path), Heading: f.Heading, Line: f.Line,
			Reason: f.Reason, LinkReason: f.Itself, Broken: f.Broken(), Slug: f.Slug, File: f.At[0].File, RuleLine: f.At[0].Line, Also: []string{}}
		for _, at := range f.At {
			j.Rules = append(j.Rules, ruleJSON{at.Cluster, at.File, at.Line})
		}
		for _, p := range f.Also {
			j.Also = append(j.Also, safe.Text(p))
		}
		out = append(out, j)
	}
	return out
}

// ruleAt is where a rule stands, for people.
func ruleAt(at readiness.At) string {
	text := shownPath(here(at.File.String()))
	if at.Line > 0 {
		text += fmt.Sprintf(":%d", at.Line)
	}
	if at.Cluster != "" {
		text = at.Cluster + " " + text
	}
	return text
}
