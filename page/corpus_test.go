package page

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
	"github.com/firstpage-oncall/firstpage/triage"
)

// corpusRules are the alerting rules of real rule sets.
func corpusRules(t testing.TB) []sources.Rule {
	t.Helper()
	type file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	var rules []sources.Rule
	root := filepath.Join("..", "testdata", "corpus", "rules")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(filepath.Ext(path), ".y") {
			return err
		}
		doc, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var f file
		if err := yaml.Unmarshal(doc, &f); err != nil {
			return err
		}
		for _, g := range f.Groups {
			for _, r := range g.Rules {
				if r.Alert == "" {
					continue
				}
				lasting, _ := time.ParseDuration(r.For)
				rules = append(rules, sources.Rule{Name: safe.Outside(r.Alert), Query: safe.Outside(r.Expr), For: lasting,
					Labels: sources.NewLabels(r.Labels), Annotations: sources.NewLabels(r.Annotations)})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) < 1000 {
		t.Fatalf("only %d rules in the corpus", len(rules))
	}
	return rules
}

var (
	labelTemplate = regexp.MustCompile(`\{\{-?\s*\$labels\.(\w+)\s*-?\}\}`)
	valueTemplate = regexp.MustCompile(`\{\{-?\s*(printf "[^"]*" )?\$value[^}]*\}\}`)
)

// fire makes an alert of a rule as the server would: simple templates filled
// in, the value a little beyond the limit.
func fire(r sources.Rule) sources.Alert {
	e := triage.Split(r.Query.Raw())
	v := 3.7
	if e.HasLimit {
		v = e.Limit*1.25 + 0.01
		if strings.HasPrefix(e.Op, "<") {
			v = e.Limit * 0.75
		}
	}
	labels := map[string]string{"alertname": r.Name.Raw(), "instance": "10.0.3.17:9100", "namespace": "shop", "job": "kube-state-metrics"}
	fill := func(s string) string {
		s = labelTemplate.ReplaceAllStringFunc(s, func(m string) string {
			name := labelTemplate.FindStringSubmatch(m)[1]
			if _, ok := labels[name]; !ok {
				labels[name] = name + "-1"
			}
			return labels[name]
		})
		return valueTemplate.ReplaceAllString(s, e.Unit.Format(v))
	}
	annotations := map[string]string{}
	for _, l := range r.Annotations {
		annotations[l.Name.Raw()] = fill(l.Value.Raw())
	}
	for _, l := range r.Labels {
		labels[l.Name.Raw()] = fill(l.Value.Raw())
	}
	a := firing("prod-eu", labels, annotations)
	a.Value = v
	return a
}

func corpusPages(t testing.TB) []Page {
	t.Helper()
	var pages []Page
	for _, r := range corpusRules(t) {
		s := sources.Snapshot{Clusters: []sources.Cluster{{Name: "prod-eu", Alerts: feed("prometheus", now, fire(r)),
			Rules: feed("rules", now, sources.RuleGroup{Rules: []sources.Rule{r}})}}}
		p, ok := Open(build(s, now), s.Clusters[0].Alerts.Items[0].ID, nil)
		if !ok {
			t.Fatalf("%s: not on the board", r.Name)
		}
		pages = append(pages, p)
	}
	return pages
}

func TestSentencesOfTheCorpus(t *testing.T) {
	t.Parallel()
	for i, p := range corpusPages(t) {
		s := p.Sentence(now, time.UTC)
		full := s.Full()
		if os.Getenv("SHOW") != "" && i%25 == 0 {
			t.Log(full)
			t.Log("     ", s.Line(80))
		}
		for _, bad := range []string{"{{", "NaN", "no value", "\n", ", ,", ": ,", "  ,"} {
			if strings.Contains(full, bad) {
				t.Errorf("%s: %q in %q", s.Name, bad, full)
			}
		}
		head := s.Severity + " " + s.Name
		for _, width := range []int{20, 33, 47, 60, 79, 80, 100, 120, 151, 200, 300} {
			line := s.Line(width)
			if got := ansi.StringWidth(line); got > width {
				t.Errorf("%s: %d cells of %d: %q", s.Name, got, width, line)
			}
			if ansi.StringWidth(head) <= width && !strings.HasPrefix(line, head) {
				t.Errorf("%s: %d cells without the name: %q", s.Name, width, line)
			}
		}
	}
}
