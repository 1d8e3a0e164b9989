package drill

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/drill/engine"
	"github.com/firstpage-oncall/firstpage/internal/safe"
)

//go:embed all:scenarios
var embedded embed.FS

// The files of a scenario's folder.
const (
	scenarioFile = "scenario.yaml"
	servicesFile = "services.yaml"
	rulesPattern = "rules*.yaml"
)

// maxFile bounds each file of a scenario, in bytes.
const maxFile = 4 << 20

// Names lists the scenarios that come with the program, sorted.
func Names() []string {
	entries, err := fs.ReadDir(embedded, "scenarios")
	if err != nil {
		return nil // a defect of the build; a test loads them all
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// Open loads a scenario by the name of a built-in one, or from a folder: a
// name with a slash, or of a folder that is there.
func Open(name string) (*Scenario, error) {
	if slices.Contains(Names(), name) {
		sub, err := fs.Sub(embedded, path.Join("scenarios", name))
		if err != nil {
			return nil, err
		}
		return Load(sub, name)
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		root, err := os.OpenRoot(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", safe.Text(name), err)
		}
		return Load(root.FS(), filepath.ToSlash(filepath.Clean(name)))
	case err == nil:
		return nil, fmt.Errorf("%s is a file, want the folder that holds its %s", safe.Text(name), scenarioFile)
	}
	return nil, fmt.Errorf("there is no scenario %q: built in are %s; else name a folder with a %s",
		safe.Text(name), strings.Join(Names(), ", "), scenarioFile)
}

// Load reads and checks a scenario. The error joins everything that is wrong,
// each with its file, line and column, and what to do. name is how messages
// call the folder.
func Load(files fs.FS, name string) (*Scenario, error) {
	body, err := read(files, scenarioFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Join(name, scenarioFile), err)
	}
	s := &Scenario{Cluster: "demo", Seed: 1, Files: files,
		Clock: Clock{History: Span(6 * time.Hour), Step: Span(5 * time.Second), Fine: Span(75 * time.Minute), Speed: 1}}
	c := &checker{file: path.Join(name, scenarioFile), s: s, actions: map[string]bool{}, commits: map[string]bool{}}
	if err := c.decode(body); err != nil {
		return nil, err
	}
	c.check()
	c.rules(files, name)
	if s.Services, err = read(files, servicesFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.errs = append(c.errs, fmt.Errorf("%s: %w", path.Join(name, servicesFile), err))
	}
	return s, errors.Join(c.errs...)
}

// rules reads every rules*.yaml. Their own faults come with line and column.
func (c *checker) rules(files fs.FS, name string) {
	names, err := fs.Glob(files, rulesPattern)
	if err != nil || len(names) == 0 {
		c.errs = append(c.errs, fmt.Errorf("%s: no %s: without rules nothing fires", name, rulesPattern))
		return
	}
	for _, n := range names {
		body, err := read(files, n)
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s: %w", path.Join(name, n), err))
			continue
		}
		c.s.Rules = append(c.s.Rules, engine.RuleFile{Name: path.Join(name, n), Data: body})
	}
	if _, err := engine.New(engine.Options{Rules: c.s.Rules}); err != nil {
		c.errs = append(c.errs, safe.Error(err))
	}
}

// read is a file of bounded size.
func read(files fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no such file: %w", fs.ErrNotExist)
	case err != nil:
		return nil, err
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%d bytes, more than %d", info.Size(), maxFile)
	}
	return fs.ReadFile(files, name)
}

// decode reads the YAML strictly: a key that is not known is a mistake.
func (c *checker) decode(body []byte) error {
	if err := yaml.Load(body, c.s, yaml.WithKnownFields()); err != nil {
		return c.wrongYAML(err)
	}
	var doc yaml.Node
	if err := yaml.Load(body, &doc); err != nil {
		return c.wrongYAML(err)
	}
	c.root = &doc
	if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
		c.root = doc.Content[0]
	}
	return nil
}

// unknownKey is how the library speaks of a key that the format has not.
var unknownKey = regexp.MustCompile(`^field (.*) not found in type`)

// wrongYAML gives each fault that the library found its place.
func (c *checker) wrongYAML(err error) error {
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	var list []*yaml.LoadError
	switch {
	case errors.As(err, &many):
		list = many.Errors
	case errors.As(err, &one):
		list = []*yaml.LoadError{one}
	default:
		return fmt.Errorf("%s: %s", c.file, safe.Err(err))
	}
	var out []error
	for _, e := range list {
		text := e.Message
		if m := unknownKey.FindStringSubmatch(text); m != nil {
			text = fmt.Sprintf("unknown key %q: docs/drills.md lists the keys", m[1])
		}
		out = append(out, fmt.Errorf("%s:%d:%d: %s", c.file, e.Mark.Line, e.Mark.Column, safe.Text(text)))
	}
	return errors.Join(out...)
}
