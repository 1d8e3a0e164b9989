package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/tui/theme"
)

// The exit codes are a contract: scripts use them.
const (
	exitOK     = 0
	exitNo     = 1 // the answer is "no": a failed check, nothing found
	exitUsage  = 2 // usage or configuration
	exitSource = 3 // a source failed and the answer is incomplete
)

// exitError carries an exit code. An error without text was reported already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// needsAlert is the argument check of commands about one alert.
func needsAlert(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage("name an alert: its name, its fingerprint, a link, or the text of a page")
	}
	return nil
}

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// stdio is the three streams of a process.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// cli is one run of the program.
type cli struct {
	stdio
	terminal io.Writer // what stdout really is: a terminal has a size
	getenv   func(string) string
	now      func() time.Time
	loc      *time.Location
	flags    flags
	typed    string // the address that was typed on the first-run screen
	fleeting bool   // a demo: nothing that is kept from other runs is looked at, and nothing is kept
}

// flags are those that every command takes.
type flags struct {
	config       []string
	prometheus   string
	alertmanager string
	cluster      string
	readOnly     bool
	theme        string
}

// run is the program without the process: everything it uses of the outside
// comes as an argument. It returns the exit code.
func run(ctx context.Context, args []string, io stdio, getenv func(string) string) int {
	out := &output{Writer: io.out}
	c := &cli{stdio: stdio{io.in, out, io.err}, terminal: io.out, getenv: getenv, now: time.Now, loc: time.Local}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(io.in)
	root.SetOut(out)
	root.SetErr(io.err)
	err := root.ExecuteContext(ctx)
	if out.err != nil {
		_, _ = fmt.Fprintln(io.err, "firstpage: the output could not be written: "+safe.Err(out.err))
		return exitSource
	}
	if err == nil {
		return exitOK
	}
	code := exitUsage // what cobra itself reports is about usage
	var e *exitError
	if errors.As(err, &e) {
		code = e.code
	}
	if text := err.Error(); text != "" {
		for _, l := range strings.Split(text, "\n") {
			if !strings.HasPrefix(l, " ") { // a list goes on below its sentence
				l = "firstpage: " + l
			}
			_, _ = fmt.Fprintln(io.err, safe.Text(l))
		}
	}
	return code
}

func (c *cli) root() *cobra.Command {
	screen := &screenFlags{}
	root := &cobra.Command{
		Use:   "firstpage [ALERT]",
		Short: "The page that reaches you first, and the first page of its runbook",
		Long: `firstpage shows what is firing, opens the linked runbook beside it and says
what changed before it began, so that someone who has never been on call for a
service can act on its page.

ALERT is an alert's name or fingerprint, a Prometheus or Alertmanager link, or
the pasted text of a page.`,
		Args:          cobra.ArbitraryArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.screen(cmd.Context(), strings.Join(args, " "), screen)
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w\nsee: %s --help", err, cmd.CommandPath())
	})
	p := root.PersistentFlags()
	p.StringArrayVar(&c.flags.config, "config", nil, "configuration `file` (default: firstpage/config.yaml in the XDG configuration folders)")
	p.StringVar(&c.flags.prometheus, "prometheus", "", "`URL` of one Prometheus, in place of the configured ones (default: $PROMETHEUS_URL, else http://localhost:9090)")
	p.StringVar(&c.flags.alertmanager, "alertmanager", "", "`URL` of the Alertmanager, in place of the configured one")
	p.StringVar(&c.flags.cluster, "cluster", "", "use only the configured cluster of this `name`")
	p.BoolVar(&c.flags.readOnly, "read-only", false, "leave out everything that changes something outside")
	p.StringVar(&c.flags.theme, "theme", "", "`theme`: "+themeNames())
	root.Flags().StringVar(&screen.filter, "filter", "", "start with this filter: Alertmanager `matchers` and plain words")
	for _, add := range []func() *cobra.Command{c.alertsCommand, c.showCommand, c.runbookCommand, c.changesCommand, c.healthCommand, c.whoCommand, c.syncCommand, c.demoCommand,
		c.doctorCommand, c.initCommand, c.configCommand, c.manCommand, c.versionCommand} {
		root.AddCommand(add())
	}
	c.complete(root)
	return root
}

func themeNames() string {
	var out []string
	for _, n := range theme.Names() {
		out = append(out, string(n))
	}
	return strings.Join(out, ", ")
}

func (c *cli) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(c.out, "firstpage "+versionText())
			return err
		},
	}
}
