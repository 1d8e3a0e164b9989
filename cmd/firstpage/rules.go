package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/readiness"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/sources/rulefile"
)

// rulesFlag is --rules, for the commands that read rules from files as well as
// from Prometheus.
func rulesFlag(cmd *cobra.Command) *[]string {
	globs := new([]string)
	cmd.Flags().StringArrayVar(globs, "rules", nil,
		"rule files in place of the configured Prometheus: a `GLOB` in quotes (** is any number of folders), a folder, or - for standard input; may be given again")
	return globs
}

// noRulesArgs refuses arguments: an unquoted pattern was filled in by the shell.
func noRulesArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.Flags().Changed("rules") {
		return usage("%q stands behind --rules: put the pattern in quotes, --rules 'rules/**/*.yaml'", args[0])
	}
	return usage("%s takes no argument: name rule files by --rules", cmd.CommandPath())
}

// ruleSets reads the alerting rules: of files when patterns are given, else of
// every configured Prometheus. The statuses say what could not be read; the
// error is that of somebody's typing.
func (h *house) ruleSets(ctx context.Context, globs []string) ([]readiness.Rules, []sources.Status, error) {
	if len(globs) == 0 {
		b, err := h.board(ctx, needs{rules: true})
		if err != nil {
			return nil, nil, err
		}
		var out []readiness.Rules
		for _, cl := range b.Snapshot.Clusters {
			out = append(out, readiness.Rules{Cluster: cl.Name, Groups: cl.Rules.Items})
		}
		return out, b.Snapshot.Statuses(b.At), nil
	}
	files, err := rulefile.Read(ctx, globs, h.in)
	if err != nil {
		return nil, nil, usage("--rules %w", err)
	}
	return []readiness.Rules{{Groups: files.Groups}}, h.fileStatuses(globs, files), nil
}

// fileStatuses are the sources of rules read from files: the patterns, and each
// file that could not be read.
func (h *house) fileStatuses(globs []string, files rulefile.Rules) []sources.Status {
	at := h.now()
	out := []sources.Status{{Source: sources.SourceID{Kind: rulefile.KindName, Name: strings.Join(globs, " ")}, What: "rules",
		AsOf: at, Tried: at, Count: len(files.Groups), Live: true}}
	for _, e := range files.Unread {
		out = append(out, sources.Status{Source: sources.SourceID{Kind: rulefile.KindName, Name: e.URL}, What: "rules", Tried: at, Err: e})
	}
	return out
}

// noRules says that there is nothing to look at, when that is known.
func noRules(sts []sources.Status, globs []string) error {
	err := incomplete(sts)
	switch {
	case err == nil && len(globs) > 0:
		return &exitError{exitNo, fmt.Errorf("no alerting rule in %s", strings.Join(globs, " "))}
	case err == nil:
		return &exitError{exitNo, fmt.Errorf("the configured Prometheus has no alerting rule; --rules reads them from files")}
	case len(globs) == 0:
		return &exitError{exitSource, fmt.Errorf("%w\n  --rules GLOB reads rules from files instead", err)}
	}
	return err
}
