package rulefile

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/firstpage-oncall/firstpage/internal/safe"
	"github.com/firstpage-oncall/firstpage/internal/safe/safetest"
	"github.com/firstpage-oncall/firstpage/sources"
)

const corpusRules = "../../testdata/corpus/rules"

// tree writes files and gives their folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// flat writes rules as "file:line name link".
func flat(dir string, groups []sources.RuleGroup) []string {
	var out []string
	for _, g := range groups {
		for _, r := range g.Rules {
			rel := strings.TrimPrefix(filepath.ToSlash(g.File.String()), filepath.ToSlash(dir)+"/")
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s:%d %s %s", rel, r.Line, r.Name, r.Annotations.Value("runbook_url"))))
		}
	}
	return out
}

// Every rule of the corpus reads as Prometheus reads it.
func TestAgreesWithPrometheus(t *testing.T) {
	t.Parallel()
	files, alerts := 0, 0
	err := filepath.WalkDir(corpusRules, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasPrefix(filepath.Ext(p), ".y") {
			return err
		}
		body, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		theirs, errs := rulefmt.Parse(body, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
		if len(errs) > 0 {
			t.Errorf("%s: %v", p, errs)
			return nil
		}
		got, err := parse(p, body)
		if err != nil {
			t.Errorf("%s: %v", p, err)
		}
		files++
		var want []sources.RuleGroup
		for _, g := range theirs.Groups {
			out := sources.RuleGroup{Name: safe.Outside(g.Name), File: safe.Outside(p), Interval: time.Duration(g.Interval)}
			for _, r := range g.Rules {
				if r.Alert == "" {
					continue
				}
				alerts++
				out.Rules = append(out.Rules, sources.Rule{Name: safe.Outside(r.Alert), Query: safe.Outside(strings.TrimSpace(r.Expr)), For: time.Duration(r.For),
					KeepFiringFor: time.Duration(r.KeepFiringFor), Labels: sources.NewLabels(r.Labels), Annotations: sources.NewLabels(r.Annotations)})
			}
			if len(out.Rules) > 0 {
				want = append(want, out)
			}
		}
		lines := strings.Split(string(body), "\n")
		for i := range got {
			for j := range got[i].Rules {
				r := &got[i].Rules[j]
				if r.Line < 1 || !strings.Contains(lines[r.Line-1], "alert") || !strings.Contains(lines[r.Line-1], r.Name.Raw()) {
					t.Errorf("%s:%d: is not where %s stands", p, r.Line, r.Name)
				}
				r.Line = 0
			}
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(safe.Value{})); d != "" {
			t.Errorf("%s: %s", p, d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 250 || alerts < 2000 {
		t.Errorf("only %d files with %d alerts", files, alerts)
	}
	t.Logf("%d files, %d alerts", files, alerts)
}

func TestForms(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"a rule file": {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    annotations: {runbook_url: x.md}\n  - record: r\n    expr: up\n",
			[]string{"f.yaml:4 A x.md"}},
		"JSON": {`{"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "up", "annotations": {"runbook_url": "x.md"}}]}]}`,
			[]string{"f.yaml:1 A x.md"}},
		"PrometheusRule": {"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: x}\nspec:\n  groups:\n  - name: g\n    rules:\n    - alert: A\n",
			[]string{"f.yaml:8 A"}},
		"a list": {"kind: List\nitems:\n- kind: PrometheusRule\n  spec:\n    groups:\n    - rules:\n      - alert: A\n- kind: ClusterRole\n  rules: [{apiGroups: [x]}]\n- kind: PrometheusRule\n  spec: {groups: [{rules: [{alert: B}]}]}\n",
			[]string{"f.yaml:7 A", "f.yaml:11 B"}},
		"several documents": {"groups: [{rules: [{alert: A}]}]\n---\nkind: Deployment\nspec: {}\n---\n# none\n---\nspec:\n  groups: [{rules: [{alert: B}]}]\n",
			[]string{"f.yaml:1 A", "f.yaml:9 B"}},
		"a ConfigMap": {"kind: ConfigMap\ndata:\n  other: 'alert: {'\n  rules.yaml: |\n    groups:\n    - rules:\n      - alert: A\n        annotations:\n          runbook_url: x.md\n",
			[]string{"f.yaml:7 A x.md"}},
		"a chart's values": {"prometheus:\n  serverFiles:\n    alerting_rules.yml:\n      groups:\n      - name: g\n        rules:\n        - alert: A\n",
			[]string{"f.yaml:7 A"}},
		"what Prometheus refuses": {"groups:\n- name: g\n  partial_response_strategy: warn\n  interval: soon\n  rules:\n  - alert: A\n    expr: sum by (\n    for: 5 minutes\n    nope: 1\n    labels: {severity: 1, none: null, list: [x]}\n    annotations: {runbook_url: x.md}\n  - alert: B\n- name: g\n  rules: {}\n- 7\n",
			[]string{"f.yaml:6 A x.md", "f.yaml:12 B"}},
		"anchors and merges": {"x: &a {runbook_url: x.md}\ngroups:\n- name: g\n  rules:\n  - &r\n    alert: A\n    annotations: *a\n  - <<: *r\n    for: 5m\n  - alert: C\n    annotations:\n      <<: *a\n      summary: s\n",
			[]string{"f.yaml:6 A x.md", "f.yaml:8 A x.md", "f.yaml:10 C x.md"}},
		"groups by their name": {"x: &g\n- rules:\n  - alert: A\ngroups: *g\n", []string{"f.yaml:3 A"}},
		"nothing":              {"", nil},
		"something else":       {"kind: Service\nspec: {ports: []}\n", nil},
		"no text":              {"- [\x00", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := tree(t, map[string]string{"f.yaml": tc.text})
			r, err := Read(t.Context(), []string{filepath.Join(dir, "*.yaml")}, nil)
			if err != nil || len(r.Unread) > 0 {
				t.Fatalf("%v, unread %v", err, r.Unread)
			}
			if d := cmp.Diff(tc.want, flat(dir, r.Groups)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLabelsOfTheGroup(t *testing.T) {
	t.Parallel()
	got, err := parse("f", []byte("groups: [{labels: {team: a, tier: 1}, rules: [{alert: A, labels: {team: b}}]}]"))
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	want := sources.NewLabels(map[string]string{"team": "b", "tier": "1"})
	if d := cmp.Diff(want, got[0].Rules[0].Labels, cmp.AllowUnexported(safe.Value{})); d != "" {
		t.Error(d)
	}
}

func TestUnread(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"helm.yaml":      "groups:\n- name: g\n  rules:\n  {{- if .Values.on }}\n  - alert: A\n  {{- end }}\n",
		"values.yaml":    "on: {{ .Values.x }}\n",
		"mixin.jsonnet":  "{ prometheusAlerts+:: { groups+: [ { name: 'g', rules: [ { alert: 'A' } ] } ] } }\n",
		"lib.libsonnet":  "local x = import 'y'; {}\n",
		"jinja.yaml":     "groups:\n{% for x in y %}\n- rules: [{alert: A, expr: {{ x }}]\n",
		"broken.yaml":    "groups:\n- name: g\n  rules:\n  - alert: A\n---\ngroups:\n- rules:\n   - alert: B\n  - x: [\n",
		"other.yaml":     "a: [\n",
		"fine.yaml":      "groups: [{rules: [{alert: F, annotations: {s: '{{ $labels.x }} {{ if gt $value 1.0 }}y{{ end }}'}}]}]\n",
		"huge.json":      strings.Repeat(" ", maxFile) + `{"groups": []}`,
		"README.md":      "- alert: A\n",
		"sub/also.rules": "groups: [{rules: [{alert: S}]}]\n",
	})
	r, err := Read(t.Context(), []string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"broken.yaml:4 A", "fine.yaml:1 F", "sub/also.rules:1 S"}, flat(dir, r.Groups)); d != "" {
		t.Error(d)
	}
	var got []string
	for _, e := range r.Unread {
		got = append(got, filepath.Base(e.URL)+": "+e.Short()+" | "+e.Hint)
	}
	want := []string{"broken.yaml: ", "helm.yaml: it is a Helm template", "huge.json: larger than 16 MiB", "jinja.yaml: it is no YAML, perhaps a template", "mixin.jsonnet: it is jsonnet"}
	if len(got) != len(want) {
		t.Fatalf("%d files: %q", len(got), got)
	}
	for i, w := range want {
		if !strings.HasPrefix(got[i], w) {
			t.Errorf("%q, want %q", got[i], w)
		}
	}
}

// A file that stands for itself many times over ends the reading, not the program.
func TestBombs(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x, x]\n"
	for i := range 40 {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c]\n", 'b'+i%20, 'b'+i%20, 'a'+i%20, 'a'+i%20)
	}
	for _, text := range []string{bomb, "a: &a {<<: *a, groups: [{rules: [*a]}]}\n", strings.Repeat("[", 100_000), strings.Repeat("- ", 100_000)} {
		if _, err := parse("f", []byte(text)); err != nil {
			t.Log(err)
		}
	}
}

func TestReadRefusals(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"a.yaml": "groups: [{rules: [{alert: A}]}]"})
	for _, p := range []string{filepath.Join(dir, "*.rules"), filepath.Join(dir, "gone"), filepath.Join(dir, "["), ""} {
		if _, err := Read(t.Context(), []string{filepath.Join(dir, "a.yaml"), p}, nil); err == nil || !strings.HasPrefix(err.Error(), strconv.Quote(p)) {
			t.Errorf("%s: %v", p, err)
		}
	}
	r, err := Read(t.Context(), []string{Stdin, filepath.Join(dir, "**"), dir, dir}, strings.NewReader("spec: {groups: [{rules: [{alert: B}]}]}"))
	if err != nil {
		t.Fatal(err)
	}
	got := flat(dir, r.Groups)
	slices.Sort(got)
	if d := cmp.Diff([]string{"a.yaml:1 A", "standard input:1 B"}, got); d != "" || r.Files != 2 {
		t.Error(r.Files, d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, []string{dir}, nil); err == nil {
		t.Error("it goes on after the end")
	}
}

// Text of a file reaches nobody's terminal as it is.
func TestHostileText(t *testing.T) {
	t.Parallel()
	for _, p := range safetest.Payloads() {
		body := fmt.Sprintf("groups: [{name: %[1]q, rules: [{alert: %[1]q, annotations: {runbook_url: %[1]q}}]}]", p.Text)
		r := Rules{}
		r.add("f-"+p.Text, false, []byte(body), nil)
		r.add("g-"+p.Text, true, []byte("alert: [{{ .Values.x }}\n"+p.Text), nil)
		var shown []string
		for _, g := range r.Groups {
			shown = append(shown, g.Name.String(), g.File.String(), g.Rules[0].Name.String(), g.Rules[0].Annotations.Value("runbook_url").String())
		}
		for _, e := range r.Unread {
			shown = append(shown, e.Error())
		}
		for _, s := range shown {
			if err := safetest.Inert(s, false); err != nil {
				t.Errorf("%s: %v in %q", p.Name, err, s)
			}
		}
	}
}

// A file that was named by itself has to be readable, whatever it holds; of a
// folder's files those that speak of alerts.
func TestANamedFileHasToBeReadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"bad.yaml": "groups:\n- name: x\n  rules: [\n", "good.yaml": "groups: [{name: g, rules: [{alert: A, expr: up}]}]\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for pattern, want := range map[string]int{filepath.Join(dir, "bad.yaml"): 1, filepath.Join(dir, "*.yaml"): 0, dir: 0} {
		r, err := Read(t.Context(), []string{pattern}, nil)
		if err != nil || len(r.Unread) != want {
			t.Errorf("%s: %v, %v", pattern, r.Unread, err)
		}
	}
}
