package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func (c *cli) manCommand() *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use:   "man",
		Short: "Print the manual page, or write one for each command",
		Long: `man prints the manual page of firstpage to stdout, or with --dir writes one page
for each command:

	firstpage man | man -l -
	firstpage man --dir ~/.local/share/man/man1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" && !cmd.Flags().Changed("dir") {
				page, err := manPage(cmd.Root())
				if err != nil {
					return err
				}
				_, err = c.out.Write(page)
				return err
			}
			if dir == "" {
				return usage("--dir: name a directory")
			}
			return writeMan(cmd.Root(), dir)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "write a page for each command into this `directory`, which is made if need be")
	_ = cmd.MarkFlagDirname("dir") // fails only for a flag that is not there
	return cmd
}

// writeMan writes the page of a command and of those below it.
func writeMan(cmd *cobra.Command, dir string) error {
	failed := func(err error) error {
		return &exitError{exitSource, fmt.Errorf("the manual could not be written: %w", err)}
	}
	page, err := manPage(cmd)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return failed(err)
	}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	if err := os.WriteFile(filepath.Join(dir, name), page, 0o644); err != nil {
		return failed(err)
	}
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := writeMan(sub, dir); err != nil {
			return err
		}
	}
	return nil
}

// manPage is the page of one command. It bears the version and no date, so
// that the same program writes the same page on any day.
func manPage(cmd *cobra.Command) ([]byte, error) {
	cmd.DisableAutoGenTag = true // it holds today's date
	var b bytes.Buffer
	h := &doc.GenManHeader{Section: "1", Date: &time.Time{}, Source: "firstpage " + versionText(), Manual: "firstpage"}
	if err := doc.GenMan(cmd, h, &b); err != nil {
		return nil, fmt.Errorf("writing the manual of %s: %w", cmd.CommandPath(), err)
	}
	page := bytes.Replace(b.Bytes(), []byte(`"Jan 0001"`), []byte(`""`), 1)
	if !cmd.HasParent() {
		page = append(page, manTail...)
	}
	return page, nil
}

// manTail is what a reader of section 1 looks for and a command does not say
// of itself.
const manTail = `
.SH EXIT STATUS
.TP
\fB0\fP
It is as it should be.
.TP
\fB1\fP
The answer is no: a check failed, nothing was found.
.TP
\fB2\fP
Wrong usage, or a mistake in the configuration.
.TP
\fB3\fP
A source failed, and the answer is incomplete.

.SH ENVIRONMENT
.TP
\fBPROMETHEUS_URL\fP
The Prometheus to ask when no configuration and no flag names one.
.TP
\fBNO_COLOR\fP
When set, no colours.

.SH FILES
.TP
\fI$XDG_CONFIG_HOME/firstpage/config.yaml\fP
The configuration; \fBfirstpage config path\fP prints where it is.
.TP
\fI$XDG_STATE_HOME/firstpage/hosts.json\fP
The hosts from which runbooks may be fetched; removed, each is asked about again.
.TP
\fI$XDG_CACHE_HOME/firstpage/runbooks/\fP
Copies of fetched runbooks, at most 128 MiB; it may be removed at any time.
`
