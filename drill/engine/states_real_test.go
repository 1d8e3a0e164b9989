package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// A promtool unit test, as far as it is needed.
type (
	unitFile struct {
		RuleFiles []string   `json:"rule_files"`
		Interval  string     `json:"evaluation_interval"`
		Order     []string   `json:"group_eval_order"`
		Tests     []unitTest `json:"tests"`
	}
	unitTest struct {
		Name     string            `json:"name"`
		Interval string            `json:"interval"`
		Series   []unitSeries      `json:"input_series"`
		Alerts   []unitAlerts      `json:"alert_rule_test"`
		Exprs    []unitExpr        `json:"promql_expr_test"`
		External map[string]string `json:"external_labels"`
		URL      string            `json:"external_url"`
	}
	unitSeries struct {
		Series string `json:"series"`
		Values string `json:"values"`
	}
	unitAlerts struct {
		At   string      `json:"eval_time"`
		Name string      `json:"alertname"`
		Want []unitAlert `json:"exp_alerts"`
	}
	unitAlert struct {
		Labels      map[string]string `json:"exp_labels"`
		Annotations map[string]string `json:"exp_annotations"`
	}
	unitExpr struct {
		Expr string       `json:"expr"`
		At   string       `json:"eval_time"`
		Want []unitSample `json:"exp_samples"`
	}
	unitSample struct {
		Labels string  `json:"labels"`
		Value  float64 `json:"value"`
	}
)

const (
	stateStep  = 15 * time.Second
	stateSteps = 160
)

// script is a random story in promtool's notation: loads that rise, fall, flap,
// vanish with a stale marker and come back.
func script(seed uint64) []unitSeries {
	n := noise(seed)
	var out []unitSeries
	for _, inst := range []string{"a", "b", "c", "d"} {
		var values []string
		for len(values) < stateSteps {
			run := 1 + int(n.next()*14)
			level := math.Floor(n.next() * 11)
			gone := n.next() < 0.15
			for i := range run {
				switch {
				case !gone:
					values = append(values, fmt.Sprint(level+math.Floor(n.next()*2)))
				case i == 0:
					values = append(values, "stale")
				default:
					values = append(values, "_")
				}
			}
		}
		// A story that begins with nothing has nothing to end.
		if values[0] == "stale" {
			values[0] = "_"
		}
		out = append(out, unitSeries{fmt.Sprintf(`load{instance=%q,zone="z1"}`, inst), strings.Join(values[:stateSteps], " ")})
	}
	out = append(out, unitSeries{`hits_total{path="/"}`, "0+3x40 0+30x40 5+1x40 2000+60x40"})
	return out
}

