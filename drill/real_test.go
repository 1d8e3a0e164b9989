package drill

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/firstpage-oncall/firstpage/drill/engine"
	"github.com/firstpage-oncall/firstpage/internal/promtest"
)

// testStep is between two samples and two evaluations.
const testStep = 5 * time.Second

// recordedFrom is a scenario's series from the beginning of its fine history
// to ten minutes after it opens, the first action done on the way.
func recordedFrom(s *Scenario, zero time.Time) (series []engine.Series, moments []time.Duration) {
	w := newWorld(s, zero, s.Seed, map[string]string{})
	w.done[s.Actions[0].Name] = 2 * time.Minute
	for m := -s.Clock.Fine.d(); m <= 10*time.Minute; m += testStep {
		moments = append(moments, m)
	}
	return w.record(moments), moments
}

// rulesOf is the scenario's rules without the matches of a pattern. Windows are
// a second shorter: whether a sample on the edge of one is in it differs
// between 2.x and 3.x.
func rulesOf(s *Scenario, drop string) []engine.RuleFile {
	out := slices.Clone(s.Rules)
	window := regexp.MustCompile(`\[[0-9a-z]+\]`)
	for i := range out {
		out[i].Data = regexp.MustCompile(drop).ReplaceAll(out[i].Data, nil)
		out[i].Data = window.ReplaceAllFunc(out[i].Data, func(b []byte) []byte {
			d, err := ParseSpan(strings.Trim(string(b), "[]"))
			if err != nil {
				return b
			}
			return []byte("[" + Span(d-time.Second).text() + "]")
		})
	}
	return out
}

func (s Span) text() string { return fmt.Sprintf("%ds", int(s.d().Seconds())) }

// promtool, which is the real rules package, judges every scenario's alerts:
// their states, labels and annotations, minute by minute through the incident
// and its end.
func TestScenarioAlertsAsPromtool(t *testing.T) {
	t.Parallel()
	promtool := promtest.Promtool(t)
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, name)
			dir := t.TempDir()
			rules := rulesOf(s, `(?m)^ +interval: .*\n`)
			e, err := engine.New(engine.Options{Rules: rules})
			if err != nil {
				t.Fatal(err)
			}
			zero := time.Unix(0, 0).Add(s.Clock.Fine.d())
			series, moments := recordedFrom(s, zero)
			if err := e.Append(series...); err != nil {
				t.Fatal(err)
			}
			test := map[string]any{"interval": testStep.String(), "input_series": unitSeries(series, len(moments))}
			var alerts []any
			states := map[string]bool{}
			for i, m := range moments {
				if err := e.EvalAt(t.Context(), zero.Add(m)); err != nil {
					t.Fatal(err)
				}
				if m < -10*time.Minute || m%(30*time.Second) != 0 {
					continue
				}
				alerts = append(alerts, unitAlerts(e, (time.Duration(i)*testStep).String(), states)...)
			}
			test["alert_rule_test"] = alerts
			var files []string
			for i, r := range rules {
				p := filepath.Join(dir, fmt.Sprintf("rules%d.yaml", i))
				files = append(files, p)
				if err := os.WriteFile(p, r.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			body, err := json.Marshal(map[string]any{"rule_files": files, "evaluation_interval": testStep.String(), "tests": []any{test}})
			if err != nil {
				t.Fatal(err)
			}
			unit := filepath.Join(dir, "test.json")
			if err := os.WriteFile(unit, body, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), promtool, "test", "rules", unit).CombinedOutput(); err != nil {
				t.Errorf("promtool disagrees: %v\n%.4000s", err, out)
			}
			if len(states) < 4 {
				t.Errorf("only %v fired: the scenario is not reached", states)
			}
			for _, r := range s.Rules {
				p := filepath.Join(dir, "check.yaml")
				if err := os.WriteFile(p, r.Data, 0o600); err != nil {
					t.Fatal(err)
				}
				if out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", p).CombinedOutput(); err != nil {
					t.Errorf("promtool check rules %s: %v\n%s", r.Name, err, out)
				}
			}
		})
	}
}

// unitSeries is the series in promtool's notation, n values each.
func unitSeries(in []engine.Series, n int) []map[string]string {
	var out []map[string]string
	for _, s := range in {
		values := slices.Repeat([]string{"_"}, n)
		for _, p := range s.Points {
			v := strconv.FormatFloat(p.Value, 'g', -1, 64)
			if math.Float64bits(p.Value) == math.Float64bits(engine.Stale()) {
				v = "stale"
			}
			values[p.Time/testStep.Milliseconds()] = v
		}
		out = append(out, map[string]string{"series": s.Labels.String(), "values": strings.Join(values, " ")})
	}
	return out
}

