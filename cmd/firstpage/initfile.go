package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/firstpage-oncall/firstpage/config"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources/all"
)

// text is the file: what is known, and comments that teach the next lines.
func (p plan) text(home string) string {
	var b strings.Builder
	b.WriteString(`# Read by firstpage when it starts. "firstpage config check" names every mistake
# with its line, "firstpage config print" shows all settings in force.

`)
	if p.include != "" {
		b.WriteString("# The part that your team shares. Its commands, and what it sends of yours, need\n" +
			"# your word once: firstpage config trust.\ninclude: [" + yamlPath(p.include, home) + "]\n\n")
	}
	if p.url != "" {
		b.WriteString("clusters:\n  - name: " + yamlText(p.name) + "\n    prometheus:\n      url: " + yamlText(strings.ReplaceAll(p.url, "${", "$${")) + `
      # http: takes what every Prometheus configuration takes: basic_auth,
      # authorization, oauth2, tls_config, http_headers, proxy_url. A secret stays in
      # a file of its own, or in a ${VARIABLE}:
      # http: {basic_auth: {username: ada, password_file: ~/.secrets/prometheus}}
      # token_command: [program, argument]   # prints a token that lives for minutes

`)
	}
	b.WriteString("# Local clones of the repositories that hold runbooks: they open at once, and\n" +
		"# offline. Which links they answer is guessed from the git remote, or named:\n" +
		"#   - {path: ~/src/site, url: \"https://runbooks.example.com/\"}\n")
	if len(p.runbooks) > 0 {
		b.WriteString("runbooks:\n  checkouts:\n")
		for _, r := range p.runbooks {
			b.WriteString("    - {path: " + yamlPath(r, home) + "}\n")
		}
	} else {
		b.WriteString("# runbooks:\n#   checkouts:\n#     - {path: ~/src/runbooks}\n")
	}
	b.WriteString(`
# Deploys are read from Prometheus itself. A pipeline can add what Prometheus does
# not know, a line of JSON for each change:
# changes:
#   - {kind: events, file: ~/src/deploys.ndjson}

# Labels that may name the service and its team, best first, and files that say who
# owns what and who calls whom:
# services:
#   labels: [service, app]
#   team_labels: [team, owner]
#   catalog: [~/src/oncall/services.yaml]
`)
	if p.include == "" {
		b.WriteString("\n# What your team shares can stand in a file of its repository:\n# include: [~/src/oncall/firstpage.yaml]\n")
	}
	return b.String()
}

// plainYAML are texts that YAML reads as themselves, in a flow too.
var plainYAML = regexp.MustCompile(`^(https?://[A-Za-z0-9._~/:%+-]*[A-Za-z0-9/]|(~/|/)[A-Za-z0-9._~/%+@-]+|[A-Za-z][A-Za-z0-9_.-]*)$`)

func yamlText(s string) string {
	word := slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(s))
	if plainYAML.MatchString(s) && !word {
		return s
	}
	return strconv.Quote(s)
}

// yamlPath is a path as a configuration has it: ~ for home, a dollar doubled.
func yamlPath(path, home string) string {
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok && home != "" {
		path = "~/" + filepath.ToSlash(rest)
	}
	return yamlText(strings.ReplaceAll(path, "$", "$$"))
}

// tryOut loads what would be written. Trust in an included file may be missing:
// that is asked when something starts.
func (c *cli) tryOut(body string) error {
	dir, err := os.MkdirTemp("", "firstpage-init-")
	if err != nil {
		return usage("nothing was written: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the system clears it away
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		return usage("nothing was written: %w", err)
	}
	cfg, err := config.Load([]string{file}, all.Kinds(), c.getenv, c.trusting())
	if err != nil && !cfg.OnlyPending() {
		return usage("nothing was written, because it would not load:\n%w", err)
	}
	for _, w := range cfg.Warnings {
		_, _ = fmt.Fprintln(c.err, "warning: "+w.String())
	}
	if n := len(cfg.Pending()); n > 0 {
		_, _ = fmt.Fprintf(c.err, "The included file wants to run or send something (%d): firstpage asks you before it starts, or type firstpage config trust\n", n)
	}
	return nil
}

// writeInit writes the file and says what to do next.
func (c *cli) writeInit(path, body string, force bool) error {
	kept, err := writeConfig(path, []byte(body), force)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usage("%s is there already and was left as it is; nothing was written", safe.Text(path))
	case err != nil:
		return usage("nothing was written: %w", err)
	}
	words := "Wrote " + shownPath(path) + "."
	if kept != "" {
		words += " What was there is " + shownPath(kept) + "."
	}
	named := ""
	if len(c.flags.config) > 0 {
		named = " --config " + shellWord(path)
	}
	_, err = fmt.Fprintf(c.err, "%s\nNext:\n  firstpage doctor%s   asks every source once and says what is missing\n  firstpage%s          the screen\n", words, named, named)
	return err
}

// writeConfig writes a file that is whole or not there (mode 0600). One that is
// there is an error that is fs.ErrExist, unless force moves it aside: then kept
// is where it is now. A link is followed, so that a file of dotfiles stays one.
func writeConfig(path string, body []byte, force bool) (kept string, err error) {
	if to, err := filepath.EvalSymlinks(path); err == nil && force {
		path = to
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, ".config.yaml.*") // mode 0600
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone when all went well
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return "", err
	}
	// A hard link fails when there is a file by now; a rename would replace it.
	err = os.Link(f.Name(), path)
	if errors.Is(err, fs.ErrExist) && force {
		if kept, err = moveAside(path); err == nil {
			err = os.Link(f.Name(), path)
		}
	}
	if _, serr := os.Lstat(path); err != nil && errors.Is(serr, fs.ErrNotExist) {
		err = os.Rename(f.Name(), path) // a file system without hard links
	}
	return kept, err
}

// moveAside renames a file to the first name with .bak that is free.
func moveAside(path string) (string, error) {
	for n := 1; n < 100; n++ {
		to := path + ".bak"
		if n > 1 {
			to += "." + strconv.Itoa(n)
		}
		err := os.Link(path, to)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		return to, os.Remove(path)
	}
	return "", errors.New("there are a hundred copies beside it already")
}
