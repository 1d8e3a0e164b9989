package rulefile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/firstpage-oncall/firstpage/internal/glob"
	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

const (
	// maxFile bounds each file, bytes. All rules of GitLab are 1.5 MB.
	maxFile = 16 << 20
	// maxBytes bounds all files together.
	maxBytes = 256 << 20
)

// KindName is what errors and statuses call this source.
const KindName = "rulefile"

// Stdin is the pattern that stands for standard input.
const Stdin = "-"

// Rules are the alerting rules of files.
type Rules struct {
	Groups []sources.RuleGroup // in the order of the paths, then of the file
	Files  int                 // that were read and hold alerting rules
	// Unread are the files that speak of alerts and could not be read whole,
	// in the order of the paths. Groups has what stands before the fault.
	Unread []*sources.Error
}

// Read reads the files that the patterns name, each once. In a pattern `**` is
// any number of folders; a folder is every file below it that may hold rules;
// Stdin is what stdin gives. A pattern that names no file is an error, and so
// is one that cannot be understood. Files without alerting rules are passed
// over.
func Read(ctx context.Context, patterns []string, stdin io.Reader) (Rules, error) {
	var files []string
	named := map[string]bool{} // by itself, not by a pattern or its folder
	for _, p := range patterns {
		if p == Stdin {
			files = append(files, p)
			continue
		}
		var found []string
		err := errors.New("the pattern is empty")
		if p != "" {
			found, err = glob.Find(ctx, p, mayHoldRules)
		}
		if err == nil && len(found) == 0 {
			err = errors.New("no file matches")
		}
		if err != nil {
			return Rules{}, fmt.Errorf("%q: %w", p, err)
		}
		files = append(files, found...)
		named[p] = len(found) == 1 && found[0] == p
	}
	slices.Sort(files)
	var out Rules
	total := 0
	for _, f := range slices.Compact(files) {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		body, err := load(f, stdin)
		if total += len(body); err == nil && total > maxBytes {
			return out, fmt.Errorf("%s: %w", f, glob.ErrTooMany)
		}
		out.add(f, named[f], body, err)
	}
	return out, nil
}

// ruleNames are the ends of files that are looked into when a pattern asks for
// any file. jsonnet and templates are among them to be named, if they hold rules.
var ruleNames = []string{".yaml", ".yml", ".json", ".rules", ".rule", ".alerts", ".alert", ".tpl", ".gotmpl", ".j2", ".jsonnet", ".libsonnet"}

func mayHoldRules(name string) bool {
	return slices.Contains(ruleNames, strings.ToLower(filepath.Ext(name)))
}

// load reads one file, or standard input.
func load(name string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if name != Stdin {
		f, err := os.Open(name) //nolint:gosec // the user names it
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // only read
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(body) > maxFile {
		err = fmt.Errorf("larger than %d MiB", maxFile>>20)
	}
	return body, err
}

// add takes what a file holds. One that was named has to be readable, whatever
// it holds.
func (r *Rules) add(name string, named bool, body []byte, err error) {
	shown := name
	if name == Stdin {
		shown = "standard input"
	}
	var groups []sources.RuleGroup
	hint := ""
	if err == nil && (named || speaksOfAlerts(body)) { // else it is a file of something else
		groups, err = parse(shown, body)
		if err != nil || len(groups) == 0 && (jsonnet(name) || helmAction.Match(body)) {
			hint, err = cause(name, body, err)
		}
	}
	r.Groups = append(r.Groups, groups...)
	if len(groups) > 0 {
		r.Files++
	}
	if err == nil {
		return
	}
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	r.Unread = append(r.Unread, &sources.Error{Kind: sources.BadResponse, Source: sources.SourceID{Kind: KindName, Name: KindName},
		URL: shown, Detail: safe.Outside(err.Error()), Hint: hint, Err: err})
}

var (
	// alertKey is a rule's `alert:` in YAML, JSON, jsonnet and templates.
	alertKey = regexp.MustCompile(`(?m)(^|[\s{,"'])alert["']?\s*:`)
	// helmAction is what only a template of Helm has: Prometheus' own templates
	// know neither these words nor these objects.
	helmAction = regexp.MustCompile("{{-?\\s*(`|\"{{|(if|with|range|include|template|define|toYaml|tpl|end|fail|required|quote|default)\\b|[^}]*\\.(Values|Release|Chart|Capabilities|Files)\\b)")
	anyAction  = regexp.MustCompile(`{{-?`)
)

// speaksOfAlerts reports whether a text may hold alerting rules, whether it can
// be read or not. Most files in a repository do not, and need no reading.
func speaksOfAlerts(body []byte) bool { return alertKey.Match(body) }

func jsonnet(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".jsonnet" || ext == ".libsonnet"
}

// cause says what to do about a file that cannot be read, and why it cannot.
func cause(name string, body []byte, err error) (string, error) {
	switch {
	case jsonnet(name):
		return "jsonnet -S, or mixtool generate alerts; then --rules on what that writes", errors.New("it is jsonnet, which has to be rendered first")
	case helmAction.Match(body):
		return "helm template CHART | firstpage runbook check --rules -", errors.New("it is a Helm template, which has to be rendered first")
	case anyAction.Match(body):
		return "", fmt.Errorf("it is no YAML, perhaps a template that has to be rendered first: %s", brief(err))
	}
	return "", errors.New(brief(err))
}

// brief is a reader's error on one line without its library's name.
func brief(err error) string {
	if err == nil {
		return "no rules were found in it"
	}
	s := strings.TrimPrefix(err.Error(), "yaml: ")
	return strings.Join(strings.Fields(s), " ")
}