// unitAlerts is what the engine says is firing, as promtool's expectation, for
// every rule: nothing is an expectation too.
func unitAlerts(e *engine.Engine, at string, seen map[string]bool) []any {
	by := map[string][]any{"CheckoutErrorBudgetBurn": nil}
	for _, a := range e.Alerts() {
		name := a.Labels[labels.AlertName]
		if a.State != engine.StateFiring {
			continue
		}
		seen[name] = true
		ls := maps.Clone(a.Labels)
		delete(ls, labels.AlertName)
		by[name] = append(by[name], map[string]any{"exp_labels": ls, "exp_annotations": a.Annotations})
	}
	var out []any
	for _, name := range slices.Sorted(maps.Keys(by)) {
		out = append(out, map[string]any{"eval_time": at, "alertname": name, "exp_alerts": by[name]})
	}
	return out
}

// A real server with the same series and rules lists the same alerts with the
// same values. It cannot be told to wait through a for clause of the past, so
// those are taken out on both sides; promtool has judged them.
func TestScenarioAlertsAsServer(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, name)
			zero := time.Now().Truncate(15 * time.Second)
			series, _ := recordedFrom(s, zero)
			rules := rulesOf(s, `(?m)^ +(interval|for): .*\n`)
			var texts []string
			for _, r := range rules {
				texts = append(texts, string(r.Data))
			}
			srv := promtest.Start(t, promtest.Options{Rules: texts, OpenMetrics: openMetrics(series), Interval: 5 * time.Second})
			for try := 1; ; try++ {
				want, at := serverAlerts(t, srv)
				for deadline := time.Now().Add(time.Minute); len(want) < 5 || at[0].IsZero(); want, at = serverAlerts(t, srv) {
					if time.Now().After(deadline) {
						t.Fatalf("the server lists %v, evaluated at %v", want, at)
					}
					time.Sleep(50 * time.Millisecond)
				}
				e, err := engine.New(engine.Options{Rules: rules})
				if err != nil {
					t.Fatal(err)
				}
				if err := e.Append(series...); err != nil {
					t.Fatal(err)
				}
				got := map[string]float64{}
				for _, moment := range at { // a group's own alerts at its own moment
					if err := e.EvalAt(t.Context(), moment.Time); err != nil {
						t.Fatal(err)
					}
					for _, a := range e.Alerts() {
						if slices.Contains(moment.rules, a.Labels[labels.AlertName]) {
							got[labels.FromMap(a.Labels).String()] = a.Value
						}
					}
				}
				diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(a) }))
				if diff == "" {
					return
				}
				if try == 3 {
					t.Fatalf("at %v the server and the engine differ (-server +engine):\n%s", at, diff)
				}
				time.Sleep(time.Second) // an evaluation fell between the two looks
			}
		})
	}
}

// evaluated is when a group was evaluated, and which alerts it makes.
type evaluated struct {
	time.Time
	rules []string
}

// serverAlerts is what the server says, and when its groups were evaluated,
// the earliest first.
func serverAlerts(t *testing.T, srv *promtest.Server) (map[string]float64, []evaluated) {
	t.Helper()
	var body struct {
		Data struct {
			Groups []struct {
				LastEvaluation time.Time `json:"lastEvaluation"`
				Rules          []struct {
					Name   string `json:"name"`
					Alerts []struct {
						Labels map[string]string `json:"labels"`
						Value  string            `json:"value"`
					} `json:"alerts"`
				} `json:"rules"`
			} `json:"groups"`
		} `json:"data"`
	}
	if err := json.Unmarshal(srv.Get(t, "/api/v1/rules?type=alert"), &body); err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	var at []evaluated
	for _, g := range body.Data.Groups {
		one := evaluated{Time: g.LastEvaluation}
		for _, r := range g.Rules {
			one.rules = append(one.rules, r.Name)
			for _, a := range r.Alerts {
				v, err := strconv.ParseFloat(a.Value, 64)
				if err != nil {
					t.Fatal(err)
				}
				out[labels.FromMap(a.Labels).String()] = v
			}
		}
		at = append(at, one)
	}
	slices.SortFunc(at, func(a, b evaluated) int { return a.Compare(b.Time) })
	return out, at
}

// openMetrics is the series as text, one metric after another.
func openMetrics(in []engine.Series) string {
	sorted := slices.Clone(in)
	slices.SortStableFunc(sorted, func(a, b engine.Series) int { return labels.Compare(a.Labels, b.Labels) })
	var b strings.Builder
	last := ""
	for _, s := range sorted {
		name := s.Labels.Get("__name__")
		if name != last {
			fmt.Fprintf(&b, "# TYPE %s unknown\n", name)
			last = name
		}
		ls := strings.ReplaceAll(s.Labels.MatchLabels(false, "__name__").String(), `", `, `",`)
		for _, p := range s.Points {
			if !math.IsNaN(p.Value) {
				fmt.Fprintf(&b, "%s%s %g %d\n", name, ls, p.Value, p.Time/1000)
			}
		}
	}
	return b.String()
}

func open(t *testing.T, name string) *Scenario {
	t.Helper()
	s, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
