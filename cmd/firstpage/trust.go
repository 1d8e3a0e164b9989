package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/state"
)

// untrusted is the error of a configuration whose included files want more
// than they are trusted with.
type untrusted struct {
	cfg *config.Config
	err error
	do  string // the command that asks
}

func (e *untrusted) Error() string {
	return e.err.Error() + "\nnothing ran and nothing was sent; to see it whole and decide, type: " + e.do
}

func (e *untrusted) Unwrap() error { return e.err }

// trustCommandLine is what to type to be asked.
func (c *cli) trustCommandLine() string {
	s := "firstpage config trust"
	for _, f := range c.flags.config {
		s += " --config " + shellWord(f)
	}
	return s
}

// shortHash is how much of a hash is shown and must be typed, in characters:
// enough that nobody can make another entry with the same beginning.
const shortHash = 16

// trustStore opens the user's store; that makes the state folder.
func trustStore() (config.TrustStore, error) {
	dir, err := state.Open(filepath.Join(xdg.StateHome, "firstpage"))
	return config.NewTrustStore(dir), err
}

// trusting reads the store when the first included file asks for something.
func (c *cli) trusting() config.Option {
	var known map[string]bool
	return config.Trusting(func(hash string) bool {
		if known == nil {
			known = map[string]bool{}
			s, err := trustStore()
			var list []config.Trust
			if err == nil {
				list, err = s.List()
			}
			if err != nil {
				_, _ = fmt.Fprintln(c.err, "firstpage: what is trusted cannot be read: "+safe.Err(err))
			}
			for _, t := range list {
				known[t.Hash] = true
			}
		}
		return known[hash]
	})
}

// describe writes a grant out, exactly and one argument a line.
func describe(g config.Grant, n, of int) string {
	var b strings.Builder
	line := func(head, text string) { fmt.Fprintf(&b, "     %-8s %s\n", head, safe.Text(text)) }
	head, verb := "RUN A PROGRAM", "runs"
	if g.Argv == nil {
		head, verb = "SEND A SECRET OF YOURS", "sends"
	}
	fmt.Fprintf(&b, "  %d of %d  %s\n", n, of, head)
	line("wanted", "by "+g.Place.String())
	line("for", g.Key)
	if g.Why != "" {
		line("", g.Why)
	}
	for i, a := range g.Shown() {
		if i > 0 {
			verb = ""
		}
		line(verb, shellWord(a))
	}
	for i, s := range g.Sends {
		if i > 0 {
			verb = ""
		}
		line(verb, s)
	}
	for i, to := range g.To {
		h := ""
		if i == 0 {
			h = "goes to"
		}
		line(h, to)
	}
	line("hash", g.Hash[:shortHash])
	return b.String()
}

const trustCovers = `  Trust is in exactly this: when the arguments, the program's file, the addresses
  or other settings of the entry change, you are asked again. It does not watch
  what a program reads, such as a script that is one of its arguments.
`

// describeAll writes all of them out, with what trust means.
func describeAll(gs []config.Grant) string {
	var b strings.Builder
	b.WriteString("Files that your configuration includes want what they get only if you trust them.\nNothing ran and nothing was sent yet.\n\n")
	for i, g := range gs {
		b.WriteString(describe(g, i+1, len(gs)) + "\n")
	}
	b.WriteString(trustCovers + "\n")
	return b.String()
}

// askTrust shows what is wanted, asks, and keeps what is granted. Enter is no.
// The error of a refusal says what to do.
func (c *cli) askTrust(ctx context.Context, gs []config.Grant) error {
	question := "Trust it?  y yes   Enter no: "
	if len(gs) > 1 {
		question = fmt.Sprintf("Trust all %d?  y yes   o one by one   Enter no: ", len(gs))
	}
	answer, err := c.ask(ctx, describeAll(gs)+question)
	if err != nil {
		return err
	}
	var granted []config.Grant
	switch strings.ToLower(answer) {
	case "y", "yes":
		granted = gs
	case "o", "one":
		if len(gs) == 1 {
			break
		}
		for i, g := range gs {
			answer, err := c.ask(ctx, "\n"+describe(g, i+1, len(gs))+"Trust this one?  y yes   Enter no: ")
			if err != nil {
				return err
			}
			if a := strings.ToLower(answer); a == "y" || a == "yes" {
				granted = append(granted, g)
			}
		}
	}
	if err := c.grant(ctx, granted); err != nil {
		return err
	}
	if n := len(gs) - len(granted); n > 0 {
		return usage("%d of %d not trusted: nothing of it ran or was sent. Take the entry out of its file or the file out of include, or decide again: %s",
			n, len(gs), c.trustCommandLine())
	}
	return nil
}

