package engine

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

const (
	corpus         = "../../testdata/corpus/rules"
	corpusInterval = 3 * time.Second
)

// corpusRules are the paths of all rule files of the test data, absolute.
func corpusRules(t testing.TB) []string {
	t.Helper()
	root, err := filepath.Abs(corpus)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, ".yml")) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ruleFiles(t testing.TB, paths []string) []RuleFile {
	t.Helper()
	var out []RuleFile
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, RuleFile{Name: p, Data: text})
	}
	return out
}

// invented gives, for each selector of the rules, two constant series that it
// selects: most alerts then have something to say. now is when they end.
func invented(t testing.TB, files []RuleFile, now time.Time) []Series {
	t.Helper()
	groups, err := loadRules(files, time.Minute, parser.NewParser(parser.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var out []Series
	for _, g := range groups {
		for _, r := range g.rules {
			for _, ms := range parser.ExtractSelectors(r.expr) {
				for i, instance := range []string{"i1", "i2"} {
					l := selected(ms, instance)
					if l.Get("__name__") == "" || strings.HasPrefix(l.Get("__name__"), "ALERTS") || seen[l.String()] {
						continue
					}
					seen[l.String()] = true
					one := Series{Labels: l}
					for at := now.Add(-10 * time.Minute); at.Before(now); at = at.Add(time.Minute) {
						one.Points = append(one.Points, Point{Time: at.UnixMilli(), Value: float64(1 - i)})
					}
					out = append(out, one)
				}
			}
		}
	}
	return out
}

// selected is a label set for the matchers.
func selected(ms []*labels.Matcher, instance string) labels.Labels {
	b := labels.NewBuilder(labels.FromStrings("instance", instance, "namespace", "shop", "job", "app"))
	for _, m := range ms {
		switch {
		case m.Type == labels.MatchEqual:
			b.Set(m.Name, m.Value)
		case m.Type == labels.MatchRegexp && len(m.SetMatches()) > 0:
			b.Set(m.Name, m.SetMatches()[0])
		case m.Type == labels.MatchRegexp && m.Name != "__name__":
			b.Set(m.Name, strings.NewReplacer(".*", "x", ".+", "x", "(", "", ")", "", "^", "", "$", "").Replace(strings.Split(m.Value, "|")[0]))
		}
	}
	return b.Labels()
}

// sameInterval gives all groups the interval: on the real server one of three
// minutes would have to be waited for.
func sameInterval(files []RuleFile) []RuleFile {
	interval := regexp.MustCompile(`(?m)^(\s*(?:- )?)"?interval"?: .*$`)
	out := slices.Clone(files)
	for i := range out {
		out[i].Data = interval.ReplaceAll(out[i].Data, []byte("${1}interval: "+corpusInterval.String()))
	}
	return out
}

// TestCorpusAsReal evaluates every rule file of the test data beside a real
// server that has the same samples: the alerts and the rules must be equal.
func TestCorpusAsReal(t *testing.T) {
	t.Parallel()
	files := sameInterval(ruleFiles(t, corpusRules(t)))
	if len(files) < 250 {
		t.Fatalf("only %d rule files", len(files))
	}
	if testing.Short() || underRace { // one goroutine evaluates: nothing to race
		files = files[:len(files)/10]
	}
	start := time.Now()
	series := invented(t, files, start)
	external := map[string]string{"cluster": "eu"}
	o := promtest.Options{Interval: corpusInterval, External: external, OpenMetrics: openMetrics(series)}
	for _, f := range files {
		o.Rules = append(o.Rules, string(f.Data))
	}
	srv := promtest.Start(t, o)
	for i := range files { // as promtest names them
		files[i].Name = filepath.Join(srv.Dir, fmt.Sprintf("rules%d.yml", i))
	}
	m := movingAlerts(t, files)
	want, wantRules := settled(t, srv.URL, m)

	e := open(t, Options{Rules: files, Interval: corpusInterval, ExternalLabels: external})
	if err := e.Append(series...); err != nil {
		t.Fatal(err)
	}
	mine := serving(t, e)
	for until := time.Now(); start.Before(until); {
		start = start.Add(corpusInterval)
		if err := e.EvalAt(t.Context(), start); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d rule files, %d series, %d rules, %d active alerts on the real server", len(files), len(series), len(wantRules), len(want))
	if d := cmp.Diff(want, alertsOf(t, mine, m)); d != "" {
		t.Errorf("alerts differ (- real, + ours):\n%.8000s", d)
	}
	if d := cmp.Diff(wantRules, rulesOf(t, mine, m), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("rules differ (- real, + ours):\n%.8000s", d)
	}
}

// movingAlerts finds the alerts that no two servers show alike.
func movingAlerts(t *testing.T, files []RuleFile) moving {
	t.Helper()
	groups, err := loadRules(files, time.Minute, parser.NewParser(parser.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	out := moving{map[string]bool{}, map[string]bool{}}
	for _, g := range groups {
		for _, r := range g.rules {
			if strings.Contains(r.query, "time()") || strings.Contains(r.query, "timestamp(") {
				out.values[r.name] = true
			}
			// Longer than the test takes, or nothing at all.
			if r.alert != nil && r.alert.hold > 0 && r.alert.hold < 5*time.Minute {
				out.states[r.name] = true
			}
		}
	}
	return out
}

// settled waits until every rule was evaluated and nothing has changed for
// some evaluations: rules that read what others record need several.
func settled(t *testing.T, base string, m moving) ([]string, []apiRule) {
	t.Helper()
	var alerts []string
	same, last := 0, ""
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(time.Second) {
		rules := rulesOf(t, base, m)
		if slices.ContainsFunc(rules, func(r apiRule) bool { return r.Health == "unknown" }) {
			continue
		}
		now := alertsOf(t, base, m)
		if same++; !slices.Equal(now, alerts) {
			last = cmp.Diff(alerts, now)
			alerts, same = now, 0
		}
		if same == 3*int(corpusInterval.Seconds()) {
			return alerts, rulesOf(t, base, m)
		}
	}
	t.Fatalf("the real server's alerts do not settle:\n%.4000s", last)
	return nil, nil
}
