package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/sources/all"
	"github.com/firstpage-oncall/firstpage/tui/keymap"
)

var updateDocs = flag.Bool("update-docs", false, "write the generated files in docs")

// generated are the files in docs that are made from the code.
var generated = map[string]func() (string, error){
	"configuration.md":    func() (string, error) { return config.Reference(all.Kinds()), nil },
	"config.example.yaml": func() (string, error) { return config.Example(all.Kinds()), nil },
	"config.schema.json": func() (string, error) {
		b, err := config.Schema(all.Kinds())
		return string(b), err
	},
	"keys.md": func() (string, error) { return keysDoc(keymap.Default()), nil },
	"cli.md":  func() (string, error) { return cliDoc((&cli{}).root()), nil },
}

// TestDocs compares the generated files with those in docs; with -update-docs
// it writes them.
func TestDocs(t *testing.T) {
	t.Parallel()
	for name, render := range generated {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := render()
			if err != nil {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(strings.TrimPrefix(want, "{\n"), "\n\n"); !strings.Contains(first, "make docs; do not edit") {
				t.Errorf("it does not say at the top that it is generated: %q", first)
			}
			path := filepath.Join(root(t), "docs", name)
			if *updateDocs {
				if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v: run make docs", err)
			}
			// A checkout on Windows may have other line ends.
			if diff := cmp.Diff(want, strings.ReplaceAll(string(got), "\r\n", "\n")); diff != "" {
				t.Errorf("docs/%s is not what the code says: run make docs\n%s", name, diff)
			}
		})
	}
}

// keysDoc is docs/keys.md: a table for each scope, in the order of the keymap.
func keysDoc(keys keymap.Table) string {
	var b strings.Builder
	b.WriteString(`<!-- Generated from tui/keymap by make docs; do not edit. -->

# Keys

` + "`?`" + ` shows this list on the screen, with the keys that mean something where you are.
A key means one thing in each of the places below.
`)
	var scopes []keymap.Scope
	rows := map[keymap.Scope]string{}
	for _, k := range keys {
		if rows[k.Scope] == "" {
			scopes = append(scopes, k.Scope)
		}
		var labels []string
		for _, key := range k.Keys {
			labels = append(labels, "`"+keymap.KeyLabel(key)+"`")
		}
		rows[k.Scope] += fmt.Sprintf("| %s | %s | `%s` |\n", strings.Join(labels, ", "), k.Help, k.Action)
	}
	for _, s := range scopes {
		fmt.Fprintf(&b, "\n## %s\n\n| keys | what they do | action |\n|---|---|---|\n%s", strings.ToUpper(string(s[:1]))+string(s[1:]), rows[s])
	}
	return b.String()
}

// cliDoc is docs/cli.md: what --help says of each command, the flags that all
// of them take only once.
func cliDoc(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(`<!-- Generated from cmd/firstpage by make docs; do not edit. -->

# Command line

Data goes to stdout, words to stderr. The exit code is 0 when all is well, 1 when the
answer is "no" (a failed check, nothing found), 2 for wrong usage or configuration, 3
when a source failed and the answer is incomplete. ` + "`firstpage man --dir DIR`" + ` writes
this as manual pages, ` + "`firstpage completion`" + ` prints what a shell needs to complete it.
`)
	root.InitDefaultCompletionCmd()
	var each func(*cobra.Command)
	each = func(cmd *cobra.Command) {
		cmd.InitDefaultHelpFlag()
		fmt.Fprintf(&b, "\n## %s\n\n", cmd.CommandPath())
		if cmd.Long == "" || strings.Contains(cmd.Long, "####") { // cobra's advice on shells is long
			fmt.Fprintf(&b, "%s.\n", cmd.Short)
		} else {
			fmt.Fprintf(&b, "%s\n", strings.TrimSpace(cmd.Long))
		}
		fmt.Fprintf(&b, "\n```\n%s\n", cmd.UseLine())
		for _, a := range cmd.Aliases {
			fmt.Fprintf(&b, "%s %s\n", cmd.Parent().CommandPath(), a)
		}
		fmt.Fprintf(&b, "\n%s```\n", cmd.LocalFlags().FlagUsages())
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
				each(sub)
			}
		}
	}
	each(root)
	return b.String()
}
