package main

import (
	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

// complete tells the shell what may stand behind the flags. It reads the
// configuration at most: a key pressed in a shell asks no server.
func (c *cli) complete(root *cobra.Command) {
	// Alerts are known to servers only, services to the catalog; no argument is a file.
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	register := func(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
		// It fails for a flag that is not there or registered twice: a slip that
		// the test of completions finds.
		_ = cmd.RegisterFlagCompletionFunc(flag, f)
	}
	register(root, "theme", cobra.FixedCompletions(config.Themes(), cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder))
	register(root, "cluster", c.clusterNames)
	register(root, "config", cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt))
	var each func(*cobra.Command)
	each = func(cmd *cobra.Command) {
		for _, name := range []string{"output", "sort"} {
			if o := cmd.Flags().Lookup(name); o != nil {
				if f, ok := o.Value.(*format); ok {
					register(cmd, name, cobra.FixedCompletions(f.allowed, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder))
				}
			}
		}
		if cmd.Flags().Lookup("rules") != nil {
			register(cmd, "rules", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault))
		}
		for _, sub := range cmd.Commands() {
			each(sub)
		}
	}
	each(root)
}

// clusterNames are those of the configuration, even if it has mistakes.
func (c *cli) clusterNames(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	cfg, _ := config.Load(c.configPaths(), all.Kinds(), c.getenv)
	var names []cobra.Completion
	for _, cl := range cfg.Clusters {
		if cl.Origin == config.FromFile {
			names = append(names, cl.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
