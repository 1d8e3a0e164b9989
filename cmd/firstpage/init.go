package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

// initFlags answer what init would ask.
type initFlags struct {
	name, include      string
	runbooks           []string
	yes, force, dryRun bool
}

func (c *cli) initCommand() *cobra.Command {
	f := &initFlags{}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Look for Prometheus and runbooks near here, ask, and write a configuration",
		Long: `init looks for a Prometheus (--prometheus, $PROMETHEUS_URL, localhost:9090) and,
among the repositories beside this folder, for those that hold your runbooks. It
says what it found, asks, and writes one file with comments. It never overwrites
one (--force keeps the old one as .bak) and never writes a secret.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.runInit(cmd.Context(), f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.name, "name", "", "`name` of the cluster, on screen and in output")
	fl.StringArrayVar(&f.runbooks, "runbooks", nil, "local `folder` that holds runbooks, instead of looking for some (may be given again)")
	fl.StringVar(&f.include, "include", "", "your team's configuration `file`, to be included")
	fl.BoolVar(&f.yes, "yes", false, "ask nothing: take what was found")
	fl.BoolVar(&f.force, "force", false, "replace a file that is there; it is kept as .bak")
	fl.BoolVar(&f.dryRun, "dry-run", false, "print the file to standard output and write nothing")
	fl.BoolVar(&f.dryRun, "print", false, "the same as --dry-run")
	return cmd
}

// plan is what the file will say.
type plan struct {
	name, url string   // empty: the included file names the clusters
	include   string   // absolute; empty: none
	runbooks  []string // absolute
}

// initPath is the file that init writes.
func (c *cli) initPath() (string, error) {
	switch len(c.flags.config) {
	case 0:
		return filepath.Join(xdg.ConfigHome, "firstpage", "config.yaml"), nil
	case 1:
		if c.flags.config[0] != "" {
			return filepath.Abs(c.flags.config[0])
		}
	}
	return "", usage("--config: name one file to write")
}

func (c *cli) runInit(ctx context.Context, f *initFlags) error {
	path, err := c.initPath()
	if err != nil {
		return err
	}
	if err := c.mayWrite(path, f); err != nil {
		return err
	}
	var p plan
	if f.include != "" {
		if p.include, err = includable(f.include); err != nil {
			return err
		}
	}
	for _, r := range f.runbooks {
		dir, err := runbookFolder(r)
		if err != nil {
			return err
		}
		p.runbooks = append(p.runbooks, dir)
	}
	ask := c.asker(f.yes)
	if err := c.planCluster(ctx, ask, f, &p); err != nil {
		return err
	}
	body := p.text(xdg.Home)
	if err := c.tryOut(body); err != nil {
		return err
	}
	if f.dryRun {
		_, err := fmt.Fprint(c.out, body)
		return err
	}
	if ok, err := ask.yes(ctx, "Write "+shownPath(path)+"?", true); err != nil || !ok {
		if err == nil {
			err = &exitError{exitNo, errors.New("nothing was written")}
		}
		return err
	}
	return c.writeInit(path, body, f.force)
}

// planCluster finds the Prometheus, then the rules' runbooks, and asks about
// both.
func (c *cli) planCluster(ctx context.Context, ask asker, f *initFlags, p *plan) error {
	given := c.flags.prometheus
	if given != "" {
		if err := writable(given); err != nil {
			return err
		}
	}
	var found []probe
	if p.include == "" || given != "" || !c.namesClusters(p.include) {
		found = c.probeAll(ctx)
		chosen, err := c.chooseCluster(ctx, ask, found, given)
		if err != nil {
			return err
		}
		p.url, p.name = chosen.url, f.name
		if p.name == "" {
			p.name, err = ask.text(ctx, "A name for it, on screen and in output", clusterName(p.url), checkName)
			if err != nil {
				return err
			}
		}
		if err := checkName(p.name); err != nil {
			return usage("--name: %w", err)
		}
		found = []probe{chosen}
	}
	if len(f.runbooks) == 0 {
		var rules probe
		if len(found) > 0 {
			rules = found[0]
		}
		books, err := c.chooseRunbooks(ctx, ask, rules)
		if err != nil {
			return err
		}
		p.runbooks = books
	}
	if p.include == "" && f.include == "" {
		file, err := ask.text(ctx, "Your team's configuration file, to be included (Enter: none)", "", func(s string) error {
			if s == "" {
				return nil
			}
			_, err := includable(s)
			return err
		})
		if err != nil {
			return err
		}
		if file != "" {
			p.include, err = includable(file)
			return err
		}
	}
	return nil
}

// mayWrite refuses a file that is there, before anything is asked.
func (c *cli) mayWrite(path string, f *initFlags) error {
	if f.dryRun || f.force {
		return nil
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return usage("%s is there already and was left as it is; nothing was written\n"+
			"  firstpage init --dry-run prints what init would write; --force replaces the file and keeps it as .bak", safe.Text(path))
	}
	return nil
}

// namesClusters reports whether a file brings clusters of its own.
func (c *cli) namesClusters(path string) bool {
	cfg, _ := config.Load([]string{path}, all.Kinds(), c.getenv) // problems are reported when the whole is tried out
	return len(cfg.Clusters) > 0 && cfg.Clusters[0].Origin == config.FromFile
}

// writable refuses an address that cannot be written into a file.
func writable(address string) error {
	if p := config.CheckServer(address); p != nil {
		return usage("--prometheus: %w", p)
	}
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return usage("the address holds a name or password, which init does not write: give the address alone, " +
			"then add http: {basic_auth: {username: ..., password_file: ...}} below it")
	}
	return nil
}

func checkName(s string) error {
	if s == "" || safe.Text(s) != s || strings.TrimSpace(s) != s {
		return errors.New("a name, without blanks around it or control characters")
	}
	return nil
}

// includable is the absolute path of a file that may be included.
func includable(path string) (string, error) {
	abs, err := expandPath(path)
	if err != nil {
		return "", err
	}
	st, err := os.Stat(abs)
	switch {
	case err != nil:
		return "", usage("%s: there is no such file", safe.Text(path))
	case st.IsDir():
		for _, name := range teamFiles {
			if in, err := os.Stat(filepath.Join(abs, name)); err == nil && in.Mode().IsRegular() {
				return filepath.Join(abs, name), nil
			}
		}
		return "", usage("%s is a folder and holds no %s: name the file", safe.Text(path), strings.Join(teamFiles, " or "))
	case !st.Mode().IsRegular():
		return "", usage("%s is not a file", safe.Text(path))
	}
	return abs, nil
}

// teamFiles are what a team calls the file that is included, in its repository.
var teamFiles = []string{"firstpage.yaml", "config.yaml"}

func runbookFolder(path string) (string, error) {
	abs, err := expandPath(path)
	if err != nil {
		return "", err
	}
	if st, err := os.Stat(abs); err != nil || !st.IsDir() {
		return "", usage("%s: there is no such folder", safe.Text(path))
	}
	return abs, nil
}

// expandPath makes a typed path absolute; a shell did not see its ~.
func expandPath(path string) (string, error) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok || path == "~" {
		path = filepath.Join(xdg.Home, rest)
	}
	if path == "" {
		return "", usage("name a path")
	}
	return filepath.Abs(path)
}

// shownPath is a path with ~ for the user's home.
func shownPath(path string) string {
	if rest, ok := strings.CutPrefix(path, xdg.Home+string(filepath.Separator)); ok && xdg.Home != "" {
		path = "~/" + rest
	}
	return safe.Text(path)
}