func (c *cli) ask(ctx context.Context, question string) (string, error) {
	if _, err := fmt.Fprint(c.err, question); err != nil {
		return "", err
	}
	return c.readLine(ctx)
}

func (c *cli) grant(ctx context.Context, gs []config.Grant) error {
	if len(gs) == 0 {
		return nil
	}
	s, err := trustStore()
	if err == nil {
		err = s.Add(ctx, c.now(), gs...)
	}
	if err != nil {
		return usage("the trust cannot be kept: %w", err)
	}
	return nil
}

type trustFlags struct {
	yes, forget []string
	list        bool
}

func (c *cli) trustCommand() *cobra.Command {
	f := &trustFlags{}
	cmd := &cobra.Command{
		Use:   "trust",
		Short: "Show what included files want to run or send, and ask",
		Long: `A file that your configuration includes may hold commands, and may want to send
a ${VARIABLE} or a file with a secret to an address. It gets neither before you
have seen and allowed it, once. This shows what waits and asks.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.configTrust(cmd.Context(), f) },
	}
	cmd.Flags().StringArrayVar(&f.yes, "yes", nil, "without a question: trust what waits and has a hash that begins with this `HASH`")
	cmd.Flags().BoolVar(&f.list, "list", false, "list what is trusted")
	cmd.Flags().StringArrayVar(&f.forget, "forget", nil, "no longer trust what has a hash that begins with this `HASH`")
	cmd.MarkFlagsMutuallyExclusive("yes", "list", "forget")
	return cmd
}

func (c *cli) configTrust(ctx context.Context, f *trustFlags) error {
	for _, p := range slices.Concat(f.yes, f.forget) {
		if len(p) < shortHash || strings.Trim(p, "0123456789abcdef") != "" {
			return usage("%q is not the beginning of a hash: at least %d of 0-9 a-f, as shown", p, shortHash)
		}
	}
	switch {
	case f.list:
		return c.listTrust()
	case len(f.forget) > 0:
		return c.forgetTrust(ctx, f.forget)
	}
	cfg, err := c.load()
	if err != nil && (cfg == nil || !cfg.OnlyPending()) {
		return err
	}
	gs := cfg.Pending()
	switch {
	case len(f.yes) > 0:
		return c.trustThese(ctx, gs, f.yes)
	case len(gs) == 0:
		_, err := fmt.Fprintln(c.err, "nothing waits for trust")
		return err
	case !c.canAsk():
		do := c.trustCommandLine()
		for _, g := range gs {
			do += " --yes " + g.Hash[:shortHash]
		}
		if _, err := fmt.Fprint(c.err, describeAll(gs)); err != nil {
			return err
		}
		return usage("there is no terminal to ask on; if you trust it, type: %s", do)
	}
	if err := c.askTrust(ctx, gs); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.err, "trusted: %d\n", len(gs))
	return err
}

// trustThese grants what waits under the named hashes; each must name one.
func (c *cli) trustThese(ctx context.Context, gs []config.Grant, prefixes []string) error {
	var granted []config.Grant
	for _, p := range prefixes {
		before := len(granted)
		for _, g := range gs {
			if strings.HasPrefix(g.Hash, p) {
				granted = append(granted, g)
			}
		}
		if len(granted) == before {
			return usage("nothing that waits has a hash that begins with %s; see: %s", p, c.trustCommandLine())
		}
	}
	if err := c.grant(ctx, granted); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.err, "trusted: %d\n", len(granted))
	return err
}

func (c *cli) listTrust() error {
	s, err := trustStore()
	if err != nil {
		return usage("%w", err)
	}
	list, err := s.List()
	if err != nil {
		return usage("%w", err)
	}
	var rows [][]string
	for _, t := range list {
		rows = append(rows, []string{t.Hash[:min(len(t.Hash), shortHash)], t.At.In(c.loc).Format(time.DateOnly), safe.Text(t.File), safe.Text(t.What)})
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(c.err, "nothing is trusted")
		return err
	}
	return table(c.out, []string{"HASH", "SINCE", "WANTED BY", "WHAT"}, rows)
}

func (c *cli) forgetTrust(ctx context.Context, prefixes []string) error {
	s, err := trustStore()
	if err != nil {
		return usage("%w", err)
	}
	gone, err := s.Forget(ctx, prefixes...)
	if err != nil {
		return usage("%w", err)
	}
	if len(gone) == 0 {
		return &exitError{exitNo, fmt.Errorf("nothing trusted has such a hash; firstpage config trust --list shows all")}
	}
	_, err = fmt.Fprintf(c.err, "forgotten: %d\n", len(gone))
	return err
}