// TestStatesAsReal lets promtool, which is the real rules package, judge what
// the engine says of alerts and of the series that rules write, at every
// evaluation of several random stories.
func TestStatesAsReal(t *testing.T) {
	t.Parallel()
	rules, err := filepath.Abs("testdata/states.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := unitFile{RuleFiles: []string{rules}, Interval: stateStep.String(), Order: []string{"1 record", "2 alert", "3 after"}}
	seen := map[string]int{}
	stories := uint64(4)
	if testing.Short() || underRace {
		stories = 2 // together they reach every rule
	}
	for seed := range stories {
		file.Tests = append(file.Tests, playStory(t, rules, seed, seen))
	}
	t.Logf("alerts seen by name and state: %v", seen)
	for _, name := range []string{"AtOnce", "For", "Keep", "KeepOnly", "LongKeep", "ByValue", "Templates", "OnRecorded", "OnAlerts", "OnForState", "Absent", "Scalar", "Rate", "Same"} {
		if seen[name+" firing"] == 0 {
			t.Errorf("%s never fired: the stories do not reach it", name)
		}
	}
	if out, err := runPromtool(t, file); err != nil {
		t.Errorf("promtool disagrees: %v\n%.6000s", err, out)
	}
	if seen["kept"] == 0 {
		t.Error("no alert was held by keep_firing_for")
	}

	// It does judge: one wrong state in one answer is found.
	wrong := file
	one := file.Tests[0]
	one.Exprs = slices.Clone(one.Exprs)
	i := slices.IndexFunc(one.Exprs, func(x unitExpr) bool { return len(x.Want) > 5 && x.Expr == "ALERTS" })
	one.Exprs[i].Want = slices.Clone(one.Exprs[i].Want)
	label := &one.Exprs[i].Want[3].Labels
	*label = strings.NewReplacer("firing", "pending", "pending", "firing").Replace(*label)
	wrong.Tests = []unitTest{one}
	if out, err := runPromtool(t, wrong); err == nil {
		t.Errorf("promtool found nothing wrong with a wrong state: %s", out)
	}
}

// playStory evaluates a story step by step and writes down what the engine
// says.
func playStory(t *testing.T, rules string, seed uint64, seen map[string]int) unitTest {
	t.Helper()
	text, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	out := unitTest{Name: fmt.Sprint("story ", seed), Interval: stateStep.String(), Series: script(seed),
		External: map[string]string{"cluster": "eu"}, URL: "https://prom.example/x"}
	public, err := url.Parse(out.URL)
	if err != nil {
		t.Fatal(err)
	}
	e := open(t, Options{Rules: []RuleFile{{Name: rules, Data: text}}, Interval: stateStep, ExternalLabels: out.External, ExternalURL: public})
	epoch := time.Unix(0, 0)
	for _, s := range out.Series {
		one, err := ParseSeries(s.Series, s.Values, epoch, stateStep)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Append(one); err != nil {
			t.Fatal(err)
		}
	}
	for i := range stateSteps {
		at := time.Duration(i) * stateStep
		if i%2 == 0 { // two ways to let time go on
			err = e.EvalAt(t.Context(), epoch.Add(at))
		} else {
			err = e.Replay(t.Context(), epoch, epoch.Add(at))
		}
		if err != nil {
			t.Fatal(err)
		}
		out.Alerts = append(out.Alerts, firing(e, at, seen)...)
	}
	for _, g := range e.groups {
		for _, r := range g.rules {
			if r.health != healthGood {
				t.Errorf("%s: %v", r.name, r.err)
			}
		}
	}
	for i := range stateSteps {
		for j, expr := range []string{"ALERTS", "ALERTS_FOR_STATE", `{__name__=~"instance:.*|busy:count|shared|stale:sum"}`, `count_over_time(ALERTS[100s])`} {
			at := time.Duration(i)*stateStep + time.Duration(j%2)*7*time.Second
			out.Exprs = append(out.Exprs, answered(t, e, expr, at))
		}
	}
	return out
}

// firing is the firing alerts for promtool, by name.
func firing(e *Engine, at time.Duration, seen map[string]int) []unitAlerts {
	byName := map[string][]unitAlert{}
	for _, g := range e.groups {
		for _, r := range g.rules {
			if r.alert != nil {
				byName[r.name] = nil
			}
		}
	}
	for _, a := range e.Alerts() {
		name := a.Labels["alertname"]
		seen[name+" "+a.State.String()]++
		if !a.KeepFiringSince.IsZero() {
			seen["kept"]++
		}
		if a.State == StateFiring {
			delete(a.Labels, "alertname")
			byName[name] = append(byName[name], unitAlert{a.Labels, a.Annotations})
		}
	}
	var out []unitAlerts
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, unitAlerts{At: at.String(), Name: name, Want: byName[name]})
	}
	return out
}

func answered(t *testing.T, e *Engine, expr string, at time.Duration) unitExpr {
	t.Helper()
	v, err := e.Query(t.Context(), expr, time.Unix(0, 0).Add(at))
	if err != nil {
		t.Fatal(err)
	}
	out := unitExpr{Expr: expr, At: at.String()}
	for _, s := range v {
		out.Want = append(out.Want, unitSample{s.Metric.String(), s.F})
	}
	return out
}

// runPromtool runs the unit tests. JSON is YAML.
func runPromtool(t *testing.T, file unitFile) (string, error) {
	t.Helper()
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), promtest.Promtool(t), "test", "rules", path).CombinedOutput()
	return string(out), err
}
