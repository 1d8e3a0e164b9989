package main

import (
	"fmt"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

func (c *cli) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check, print, find or trust the configuration, or print its schema",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("say what to do with it: check, print, path, schema or trust")
		},
	}
	cmd.AddCommand(
		&cobra.Command{Use: "check", Short: "Report every problem with its place and remedy", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return c.configCheck() }},
		&cobra.Command{Use: "print", Short: "Print the configuration in force, secrets masked", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return c.configPrint() }},
		&cobra.Command{Use: "path", Short: "Print where the configuration is, or would be", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return c.configPath() }},
		&cobra.Command{Use: "schema", Short: "Print the JSON Schema of the configuration, for editors", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return c.configSchema() }},
		c.trustCommand(),
	)
	return cmd
}

func (c *cli) configCheck() error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings {
		if _, err := fmt.Fprintln(c.err, "warning: "+w.String()); err != nil {
			return err
		}
	}
	what := "no configuration file; the defaults hold"
	if n := len(cfg.Files); n == 1 {
		what = cfg.Files[0] + " is fine"
	} else if n > 1 {
		what = fmt.Sprintf("%d files are fine", n)
	}
	_, err = fmt.Fprintln(c.out, what)
	return err
}

func (c *cli) configPrint() error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	return config.Print(c.out, cfg)
}

func (c *cli) configSchema() error {
	b, err := config.Schema(all.Kinds())
	if err != nil {
		return err
	}
	_, err = c.out.Write(b)
	return err
}

// configPath prints the files that are read, else where the first would be.
func (c *cli) configPath() error {
	paths := c.configPaths()
	if len(paths) == 0 {
		paths = []string{xdg.ConfigHome + "/firstpage/config.yaml"}
		if _, err := fmt.Fprintln(c.err, "no configuration file yet; it would be"); err != nil {
			return err
		}
	}
	for _, p := range paths {
		if _, err := fmt.Fprintln(c.out, p); err != nil {
			return err
		}
	}
	return nil
}
