package triage

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/sources"
)

// explained is what the pane says of a rule with a value.
func explained(query string, value float64, tense Tense, known Recordings) string {
	rule := sources.Rule{Query: safe.Outside(query), For: 3 * time.Minute}
	w := Explain(Item{Alert: sources.Alert{Value: value}, Rule: &rule, Recordings: known})
	return w.Words(tense, "")
}

// TestWhyOfTheCorpus says something of every rule of the corpus, in every
// tense, and quotes whole what it cannot say in words.
func TestWhyOfTheCorpus(t *testing.T) {
	t.Parallel()
	groups := corpusRecordings(t)
	known := newRecordings(groups)
	queries := corpusQueries(t)
	for _, g := range groups {
		for _, r := range g.Recorded {
			queries = append(queries, r.Query.Raw())
		}
	}
	quoted := 0
	for _, q := range queries {
		for _, tense := range []Tense{TenseFiring, TensePending, TenseOver} {
			text := explained(q, 12.4, tense, known)
			if !strings.Contains(text, ".") || strings.Contains(text, "%!") || strings.Contains(text, "NaN") || len(text) < 20 {
				t.Errorf("%q\nof %s", text, q)
			}
			if tense == TenseFiring && (strings.HasPrefix(text, "Measured:") || strings.HasPrefix(text, "The rule") || strings.Contains(text, "a result for")) {
				quoted++
			}
			if os.Getenv("SHOW") != "" && tense == TenseFiring {
				t.Logf("%s\n    %s", strings.Join(strings.Fields(q), " "), text)
			}
		}
	}
	t.Logf("%d of %d expressions are quoted", quoted, len(queries))
	if part := float64(quoted) / float64(len(queries)); part > 0.3 {
		t.Errorf("%.0f%% of the expressions have no words", part*100)
	}
}

// corpusRecordings are the recording rules of the corpus, as one group a file.
func corpusRecordings(t testing.TB) []sources.RuleGroup {
	t.Helper()
	type groups struct {
		Groups []struct {
			Rules []struct{ Record, Expr string }
		}
	}
	var out []sources.RuleGroup
	err := filepath.WalkDir("../testdata/corpus/rules", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(filepath.Ext(path), ".y") {
			return err
		}
		doc, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var f struct {
			groups `yaml:",inline"`
			Spec   groups
		}
		if err := yaml.Unmarshal(doc, &f); err != nil {
			return err
		}
		g := sources.RuleGroup{File: safe.Outside(path)}
		for _, in := range append(f.Groups, f.Spec.Groups...) {
			for _, r := range in.Rules {
				if r.Record != "" {
					g.Recorded = append(g.Recorded, sources.Recording{Name: safe.Outside(r.Record), Query: safe.Outside(r.Expr)})
				}
			}
		}
		out = append(out, g)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
